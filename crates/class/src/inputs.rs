//! What a class run is made of.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use stackmark_collect::Settings;
use stackmark_course::problem::did_you_mean;
use stackmark_course::{Roster, Rubric};
use stackmark_history::Mailmap;
use stackmark_render::Templates;

use crate::failure::Failure;
use crate::remote::Remote;
use crate::renewal::Renewal;
use crate::store::Results;

/// What a class run is made of; `stackmark demo` makes one of its own.
pub struct ClassRun {
    /// The valid roster.
    pub roster: Roster,
    /// SHA-256 of its text.
    pub roster_sha256: String,
    /// The instructor's mailmap, with the SHA-256 of its text.
    pub mailmap: (Mailmap, Option<String>),
    /// Paths of repositories in the roster start here.
    pub base: PathBuf,
    /// Ids of the teams; all if it is empty.
    pub only: Vec<String>,
    /// The valid rubric.
    pub rubric: Rubric,
    /// Its documents, by their path in a library's folder.
    pub course: BTreeMap<String, String>,
    /// Templates, the user's before the built-in ones.
    pub templates: Templates,
    /// Where results go.
    pub results: Results,
    /// Where they are pushed to, if that is in S3; `results` is then a folder of its own.
    pub remote: Option<Arc<Remote>>,
    /// Teams at the same time.
    pub jobs: usize,
    /// Forget an interrupted run.
    pub fresh: bool,
    /// Judge and render as well.
    pub judge: bool,
    /// What is collected anew; the rest stays as it was read.
    pub renew: Renewal,
    /// For the collectors.
    pub settings: Settings,
    /// Whether instances may be ended, if the roster allows it.
    pub disruptive: Disruptive,
}

impl ClassRun {
    /// Pushes what is stored of a team and the record, if the results go to S3.
    ///
    /// # Errors
    /// S3 refuses or cannot be reached, or another process has written the same team.
    pub(crate) async fn publish(&self, team: &str) -> Result<(), Failure> {
        match &self.remote {
            Some(remote) => remote.push_team(&self.results, team).await,
            None => Ok(()),
        }
    }
}

/// What the command line says about ending an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disruptive {
    /// `--allow-disruptive`.
    pub allowed: bool,
    /// `--dry-run`.
    pub dry_run: bool,
}

impl Disruptive {
    /// What holds for a team whose roster allows it, or does not.
    pub fn of(self, allowed_by_roster: bool) -> stackmark_collect::Disruption {
        use stackmark_collect::Disruption;
        match (self.allowed, allowed_by_roster, self.dry_run) {
            (false, _, _) => Disruption::NotAsked,
            (true, false, _) => Disruption::NotInRoster,
            (true, true, true) => Disruption::DryRun,
            (true, true, false) => Disruption::Allowed,
        }
    }
}

/// Refuses ids that the roster does not have.
///
/// # Errors
/// An id that is not in the roster, with the one that was likely meant.
pub fn refuse_unknown(only: &[String], roster: &Roster) -> Result<(), Failure> {
    for id in only {
        if !roster.teams.iter().any(|team| team.id == *id) {
            let known: Vec<&str> = roster.teams.iter().map(|team| team.id.as_str()).collect();
            let close = did_you_mean(id, known.iter().copied());
            let fix =
                close.map_or(format!("it has {}", known.join(", ")), |close| format!("did you mean \"{close}\"?"));
            return Err(Failure::usage(format!("the roster has no team \"{id}\"; {fix}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use stackmark_collect::Disruption;

    use super::*;

    #[test]
    fn an_instance_is_ended_only_where_all_agree() {
        let given = |allowed, dry_run| Disruptive { allowed, dry_run };
        assert_eq!(given(false, false).of(true), Disruption::NotAsked);
        assert_eq!(given(true, false).of(false), Disruption::NotInRoster);
        assert_eq!(given(true, true).of(false), Disruption::NotInRoster);
        assert_eq!(given(true, true).of(true), Disruption::DryRun);
        assert_eq!(given(true, false).of(true), Disruption::Allowed);
    }
}
