//! What of a team is collected anew, and what stays as it was read.

use stackmark_plan::Plan;

use crate::readings::{Families, Family, State, states};
use crate::store::Results;
use crate::stored::{Stored, read_evidence};

/// What a run collects anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The families to collect.
    pub families: Families,
    /// Of these, only where something could not be read.
    pub unread: bool,
    /// Count the new readings, even where an earlier one read more.
    pub newest: bool,
}

impl Default for Renewal {
    /// Everything.
    fn default() -> Self {
        Self { families: Family::ALL.into(), unread: false, newest: false }
    }
}

impl Renewal {
    /// The families to collect for a team: none where nothing of it is left to read.
    pub fn of(&self, results: &Results, team: &str) -> Families {
        if !self.unread {
            return self.families.clone();
        }
        // Without evidence nothing was read yet.
        let Ok(Stored { evidence, .. }) = read_evidence(results, team) else { return self.families.clone() };
        let Ok(bundle) = serde_json::to_value(&evidence) else { return self.families.clone() };
        let lacks = |family: Family| {
            let (unread, prefix) = (states(&bundle, family), format!("{}.", family.as_str()));
            let tried_in_vain = evidence.ledger.choices.iter().any(|choice| {
                choice.because == stackmark_evidence::ledger::Because::Unread
                    && choice.readings.iter().any(|path| path.starts_with(&prefix))
            });
            tried_in_vain || unread.values().any(|state| *state == State::Unreadable)
        };
        self.families.iter().copied().filter(|family| lacks(*family)).collect()
    }

    /// As a run's record has it; `None` where all is collected.
    pub fn words(&self) -> Option<String> {
        let all = self.families.len() == Family::ALL.len();
        let names: Vec<&str> = self.families.iter().map(|family| family.as_str()).collect();
        let mut words = Vec::new();
        words.extend((!all).then(|| names.join(",")));
        words.extend(self.unread.then(|| "unread".to_owned()));
        words.extend(self.newest.then(|| "newest".to_owned()));
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// Leaves in a plan what is of these families.
pub(crate) fn narrow(plan: &mut Plan, families: &Families) {
    let of = |path: &str| families.iter().any(|family| path.split('.').next() == Some(family.as_str()));
    plan.readings.retain(|path| of(path));
    if !families.contains(&Family::Http) {
        plan.requests.clear();
        plan.loads.clear();
        plan.recovery = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_plan_sends_no_request_and_still_knows_what_was_asked() {
        let readings = ["git.head", "aws.instances", "http.counted"].map(str::to_owned).into();
        let mut plan = Plan { readings, ..Plan::default() };
        plan.asked.items.insert("a/b".to_owned(), Default::default());
        narrow(&mut plan, &Family::REPOSITORY.into());
        assert_eq!(plan.readings.iter().collect::<Vec<_>>(), ["git.head"]);
        assert!(!plan.wants_family("http") && plan.asked.items.len() == 1);
    }

    #[test]
    fn a_run_says_what_it_renews() {
        assert_eq!(Renewal::default().words(), None);
        let renewal = Renewal { families: Family::REPOSITORY.into(), unread: true, newest: false };
        assert_eq!(renewal.words().as_deref(), Some("git,code,report unread"));
    }
}
