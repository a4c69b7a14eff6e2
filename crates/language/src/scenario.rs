//! What a step of a scenario has beside a plain request: values that it takes from its answer, files that it sends, and
//! how long it may be asked again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::capture::Capture;

/// Bytes that one request may send in multipart parts.
pub const MOST_UPLOADED: u64 = 1 << 20;

/// The scenario's part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// The check's name for it, as messages and `eventually` use it.
    pub name: String,
    /// Names the run: steps with the same one share their captured values, and go out in order.
    pub scenario: String,
    /// Captured values that its templates use. Where there are any, the request's path, headers and body, and this step's
    /// URL and multipart texts, are templates yet, over `context` and the captured values.
    pub needs: Vec<Need>,
    /// An absolute URL, or one relative to the target, instead of the path.
    pub url: Option<String>,
    /// Fields and files to send as `multipart/form-data`.
    pub multipart: Option<Multipart>,
    /// Values to take from the answer, by name.
    pub captures: BTreeMap<String, Capture>,
    /// Whether to ask again until the answer is as wanted.
    pub eventually: Option<Eventually>,
    /// What templates and `eventually` may name: the check's parameters and the team.
    pub context: serde_json::Map<String, serde_json::Value>,
}

/// A captured value that a step cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Name of the value.
    pub capture: String,
    /// The check's name for the step that takes it.
    pub step: String,
}

/// Ask again until `that` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eventually {
    /// An expression over the step's own exchange that gives true or false; an error is a no.
    pub that: String,
    /// From the first try on, milliseconds; no try begins later.
    pub within_ms: u64,
    /// Pause between two tries, milliseconds.
    pub every_ms: u64,
}

/// A body in parts (RFC 7578).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Multipart {
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
    /// Files, in order, after the fields.
    pub files: Vec<FilePart>,
}

/// One file of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePart {
    /// Name of the form's field.
    pub name: String,
    /// Name of the file.
    pub filename: String,
    /// Media type.
    pub content_type: String,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// This text.
    Text {
        /// In UTF-8.
        text: String,
    },
    /// That many bytes of every value, the same for the same seed.
    Bytes {
        /// How many; at most [`MOST_UPLOADED`].
        count: u64,
        /// Tells one team's file from another's.
        seed: String,
    },
    /// A square picture in PNG, the same for the same seed.
    Png {
        /// Pixels; at most 256.
        side: u32,
        /// Tells one team's picture from another's.
        seed: String,
    },
}

impl Multipart {
    /// Every text of it that is a template where the step needs captured values.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let values = self.fields.iter_mut().map(|(_, value)| value);
        let files = self.files.iter_mut().flat_map(|file| {
            let text = match &mut file.content {
                Content::Text { text } => Some(text),
                Content::Bytes { .. } | Content::Png { .. } => None,
            };
            [&mut file.name, &mut file.filename].into_iter().chain(text)
        });
        values.chain(files)
    }

    /// Bytes of the fields' values and of the files, as far as they are known before they are made.
    pub fn size(&self) -> u64 {
        let values = self.fields.iter().map(|(_, value)| value.len() as u64);
        let files = self.files.iter().map(|file| match &file.content {
            Content::Text { text } => text.len() as u64,
            Content::Bytes { count, .. } => *count,
            Content::Png { side, .. } => u64::from(*side) * u64::from(*side) * 3,
        });
        values.chain(files).fold(0, u64::saturating_add)
    }
}
