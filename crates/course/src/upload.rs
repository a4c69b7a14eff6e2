//! The `multipart` table of a `[[request]]`: fields and files that a step sends.

use minijinja::Value;

use super::expect::{Spanned, spanned};
use super::reader::{Entry, Table};
use stackmark_language::expression::{Engine, ExpressionError};
use stackmark_language::scenario::{Content, FilePart, MOST_UPLOADED, Multipart};

/// Pixels of a generated picture's side, at most.
const LARGEST_PICTURE: i64 = 256;
/// Files of one request, at most.
const MOST_FILES: usize = 8;

/// What a step sends in parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Upload {
    /// Names, and templates of values.
    pub fields: Vec<(String, Spanned)>,
    /// Files.
    pub files: Vec<FileTemplate>,
}

/// One file to send.
#[derive(Debug, Clone, PartialEq)]
pub struct FileTemplate {
    /// Name of the form's field: a template.
    pub name: Spanned,
    /// Name of the file: a template.
    pub filename: Spanned,
    /// Media type.
    pub content_type: String,
    /// What is in it.
    pub content: ContentTemplate,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum ContentTemplate {
    /// A template.
    Text(Spanned),
    /// Generated: a template that gives how many bytes.
    Bytes(Spanned),
    /// A generated picture: a template that gives the pixels of its side.
    Png(Spanned),
}

impl Upload {
    /// Reads `multipart = { fields = { … }, files = [{ … }] }`.
    pub(super) fn read(table: Table<'_>) -> Option<Self> {
        let mut fields = Vec::new();
        if let Some(given) = table.table("fields") {
            fields.extend(given.entries().filter_map(|(name, _, value)| Some((name, spanned(&value)?))));
        }
        let given = table.tables("files");
        let count = given.len();
        let files: Vec<FileTemplate> = given.into_iter().filter_map(FileTemplate::read).collect();
        if fields.is_empty() && count == 0 {
            let fix = "give it files = [{ name = \"file\", filename = \"a.txt\", bytes = 512 }]";
            table.reader().error(table.span(), "`multipart` sends nothing", fix);
        }
        if count > MOST_FILES {
            table.reader().error(table.span(), format!("`multipart` sends {count} files"), "send eight at most");
        }
        let literal = |text: &Spanned| text.text.parse::<u64>().unwrap_or(0);
        let bytes = files.iter().map(|file| match &file.content {
            ContentTemplate::Bytes(count) => literal(count),
            ContentTemplate::Text(_) | ContentTemplate::Png(_) => 0,
        });
        // One that is too large by itself has been told.
        let bytes = bytes.filter(|bytes| *bytes <= MOST_UPLOADED).sum::<u64>();
        if bytes > MOST_UPLOADED {
            let message = format!("`multipart` sends {bytes} bytes");
            table.reader().error(table.span(), message, format!("send {MOST_UPLOADED} at most (1 MiB)"));
        }
        table.finish();
        (files.len() == count).then_some(Self { fields, files })
    }

    /// Every template of it.
    pub fn templates(&self) -> impl Iterator<Item = &Spanned> {
        let values = self.fields.iter().map(|(_, value)| value);
        let files = self.files.iter().flat_map(|file| {
            let (ContentTemplate::Text(content) | ContentTemplate::Bytes(content) | ContentTemplate::Png(content)) =
                &file.content;
            [&file.name, &file.filename, content]
        });
        values.chain(files)
    }

    /// Those that captured values come too late for.
    pub(super) fn fixed_templates(&self) -> impl Iterator<Item = &Spanned> {
        self.files.iter().filter_map(|file| match &file.content {
            ContentTemplate::Bytes(size) | ContentTemplate::Png(size) => Some(size),
            ContentTemplate::Text(_) => None,
        })
    }

