//! Targets for cargo-fuzz: one for each parser of hostile or human bytes.

mod network;
mod targets;

/// What a program that grades reads in a process that may end: a finding here costs a report, and no more.
const DOCUMENTS: &[targets::Target] = &[
    ("pdf", |bytes| stackmark_report::read_within("pdf", bytes.to_vec())),
    ("docx", |bytes| stackmark_report::read_within("docx", bytes.to_vec())),
    ("odt", |bytes| stackmark_report::read_within("odt", bytes.to_vec())),
];

/// Feeds one parser.
///
/// # Panics
/// The parser does, or there is none of this name.
pub fn feed(name: &str, bytes: &[u8]) {
    let mut all = targets::TARGETS.iter().chain(DOCUMENTS).chain(network::TARGETS);
    let (_, target) = all.find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no target {name}"));
    target(bytes);
}
