//! Marking without knowing whose work it is: teams and members get neutral names.

use std::collections::BTreeMap;

use regex::Regex;

use stackmark_evidence::Evidence;

/// Parts of a name that are shorter than this are left: they are words of many languages.
const SHORTEST_PART: usize = 3;

/// Replaces one team's names in whatever is shown of it.
#[derive(Debug)]
pub struct Blind {
    names: Option<Regex>,
    instead: BTreeMap<String, String>,
}

impl Blind {
    /// Of a team that is shown as `label`.
    pub fn of(evidence: &Evidence, label: &str) -> Self {
        let mut instead = BTreeMap::new();
        let mut put = |name: &str, neutral: &str, shortest: usize| {
            if name.chars().count() >= shortest {
                instead.entry(name.to_lowercase()).or_insert_with(|| neutral.to_owned());
            }
        };
        let team = &evidence.team;
        for (at, member) in team.members.iter().enumerate() {
            let neutral = format!("member {}", at + 1);
            let whole = [&member.name, &member.id].into_iter().chain(&member.aliases).chain(&member.emails);
            for name in whole.chain(&member.login) {
                put(name, &neutral, 2);
            }
            // A particle such as "van" is no name; it is written small.
            let parts = member.name.split_whitespace().filter(|part| part.starts_with(char::is_uppercase));
            for part in parts {
                put(part, &neutral, SHORTEST_PART);
            }
        }
        put(&team.id, label, 2);
        if let Some(name) = &team.name {
            put(name, label, 2);
        }
        let mut known: Vec<&String> = instead.keys().collect();
        known.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let words: Vec<String> = known.into_iter().map(|name| format!(r"\b{}\b", regex::escape(name))).collect();
        // Addresses of anybody: a commit's author need not be on the roster.
        let all = [words, vec![r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+".to_owned()]].concat();
        Self { names: Regex::new(&format!("(?i){}", all.join("|"))).ok(), instead }
    }

    /// Text without the names.
    pub fn hide(&self, text: &str) -> String {
        let Some(names) = &self.names else { return "(hidden)".to_owned() };
        let neutral = |found: &regex::Captures<'_>| {
            let known = self.instead.get(&found[0].to_lowercase());
            known.cloned().unwrap_or_else(|| "(address)".to_owned())
        };
        names.replace_all(text, neutral).into_owned()
    }
}