    /// With `text` making the texts that may name captured values, and `seed` for what is generated.
    ///
    /// # Errors
    /// A template that fails, a size that is no number or too large.
    pub(super) fn fill(
        &self,
        engine: &Engine,
        context: &Value,
        seed: &str,
        text: &dyn Fn(&Spanned) -> Result<String, ExpressionError>,
    ) -> Result<Multipart, ExpressionError> {
        let number = |template: &Spanned, most: i64, what: &str| {
            let given = engine.render(&template.text, context)?;
            given.trim().parse::<i64>().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| {
                let message = format!("{what} is {given}, expected a whole number from 1 to {most}");
                ExpressionError { message, range: None }
            })
        };
        let fields =
            self.fields.iter().map(|(name, value)| Ok((name.clone(), text(value)?))).collect::<Result<_, _>>()?;
        let mut files = Vec::new();
        for file in &self.files {
            let seed = || format!("{seed}/{}", files.len());
            let content = match &file.content {
                ContentTemplate::Text(content) => Content::Text { text: text(content)? },
                ContentTemplate::Bytes(count) => {
                    let most = i64::try_from(MOST_UPLOADED).unwrap_or(i64::MAX);
                    Content::Bytes { count: number(count, most, "bytes")?.unsigned_abs(), seed: seed() }
                }
                ContentTemplate::Png(side) => {
                    let side = u32::try_from(number(side, LARGEST_PICTURE, "png")?).unwrap_or(1);
                    Content::Png { side, seed: seed() }
                }
            };
            files.push(FilePart {
                name: text(&file.name)?,
                filename: text(&file.filename)?,
                content_type: file.content_type.clone(),
                content,
            });
        }
        let multipart = Multipart { fields, files };
        if multipart.size() > MOST_UPLOADED {
            let message = format!("multipart sends {} bytes, expected {MOST_UPLOADED} at most", multipart.size());
            return Err(ExpressionError { message, range: None });
        }
        Ok(multipart)
    }
}

impl FileTemplate {
    fn read(table: Table<'_>) -> Option<Self> {
        let name = table.require("name", "\"file\"").and_then(|entry| spanned(&entry));
        let filename = table.require("filename", "\"notes.txt\"").and_then(|entry| spanned(&entry));
        let content_type = table.get("content_type");
        if let Some(entry) = &content_type
            && entry.string().is_some_and(|text| text.chars().any(|c| !c.is_ascii_graphic() && c != ' '))
        {
            entry.error("`content_type` is not a media type", "write it as text/plain or image/png");
        }
        let (content, bytes, png) = (table.get("content"), table.get("bytes"), table.get("png"));
        let content = match (content, bytes, png) {
            (Some(content), None, None) => spanned(&content).map(ContentTemplate::Text),
            (None, Some(bytes), None) => number_or_template(&bytes, MOST_UPLOADED).map(ContentTemplate::Bytes),
            (None, None, Some(png)) => {
                number_or_template(&png, LARGEST_PICTURE.unsigned_abs()).map(ContentTemplate::Png)
            }
            _ => {
                let fix =
                    "give it exactly one of `content = \"…\"`, `bytes = 512` (generated) and `png = 16` (a picture)";
                table.reader().error(table.span(), "the content of the file is not given exactly once", fix);
                None
            }
        };
        let usual = match &content {
            Some(ContentTemplate::Png(_)) => "image/png",
            Some(ContentTemplate::Text(_)) => "text/plain",
            _ => "application/octet-stream",
        };
        let content_type = content_type.map_or_else(|| Some(usual.to_owned()), |entry| entry.string());
        table.finish();
        Some(Self { name: name?, filename: filename?, content_type: content_type?, content: content? })
    }
}

/// A whole number from 1 to `most`, or a template that gives one.
fn number_or_template(entry: &Entry<'_>, most: u64) -> Option<Spanned> {
    if entry.type_name() == "string" {
        return spanned(entry);
    }
    let number = entry.integer()?;
    if number < 1 || number.unsigned_abs() > most {
        entry.error(format!("`{}` is {number}", entry.name), format!("from 1 to {most}"));
    }
    Some(Spanned { text: number.to_string(), span: entry.span.clone() })
}
