//! Co-authors and reviewers that a message names, as git, forges and people write them.
//!
//! `Co-authored-by: Name <address>` in any case, spacing and kind of dash, also without its colon where an address follows;
//! its cousins (`Co-developed-by`, `Co-author`, `Co-auteur`, `Pair`, `Paired-with`); several people after one key, with or
//! without addresses; a value on the next line; a list below the key; a key in the middle of a line, as a message without
//! line breaks has it. Each line is looked at once, however many there are.
//!
//! No list of keys is complete (`Also-by`, `Autrice`, a slip of the pen), and a squash quotes whole heads of commits. Who is
//! named under another key, or beside an address, is *mentioned*: that earns nothing, and it is no proof of idleness either.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use stackmark_evidence::git::Person;

use crate::regex;

/// Between the words of a key; editors and word processors have dashes of their own.
const JOIN: &str = r"[-_ \u{2010}-\u{2015}]?";

static CO_AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?i)^(?:(?:co{JOIN}(?:authored|developed|written|committed|coded)(?:{JOIN}(?:by|with))?|co{JOIN}(?:author|developer)s?|co{JOIN}(?:auteure?s?|autrices?|autor[ei]s?)|co{JOIN}(?:[ée]crite?{JOIN}par|scritt[oa]{JOIN}da)|pair(?:ed|ing)?{JOIN}(?:programm(?:ed|ing){JOIN})?with)\b\s*([:：]?)|pair(?:s|ing)?\s*([:：]))"
    ))
});
static REVIEWER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^(?:(?:reviewed|approved|acked)[-_ ]?by|reviewers?)\s*([:：]?)"));
/// Keys that are words of every day as well: `Pairs: key and value` names nobody.
static ORDINARY: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^pair(?:s|ing)?\s*[:：]"));
/// Where a message was written in one line.
static WITHIN: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bco[-_ ]?(?:authored|developed)[-_ ]?by\s*[:：]"));
/// `Any words: a value`, as trailers are.
static TRAILER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\p{L}[\p{L}\d_' \u{2010}-\u{2015}-]{0,30}\s*[:：]\s*(\S.*)$"));
/// Keys that name somebody who did not write the change.
static NO_AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:cc|to|reported|suggested|requested|tested|reviewed|approved|acked|nacked|merged|reviewers?|assignees?|thanks?|see|link|refs?|closes|fixes)\b",
    )
});
static JOINER: LazyLock<Regex> = LazyLock::new(|| regex(r"[,;&/]|\s(?:\+|(?i:and|et|und|with)|e|y)\s"));

/// People whom co-author trailers of `message` name, in order, each once.
///
/// `known` says of a name without an address whether it is someone's: `Okafor, Ben` is one person or two.
pub(crate) fn co_authors_in(message: &str, known: &dyn Fn(&Person) -> bool) -> Vec<Person> {
    named_in(message, &CO_AUTHOR, known)
}

/// People whom `Reviewed-by`, `Approved-by` and `Acked-by` trailers name, likewise.
pub(crate) fn reviewers_in(message: &str, known: &dyn Fn(&Person) -> bool) -> Vec<Person> {
    named_in(message, &REVIEWER, known)
}

/// People whom `message` names below its subject in a way that does not say what they did, each with the line: under a key
/// that is not known, or with an address.
pub(crate) fn mentions_in<'m>(message: &'m str, known: &dyn Fn(&Person) -> bool) -> Vec<(Person, &'m str)> {
    let mut mentions = Vec::new();
    for line in message.lines().skip(1) {
        let text = bare(line);
        if names_no_author(line) || [&*CO_AUTHOR, &*REVIEWER].iter().any(|key| value_of(line, key).is_some()) {
            continue;
        }
        let value = match (TRAILER.captures(text).and_then(|found| found.get(1)), CO_AUTHOR.find(text)) {
            (Some(value), _) => value.as_str(),
            // `Pair programming with Ben Okafor`: words, unless somebody is called so.
            (None, Some(key)) => text[key.end()..].trim(),
            (None, None) if is_an_address(text) => text,
            (None, None) => continue,
        };
        let mut found = Found { people: Vec::new(), seen: HashSet::new(), known };
        found.take(value);
        mentions.extend(found.people.into_iter().map(|person| (person, text)));
    }
    mentions
}

