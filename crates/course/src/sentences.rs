//! What the program itself says to the readers of a report, in another language: `sentences/fr.toml`.
//!
//! Collectors and the judge say in English why something could not be read, what is absent and what was set aside, and
//! evidence keeps it so. A table gives each of these sentences with its places (`no file {path} in the repository`) in the
//! language of the report. What is in none of its lines, as the words of AWS and of a team, stays as it is. `[number]` says
//! how the numbers in these sentences and in those of checks look.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::expect::spanned;
use super::problem::{Problem, Problems, SourceText};
use super::reader::{Reader, Table};
use stackmark_language::numbers::Numbers;

/// Sentences within sentences, at most: a reason in a failure in an outcome.
const DEPTH: usize = 8;
/// Letters outside of its places of a sentence that anything may be in a place of, at least: what fits everything says nothing.
const FEWEST_LETTERS: usize = 4;

/// Places in a text where a part of a sentence is looked for, at most: a team's words may be in it.
const MOST_TRIES: usize = 20;

/// English sentences and what to say for them; the default says everything in English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentences {
    /// The one with the most letters outside of its places first.
    lines: Vec<Line>,
    /// Between two sentences, in place of `; `.
    between: Option<String>,
    /// Between the place and what is said of it, in place of `: `.
    after_place: Option<String>,
    /// How numbers in the sentences look.
    numbers: Numbers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    english: Vec<Piece>,
    said: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

impl Sentences {
    /// Reads a language's sentences.
    pub fn parse(source: &Arc<SourceText>) -> (Option<Self>, Problems) {
        Reader::new(source).read(|table| {
            let text = |key| table.get(key).and_then(|entry| entry.string());
            let (between, after_place) = (text("between"), text("after_place"));
            let numbers = read_numbers(source, &table);
            let mut lines = table.table("said").map(|said| read_lines(source, &said)).unwrap_or_default();
            table.finish();
            lines.sort_by_key(|line| std::cmp::Reverse(letters(&line.english)));
            Some(Self { lines, between, after_place, numbers })
        })
    }

    /// What stands between two sentences.
    pub fn between(&self) -> &str {
        self.between.as_deref().unwrap_or("; ")
    }

    /// How numbers in the sentences look.
    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Whether everything is said in English, as it is.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The sentence in this language; as it is where the table has none for it.
    pub fn say(&self, english: &str) -> String {
        self.found(english, DEPTH).unwrap_or_else(|| english.to_owned())
    }

    /// The English sentences of the table, each by the texts between its places.
    pub fn english(&self) -> impl Iterator<Item = Vec<&str>> {
        self.lines.iter().map(|line| {
            line.english
                .iter()
                .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
                .collect()
        })
    }

    fn found(&self, english: &str, depth: usize) -> Option<String> {
        if self.lines.is_empty() || depth == 0 {
            return None;
        }
        let inside = |text: &str| self.found(text, depth - 1).unwrap_or_else(|| text.to_owned());
        for line in &self.lines {
            let Some(places) = fits(&line.english, english) else { continue };
            let said = line.said.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Place(name) => {
                    let text = places.iter().find(|(known, _)| known == name).map_or("", |(_, text)| *text);
                    if is_number(name) { self.numbers.say(text) } else { inside(text) }
                }
            });
            return Some(said.collect());
        }
        // What is said already has the space that French sets before a sign, and `between` brings its own.
        let parts: Vec<&str> = english.split("; ").map(|part| part.trim_end_matches('\u{a0}')).collect();
        if parts.len() > 1 {
            let said: Vec<Option<String>> = parts.iter().map(|part| self.found(part, depth - 1)).collect();
            let any = said.iter().any(Option::is_some);
            let all = said.into_iter().zip(&parts).map(|(said, part)| said.unwrap_or_else(|| (*part).to_owned()));
            return any.then(|| all.collect::<Vec<_>>().join(self.between()));
        }
        let (place, rest) = english.split_once(": ")?;
        let rest = self.found(rest, depth - 1)?;
        let place = place.trim_end_matches('\u{a0}');
        let place = self.found(place, depth - 1).unwrap_or_else(|| place.to_owned());
        Some(format!("{place}{}{rest}", self.after_place.as_deref().unwrap_or(": ")))
    }
}

