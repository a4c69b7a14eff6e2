//! How code and documentation came about, as far as they show it: facts for a person to weigh.
//!
//! Twenty docstrings that differ by the function's name alone were written once, and a comment that stands in twenty places
//! word for word explains none of them. Licences, headings of sections and what a framework wants are repeated as well:
//! a person looks where such lines are most of the documentation.

use std::collections::BTreeMap;

use super::definitions::Definition;
use super::source::{Source, is_documented_in_comments};
use super::text::folded_words;
use stackmark_collect::redact::beginning;
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::{Sign, SignKind};

/// So many of one template are one.
const TEMPLATE: usize = 4;
/// A shorter one is how people speak: "returns the …".
const TEMPLATE_WORDS: usize = 4;
/// Of fewer, how many are alike says nothing.
const FEWEST_DOCUMENTED: usize = 8;
const FEWEST_COMMENTS: usize = 12;
/// Words of a comment that says something.
const COMMENT_WORDS: usize = 3;
const EXAMPLES: usize = 5;
/// Longest example, in characters.
const LONGEST: usize = 80;

/// What is said of definitions, by what is left of it without the name and the numbers.
#[derive(Default)]
pub(super) struct Templates {
    documented: usize,
    by_rest: BTreeMap<String, Vec<String>>,
}

impl Templates {
    /// Adds what is said of one definition of the file at `path`.
    pub(super) fn add(&mut self, path: &str, definition: &Definition) {
        let Some(words) = &definition.words else { return };
        self.documented += 1;
        let stem = definition.name.rsplit_once('.').map_or(definition.name.as_str(), |(stem, _)| stem);
        let name = folded_words(&stem.replace(['_', '-'], " "));
        let is_own = |word: &String| !name.contains(word) && !word.chars().any(|c| c.is_ascii_digit());
        let rest: Vec<String> = folded_words(words).into_iter().filter(is_own).collect();
        if rest.len() >= TEMPLATE_WORDS {
            self.by_rest.entry(rest.join(" ")).or_default().push(format!("{path}:{}", definition.line));
        }
    }

    /// Where documentation of one template is any.
    pub(super) fn sign(self) -> Option<Sign> {
        let mut alike: Vec<Vec<String>> = self.by_rest.into_values().filter(|all| all.len() >= TEMPLATE).collect();
        alike.sort_by_key(|all| std::cmp::Reverse(all.len()));
        let count: usize = alike.iter().map(Vec::len).sum();
        let says = format!(
            "{count} of {} docstrings and comments on definitions differ by the name alone from others",
            self.documented
        );
        let asks = self.documented >= FEWEST_DOCUMENTED && count * 2 >= self.documented;
        let examples = alike.into_iter().flatten().take(EXAMPLES).collect();
        (count > 0).then_some(Sign { kind: SignKind::OneTemplate, says, asks, examples })
    }
}

/// Comments that stand in many places word for word, of files that count.
pub(super) fn repeated_comments<'s>(sources: impl IntoIterator<Item = &'s Source>) -> Option<Sign> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources.into_iter().filter(|source| is_documented_in_comments(source.language)) {
        let lines = source.text.lines().map(str::trim).filter(|line| !line.starts_with("#!"));
        let comments = lines.filter(|line| line.starts_with('#') || line.starts_with("//"));
        let says = comments.map(|line| line.trim_matches(['#', '/', ' ', '*', '-', '=']));
        for line in says.filter(|line| line.split_whitespace().count() >= COMMENT_WORDS) {
            *places.entry(line).or_default() += 1;
        }
    }
    let all: usize = places.values().sum();
    let mut repeated: Vec<(&str, usize)> = places.into_iter().filter(|(_, count)| *count >= TEMPLATE).collect();
    repeated.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let count: usize = repeated.iter().map(|(_, count)| count - 1).sum();
    let says = format!("{count} of {all} comment lines repeat another word for word");
    let asks = all >= FEWEST_COMMENTS && count * 2 >= all;
    let examples = repeated.iter().take(EXAMPLES).map(|(line, _)| beginning(line, LONGEST)).collect();
    (count > 0).then_some(Sign { kind: SignKind::RepeatedComments, says, asks, examples })
}

