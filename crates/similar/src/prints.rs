//! Fingerprints of files and teams.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::kind::{Channel, Kind};
use crate::token::Token;
use crate::winnow::{Density, grams, is_telling, winnow};
use crate::{prose, syntax};

/// Grows with every change of tokens or density: fingerprints of two versions cannot be compared.
pub const VERSION: u32 = 1;

/// One fingerprint. It cannot be turned back into text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u32, u32, u32)", into = "(u64, u32, u32, u32)")]
pub struct Print {
    /// Of a run of tokens.
    pub hash: u64,
    /// The place of its first token in the file.
    pub at: u32,
    /// One-based line of its first token.
    pub first: u32,
    /// One-based line of its last token.
    pub last: u32,
}

impl From<(u64, u32, u32, u32)> for Print {
    fn from((hash, at, first, last): (u64, u32, u32, u32)) -> Self {
        Self { hash, at, first, last }
    }
}

impl From<Print> for (u64, u32, u32, u32) {
    fn from(print: Print) -> Self {
        (print.hash, print.at, print.first, print.last)
    }
}

/// The fingerprints of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePrints {
    /// Path in the repository; of a past class its number.
    pub path: String,
    /// How it was read.
    pub kind: Kind,
    /// How many tokens it has.
    pub tokens: u32,
    /// In the order of the text.
    pub prints: Vec<Print>,
}

/// The fingerprints of a team, starter code aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TeamPrints {
    /// Sorted by path.
    pub files: Vec<FilePrints>,
    /// How many fingerprints were the starter code's.
    #[serde(default)]
    pub handed_out: u64,
}

fn tokens_of(kind: Kind, text: &str) -> Vec<Token> {
    if kind == Kind::Prose { prose::tokens(text) } else { syntax::tokens(kind, text) }
}

impl FilePrints {
    /// Of one file's text; `None` if files of that name are not compared.
    pub fn of(path: &str, text: &str) -> Option<Self> {
        Some(Self::read_as(Kind::of(path, text)?, path, text))
    }

    /// The same, where it is known how to read it.
    pub fn read_as(kind: Kind, path: &str, text: &str) -> Self {
        let density = Density::of(kind.channel());
        let tokens = tokens_of(kind, text);
        let grams = grams(&tokens, density.k);
        let prints = winnow(&grams, density.w).into_iter().filter_map(|at| {
            let run = tokens.get(at..at + density.k)?;
            let (first, last) = (run.first()?.line, run.last()?.line);
            is_telling(run, density.different).then_some(Print { hash: grams[at], at: at as u32, first, last })
        });
        Self { path: path.to_owned(), kind, tokens: tokens.len() as u32, prints: prints.collect() }
    }

    /// What it is compared with.
    pub fn channel(&self) -> Channel {
        self.kind.channel()
    }
}

impl TeamPrints {
    /// Of the files of one channel.
    pub fn of_channel(&self, channel: Channel) -> impl Iterator<Item = (usize, &FilePrints)> {
        self.files.iter().enumerate().filter(move |(_, file)| file.channel() == channel)
    }
}

/// What was handed out: every run of tokens of it, with how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Starter(HashMap<u64, u32>);

impl Starter {
    /// Adds a file.
    pub fn add(&mut self, path: &str, text: &str) {
        let Some(kind) = Kind::of(path, text) else { return };
        for hash in grams(&tokens_of(kind, text), Density::of(kind.channel()).k) {
            *self.0.entry(hash).or_default() += 1;
        }
    }

    /// Whether nothing was handed out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out of a team what was handed out, as often as it was: what stands there once more is the team's.
    pub fn remove_from(&self, team: &mut TeamPrints) {
        let mut left = self.0.clone();
        for file in &mut team.files {
            let before = file.prints.len();
            file.prints.retain(|print| match left.get_mut(&print.hash) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            });
            team.handed_out += (before - file.prints.len()) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str) -> String {
        let part = |n: usize| {
            format!(
                "def {name}_{n}(first, second):\n    total = first + {n}\n    for item in second:\n        if item > total:\n            \
                 total = total - item.size(Limit={n})\n    return [total, first]\n\n"
            )
        };
        (0..6).map(part).collect()
    }

    #[test]
    fn a_renamed_file_has_the_same_fingerprints() {
        let (one, other) = (FilePrints::of("a.py", &program("a")), FilePrints::of("b.py", &program("other")));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.prints, other.prints);
        assert!(one.prints.len() > 5, "{}", one.prints.len());
        assert!(one.prints.iter().all(|print| print.first <= print.last));
    }

    #[test]
    fn starter_code_goes_as_often_as_it_was_handed_out() {
        let mut starter = Starter::default();
        starter.add("a.py", &program("given"));
        let mut once = TeamPrints { files: vec![FilePrints::of("x.py", &program("x")).unwrap()], handed_out: 0 };
        starter.remove_from(&mut once);
        assert_eq!(once.files[0].prints, []);
        assert!(once.handed_out > 5);
        let twice = ["x.py", "y.py", "z.py"].map(|path| FilePrints::of(path, &program("x")).unwrap());
        let mut twice = TeamPrints { files: twice.to_vec(), handed_out: 0 };
        starter.remove_from(&mut twice);
        assert_ne!(twice.files[2].prints, []);
    }

    #[test]
    fn starter_code_goes_from_one_process_to_another() {
        let mut starter = Starter::default();
        starter.add("a.py", &program("given"));
        let text = serde_json::to_string(&starter).unwrap();
        assert_eq!(serde_json::from_str::<Starter>(&text).unwrap(), starter);
        assert!(!starter.is_empty());
    }

    #[test]
    fn fingerprints_are_stored_as_numbers() {
        let print = Print { hash: u64::MAX, at: 1, first: 2, last: 3 };
        let text = serde_json::to_string(&print).unwrap();
        assert_eq!(text, "[18446744073709551615,1,2,3]");
        assert_eq!(serde_json::from_str::<Print>(&text).unwrap(), print);
    }
}
