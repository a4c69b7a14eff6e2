//! What the report says that each member did: a name, and after it something done.

use super::members::first_name;
use super::outline::{Kind, Section, Unit};
use super::quote;
use super::words::{Hit, Role, Sign};
use stackmark_code::text::folded_words;
use stackmark_evidence::Team;
use stackmark_evidence::report::{MemberWork, MembersNamed, WhoDidWhat};

/// Words after a name in which its verb has to stand.
const REACH: usize = 25;
/// Sections that are looked back for the heading above a member's name.
const HEADINGS_ABOVE: usize = 40;
/// An item of a list, or a row of a table, tells something of a name with this many words more.
const ITEM_WORDS: usize = 2;
/// Verbs that say of any work that it was done.
const ANY_WORK: [&str; 20] = [
    "worked",
    "work",
    "contributed",
    "helped",
    "did",
    "made",
    "responsible",
    "charge",
    "handled",
    "took",
    "care",
    "travaille",
    "contribue",
    "fait",
    "responsable",
    "lavorato",
    "contribuito",
    "fatto",
    "responsabile",
    "paired",
];
/// Words after a verb in which what was done has to be named.
const OBJECT_WITHIN: usize = 8;

/// Each member's work as `sections` have it; `words` are all of the document, its title page too, `named` whom it names, and
/// `part` is the number of the part on contributions in `PARTS`.
pub(super) fn find(
    sections: &[Section],
    words: &[String],
    team: &Team,
    named: &MembersNamed,
    part: usize,
) -> WhoDidWhat {
    let names = Names::of(words, team, &named.by_first_name);
    // Looked at for each member and each section below it.
    let heads: Vec<Option<usize>> = sections.iter().map(|section| names.is_headed_by_one(section)).collect();
    let members = team.members.iter().enumerate().map(|(number, member)| {
        let said = (0..sections.len()).find_map(|at| said_of(number, (sections, &heads), at, &names, part));
        MemberWork {
            member: member.id.clone(),
            name: member.name.clone(),
            quote: said.map(|unit| quote(&unit.text)),
            place: said.map(|unit| unit.place.to_string()),
        }
    });
    let members: Vec<MemberWork> = members.collect();
    let all_in_one = is_one_for_all(&members, sections, &names);
    WhoDidWhat { members, members_from: team.members_from, all_in_one }
}

/// Whether one sentence tells the same of all members: it has their names in a row.
fn is_one_for_all(members: &[MemberWork], sections: &[Section], names: &Names) -> bool {
    let [first, others @ ..] = members else { return false };
    let same = |other: &MemberWork| (&other.quote, &other.place) == (&first.quote, &first.place);
    if others.is_empty() || first.quote.is_none() || !others.iter().all(same) {
        return false;
    }
    let mut units = sections.iter().flat_map(|section| &section.units);
    let is_it = |unit: &&Unit| Some(unit.place.to_string()) == first.place && Some(quote(&unit.text)) == first.quote;
    units.find(is_it).is_some_and(|unit| {
        let mut places: Vec<(usize, usize)> =
            (0..members.len()).filter_map(|member| names.ends(member, &unit.words).first().copied()).collect();
        places.sort_unstable();
        places.len() == members.len() && places.windows(2).all(|pair| is_joined(&unit.words, pair[0].1, pair[1].0))
    })
}

/// Whether nothing but `and` stands between two names.
fn is_joined(words: &[String], from: usize, to: usize) -> bool {
    let between = words.get(from..to).unwrap_or_default();
    let joins = |word: &String| matches!(word.as_str(), "and" | "et" | "e" | "ed" | "with" | "avec" | "con");
    from <= to && between.len() <= 1 && between.iter().all(joins)
}

/// The ways in which a text may write each member's name, folded.
struct Names {
    of_member: Vec<Vec<Vec<String>>>,
}

