//! The parts of a handover document, found by what stands below their headings and by what sentences say.
//!
//! A heading is strong evidence and content makes it certain; a heading above other things, or a sentence alone, is weak:
//! a person has to look. Neither a heading with nothing below it nor a heap of keywords is anything.

mod evidence;
mod inside;
mod labels;
mod pdf_rows;
mod unnamed;

use std::collections::BTreeMap;

use super::candidates::is_title;
use super::contributions;
use super::document::{Content, Format, Line};
use super::elsewhere::Elsewhere;
use super::members;
use super::outline::{Kind, Section, Unit, outline};
use super::quote;
use super::refers::{is_silent_picture, refers_elsewhere};
use super::signs::{has_measure, has_path, is_command, is_drawing, is_drawn, is_flawless, is_of_others, shows_nothing};
use super::statement;
use super::words::{Role, Sign, scan};
use stackmark_code::text::folded_words;
use stackmark_evidence::Team;
use stackmark_evidence::closed::PartFound;
use stackmark_evidence::report::{PARTS, Part, WhoDidWhat};

/// Words below a heading that say something.
const SUBSTANCE: usize = 5;
/// Different phrases of assignment statements, and words for each of them, of a document that is one.
const STATEMENT_PHRASES: usize = 5;
const STATEMENT_WORDS: usize = 80;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Weak,
    Text,
    Heading,
}

/// A part that is there, or may be.
pub(super) struct Seen {
    pub(super) strength: Strength,
    pub(super) quote: String,
    pub(super) place: String,
    pub(super) because: String,
    pub(super) holds: Vec<&'static str>,
    pub(super) lacks: Vec<&'static str>,
    /// As [`Part::substance`] counts it.
    pub(super) substance: u64,
}

/// What a document holds of the handover format.
pub(super) struct Found {
    /// Each of [`PARTS`] by id.
    pub(super) parts: BTreeMap<String, Part>,
    pub(super) who_did_what: WhoDidWhat,
    /// Of assignments, as [`statement::phrases_in`] counts them.
    pub(super) statement_phrases: usize,
}

impl Found {
    /// Leaves each part that was found to a person.
    pub(super) fn weaken(&mut self, why: &str) {
        for part in self.parts.values_mut() {
            match part.found {
                PartFound::Heading | PartFound::Text => {
                    part.found = PartFound::Weak;
                    why.clone_into(&mut part.because);
                }
                PartFound::Weak | PartFound::Missing => {}
            }
        }
    }

    /// Leaves each part that was not found to a person, who may find it where the document leads.
    pub(super) fn leave_open(&mut self, elsewhere: &Elsewhere) {
        for part in self.parts.values_mut().filter(|part| part.found == PartFound::Missing) {
            part.found = PartFound::Weak;
            part.place = Some(elsewhere.place.clone());
            part.quote = Some(elsewhere.target.clone());
            "a document outside of the repository, which is not read".clone_into(&mut part.because);
        }
    }
}

/// How much `units` say; see [`Part::substance`].
fn substance(units: &[&Unit]) -> u64 {
    const ACT: u64 = 10;
    let of = |unit: &&Unit| {
        let acts = [unit.kind == Kind::Figure, unit.is_row, is_command(unit) || has_path(unit), has_measure(unit)];
        let acts = acts.into_iter().filter(|is| *is).count() as u64;
        unit.words.len() as u64 + ACT * acts
    };
    units.iter().map(of).sum()
}

fn block_substance(sections: &[Section]) -> BTreeMap<usize, u64> {
    let mut all = BTreeMap::new();
    for unit in sections.iter().flat_map(|section| &section.units) {
        *all.entry(unit.block).or_insert(0) += substance(&[unit]);
    }
    all
}

