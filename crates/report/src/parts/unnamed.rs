//! Sections under headings that name no part: what is asked may stand there in words that are not known.
//!
//! A section that is about a part that was found hides the missing parts whose words it shares. Of any other nobody knows
//! what it is about: each missing part may stand there, and none of them is lost. Where most of a document stands under no
//! heading that tells, as in an essay, so is all that stands under none.

use super::super::document::Place;
use super::super::outline::{Section, Unit};
use super::super::signs::{different, shows_nothing};
use super::super::words::{Role, Sign};
use super::{Document, Seen, Strength};
use stackmark_code::text::folded_words;
use stackmark_evidence::report::PARTS;

/// Words below a heading that names no part, for it to hide one.
const HIDES_ONE: usize = 15;
/// Words below headings that name no part, or below none, in a document of which they are the most.
const UNSTRUCTURED: usize = 60;
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

/// Whether a section lists what others wrote, or what stands where: a bibliography, a glossary, a table of contents.
pub(super) fn is_a_list_of_others(section: &Section) -> bool {
    let words = section.heading.as_ref().map(|heading| folded_words(&heading.text)).unwrap_or_default();
    is_of_every_report(section) && !words.iter().any(|word| word.starts_with("conclusi"))
}

/// A section that may hide a part.
struct Unnamed<'a> {
    quote: &'a str,
    place: &'a Place,
    because: &'static str,
    units: &'a [Unit],
    /// Of too few words to hide a part whose content they do not show.
    is_short: bool,
}

impl Document<'_> {
    /// Leaves to a person the missing parts that may stand below a heading that names none.
    pub(super) fn look_below_unnamed_headings(&self, seen: &mut [Option<Seen>]) {
        let sections = self.unnamed();
        let of_known: Vec<bool> = sections.iter().map(|section| self.is_about_a_found_part(section, seen)).collect();
        for (part, &(id, _)) in PARTS.iter().enumerate().take(seen.len()) {
            if seen[part].is_some() {
                continue;
            }
            let shared = sections.iter().map(|section| self.shared(part, id, section));
            let may_hide = sections.iter().zip(shared).zip(&of_known);
            let may_hide = may_hide.filter(|((section, shared), of_known)| {
                if section.is_short { self.shows(part, id, section) } else { *shared > 0 || !**of_known }
            });
            // Of several that share as much, `max_by_key` would take the last.
            let Some(((section, _), _)) = may_hide.rev().max_by_key(|((_, shared), _)| *shared) else { continue };
            let mut found = Seen {
                strength: Strength::Weak,
                quote: section.quote.trim().to_owned(),
                place: section.place.to_string(),
                because: section.because.to_owned(),
                holds: Vec::new(),
                lacks: Vec::new(),
                substance: 0,
            };
            self.tell_of_the_whole(id, &mut found);
            seen[part] = Some(found);
        }
    }

    fn is_about_a_found_part(&self, section: &Unnamed<'_>, seen: &[Option<Seen>]) -> bool {
        let is_found = |seen: &Option<Seen>| seen.as_ref().is_some_and(|seen| seen.strength > Strength::Weak);
        // The purpose has words of everything.
        PARTS.iter().zip(seen).enumerate().any(|(part, (&(id, _), seen))| {
            is_found(seen) && id != "purpose" && self.shared(part, id, section) >= IS_ABOUT
        })
    }

    fn unnamed(&self) -> Vec<Unnamed<'_>> {
        let words = |section: &Section| section.units.iter().map(|unit| unit.words.len()).sum::<usize>();
        // The title says what the whole is called, and so does the only heading that there is.
        let is_lone = self.sections.len() == 2;
        let names_none = |section: &Section| section.parts_named() == 0;
        let tells_nothing =
            |(number, section): &(usize, &Section)| is_lone || names_none(section) || self.is_the_title(*number);
        let untold = || self.sections.iter().enumerate().filter(tells_nothing);
        let unknown: usize = untold().map(|(_, section)| words(section)).sum();
        let all: usize = self.sections.iter().map(words).sum();
        let is_unstructured = unknown >= UNSTRUCTURED && unknown * 2 >= all;
        let unnamed = untold().filter(|(_, section)| !is_of_every_report(section)).filter_map(|(number, section)| {
            let first = section.units.first()?;
            let (units, heading) =
                (&section.units[..], section.heading.as_ref().filter(|_| !self.is_the_title(number)));
            match heading {
                Some(heading) => (is_unstructured || names_none(section)).then_some(Unnamed {
                    quote: &heading.text,
                    place: &heading.place,
                    because: "a heading that may be about anything",
                    units,
                    is_short: !is_unstructured && words(section) < HIDES_ONE,
                }),
                None => is_unstructured.then_some(Unnamed {
                    quote: &first.text,
                    place: &first.place,
                    because: "a text without headings that may be about anything",
                    units,
                    is_short: false,
                }),
            }
        });
        unnamed.collect()
    }

    /// Whether few words show a part by what is in them, and not by a word of it alone: two paths, two figures.
    fn shows(&self, part: usize, id: &str, section: &Unnamed<'_>) -> bool {
        let told: Vec<&Unit> = section.units.iter().filter(|unit| !shows_nothing(unit, id)).collect();
        matches!(id, "map" | "results" | "decisions") && self.evidence(part, id, &told).is_some()
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
