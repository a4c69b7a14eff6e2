//! What the other files of a Word document say.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::xml::value;

/// What Word last counted.
pub(super) fn pages(app_xml: &str) -> Option<u64> {
    let (_, rest) = app_xml.split_once("<Pages>")?;
    rest.split_once("</Pages>")?.0.trim().parse().ok().filter(|&pages| pages > 0)
}

/// Targets of links and images by id.
pub(super) fn relations(xml: &str) -> BTreeMap<String, String> {
    let mut targets = BTreeMap::new();
    let mut reader = Reader::from_str(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "Relationship" => {
                targets.extend(value(&tag, "Id").zip(value(&tag, "Target")));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    targets
}