impl Names {
    /// Full names and aliases; the first name alone where nobody else is called so, and the text has the full name or the
    /// member is one of those `by_first_name`.
    fn of(text: &[String], team: &Team, by_first_name: &[String]) -> Self {
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
            let is_named = by_first_name.contains(&member.name) || ways.iter().any(|way| at(way, text, 0).is_some());
            ways.extend(first_name(member, team).filter(|_| is_named).map(|first| vec![first]));
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

/// The sentence of the section at `at` that tells what the member did; `heads` has the member whose name heads each section.
fn said_of<'a>(
    member: usize,
    (sections, heads): (&'a [Section], &[Option<usize>]),
    at: usize,
    names: &Names,
    part: usize,
) -> Option<&'a Unit> {
    let section = &sections[at];
    let is_part = |section: &Section| section.hits.iter().any(|hit| hit.role == Role::Heading(part));
    let of_part = is_part(section);
    // Below the part's heading, a heading with the member's name alone: what stands below that.
    if heads[at] == Some(member) {
        let above = sections[..at].iter().zip(heads).rev().take(HEADINGS_ABOVE).find(|(_, head)| head.is_none());
        if above.is_some_and(|(section, _)| is_part(section))
            && let Some(unit) =
                section.units.iter().find(|unit| unit.words.len() > ITEM_WORDS && names_something(unit, names))
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
        if listed && !only_names && rest >= own + ITEM_WORDS && names_something(unit, names) {
            return Some(unit);
        }
        // A name on a line of its own, and the work below it.
        let alone = of_part && rest <= own + 1;
        let next = section.units.get(number + 1).filter(|next| next.words.len() > ITEM_WORDS)?;
        let next = Some(next).filter(|next| names_something(next, names))?;
        (alone && (0..names.of_member.len()).all(|other| names.ends(other, &next.words).is_empty())).then_some(next)
    })
}

/// Whether a verb belongs to the name at `start..end`: after it and before the next name, or `written by` before it.
fn tells(member: usize, unit: &Unit, start: usize, end: usize, names: &Names) -> bool {
    let words = &unit.words;
    let verbs_in = |from: usize, to: usize| {
        unit.hits.iter().filter(move |hit| hit.role == Role::Sign(Sign::Verb) && hit.from >= from && hit.to <= to)
    };
    if unit.has(Sign::Denial) {
        return false;
    }
    let mut end = end;
    loop {
        let until = names.next_other(member, words, end).unwrap_or(words.len());
        let tells = |verb: &Hit| !is_denied(unit, verb) && has_object(unit, verb.to, words.len());
        if verbs_in(end, until.min(end + REACH)).any(tells) {
            return true;
        }
        // `Ada and Ben wrote`: the verb stands after the last of them.
        let next = others(member, words, names).filter(|&(from, _)| from == until).map(|(_, to)| to).max();
        match next.filter(|_| is_joined(words, end, until)) {
            Some(to) => end = to,
            None => break,
        }
    }
    // `Written by Ada and Ben`: `by` stands before the first of them.
    let mut first = start;
    while let Some((from, _)) =
        others(member, words, names).find(|&(from, to)| from < first && to <= first && is_joined(words, to, first))
    {
        first = from;
    }
    let by = first.checked_sub(1).and_then(|before| words.get(before));
    let is_by = by.is_some_and(|word| matches!(word.as_str(), "by" | "par" | "da"));
    let is_done = verbs_in(first.saturating_sub(10), first).next().is_some()
        || words[first.saturating_sub(3)..first].iter().any(|w| w == "written");
    is_by && is_done && (0..first).any(|at| is_thing(unit, at))
}

/// Where other members' names stand.
fn others<'n>(member: usize, words: &'n [String], names: &'n Names) -> impl Iterator<Item = (usize, usize)> + 'n {
    (0..names.of_member.len()).filter(move |&other| other != member).flat_map(move |other| names.ends(other, words))
}

/// Whether a verb is denied: `did not`, `n'a pas écrit`.
fn is_denied(unit: &Unit, verb: &Hit) -> bool {
    const DENIALS: [&str; 9] = ["not", "never", "nothing", "pas", "jamais", "rien", "non", "mai", "niente"];
    let around = &unit.words[verb.from.saturating_sub(2)..unit.words.len().min(verb.to + 1)];
    around.iter().any(|word| DENIALS.contains(&word.as_str()))
}

/// Whether what comes after a verb says what was done: `worked on it together during the course` does not.
fn has_object(unit: &Unit, from: usize, to: usize) -> bool {
    for at in from..to.min(from + OBJECT_WITHIN) {
        if is_of(unit, Sign::Together, at) {
            return false;
        }
        if !is_of(unit, Sign::Between, at) && !is_of(unit, Sign::Verb, at) {
            return true;
        }
    }
    false
}

/// Whether the word at `at` may name a thing that was made: neither a word between others, a verb, nor `everything`.
fn is_thing(unit: &Unit, at: usize) -> bool {
    const AUXILIARIES: [&str; 14] =
        ["was", "were", "is", "are", "been", "has", "have", "ete", "est", "sont", "stato", "stata", "sono", "written"];
    let word = unit.words[at].as_str();
    let is_number = word.chars().all(|c| c.is_ascii_digit());
    let signs = [Sign::Together, Sign::Between, Sign::Verb, Sign::Function];
    !is_number && !AUXILIARIES.contains(&word) && !signs.into_iter().any(|sign| is_of(unit, sign, at))
}

