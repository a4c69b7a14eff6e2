//! Which members a text names.

use std::collections::HashSet;

use super::document::Content;
use stackmark_code::text::folded_words;
use stackmark_evidence::report::MembersNamed;
use stackmark_evidence::{Member, Team};

/// Looks for each member's name, accents and case aside, first name and last name in either order.
///
/// An alias counts as a name. Initials are not enough; a name of one word, as histories have them, is looked for as a word.
pub(super) fn find(content: &Content, team: &Team) -> MembersNamed {
    let words: Vec<String> = content.lines.iter().flat_map(|line| folded_words(&line.text)).collect();
    // Text out of a PDF may have lost its spaces.
    let letters = words.concat();
    let is_named = |member: &Member| {
        std::iter::once(&member.name)
            .chain(&member.aliases)
            .any(|name| stands_in(&folded_words(name), &words, &letters))
    };
    let (named, missing): (Vec<&Member>, Vec<&Member>) = team.members.iter().partition(|member| is_named(member));
    let capitals = capitals(content);
    let by_first_name = |member: &&Member| first_name(member, team).is_some_and(|first| capitals.contains(&first));
    let by_first_name: Vec<&Member> = missing.iter().copied().filter(by_first_name).collect();
    let names = |members: Vec<&Member>| members.into_iter().map(|member| member.name.clone()).collect();
    MembersNamed { named: names(named), missing: names(missing), by_first_name: names(by_first_name) }
}

/// The first name of a member with more names than one, folded, if it is nobody else's in the team.
pub(super) fn first_name(member: &Member, team: &Team) -> Option<String> {
    const LETTERS: usize = 3;
    let first = |member: &Member| folded_words(&member.name).into_iter().next();
    let own = first(member).filter(|name| name.chars().count() >= LETTERS)?;
    let has_more = folded_words(&member.name).len() > 1;
    let shared = team.members.iter().filter(|other| first(other).as_ref() == Some(&own)).count() > 1;
    (has_more && !shared).then_some(own)
}

/// The words that begin with a capital letter, folded: `will` is no name, and `Will` may be one.
fn capitals(content: &Content) -> HashSet<String> {
    let words = content.lines.iter().flat_map(|line| line.text.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.starts_with(char::is_uppercase)).flat_map(folded_words).collect()
}

fn stands_in(name: &[String], words: &[String], letters: &str) -> bool {
    let name: Vec<&str> = name.iter().map(String::as_str).filter(|word| word.chars().count() > 1).collect();
    match name.as_slice() {
        [] => false,
        [only] => only.chars().count() >= 3 && words.iter().any(|word| word == only),
        [first, .., last] => {
            let near = name.len() + 1;
            let close = words.iter().enumerate().filter(|(_, word)| word == first).any(|(at, _)| {
                let around = &words[at.saturating_sub(near)..words.len().min(at + near + 1)];
                around.iter().any(|word| word == last)
            });
            let (ahead, back) = (format!("{first}{last}"), format!("{last}{first}"));
            close || (ahead.len() >= 8 && (letters.contains(&ahead) || letters.contains(&back)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;
    use stackmark_evidence::MembersFrom;

    fn named(text: &str, names: &[&str]) -> Vec<String> {
        found(text, names).named
    }

    fn found(text: &str, names: &[&str]) -> MembersNamed {
        let members = names
            .iter()
            .map(|name| Member {
                id: (*name).into(),
                name: (*name).into(),
                emails: Vec::new(),
                aliases: Vec::new(),
                login: None,
            })
            .collect();
        let team = Team {
            id: "t".into(),
            name: None,
            members,
            members_from: MembersFrom::Roster,
            folder: None,
            nonce: None,
            distinct: Vec::new(),
        };
        find(&document::markdown(text), &team)
    }

    #[test]
    fn a_first_name_that_is_nobody_else_s_may_mean_the_member() {
        let team = ["Zoé Étoile", "Ben Rook", "Ben Finch", "Will Stone"];
        let found = found("Zoé wrote `up.py`, Ben built the network, and we will measure it. ZOE!", &team);
        assert_eq!(found.named, [""; 0]);
        assert_eq!(found.missing.len(), 4);
        assert_eq!(found.by_first_name, ["Zoé Étoile"], "two are called Ben, and `will` is a verb");
    }

    #[test]
    fn names_are_found_in_either_order_without_accents() {
        for text in ["by Zoé Étoile", "ÉTOILE, Zoé (1234)", "| Etoile | Zoe |", "Zoe M. Etoile", "ZoéÉtoile, 2024"]
        {
            assert_eq!(named(text, &["Zoé Étoile"]), ["Zoé Étoile"], "{text}");
        }
        assert_eq!(named("Jean-Luc de la Rive", &["Jean-Luc de la Rive"]).len(), 1);
    }

    #[test]
    fn initials_and_half_names_are_not_enough() {
        for text in ["Z. Étoile", "Zoé", "Étoile", "ZE", "Zoé wrote this. In another year, Étoile."] {
            assert_eq!(named(text, &["Zoé Étoile"]).len(), 0, "{text}");
        }
    }

    #[test]
    fn a_history_s_short_name_is_looked_for_as_a_word() {
        assert_eq!(named("done by zoe42", &["zoe42"]).len(), 1);
        assert_eq!(named("done by zoe421", &["zoe42"]).len(), 0);
    }
}