/// Looks for each of [`PARTS`], and for what each member did.
pub(super) fn find(content: &Content, team: &Team) -> Found {
    let holds_secret = content.secrets > 0;
    let sections = outline(content);
    let words: Vec<String> = content.lines.iter().flat_map(|line| folded_words(&line.text)).collect();
    let named = members::find(content, team);
    let who_did_what = contributions::find(&sections, &words, team, &named, number_of("contributions"));
    let statement_phrases = statement::phrases_in(&words, &sections);
    let is_statement = statement_phrases >= STATEMENT_PHRASES && words.len() / statement_phrases < STATEMENT_WORDS;
    // A report that calls all members by their first names means them; a first name beside full ones may be another's.
    let by_first_names = (1..team.members.len()).contains(&named.by_first_name.len());
    let document = Document {
        holds_secret,
        is_statement,
        by_first_names,
        ..Document::new(content, &words, &sections, &who_did_what)
    };
    let mut seen: Vec<Option<Seen>> =
        PARTS.iter().enumerate().map(|(number, (id, _))| document.part(number, id)).collect();
    // What has a sentence to show comes before what may stand anywhere.
    document.look_inside_other_sections(&mut seen);
    document.look_below_unnamed_headings(&mut seen);
    document.look_at_rows_of_a_pdf(content, &mut seen);
    let parts = PARTS.iter().zip(&seen).map(|(&(id, title), seen)| {
        let found = match seen.as_ref().map(|seen| seen.strength) {
            Some(Strength::Heading) => PartFound::Heading,
            Some(Strength::Text) => PartFound::Text,
            Some(Strength::Weak) => PartFound::Weak,
            None => PartFound::Missing,
        };
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        let part = Part {
            title: title.to_owned(),
            found,
            quote: seen.as_ref().map(|seen| quote(&seen.quote)),
            place: seen.as_ref().map(|seen| seen.place.clone()),
            because: seen.as_ref().map(|seen| seen.because.clone()).unwrap_or_default(),
            holds: seen.as_ref().map(|seen| words(&seen.holds)).unwrap_or_default(),
            lacks: seen.as_ref().map(|seen| words(&seen.lacks)).unwrap_or_default(),
            substance: seen.as_ref().map(|seen| seen.substance),
        };
        (id.to_owned(), part)
    });
    Found { parts: parts.collect(), who_did_what: who_did_what.clone(), statement_phrases }
}

fn number_of(id: &str) -> usize {
    PARTS.iter().position(|(known, _)| *known == id).unwrap_or(usize::MAX)
}

/// How many of the parts were found, under headings and in the text.
pub(super) fn count(parts: &BTreeMap<String, Part>) -> (u64, u64) {
    let with = |found: PartFound| parts.values().filter(|part| part.found == found).count() as u64;
    (with(PartFound::Heading), with(PartFound::Text))
}

pub(super) struct Document<'a> {
    pub(super) sections: &'a [Section],
    /// `None` where the format does not tell.
    pub(super) has_figure: Option<bool>,
    /// It has images, and the format does not tell where.
    pub(super) has_images: bool,
    pub(super) holds_secret: bool,
    /// It speaks to students throughout.
    pub(super) is_statement: bool,
    /// It may mean some of the members by their first names alone.
    pub(super) by_first_names: bool,
    /// A line of a text in none of the languages whose words are known.
    pub(super) foreign: Option<&'a Line>,
    /// Of each paragraph, list and table.
    pub(super) block_substance: BTreeMap<usize, u64>,
    pub(super) who_did_what: &'a WhoDidWhat,
}

impl<'a> Document<'a> {
    fn new(content: &'a Content, words: &[String], sections: &'a [Section], who_did_what: &'a WhoDidWhat) -> Self {
        let all = || sections.iter().flat_map(|section| &section.units);
        // Where the format tells of its figures, a sentence that speaks of one makes none.
        let is_spoken_of = |unit: &Unit| content.format == Format::Pdf && unit.has(Sign::Figure);
        let drawn = |unit: &Unit| unit.kind == Kind::Figure || is_spoken_of(unit);
        let diagram =
            content.listings.iter().flatten().any(|listing| is_drawing(listing.language.as_deref(), &listing.text));
        let typed = content.format == Format::Text && content.lines.iter().any(|line| is_drawn(&line.text));
        let has_figure =
            content.figures.unwrap_or(0) > 0 || !content.figure_list.is_empty() || diagram || typed || all().any(drawn);
        Self {
            sections,
            has_figure: (has_figure || content.format != Format::Pdf).then_some(has_figure),
            has_images: content.format == Format::Pdf && content.figures.unwrap_or(0) > 0,
            holds_secret: false,
            is_statement: false,
            by_first_names: false,
            foreign: foreign(content, words),
            block_substance: block_substance(sections),
            who_did_what,
        }
    }

