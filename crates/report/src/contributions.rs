//! What the report says that each member did: a name, and after it something done.

use super::outline::{Kind, Section, Unit};
use super::quote;
use super::words::{Role, Sign};
use stackmark_code::text::folded_words;
use stackmark_evidence::report::{MemberWork, WhoDidWhat};
use stackmark_evidence::{Member, Team};

/// Words after a name in which its verb has to stand.
const REACH: usize = 25;
/// Sections that are looked back for the heading above a member's name.
const HEADINGS_ABOVE: usize = 40;
/// An item of a list, or a row of a table, tells something of a name with this many words more.
const ITEM_WORDS: usize = 2;

/// Each member's work as `sections` have it; `words` are all of the document, its title page too, and `part` is the number
/// of the part on contributions in `PARTS`.
pub(super) fn find(sections: &[Section], words: &[String], team: &Team, part: usize) -> WhoDidWhat {
    let names = Names::of(words, team);
    let members = team.members.iter().enumerate().map(|(number, member)| {
        let said = (0..sections.len()).find_map(|at| said_of(number, sections, at, &names, part));
        MemberWork {
            member: member.id.clone(),
            name: member.name.clone(),
            quote: said.map(|unit| quote(&unit.text)),
            place: said.map(|unit| unit.place.to_string()),
        }
    });
    WhoDidWhat { members: members.collect(), members_from: team.members_from }
}

/// The ways in which a text may write each member's name, folded.
struct Names {
    of_member: Vec<Vec<Vec<String>>>,
}

impl Names {
    /// Full names and aliases; the first name alone where the text has the full name and nobody else is called so.
    fn of(text: &[String], team: &Team) -> Self {
        let first = |member: &Member| folded_words(&member.name).into_iter().next();
        let of_member = team.members.iter().map(|member| {
            let mut ways: Vec<Vec<String>> = Vec::new();
            for name in std::iter::once(&member.name).chain(&member.aliases) {
                let words: Vec<String> =
                    folded_words(name).into_iter().filter(|word| word.chars().count() > 1).collect();
                match words.as_slice() {
                    [] => {}
                    [only] if only.chars().count() < 3 => {}
                    [only] => ways.push(vec![only.clone()]),
                    [first, .., last] => {
                        ways.push(words.clone());
                        ways.push(vec![first.clone(), last.clone()]);
                        ways.push(vec![last.clone(), first.clone()]);
                    }
                }
            }
            let alone = first(member).filter(|name| name.chars().count() >= 3);
            let shared = team.members.iter().filter(|other| first(other) == first(member)).count() > 1;
            let is_named = ways.iter().any(|way| at(way, text, 0).is_some());
            if let Some(alone) = alone.filter(|_| !shared && is_named) {
                ways.push(vec![alone]);
            }
            ways
        });
        Self { of_member: of_member.collect() }
    }

    /// Where the member's name ends in `words`, each time.
    fn ends(&self, member: usize, words: &[String]) -> Vec<(usize, usize)> {
        let mut places: Vec<(usize, usize)> = Vec::new();
        for way in &self.of_member[member] {
            let mut from = 0;
            while let Some(start) = at(way, words, from) {
                places.push((start, start + way.len()));
                from = start + 1;
            }
        }
        places
    }

    /// The member whose name the heading is, where it is nobody else's.
    fn is_headed_by_one(&self, section: &Section) -> Option<usize> {
        let words = folded_words(&section.heading.as_ref()?.text);
        let mut named = (0..self.of_member.len()).filter(|&member| !self.ends(member, &words).is_empty());
        let one = named.next().filter(|_| words.len() <= 6)?;
        named.next().is_none().then_some(one)
    }

    /// Where another member's name begins, at `from` or after it.
    fn next_other(&self, member: usize, words: &[String], from: usize) -> Option<usize> {
        (0..self.of_member.len())
            .filter(|&other| other != member)
            .flat_map(|other| self.ends(other, words))
            .map(|(start, _)| start)
            .filter(|&start| start >= from)
            .min()
    }
}

fn at(way: &[String], words: &[String], from: usize) -> Option<usize> {
    let found = words.get(from..)?.windows(way.len().max(1)).position(|window| window == way)?;
    Some(found + from)
}