fn named_in(message: &str, key: &Regex, known: &dyn Fn(&Person) -> bool) -> Vec<Person> {
    let mut found = Found { people: Vec::new(), seen: HashSet::new(), known };
    let mut lines = message.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(value) = value_of(line, key) else { continue };
        if value.is_empty() {
            // A list below the key.
            while let Some(item) = lines.next_if(|next| is_an_address(bare(next)) && value_of(next, key).is_none()) {
                found.take(bare(item));
            }
            continue;
        }
        let folded = lines.next_if(|next| !value.contains('<') && next.trim_start().starts_with('<'));
        if folded.is_none() && ORDINARY.is_match(bare(line)) && !found.names_somebody(value) {
            continue;
        }
        match folded {
            // Git folds a long trailer.
            Some(rest) => found.take(&format!("{value} {}", rest.trim())),
            None => WITHIN.split(value).for_each(|value| found.take(value.trim())),
        }
    }
    found.people
}

/// What stands after the key; `None` where the line is no such trailer.
fn value_of<'l>(line: &'l str, key: &Regex) -> Option<&'l str> {
    let line = bare(line);
    let Some(found) = key.captures(line) else {
        let after = &line[WITHIN.find(line).filter(|_| key.as_str() == CO_AUTHOR.as_str())?.end()..];
        return is_an_address(after).then(|| after.trim());
    };
    let has_mark = found.iter().skip(1).flatten().any(|mark| !mark.is_empty());
    let rest = line[found.get(0)?.end()..].trim();
    // Without its colon a key is only words, unless an address follows.
    (has_mark || is_an_address(rest)).then_some(rest)
}

/// Whether a line is a trailer for somebody who did not write the change.
pub(super) fn names_no_author(line: &str) -> bool {
    NO_AUTHOR.is_match(bare(line))
}

/// A line without what stands before an item of a list.
pub(super) fn bare(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || "*-•>".contains(c)).trim_end()
}

fn is_an_address(text: &str) -> bool {
    text.split_once('<').is_some_and(|(_, address)| address.contains('@'))
}

struct Found<'k> {
    people: Vec<Person>,
    seen: HashSet<(String, String)>,
    known: &'k dyn Fn(&Person) -> bool,
}

impl Found<'_> {
    /// Takes in what stands after one key.
    fn take(&mut self, value: &str) {
        let mut text = value;
        while let Some((name, rest)) = text.split_once('<') {
            let (email, after) = rest.split_once('>').unwrap_or((rest, ""));
            let name = without_joiners(name);
            let (first, last) = self.parted(name);
            first.into_iter().for_each(|name| self.add(name, ""));
            self.add(last, email.trim());
            text = after.trim_start_matches('>');
        }
        let rest = without_joiners(text);
        if text.len() == value.len() {
            self.take_names(rest);
        } else {
            // After an address stands a remark, unless it is someone's name.
            let people = parts_of(rest).into_iter().filter(|part| part.contains('@') || self.is_known(part));
            people.collect::<Vec<_>>().into_iter().for_each(|part| self.add(part, ""));
        }
    }

    /// `Ana García, Léo Petit` before one address: all but the last are people of their own where they are known.
    fn parted<'t>(&self, name: &'t str) -> (Vec<&'t str>, &'t str) {
        let parts: Vec<&str> = parts_of(name);
        match parts.split_last() {
            Some((last, first)) if !first.is_empty() && first.iter().all(|part| self.is_known(part)) => {
                (first.to_vec(), *last)
            }
            _ => (Vec::new(), name),
        }
    }

    /// Names without a bracketed address: one or several.
    fn take_names(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let parts = parts_of(text);
        let whole = |part: &&str| part.contains('@') || part.contains(char::is_whitespace);
        let are_several = parts.len() > 1
            && !self.is_known(text)
            && (parts.iter().any(|part| self.is_known(part)) || parts.iter().all(whole));
        if are_several {
            parts.into_iter().for_each(|part| self.add(part, ""));
        } else {
            self.add(text, "");
        }
    }

    /// Whether an address or a name that is known stands in it.
    fn names_somebody(&self, value: &str) -> bool {
        value.contains('@') || self.is_known(value) || parts_of(value).into_iter().any(|part| self.is_known(part))
    }

    fn is_known(&self, name: &str) -> bool {
        (self.known)(&Person { name: name.to_owned(), email: String::new() })
    }

    fn add(&mut self, name: &str, email: &str) {
        let is_somebody = name.chars().chain(email.chars()).any(char::is_alphanumeric);
        if is_somebody && self.seen.insert((name.to_owned(), email.to_lowercase())) {
            self.people.push(Person { name: name.to_owned(), email: email.to_owned() });
        }
    }
}

