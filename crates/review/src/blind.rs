//! Marking without knowing whose work it is: teams and people get neutral names.

use regex::{NoExpand, Regex};

use stackmark_class::blind::Names;
use stackmark_evidence::Evidence;

/// Addresses of anybody: a commit's author need not be on the roster.
const ADDRESS: &str = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+";

/// Replaces one team's names in whatever is shown of it.
#[derive(Debug)]
pub struct Blind {
    people: Names,
    team: Option<Regex>,
    address: Option<Regex>,
    label: String,
}

impl Blind {
    /// Of a team that is shown as `label`.
    pub fn of(evidence: &Evidence, label: &str) -> Self {
        let team = &evidence.team;
        let mut called: Vec<&String> = team.name.iter().chain([&team.id]).filter(|name| name.len() > 1).collect();
        called.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let words: Vec<String> = called.into_iter().map(|name| format!(r"\b{}\b", regex::escape(name))).collect();
        let team = if words.is_empty() { None } else { Regex::new(&format!("(?i){}", words.join("|"))).ok() };
        Self { people: Names::of(evidence), team, address: Regex::new(ADDRESS).ok(), label: label.to_owned() }
    }

    /// Text without the names.
    pub fn hide(&self, text: &str) -> String {
        let mut text = self.people.hide(text);
        for (found, instead) in [(&self.team, self.label.as_str()), (&self.address, "(address)")] {
            if let Some(found) = found {
                text = found.replace_all(&text, NoExpand(instead)).into_owned();
            }
        }
        text
    }
}