/// The sentence of the section at `at` that tells what the member did.
fn said_of<'a>(member: usize, sections: &'a [Section], at: usize, names: &Names, part: usize) -> Option<&'a Unit> {
    let section = &sections[at];
    let is_part = |section: &Section| section.hits.iter().any(|hit| hit.role == Role::Heading(part));
    let of_part = is_part(section);
    // Below the part's heading, a heading with the member's name alone: what stands below that.
    if names.is_headed_by_one(section) == Some(member) {
        let above =
            sections[..at].iter().rev().take(HEADINGS_ABOVE).find(|other| names.is_headed_by_one(other).is_none());
        if above.is_some_and(is_part)
            && let Some(unit) = section.units.iter().find(|unit| unit.words.len() > ITEM_WORDS)
        {
            return Some(unit);
        }
    }
    section.units.iter().enumerate().find_map(|(number, unit)| {
        let places = names.ends(member, &unit.words);
        if places.is_empty() {
            return None;
        }
        if places.iter().any(|&(start, end)| tells(member, unit, start, end, names)) {
            return Some(unit);
        }
        let listed = unit.kind == Kind::Item && of_part;
        let only_names = names.next_other(member, &unit.words, 0).is_some();
        let rest = unit.words.iter().filter(|word| !word.chars().all(|c| c.is_ascii_digit())).count();
        let own: usize = places.iter().map(|(start, end)| end - start).max().unwrap_or(0);
        if listed && !only_names && rest >= own + ITEM_WORDS {
            return Some(unit);
        }
        // A name on a line of its own, and the work below it.
        let alone = of_part && rest <= own + 1;
        let next = section.units.get(number + 1).filter(|next| next.words.len() > ITEM_WORDS)?;
        (alone && (0..names.of_member.len()).all(|other| names.ends(other, &next.words).is_empty())).then_some(next)
    })
}

/// Whether a verb belongs to the name at `start..end`: after it and before the next name, or `written by` before it.
fn tells(member: usize, unit: &Unit, start: usize, end: usize, names: &Names) -> bool {
    let words = &unit.words;
    let verb_in = |from: usize, to: usize| {
        unit.hits.iter().any(|hit| hit.role == Role::Sign(Sign::Verb) && hit.from >= from && hit.to <= to)
    };
    let mut end = end;
    loop {
        let until = names.next_other(member, words, end).unwrap_or(words.len());
        if verb_in(end, until.min(end + REACH)) {
            return true;
        }
        // `Ada and Ben wrote`: the verb stands after the last of them.
        let between = words.get(end..until).unwrap_or_default();
        let joined =
            between.iter().all(|word| matches!(word.as_str(), "and" | "et" | "e" | "ed" | "with" | "avec" | "con"));
        let next = (0..names.of_member.len())
            .filter(|&other| other != member)
            .flat_map(|other| names.ends(other, words))
            .filter(|&(from, _)| from == until)
            .map(|(_, to)| to)
            .max();
        match next.filter(|_| joined && between.len() <= 1) {
            Some(to) => end = to,
            None => break,
        }
    }
    let by = start.checked_sub(1).and_then(|before| words.get(before));
    by.is_some_and(|word| matches!(word.as_str(), "by" | "par" | "da"))
        && (verb_in(start.saturating_sub(10), start)
            || words[start.saturating_sub(3)..start].iter().any(|w| w == "written"))
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::super::outline::outline;
    use super::*;
    use stackmark_evidence::MembersFrom;

    fn told(text: &str) -> Vec<String> {
        let member = |name: &str| Member {
            id: name.to_lowercase(),
            name: name.to_owned(),
            emails: Vec::new(),
            aliases: Vec::new(),
            login: None,
        };
        let team = Team {
            id: "t".into(),
            name: None,
            members: ["Ada Quill", "Ben Rook", "Cleo Finch"].map(member).to_vec(),
            members_from: MembersFrom::Roster,
            folder: None,
            nonce: None,
        };
        let part = stackmark_evidence::report::PARTS.iter().position(|(id, _)| *id == "contributions").unwrap();
        let found = find(&outline(&document::markdown(text)), &folded_words(text), &team, part);
        found.members.into_iter().filter(|it| it.quote.is_some()).map(|it| it.name).collect()
    }

    #[test]
    fn a_name_needs_something_done() {
        assert_eq!(told("By Ada Quill, Ben Rook and Cleo Finch, in the third week of the course."), [""; 0]);
        assert_eq!(
            told("Ada Quill wrote the client. Ben Rook and Cleo Finch built the network together."),
            ["Ada Quill", "Ben Rook", "Cleo Finch"]
        );
        assert_eq!(told("Ada Quill a écrit le client, Ben Rook est absent."), ["Ada Quill"]);
        assert_eq!(told("The client was implemented by Ben Rook in a week."), ["Ben Rook"]);
    }

    #[test]
    fn lists_tables_and_headings_of_names_tell_without_a_verb() {
        let table = "## Contributions\n\n| member | work |\n|---|---|\n| Ada Quill | the client and the tables |\n| Ben Rook | - |\n";
        assert_eq!(told(table), ["Ada Quill"]);
        assert_eq!(
            told("## Who did what\n\n### Cleo Finch\n\nNetwork, load balancer and tear-down.\n"),
            ["Cleo Finch"]
        );
        assert_eq!(
            told("Team: Ada Quill, Ben Rook\n\n## Contributions\n\n- Ada: client and plots\n- Ben: network, tests\n"),
            ["Ada Quill", "Ben Rook"]
        );
        assert_eq!(told("## Team\n\n- Ada Quill, Ben Rook, Cleo Finch\n"), [""; 0], "names alone");
    }
}