    fn part(&self, part: usize, id: &str) -> Option<Seen> {
        let under_headings: Vec<(usize, Seen)> = (0..self.sections.len())
            .filter_map(|number| Some((number, self.under_heading(part, id, number)?)))
            .collect();
        let in_text = self.in_text(part, id);
        // What the part's own heading denies, no sentence beside it makes certain.
        let denied = under_headings.iter().any(|(number, _)| self.says_it_was_not_done(*number, id));
        // A short section beside a long one takes nothing from it.
        let seen = under_headings.iter().map(|(_, seen)| seen).chain(&in_text);
        let most = seen.filter(|seen| seen.strength > Strength::Weak).map(|seen| seen.substance).max();
        // Of the strongest the one whose heading names the fewest parts, and of these the first.
        let rank =
            |(number, seen): &(usize, Seen)| (seen.strength, std::cmp::Reverse(self.sections[*number].parts_named()));
        let best = under_headings.into_iter().fold(None, |best: Option<(usize, Seen)>, seen| match best {
            Some(best) if rank(&best) >= rank(&seen) => Some(best),
            _ => Some(seen),
        });
        let best = best.map(|(_, seen)| seen);
        let mut seen = match best {
            Some(seen) if seen.strength == Strength::Heading => seen,
            weak => match in_text {
                Some(text) if !denied && weak.as_ref().is_none_or(|weak| text.strength > weak.strength) => text,
                _ => weak.or_else(|| self.in_another_language())?,
            },
        };
        seen.substance = seen.substance.max(most.unwrap_or(0));
        if self.is_statement && seen.strength > Strength::Weak {
            seen.strength = Strength::Weak;
            "the document reads as an assignment's own".clone_into(&mut seen.because);
        }
        if self.by_first_names && id == "contributions" && seen.strength > Strength::Weak {
            seen.strength = Strength::Weak;
            "members may be named by their first names alone".clone_into(&mut seen.because);
        }
        self.tell_of_the_whole(id, &mut seen);
        Some(seen)
    }

    /// What the document as a whole holds or lacks for a part.
    fn tell_of_the_whole(&self, id: &str, seen: &mut Seen) {
        match id {
            "architecture" if self.has_figure == Some(true) => seen.holds.push("figure"),
            "architecture" if self.has_figure == Some(false) => seen.lacks.push("figure"),
            "access" if self.holds_secret => seen.lacks.push("no-secret"),
            "access" => seen.holds.push("no-secret"),
            _ => {}
        }
    }

    /// A text in another language may say anything.
    fn in_another_language(&self) -> Option<Seen> {
        let first = self.foreign?;
        Some(Seen {
            strength: Strength::Weak,
            quote: first.text.clone(),
            place: first.place.to_string(),
            because: "the document is in a language whose words for this are not known".to_owned(),
            holds: Vec::new(),
            lacks: Vec::new(),
            substance: 0,
        })
    }

