//! The styles that a Word document defines.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::xml::value;

/// A style as the document defines it.
#[derive(Default)]
pub(super) struct Named {
    /// What Word calls it, in English whatever the language: `heading 1`.
    pub(super) name: String,
    /// Level of an outline, as `outlineLvl` writes it.
    pub(super) outline: Option<u8>,
    pub(super) hidden: bool,
}

/// Most styles that are kept; real documents have some hundreds.
const MAX_STYLES: usize = 2_000;

/// The styles by id: other programs number theirs, and only their names tell.
pub(super) fn defined(xml: &str) -> BTreeMap<String, Named> {
    let mut found: BTreeMap<String, Named> = BTreeMap::new();
    let mut open: Option<(String, Named)> = None;
    let mut reader = Reader::from_str(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) => match (tag.local_name().as_ref(), &mut open) {
                ("style", open) => *open = value(&tag, "styleId").map(|id| (id, Named::default())),
                ("name", Some((_, style))) => style.name = value(&tag, "val").unwrap_or_default().to_lowercase(),
                ("outlineLvl", Some((_, style))) => style.outline = value(&tag, "val").and_then(|val| val.parse().ok()),
                ("vanish", Some((_, style))) => style.hidden = is_on(&tag),
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "style" && found.len() < MAX_STYLES => {
                found.extend(open.take());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

/// Whether a property that may be switched is on.
pub(super) fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(value(tag, "val").unwrap_or_default().to_lowercase().as_str(), "0" | "false" | "off" | "none")
}
