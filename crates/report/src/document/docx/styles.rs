//! The styles that a Word document defines, and what they make of a paragraph.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::unseen::is_pale_hex;
use super::super::xml::value;

/// A style as the document defines it.
#[derive(Default)]
pub(super) struct Named {
    /// What Word calls it, in English whatever the language: `heading 1`.
    pub(super) name: String,
    /// Level of an outline, as `outlineLvl` writes it.
    pub(super) outline: Option<u8>,
    pub(super) hidden: bool,
    /// Its letters are nearly white, or tiny.
    pub(super) pale: bool,
    based_on: Option<String>,
    /// It says a colour of its own.
    colored: bool,
}

/// What a paragraph's style makes of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Text,
    /// Of this level.
    Heading(u8),
    Item,
    Caption,
    Code,
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
                ("basedOn", Some((_, style))) => style.based_on = value(&tag, "val"),
                ("color", Some((_, style))) => {
                    style.colored = true;
                    style.pale |= is_pale_color(&tag);
                }
                // In half points.
                ("sz", Some((_, style))) => {
                    style.pale |=
                        value(&tag, "val").and_then(|size| size.parse().ok()).is_some_and(|size: u32| size <= 4);
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "style" && found.len() < MAX_STYLES => {
                found.extend(open.take());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    inherit(&mut found);
    found
}

/// Gives each style what the one that it is based on hides, over a few of them.
fn inherit(styles: &mut BTreeMap<String, Named>) {
    const DEEPEST: usize = 10;
    let of = |style: &Named| (style.pale, style.hidden);
    for _ in 0..DEEPEST {
        let known: BTreeMap<String, (bool, bool)> = styles.iter().map(|(id, style)| (id.clone(), of(style))).collect();
        for style in styles.values_mut() {
            let based = style.based_on.as_ref().and_then(|id| known.get(id));
            let (pale, hidden) = based.copied().unwrap_or_default();
            style.pale |= pale && !style.colored;
            style.hidden |= hidden;
        }
    }
}

/// Whether a colour is nearly that of the paper; the theme's own has no value.
pub(super) fn is_pale_color(tag: &BytesStart<'_>) -> bool {
    let of_theme = value(tag, "themeColor").unwrap_or_default().to_lowercase();
    match of_theme.as_str() {
        "" => is_pale_hex(&value(tag, "val").unwrap_or_default()),
        // A shade of it is darker.
        "background1" | "bg1" | "light1" => value(tag, "themeShade").is_none(),
        _ => false,
    }
}

/// The red, green and blue of six digits.
pub(super) fn rgb(digits: &str) -> Option<[u8; 3]> {
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (digits.len() == 6).then(|| Some([part(0)?, part(2)?, part(4)?])).flatten()
}

/// Whether no eye tells one colour from the other.
pub(super) fn is_near(one: [u8; 3], other: [u8; 3]) -> bool {
    const STEPS: u8 = 12;
    one.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= STEPS)
}

/// Whether `mc:Choice` asks for what no program has: Word's own extensions are named by a few letters and figures.
pub(super) fn is_foreign(tag: &BytesStart<'_>) -> bool {
    const KNOWN: [&str; 8] = ["w", "wp", "a", "c", "cx", "p", "x", "asvg"];
    const OTHERS: [&str; 9] = ["wpc", "wpg", "wpi", "wps", "wne", "aink", "am3d", "v", "oel"];
    let is_known = |name: &str| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        KNOWN.contains(&stem) || OTHERS.contains(&name) || name.starts_with("w16")
    };
    value(tag, "Requires").unwrap_or_default().split_whitespace().any(|name| !is_known(name))
}

/// Whether a property that may be switched is on.
pub(super) fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(value(tag, "val").unwrap_or_default().to_lowercase().as_str(), "0" | "false" | "off" | "none")
}

/// Word names its styles in the language that it was installed in.
pub(super) fn style(tag: &BytesStart<'_>, named: Option<&Named>, known: Style) -> Style {
    if let Some(level @ 0..=8) = named.and_then(|named| named.outline) {
        return Style::Heading(level + 2);
    }
    // An id that says something is what others know it by; one that is a number is not.
    let id = value(tag, "val").unwrap_or_default().to_lowercase();
    let is_number = tag.local_name().as_ref() == "pStyle" && id.chars().all(|c| c.is_ascii_digit());
    let style = named.filter(|_| is_number).map_or(id, |named| named.name.replace(' ', ""));
    let digit = || style.chars().last().and_then(|c| c.to_digit(10)).and_then(|digit| u8::try_from(digit).ok());
    if tag.local_name().as_ref() == "outlineLvl" {
        // 9 is the body's.
        return match digit() {
            Some(level @ 0..=8) => Style::Heading(level + 2),
            _ => known,
        };
    }
    let says = |names: &[&str]| names.iter().any(|name| style.contains(name));
    if says(&["heading", "titre", "titolo", "title", "berschrift"]) {
        // The document's own title has no number.
        Style::Heading(digit().map_or(1, |level| level + 1))
    } else if says(&["listparagraph", "listbullet", "listnumber", "paragraphedeliste", "paragrafoelenco"]) {
        Style::Item
    } else if says(&["caption", "legende", "lgende", "légende", "didascalia"]) {
        Style::Caption
    } else if says(&["code", "preformat", "verbatim"]) {
        Style::Code
    } else {
        known
    }
}