    /// What stands below a heading: its own section and the deeper ones.
    fn body(&self, number: usize) -> Vec<&'a Unit> {
        let section = &self.sections[number];
        let mut units: Vec<&Unit> = section.units.iter().collect();
        for below in &self.sections[number + 1..] {
            let deeper = match (section.level, below.level) {
                (Some(level), Some(other)) => other > level,
                _ => units.is_empty() && !below.hits.iter().any(|hit| matches!(hit.role, Role::Heading(_))),
            };
            if !deeper {
                break;
            }
            units.extend(&below.units);
        }
        units
    }

    /// Whether all that stands below a heading is a task, is put off, or says that it was not done.
    fn says_it_was_not_done(&self, number: usize, id: &str) -> bool {
        let units = self.body(number);
        // What a section only leads to may stand further down.
        !units.is_empty() && units.iter().all(|unit| shows_nothing(unit, id) && !refers_elsewhere(unit, id))
    }

    /// Whether this section's heading is the title of the whole document.
    pub(super) fn is_the_title(&self, number: usize) -> bool {
        if number != 1 {
            return false;
        }
        let section = &self.sections[number];
        let words = section.heading.as_ref().map(|heading| folded_words(&heading.text)).unwrap_or_default();
        let rest = &self.sections[number + 1..];
        let above_all = section.level == Some(1)
            && rest.len() > 1
            && rest.iter().all(|other| other.level.is_none_or(|level| level > 1));
        is_title(&words) || above_all
    }

    fn under_heading(&self, part: usize, id: &str, number: usize) -> Option<Seen> {
        let section = &self.sections[number];
        let heading = section.heading.as_ref()?;
        if !section.hits.iter().any(|hit| hit.role == Role::Heading(part)) || self.is_the_title(number) {
            return None;
        }
        let units = self.body(number);
        let words: usize = units.iter().map(|unit| unit.words.len()).sum();
        let figure = id == "architecture" && units.iter().any(|unit| unit.kind == Kind::Figure);
        if words < SUBSTANCE && !units.iter().any(|unit| is_command(unit)) && !figure {
            // Few words may be all that there is to say.
            let told = units.iter().copied().chain(&section.terse);
            let told = told.filter(|unit| is_flawless(unit, id) || !shows_nothing(unit, id));
            let evidence = self.evidence(part, id, &told.collect::<Vec<&Unit>>());
            // Of a PDF it is not known where its images stand: they may be all that is below.
            let drawn = self.has_images && matches!(id, "results" | "architecture" | "monitoring");
            let because = match &evidence {
                Some(_) => "a heading, with hardly a word below it",
                None if drawn => "a heading, with hardly a word below it; there may be figures",
                None => return None,
            };
            let below = evidence.map(|evidence| format!(": {}", evidence.unit.text)).unwrap_or_default();
            return Some(Seen {
                strength: Strength::Weak,
                quote: format!("{}{below}", heading.text.trim_end_matches(':')),
                place: heading.place.to_string(),
                because: because.to_owned(),
                holds: Vec::new(),
                lacks: Vec::new(),
                substance: 0,
            });
        }
        // What was not done, is put off or is a task shows nothing, though it has all the words.
        let mut told: Vec<&Unit> = units.iter().copied().filter(|unit| !shows_nothing(unit, id)).collect();
        // `With this command:` and nothing after it; of a PDF it is not known whether a figure comes.
        let announces = |last: &&Unit| !self.has_images && last.text.ends_with(':');
        if let Some(last) = units.last().copied().filter(announces) {
            told.retain(|unit| !std::ptr::eq(*unit, last));
        }
        let only_pictures = !told.is_empty() && told.iter().all(|unit| is_silent_picture(unit));
        let evidence = self.evidence(part, id, &told).filter(|_| !only_pictures);
        let shown = evidence.as_ref().map_or_else(|| units.first().copied(), |evidence| Some(evidence.unit));
        let strength = if evidence.is_some() { Strength::Heading } else { Strength::Weak };
        let because = match &evidence {
            Some(evidence) => format!("a heading, and below it {}", evidence.what),
            None if only_pictures => "a heading; below it is a picture and hardly a word".to_owned(),
            None if units.iter().any(|unit| refers_elsewhere(unit, id)) => {
                "a heading; what stands below it leads elsewhere".to_owned()
            }
            None if units.iter().any(|unit| is_of_others(unit)) => {
                "a heading; what stands below it is true of anybody's work".to_owned()
            }
            None if told.len() < units.len() => {
                "a heading; what stands below it is a question or a task, is put off, or says that it was not done"
                    .to_owned()
            }
            None => "a heading; what stands below it does not show that it is about this".to_owned(),
        };
        let (holds, lacks) = evidence.map(|evidence| (evidence.holds, evidence.lacks)).unwrap_or_default();
        let quote = match shown {
            Some(unit) => format!("{}: {}", heading.text.trim_end_matches(':'), unit.text),
            None => heading.text.clone(),
        };
        let substance = substance(&told);
        Some(Seen { strength, quote, place: heading.place.to_string(), because, holds, lacks, substance })
    }
}

/// The first long line of a text that is in another language: no heap of keywords, which has no such words either, and no
/// placeholder.
fn foreign<'a>(content: &'a Content, words: &[String]) -> Option<&'a Line> {
    const ENOUGH: usize = 60;
    const LONG: usize = 6;
    if words.len() < ENOUGH || !Content::is_without_stop_words(words) {
        return None;
    }
    let hits = scan(words);
    let known = hits.iter().filter(|hit| !matches!(hit.role, Role::Sign(_))).count();
    let is_placed = hits.iter().any(|hit| hit.role == Role::Sign(Sign::Placeholder));
    if is_placed || known * 10 > words.len() {
        return None;
    }
    content.lines.iter().find(|line| folded_words(&line.text).len() >= LONG)
}

#[cfg(test)]
mod tests;