/// What only other readings together tell: calls that nothing reaches, and installations that stand in comments.
pub(super) fn add(code: &mut CodeEvidence) {
    let mut found: Vec<(&str, Sign)> = Vec::new();
    let calls = code.cloud_calls.value().map(Vec::as_slice).unwrap_or_default();
    let dead: Vec<String> = (calls.iter())
        .filter(|call| call.unreachable.is_some())
        .map(|call| format!("{}:{} {}", call.path, call.line, call.operation))
        .collect();
    // A check that counts calls looks at each of them itself.
    if !dead.is_empty() {
        let says = format!("{} of {} calls of AWS are reached by nothing", dead.len(), calls.len());
        found.push(("cloud_calls", told(SignKind::Unreachable, says, dead)));
    }
    let scripts = code.user_data.value().map(Vec::as_slice).unwrap_or_default();
    let comments: Vec<String> = (scripts.iter())
        .flat_map(|script| (0..).zip(script.text.lines()).map(move |(row, line)| (script, row, line.trim())))
        .filter(|(_, _, line)| line.starts_with("# ") && line.split_whitespace().any(|word| word == "install"))
        .map(|(script, row, _)| match &script.script {
            Some(path) => format!("{path}:{}", row + 1),
            None => format!("{}:{}", script.path, script.line),
        })
        .collect();
    if !comments.is_empty() {
        let says = format!("lines of start scripts that only speak of an installation: {}", comments.len());
        found.push(("user_data", told(SignKind::InstallInComment, says, comments)));
    }
    for (reading, sign) in found {
        code.signs.entry(reading.to_owned()).or_default().push(sign);
    }
}

fn told(kind: SignKind, says: String, mut examples: Vec<String>) -> Sign {
    examples.truncate(EXAMPLES);
    Sign { kind, says, asks: false, examples }
}

#[cfg(test)]
mod tests {
    use tokei::LanguageType;

    use super::*;
    use crate::definitions;

    fn source(text: &str) -> Source {
        Source { path: "a.py".into(), language: LanguageType::Python, text: text.into() }
    }

    fn template(text: &str) -> Option<Sign> {
        let mut templates = Templates::default();
        definitions::of(&source(text)).iter().for_each(|found| templates.add("a.py", found));
        templates.sign()
    }

    #[test]
    fn one_template_for_all_asks() {
        let all = [
            ("read", "Takes the answers of one queue, oldest first."),
            ("sort", "Orders rows by their number, stable for equals."),
            ("merge", "Joins two tables, and keeps the newer of two rows."),
            ("send", "Posts a batch to the collector; tries three times."),
            ("count", "How many rows each zone holds, empty ones too."),
            ("store", "Writes the shard under its own prefix in the bucket."),
            ("check", "Raises unless every target answers within a minute."),
            ("split", "Cuts a shard where its size would pass the limit."),
        ];
        let of = |says: &dyn Fn(&str, &str) -> String| -> String {
            let function =
                |(name, own): &(&str, &str)| format!("def {name}(rows):\n    \"\"\"{}\"\"\"\n\n", says(name, own));
            all.iter().map(function).collect()
        };
        let scripted = of(&|name, _| format!("Handles the {name} step and returns the processed result."));
        let sign = template(&scripted).expect("a sign");
        assert!(sign.asks && sign.says.starts_with("8 of 8 "), "{sign:?}");
        assert_eq!(sign.examples.len(), 5);
        // How people speak, and what they write.
        assert_eq!(template(&of(&|name, _| format!("Returns the {name}."))), None);
        assert_eq!(template(&of(&|_, own| own.to_owned())), None);
    }

    #[test]
    fn comments_word_for_word_ask_where_they_are_most() {
        let scripted: String = (0..20).map(|n| format!("# the next step needs this value\nx{n} = {n}\n")).collect();
        let sign = repeated_comments(&[source(&scripted)]).expect("a sign");
        assert!(sign.asks && sign.says.starts_with("19 of 20 "), "{sign:?}");
        let words =
            ["ports", "zones", "names", "pairs", "rules", "tags", "types", "times", "hosts", "paths", "keys", "ids"];
        let honest: String = words.iter().map(|word| format!("# why these {word} are needed here\nx = 1\n")).collect();
        assert_eq!(repeated_comments(&[source(&honest)]), None);
        let headed = format!("{honest}{}", "# ----- next section -----\n".repeat(6));
        assert_eq!(repeated_comments(&[source(&headed)]), None, "two words are a heading");
    }
}