/// `[number]`: what it leaves out is as in English.
fn read_numbers(source: &Arc<SourceText>, table: &Table<'_>) -> Numbers {
    let english = Numbers::default();
    let Some(number) = table.table("number") else { return english };
    let percent = number.string("percent");
    if percent.as_ref().is_some_and(|percent| !percent.contains("{n}")) {
        let message = "`percent` has no place for the number";
        let problem = Problem::error(source, Some(number.span()), message).fix("write {n} where the number is");
        number.reader().push(problem);
    }
    let numbers = Numbers {
        decimal: number.string("decimal").unwrap_or(english.decimal),
        thousands: number.string("thousands").unwrap_or(english.thousands),
        percent: percent.unwrap_or(english.percent),
        zero_is_singular: number.get("zero_is_singular").and_then(|entry| entry.boolean()).unwrap_or_default(),
    };
    number.finish();
    numbers
}

fn read_lines(source: &Arc<SourceText>, table: &Table<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (english, span, entry) in table.entries() {
        let Some(said) = spanned(&entry) else { continue };
        let line = Line { english: pieces(&english), said: pieces(&said.text) };
        let is_free = |piece: &Piece| matches!(piece, Piece::Place(name) if !is_number(name));
        let fewest = if line.english.iter().any(is_free) { FEWEST_LETTERS } else { 1 };
        let problem = if letters(&line.english) < fewest {
            Some("fits almost everything")
        } else if places(&line.english) != places(&line.said) {
            Some("has other places than what is said for it")
        } else if line.english.windows(2).any(|two| matches!(two, [Piece::Place(_), Piece::Place(_)])) {
            Some("has two places with nothing between them")
        } else {
            None
        };
        match problem {
            None => lines.push(line),
            Some(problem) => table.reader().push(
                Problem::error(source, Some(span), format!("the sentence \"{english}\" {problem}"))
                    .fix("write it as the program says it, with {named} places"),
            ),
        }
    }
    lines
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (at, part) in text.split('{').enumerate() {
        let rest = match part.split_once('}') {
            Some((name, rest)) if at > 0 => {
                pieces.push(Piece::Place(name.to_owned()));
                rest
            }
            _ => part,
        };
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
    }
    pieces
}

fn letters(pieces: &[Piece]) -> usize {
    let of = |piece: &Piece| match piece {
        Piece::Text(text) => text.chars().filter(|letter| letter.is_alphabetic()).count(),
        Piece::Place(_) => 0,
    };
    pieces.iter().map(of).sum()
}

fn places(pieces: &[Piece]) -> BTreeSet<&str> {
    pieces.iter().filter_map(|piece| if let Piece::Place(name) = piece { Some(name.as_str()) } else { None }).collect()
}

/// What is in the places, where the text is this sentence: each takes as little as it can, and never nothing.
fn fits<'t>(pieces: &[Piece], text: &'t str) -> Option<Vec<(String, &'t str)>> {
    match pieces {
        [] => text.is_empty().then(Vec::new),
        [Piece::Text(literal), rest @ ..] => fits(rest, text.strip_prefix(literal.as_str())?),
        [Piece::Place(name)] => takes(name, text).then(|| vec![(name.clone(), text)]),
        [Piece::Place(name), Piece::Text(literal), rest @ ..] => {
            text.match_indices(literal.as_str()).take(MOST_TRIES).find_map(|(at, _)| {
                let inside = text.get(..at).filter(|inside| takes(name, inside))?;
                let mut found = fits(rest, text.get(at + literal.len()..)?)?;
                found.push((name.clone(), inside));
                Some(found)
            })
        }
        [Piece::Place(_), ..] => None,
    }
}