fn parts_of(text: &str) -> Vec<&str> {
    JOINER.split(text).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// A name without what joins it to the person before it.
fn without_joiners(name: &str) -> &str {
    let name = name.trim_matches(|c: char| c.is_whitespace() || ",;&+/>".contains(c));
    let joined = ["and ", "et ", "und ", "with ", "e ", "y "].iter().find_map(|word| name.strip_prefix(word));
    joined.unwrap_or(name).trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(message: &str) -> Vec<(String, String)> {
        let known = |person: &Person| ["Ana García", "Léo Petit", "leo", "Petit, Léo"].contains(&person.name.as_str());
        co_authors_in(message, &known).into_iter().map(|person| (person.name, person.email)).collect()
    }

    fn are(people: &[(String, String)], expected: &[(&str, &str)]) -> bool {
        let people: Vec<(&str, &str)> = people.iter().map(|(name, email)| (name.as_str(), email.as_str())).collect();
        people == expected
    }

    #[test]
    fn a_co_author_is_found_however_the_trailer_is_written() {
        for trailer in [
            "Co-authored-by: Léo Petit <leo@x.example>",
            "co-Authored-By:Léo Petit <leo@x.example>",
            "Co-authored-by : Léo Petit <leo@x.example>",
            "Co authored by: Léo Petit <leo@x.example>",
            "Coauthored-by: Léo Petit <leo@x.example>",
            "co_authored_by: Léo Petit <leo@x.example>",
            "CO-AUTHORED-BY:   Léo Petit   <leo@x.example> ",
            "Co-authored-by Léo Petit <leo@x.example>",
            "Co-developed-by: Léo Petit <leo@x.example>",
            "Co-author: Léo Petit <leo@x.example>",
            "Paired-with: Léo Petit <leo@x.example>",
            "Pair-programmed-with: Léo Petit <leo@x.example>",
            "Co‑authored‑by: Léo Petit <leo@x.example>",
            "Co–authored–by: Léo Petit <leo@x.example>",
            "Co-auteur : Léo Petit <leo@x.example>",
            "Co-écrit par : Léo Petit <leo@x.example>",
            "Coautrice: Léo Petit <leo@x.example>",
            "Pair: Léo Petit <leo@x.example>",
            "Pairing: Léo Petit <leo@x.example>",
            "* Co-authored-by: Léo Petit <leo@x.example>",
            "> - Co-authored-by: Léo Petit <leo@x.example>",
            "Co-authored-by: Léo Petit\n <leo@x.example>",
            "Co-authors:\n- Léo Petit <leo@x.example>",
            "All is done. Co-authored-by: Léo Petit <leo@x.example>",
            "Co-authored-by: Léo Petit <leo@x.example",
            "Co-authored-by: Léo Petit <leo@x.example>\r\nCo-authored-by: Léo Petit <LEO@x.example>",
        ] {
            let found = people(&format!("Add x\n\n{trailer}\n"));
            assert!(are(&found, &[("Léo Petit", "leo@x.example")]), "{trailer}: {found:?}");
        }
    }

    #[test]
    fn one_line_may_name_several() {
        let (ana, leo) = (("Ana García", "ana@x.example"), ("Léo Petit", "leo@x.example"));
        for value in [
            "Ana García <ana@x.example>, Léo Petit <leo@x.example>",
            "Ana García <ana@x.example>; Léo Petit <leo@x.example>",
            "Ana García <ana@x.example> and Léo Petit <leo@x.example>",
            "Ana García <ana@x.example> Léo Petit <leo@x.example>",
            "Ana García <ana@x.example> Co-authored-by: Léo Petit <leo@x.example>",
            "Ana García <ana@x.example>, Léo Petit <leo@x.example> (many thanks)",
        ] {
            let found = people(&format!("Add x\n\nCo-authored-by: {value}"));
            assert!(are(&found, &[ana, leo]), "{value}: {found:?}");
        }
        for value in ["Ana García, Léo Petit", "Ana García and Léo Petit", "Ana García & Léo Petit", "Ana García e leo"]
        {
            let found = people(&format!("Add x\n\nCo-authored-by: {value}"));
            assert_eq!(found.len(), 2, "{value}: {found:?}");
        }
        assert!(are(&people("Add x\n\nPair: Léo Petit"), &[("Léo Petit", "")]));
        let found = people("Add x\n\nCo-authored-by: Ana García, Léo Petit <leo@x.example>");
        assert!(are(&found, &[("Ana García", ""), leo]), "{found:?}");
    }

    #[test]
    fn one_name_stays_one() {
        for value in ["Petit, Léo", "John E. Smith", "leo leo@x.example", "Somebody, Else", "R/D", "Anderson"] {
            let found = people(&format!("Add x\n\nCo-authored-by: {value}"));
            assert!(are(&found, &[(value, "")]), "{value}: {found:?}");
        }
    }

    #[test]
    fn words_about_co_authors_name_nobody() {
        for message in [
            "Read co-authors from trailers",
            "Co-author support in the parser",
            "Co-authored-by:",
            "Co-authored-by: <>",
            "The field `co-authored-by: x` is read",
            "Signed-off-by: Léo Petit <leo@x.example>",
            "Pair the instances with their volumes",
            "Pairs: key and value",
            "Add x\n\nPair: (key, value)",
            "Add x\n\n- Pairing: the balancer first, then its targets",
            "Co-authored-by:\n\nThe rest of the text",
        ] {
            assert!(people(message).is_empty(), "{message}: {:?}", people(message));
        }
    }

    #[test]
    fn who_is_named_otherwise_is_mentioned() {
        let known = |person: &Person| person.name == "Léo Petit" || person.email == "leo@x.example";
        let mentioned = |message: &str| -> Vec<String> {
            let found = mentions_in(message, &known).into_iter().filter(|(person, _)| known(person));
            found.map(|(_, line)| line.to_owned()).collect()
        };
        for line in [
            "Also-by: Léo Petit <leo@x.example>",
            "Co-autored-by: Léo Petit <leo@x.example>",
            "Signed-off-by: Léo Petit <leo@x.example>",
            "Author: Léo Petit <leo@x.example>",
            "With help from Léo Petit <leo@x.example>",
            "Pair programming with Léo Petit",
            "Team: Léo Petit",
        ] {
            assert_eq!(mentioned(&format!("Add x\n\n{line}\n")), [line]);
        }
        for message in [
            "Use the script of Léo Petit <leo@x.example>",
            "Add x\n\nReported-by: Léo Petit <leo@x.example>",
            "Add x\n\nReviewed-by: Léo Petit <leo@x.example>",
            "Add x\n\nCo-authored-by: Léo Petit <leo@x.example>",
            "Add x\n\nLéo Petit wrote the probe last week",
            "Add x\n\nNote: the probe of Léo",
        ] {
            assert!(mentioned(message).is_empty(), "{message}");
        }
    }

    #[test]
    fn reviewers_are_named_likewise() {
        let body =
            "Why.\n\nreviewed-by: Ana <ana@x.example>\nApproved By: Léo\nSigned-off-by: Mia <m@x.example>\nAcked-by:";
        let names: Vec<String> = reviewers_in(body, &|_| false).into_iter().map(|person| person.name).collect();
        assert_eq!(names, ["Ana", "Léo"]);
    }

    #[test]
    fn tens_of_thousands_of_trailers_take_no_time() {
        let message: String = (0..50_000).map(|n| format!("Co-authored-by: N{n} <n{n}@x>\n")).collect();
        let one_line = format!("Co-authored-by: {}", "A <a@x>, ".repeat(50_000));
        let start = std::time::Instant::now();
        assert_eq!(people(&message).len(), 50_000);
        assert_eq!(people(&one_line).len(), 1);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
