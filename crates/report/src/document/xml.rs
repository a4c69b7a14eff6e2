//! Pieces of the XML that Word and OpenDocument files hold.

use quick_xml::events::{BytesRef, BytesStart};

/// An attribute by its local name.
pub(super) fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = attribute.value.replace("&amp;", "&").trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// What `&name;` stands for.
pub(super) fn character(name: &BytesRef<'_>) -> char {
    match name.resolve_char_ref() {
        Ok(Some(c)) => c,
        _ => match &*name.xml10_content() {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => ' ',
        },
    }
}
