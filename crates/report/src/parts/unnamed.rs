//! Sections under headings that name no part: what is asked may stand there in words that are not known.
//!
//! A section of some words hides two missing parts at most, first those whose words it shares; a short one that shares none
//! hides one. So the parts that wait for a person are no more than such sections could hold.

use super::super::document::Line;
use super::super::outline::{Section, Unit};
use super::super::signs::{different, shows_nothing};
use super::super::words::{Role, Sign};
use super::{Document, Seen, Strength};
use stackmark_code::text::folded_words;
use stackmark_evidence::report::PARTS;

/// Words below a heading that names no part, for it to hide one.
const HIDES_ONE: usize = 15;
/// Words below it, for it to hide two of which it has no word.
const HIDES_TWO: usize = 45;
/// Parts that one section hides, at most.
const ROOM: usize = 2;
/// Words of a part that was found, in a section that is about it.
const IS_ABOUT: usize = 4;
/// What counts as so many words: content that would make a part certain below its own heading.
const AS_BELOW_ITS_HEADING: usize = 3;

/// Headings of every report, in English, French and Italian: no part is looked for below one.
const OF_EVERY_REPORT: [&str; 20] = [
    "acknowledgements",
    "bibliografia",
    "bibliographie",
    "bibliography",
    "conclusion",
    "conclusione",
    "conclusioni",
    "conclusions",
    "contents",
    "glossaire",
    "glossario",
    "glossary",
    "indice",
    "matieres",
    "reference",
    "references",
    "remerciements",
    "riferimenti",
    "ringraziamenti",
    "sources",
];

/// What may stand beside such a word.
const BESIDE: [&str; 23] = [
    "and",
    "bibliografici",
    "bibliographiques",
    "des",
    "e",
    "et",
    "final",
    "finale",
    "finali",
    "future",
    "futures",
    "futuri",
    "futurs",
    "general",
    "generale",
    "of",
    "outlook",
    "perspectives",
    "remarks",
    "sviluppi",
    "table",
    "work",
    "works",
];

/// Whether a section's heading has such a word and nothing else that tells: `7. Conclusion`, `Table of contents`.
fn is_of_every_report(section: &Section) -> bool {
    let words = section.heading.as_ref().map(|heading| folded_words(&heading.text)).unwrap_or_default();
    let tells = |word: &&String| !OF_EVERY_REPORT.contains(&word.as_str()) && !BESIDE.contains(&word.as_str());
    let named = words.iter().any(|word| OF_EVERY_REPORT.contains(&word.as_str()));
    named && !words.iter().any(|word| tells(&word) && word.chars().any(char::is_alphabetic))
}

/// A section that may hide a part.
struct Unnamed<'a> {
    heading: &'a Line,
    units: &'a [Unit],
    is_long: bool,
    /// How many parts it may still hide.
    room: usize,
}

impl Document<'_> {
    /// Leaves missing parts to a person, as many as sections under headings that name none may hide.
    pub(super) fn look_below_unnamed_headings(&self, seen: &mut [Option<Seen>]) {
        let mut unnamed = self.unnamed();
        let is_found = |seen: &Option<Seen>| seen.as_ref().is_some_and(|seen| seen.strength > Strength::Weak);
        // How many words a section shares with a missing part.
        let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
        for (at, section) in unnamed.iter().enumerate() {
            // The purpose has words of everything.
            let is_known = PARTS.iter().zip(seen.iter()).enumerate().any(|(part, (&(id, _), seen))| {
                is_found(seen) && id != "purpose" && self.shared(part, id, section) >= IS_ABOUT
            });
            for (part, &(id, _)) in PARTS.iter().enumerate().filter(|(part, _)| seen[*part].is_none()) {
                let shared = self.shared(part, id, section);
                if shared > 0 || !is_known {
                    pairs.push((shared, at, part));
                }
            }
        }
        pairs.sort_by_key(|(shared, at, part)| (std::cmp::Reverse(*shared), *at, *part));
        for (shared, at, part) in pairs {
            let section = &mut unnamed[at];
            let takes = if shared == 0 && !section.is_long { ROOM } else { 1 };
            if section.room < takes || seen[part].is_some() {
                continue;
            }
            section.room -= takes;
            let mut found = Seen {
                strength: Strength::Weak,
                quote: section.heading.text.trim().to_owned(),
                place: section.heading.place.to_string(),
                because: "a heading that may be about anything".to_owned(),
                holds: Vec::new(),
                lacks: Vec::new(),
                substance: 0,
            };
            self.tell_of_the_whole(PARTS[part].0, &mut found);
            seen[part] = Some(found);
        }
    }

    fn unnamed(&self) -> Vec<Unnamed<'_>> {
        let sections = self.sections.iter().enumerate();
        let sections = sections.filter(|(number, section)| {
            section.parts_named() == 0 && !self.is_the_title(*number) && !is_of_every_report(section)
        });
        let unnamed = sections.filter_map(|(_, section)| {
            let words: usize = section.units.iter().map(|unit| unit.words.len()).sum();
            let heading = section.heading.as_ref().filter(|_| words >= HIDES_ONE)?;
            Some(Unnamed { heading, units: &section.units, is_long: words >= HIDES_TWO, room: ROOM })
        });
        unnamed.collect()
    }

    /// How many words of a part a section has.
    fn shared(&self, part: usize, id: &str, section: &Unnamed<'_>) -> usize {
        let told: Vec<&Unit> = section.units.iter().filter(|unit| !shows_nothing(unit, id)).collect();
        let words = different(&told, Role::Cue(part)) + 2 * different(&told, Role::Text(part));
        let components = if id == "architecture" { different(&told, Role::Sign(Sign::Component)) } else { 0 };
        let certain = if self.evidence(part, id, &told).is_some() { AS_BELOW_ITS_HEADING } else { 0 };
        words + components + certain
    }
}