/// Whether the word at `at` belongs to a phrase of a list.
fn is_of(unit: &Unit, sign: Sign, at: usize) -> bool {
    unit.hits.iter().any(|hit| hit.role == Role::Sign(sign) && hit.from <= at && at < hit.to)
}

/// Whether a line on a member has a word for something, beside names: `worked on everything` has none.
fn names_something(unit: &Unit, names: &Names) -> bool {
    let named: Vec<(usize, usize)> =
        (0..names.of_member.len()).flat_map(|member| names.ends(member, &unit.words)).collect();
    let is_name = |at: usize| named.iter().any(|&(from, to)| from <= at && at < to);
    // `Mesure et analyse` are words for work as well; `worked` is for any.
    let is_work = |at: usize| is_of(unit, Sign::Verb, at) && !ANY_WORK.contains(&unit.words[at].as_str());
    (0..unit.words.len()).any(|at| !is_name(at) && (is_thing(unit, at) || is_work(at)))
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::super::members;
    use super::super::outline::outline;
    use super::*;
    use stackmark_evidence::{Member, MembersFrom};

    fn team_and_part() -> (Team, usize) {
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
            distinct: Vec::new(),
        };
        let part = stackmark_evidence::report::PARTS.iter().position(|(id, _)| *id == "contributions").unwrap();
        (team, part)
    }

    fn who_did_what(text: &str) -> WhoDidWhat {
        let (team, part) = team_and_part();
        let content = document::markdown(text);
        let named = members::find(&content, &team);
        find(&outline(&content), &folded_words(text), &team, &named, part)
    }

    fn told(text: &str) -> Vec<String> {
        let found = who_did_what(text);
        found.members.into_iter().filter(|it| it.quote.is_some()).map(|it| it.name).collect()
    }

    #[test]
    fn a_name_needs_something_done() {
        assert_eq!(told("By Ada Quill, Ben Rook and Cleo Finch, in the third week of the course."), [""; 0]);
        assert_eq!(
            told("Ada Quill wrote the client. Ben Rook and Cleo Finch built the network together."),
            ["Ada Quill", "Ben Rook", "Cleo Finch"]
        );
        assert_eq!(told("Ada wrote the client, and Ben R. built the network."), ["Ada Quill", "Ben Rook"]);
        assert_eq!(told("Ada Quill a écrit le client, Ben Rook est absent."), ["Ada Quill"]);
        assert_eq!(told("The client was implemented by Ben Rook in a week."), ["Ben Rook"]);
    }

    #[test]
    fn what_was_done_has_to_be_named() {
        for text in [
            "Ada Quill and Ben Rook worked on it together during the autumn session of the course at the school.",
            "Ada Quill, Ben Rook and Cleo Finch contributed equally to the project.",
            "Ada Quill and Ben Rook did everything together.",
            "Ada Quill a travaillé sur tout le projet, Ben Rook a fait de même avec Cleo Finch.",
            "Tutto il lavoro è stato fatto da Ada Quill e Ben Rook.",
            "Everything was done by Ada Quill and Ben Rook.",
            "Ada Quill did not write the client.",
            "Ada Quill n'a pas écrit le client.",
            "## Contributions\n\n- Ada Quill: worked on everything\n- Ben Rook: 50 %\n",
            "## Contributions\n\n| Ada Quill | all of it |\n",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
        for text in [
            "## Contributions\n\n- Ada Quill : mesure et analyse\n",
            "Ada Quill worked together with Ben on the client.",
            "Ada Quill was responsible for the network.",
            "Ada Quill took care of the plots.",
            "Ada Quill s'est occupée du réseau.",
            "Ada Quill si è occupata della rete.",
            "Ada Quill helped to write the tests.",
        ] {
            assert_eq!(told(text), ["Ada Quill"], "{text}");
        }
    }

    #[test]
    fn one_sentence_for_all_is_told_from_one_for_each() {
        let all_in_one = |text: &str| who_did_what(text).all_in_one;
        assert!(all_in_one("Ada Quill, Ben Rook and Cleo Finch wrote the client and the network."));
        assert!(all_in_one("The client and the network were written by Ada Quill, Ben Rook and Cleo Finch."));
        assert!(!all_in_one("Ada Quill wrote the client, Ben Rook built the network and Cleo Finch drew the plots."));
        assert!(!all_in_one("Ada Quill wrote the client. Ben Rook and Cleo Finch built the network."));
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
