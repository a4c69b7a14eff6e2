//! A rubric's `[signs]`: which facts of how the work came about put a team among those to look at.

use super::problem::did_you_mean;
use super::reader::{Table, listed};
use stackmark_evidence::SignKind;
use stackmark_evidence::signs::Look;

/// Reads `[signs]`; what it does not say, or says wrongly, is as without it.
pub(crate) fn read(table: &Table<'_>) -> Look {
    let mut look = Look::default();
    let Some(fields) = table.table("signs") else { return look };
    if let Some(entry) = fields.get("facts") {
        let words: Vec<&str> = SignKind::ALL.iter().map(|kind| kind.as_str()).collect();
        look.facts.clear();
        for (word, span) in entry.spanned_strings() {
            let fix = match SignKind::ALL.iter().find(|kind| kind.as_str() == word) {
                Some(kind) if look.facts.contains(kind) => "remove it here".to_owned(),
                Some(kind) => {
                    look.facts.push(*kind);
                    continue;
                }
                None => match did_you_mean(&word, words.iter().copied()) {
                    Some(close) => format!("did you mean \"{close}\"?"),
                    None => format!("one of {}", listed(&words)),
                },
            };
            let what = if words.contains(&word.as_str()) { "is there twice" } else { "is no fact of the sheet" };
            fields.reader().error(span, format!("\"{word}\" {what}"), fix);
        }
        look.at_least = look.at_least.min(look.facts.len().max(1));
    }
    if let Some(entry) = fields.get("at_least")
        && let Some(count) = entry.integer()
    {
        let most = look.facts.len().max(1);
        match usize::try_from(count) {
            Ok(count) if (1..=most).contains(&count) => look.at_least = count,
            _ => entry.error(
                format!("`at_least` is {count}"),
                format!("write how many different facts it takes, from 1 to {most}; facts = [] takes none"),
            ),
        }
    }
    if let Some(only) = fields.get("only_asking").and_then(|entry| entry.boolean()) {
        look.only_asking = only;
    }
    let percent = |key: &'static str, part: &mut f64| {
        let Some(entry) = fields.get(key) else { return };
        let Some(value) = entry.number() else { return };
        match (0.0..=100.0).contains(&value) {
            true => *part = value,
            false => entry.error(format!("`{key}` is {value}"), "write a percentage from 0 to 100"),
        }
    };
    percent("burst_percent", &mut look.burst_percent);
    percent("gap_variation_percent", &mut look.gap_variation_percent);
    fields.finish();
    look
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Problems, SourceText};
    use crate::reader::Reader;

    fn read_from(text: &str) -> (Look, Problems) {
        let (look, problems) = Reader::new(&SourceText::new("rubric.toml", text)).read(|table| {
            let look = read(&table);
            table.finish();
            Some(look)
        });
        (look.expect("it is always told"), problems)
    }

    #[test]
    fn a_rubric_says_which_facts_count() {
        assert_eq!(read_from("").0, Look::default());
        let text = "[signs]\nfacts = [\"burst\", \"thin-report\"]\nat_least = 1\nonly_asking = true\nburst_percent = 40\n\
                    gap_variation_percent = 50.5\n";
        let (look, problems) = read_from(text);
        assert!(problems.0.is_empty(), "{problems}");
        let facts = vec![SignKind::Burst, SignKind::ThinReport];
        let expected = Look { facts, at_least: 1, only_asking: true, burst_percent: 40.0, gap_variation_percent: 50.5 };
        assert_eq!(look, expected);
        assert_eq!(read_from("[signs]\nfacts = [\"burst\"]\n").0.at_least, 1, "two of one would be none, for ever");
        let (look, problems) = read_from("[signs]\nfacts = []\n");
        assert!(problems.0.is_empty() && look.facts.is_empty(), "{problems}");
    }

    #[test]
    fn what_is_wrong_is_said_with_the_next_step() {
        for (text, said) in [
            ("facts = [\"bursts\"]", "did you mean \"burst\"?"),
            ("facts = [\"burst\", \"burst\"]", "\"burst\" is there twice"),
            ("facts = [\"burst\"]\nat_least = 2", "from 1 to 1"),
            ("at_least = 0", "`at_least` is 0"),
            ("burst_percent = 101", "a percentage from 0 to 100"),
            ("gap_variation_percent = -1", "`gap_variation_percent` is -1"),
            ("fact = []", "fact"),
        ] {
            let (_, problems) = read_from(&format!("[signs]\n{text}\n"));
            assert!(problems.has_errors() && problems.to_string().contains(said), "{text}: {problems}");
        }
    }
}