/// Whether only a number can be in the place of that name.
fn is_number(name: &str) -> bool {
    matches!(name, "n" | "m" | "p" | "v")
}

/// Whether this can be in the place of that name: a number is one, or an interval of two; `of` counts things, and is no
/// sentence.
fn takes(name: &str, text: &str) -> bool {
    let digits = |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | ',' | '–' | '-');
    !text.is_empty() && (!is_number(name) || text.chars().all(digits)) && (name != "of" || !text.contains([':', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<Sentences>, Problems) {
        Sentences::parse(&SourceText::new("sentences/fr.toml", text))
    }

    fn french() -> Sentences {
        let text = "between = \" ; \"\nafter_place = \" : \"\n[said]\n\"could not be read: {what}\" = \"illisible : {what}\"\n\
                    \"no answer in time\" = \"pas de réponse à temps\"\n\"{n} files in {folder}\" = \"{n} fichiers dans {folder}\"\n\
                    \"{what}, {n}% of the work\" = \"{what}, {n} % du travail\"\n";
        let (sentences, problems) = parsed(text);
        assert!(problems.0.is_empty(), "{problems}");
        sentences.expect("sentences")
    }

    #[test]
    fn a_sentence_is_said_with_what_is_in_its_places() {
        let french = french();
        for (english, said) in [
            ("no answer in time", "pas de réponse à temps"),
            ("3 files in build/", "3 fichiers dans build/"),
            ("3 files in build/ (build/a.py), 31% of the work", "3 fichiers dans build/ (build/a.py), 31 % du travail"),
            ("GET http://a/: no answer in time", "GET http://a/ : pas de réponse à temps"),
            ("could not be read: timeout: no answer in time", "illisible : timeout : pas de réponse à temps"),
            ("2 files in a; no answer in time", "2 fichiers dans a ; pas de réponse à temps"),
            ("déjà dit\u{a0}; lu\u{a0}: no answer in time", "déjà dit ; lu : pas de réponse à temps"),
            ("2 files in a/ (x, y), 5% of the work", "2 fichiers dans a/ (x, y), 5 % du travail"),
            ("our files in build/", "our files in build/"),
            ("the team wrote this", "the team wrote this"),
            ("files in ", "files in "),
            ("", ""),
        ] {
            assert_eq!(french.say(english), said);
        }
        assert_eq!(Sentences::default().say("no answer in time"), "no answer in time");
    }

    #[test]
    fn numbers_in_their_places_follow_the_language_and_others_stay() {
        let text = "[number]\ndecimal = ','\nthousands = ' '\nzero_is_singular = true\n[said]\n\
                    \"they vary by {v} of {n} in {file}\" = \"variation de {v} sur {n} dans {file}\"\n";
        let (sentences, problems) = parsed(text);
        assert!(problems.0.is_empty(), "{problems}");
        let sentences = sentences.expect("sentences");
        let said = sentences.say("they vary by 0.12 of 1,234 in v1.24");
        assert_eq!(said, "variation de 0,12 sur 1 234 dans v1.24");
        assert_eq!(sentences.numbers().percent(0.5), "50%", "what is left out is as in English");
        assert!(parsed("[number]\npercent = \"%\"\n").1.to_string().contains("no place"));
    }

    #[test]
    fn a_line_that_loses_a_place_or_fits_everything_is_refused() {
        for (line, told) in [
            ("\"{n} files in {folder}\" = \"des fichiers dans {folder}\"", "other places"),
            ("\"{a}: {b}\" = \"{a} : {b}\"", "almost everything"),
            ("\"files {a}{b}\" = \"{a}{b} fichiers\"", "two places"),
        ] {
            let (_, problems) = parsed(&format!("[said]\n{line}\n"));
            assert!(problems.to_string().contains(told), "{line}: {problems}");
        }
    }
}
