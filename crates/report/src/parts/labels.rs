//! Paragraphs, items and rows that begin with the name of a part: `**Access:** …`, `- Tear-down: …`, `| Monitoring | … |`.
//!
//! No heading stands above them, and a plan of tasks looks the same: a person looks.

use super::super::outline::{Kind, Unit};
use super::super::signs::{is_flawless, shows_nothing};
use super::super::words::{Hit, Role, scan};
use super::Document;
use super::unnamed::is_a_list_of_others;
use stackmark_code::text::folded_words;

/// Sentences after a labelled one that are looked at: a hostile paragraph has no end.
const NEXT: usize = 8;
/// Longest label, in bytes.
const LONGEST: usize = 60;
/// More words than these follow a label that says something.
const BARELY: usize = 1;
/// So many words in a row that begins with the name of a part tell it, whatever the words are.
const ROW_TELLS: usize = 5;

impl<'a> Document<'a> {
    /// The first unit that begins with a name of the part and goes on with what the part is made of.
    pub(super) fn labelled(&self, part: usize, id: &str) -> Option<&'a Unit> {
        for section in self.sections {
            if is_a_list_of_others(section) || self.is_quoted_assignment(section) {
                continue;
            }
            let listed = section.terse.iter().map(|unit| (unit, &[] as &[Unit]));
            let told = section.units.iter().enumerate().map(|(at, unit)| (unit, &section.units[at + 1..]));
            for (unit, after) in listed.chain(told) {
                let Some(label) = label_of(unit, part) else { continue };
                let is_prose = |unit: &Unit| unit.kind == Kind::Prose;
                let goes_on = |next: &&Unit| is_prose(unit) && is_prose(next) && next.block == unit.block;
                let whole = std::iter::once(unit).chain(after.iter().take_while(goes_on).take(NEXT));
                let says = |unit: &&Unit| is_flawless(unit, id) || !shows_nothing(unit, id);
                let told: Vec<&Unit> = whole.filter(says).collect();
                let words: usize = told.iter().map(|unit| unit.words.len()).sum();
                let tells = || self.evidence(part, id, &told).is_some() || (unit.is_row && words >= label + ROW_TELLS);
                if words > label + BARELY && tells() {
                    return Some(unit);
                }
            }
        }
        None
    }
}

/// How many words the label has with which a sentence, an item or a row begins, if it names the part and hardly anything else.
fn label_of(unit: &Unit, part: usize) -> Option<usize> {
    if !matches!(unit.kind, Kind::Prose | Kind::Item) {
        return None;
    }
    let text = unit.text.trim_start_matches(|c: char| !c.is_alphabetic());
    let (label, _) = text.split_once([':', '|', '.', '–', '—']).filter(|(label, _)| label.len() <= LONGEST)?;
    let words = folded_words(label);
    let names = |hit: &Hit| hit.role == Role::Heading(part) && hit.to - hit.from + 1 >= words.len();
    scan(&words).iter().any(names).then_some(words.len())
}
