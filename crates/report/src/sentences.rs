//! Sentences that do what a part asks without a heading for it.

use super::outline::{Kind, Section, Unit};
use super::parts::{Document, Seen, Strength};
use super::signs::{
    Told, around, begins_with_path, cues_outside, different, has_digit, has_measure, has_path, is_command, is_flawless,
    paths, sets_one_against_another, shows_nothing,
};
use super::words::{Role, Sign};
use stackmark_code::text::folded_words;

impl Document<'_> {
    /// Sentences that do what a part asks, wherever they stand.
    pub(super) fn in_text(&self, part: usize, id: &str) -> Option<Seen> {
        let (mut text, mut weak): (Option<Seen>, Option<Seen>) = (None, None);
        for (number, section) in self.sections.iter().enumerate() {
            if self.is_quoted_assignment(section) {
                continue;
            }
            let units: Vec<&Unit> = section.units.iter().collect();
            for (at, unit) in units.iter().enumerate() {
                let Some(strength) = self.speaks(part, id, number, &units, at) else { continue };
                let seen = |because: &str| Seen {
                    strength,
                    quote: unit.text.clone(),
                    place: unit.place.to_string(),
                    because: because.to_owned(),
                    holds: if id == "decisions" && strength == Strength::Text {
                        vec!["alternative", "reason"]
                    } else {
                        vec![]
                    },
                    lacks: vec![],
                    substance: self.substance_of(unit),
                };
                if strength == Strength::Text {
                    let first = text.get_or_insert_with(|| seen("no heading names it, and the text says it"));
                    first.substance = first.substance.max(self.substance_of(unit));
                    continue;
                }
                weak.get_or_insert_with(|| seen("a sentence that may be about this, without a heading"));
            }
        }
        text.or_else(|| self.by_shape(part, id)).or(weak)
    }

    /// Of the paragraph, list or table that the sentence stands in.
    fn substance_of(&self, unit: &Unit) -> u64 {
        self.block_substance.get(&unit.block).copied().unwrap_or(0)
    }

    /// Lists and tables whose shape tells what they are, below a heading that tells nothing; and what a document says of
    /// itself first of all.
    fn by_shape(&self, part: usize, id: &str) -> Option<Seen> {
        let names_nothing = |section: &&Section| section.parts_named() == 0;
        let seen = |unit: &Unit, strength: Strength| Seen {
            substance: self.substance_of(unit),
            strength,
            quote: unit.text.clone(),
            place: unit.place.to_string(),
            because: "no heading names it, and its shape tells".to_owned(),
            holds: vec![],
            lacks: vec![],
        };
        match id {
            "purpose" => {
                let before = self.sections.first().and_then(|section| section.units.first());
                let below_title = || self.sections.get(1).filter(|_| self.is_the_title(1))?.units.first();
                let lead = before.or_else(below_title)?;
                let cues = lead.count(Role::Cue(part));
                let is_sentence = lead.kind == Kind::Prose && lead.words.len() >= 8;
                match cues {
                    0 => None,
                    1 => is_sentence.then(|| seen(lead, Strength::Weak)),
                    _ => is_sentence.then(|| seen(lead, Strength::Text)),
                }
            }
            "map" => self.sections.iter().filter(names_nothing).find_map(|section| {
                let mut rows = section.units.iter().filter(|unit| unit.kind == Kind::Item && begins_with_path(unit));
                let first = rows.next()?;
                (rows.count() >= 2).then(|| seen(first, Strength::Text))
            }),
            "results" => self.sections.iter().filter(names_nothing).find_map(|section| {
                let is_row = |unit: &&Unit| unit.is_row && has_digit(unit);
                let measured = section.units.iter().any(|unit| unit.count(Role::Cue(part)) > 0);
                let mut rows = section.units.iter().filter(is_row);
                let first = rows.next()?;
                (measured && rows.next().is_some()).then(|| seen(first, Strength::Text))
            }),
            _ => None,
        }
    }

    /// The assignment's own text, where a section is headed so.
    pub(super) fn is_quoted_assignment(&self, section: &Section) -> bool {
        let words = section.heading.as_ref().map(|heading| folded_words(&heading.text)).unwrap_or_default();
        matches!(
            words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            ["assignment", "statement"]
                | ["problem", "statement"]
                | ["statement"]
                | ["enonce"]
                | ["consignes"]
                | ["traccia"]
                | ["consegna"]
        )
    }

    /// How strongly the sentence at `at` speaks of a part.
    fn speaks(&self, part: usize, id: &str, section: usize, units: &[&Unit], at: usize) -> Option<Strength> {
        let unit = units[at];
        if unit.kind == Kind::Code {
            let listed = id == "map"
                && at == 0
                && units.iter().filter(|other| other.block == unit.block && has_path(other)).count() >= 3;
            return listed.then_some(Strength::Text);
        }
        let around = around(units, at);
        let said = unit.count(Role::Text(part));
        if is_flawless(unit, id) {
            return (said > 0).then_some(Strength::Weak);
        }
        if (unit.has(Sign::PutOff) && id != "issues") || shows_nothing(unit, id) {
            return None;
        }
        if id == "decisions" {
            let near: Vec<&Unit> = around.clone();
            let told = Told::of(&near);
            let own = Told::of(&[unit]);
            return match (said > 0 || sets_one_against_another(unit), told.is_complete(), own) {
                (true, true, _) => Some(Strength::Text),
                // `Instead of`, and `because`: of a choice, or of anything else.
                (true, false, _) | (false, _, Told { alternative: true, reason: true, .. }) => Some(Strength::Weak),
                _ => None,
            };
        }
        if id == "contributions" {
            let told = self.who_did_what.members.iter().filter(|it| it.quote.is_some()).count();
            let all = self.who_did_what.members.len();
            let is_one = self.tells_of_member(unit);
            return match is_one {
                true if told * 2 > all => Some(Strength::Text),
                true => Some(Strength::Weak),
                false => (said > 0).then_some(Strength::Weak),
            };
        }
        if said == 0 {
            return None;
        }
        let cues = cues_outside(&around, unit, part);
        let command = around.iter().any(|unit| is_command(unit));
        let next_is_code = self.sections[section].units.get(at + 1).is_some_and(|next| next.kind == Kind::Code);
        let certain = match id {
            "architecture" => different(&around, Role::Sign(Sign::Component)) >= 3,
            "map" => paths(&around) >= 2,
            "results" => has_measure(unit) && cues > 0,
            "running" | "deployment" | "teardown" | "prerequisites" => command || next_is_code || cues > 0,
            "done" => said + cues >= 3,
            _ => cues > 0,
        };
        Some(if certain { Strength::Text } else { Strength::Weak })
    }
}
