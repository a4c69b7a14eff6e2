//! When a commit was first seen whose date is later than that: the date is wrong, and once it has passed nothing else would
//! tell so.

use stackmark_evidence::Evidence;
use stackmark_history::Seen;

use crate::failure::Failure;
use crate::late::moment;
use crate::store::{self, Results};

/// Its name in a team's `history/`; few teams have any.
const FILE: &str = "seen.json";

/// What earlier collections saw of a team; nothing where it cannot be read, and the dates alone tell.
pub(crate) fn read(results: &Results, team: &str) -> Vec<Seen> {
    let text = store::read(&results.history(team, FILE)).ok();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Keeps when the graded commit was seen, if it is dated later.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn keep(results: &Results, evidence: &Evidence) -> Result<(), Failure> {
    let Some(head) = evidence.git.head.value() else { return Ok(()) };
    let (made, at) = (moment(&head.committed_at), moment(evidence.taken_at("git.head")));
    let Some((_, at)) = made.zip(at).filter(|(made, at)| made > at) else { return Ok(()) };
    let team = &evidence.team.id;
    let mut seen = read(results, team);
    if seen.iter().any(|known| known.commit == head.commit && known.at <= at) {
        return Ok(());
    }
    seen.retain(|known| known.commit != head.commit);
    seen.push(Seen { commit: head.commit.clone(), at });
    let text = serde_json::to_string(&seen)?;
    Ok(store::write(&results.history(team, FILE), &format!("{text}\n"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Given, TeamJob};
    use stackmark_evidence::{Reading, Team, Tool};
    use stackmark_history::Mailmap;

    #[test]
    fn the_first_sight_of_a_commit_that_is_dated_later_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::at(folder.path());
        let collect = |commit: &str, made: &str, at: &str| {
            let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
            let mut evidence = Evidence::unread(tool, at.to_owned(), Team::of_roster("t"));
            let head = serde_json::json!({
                "commit": commit, "branch": "main", "committed_at": made, "chosen_by": "tip", "deadline": null,
                "commits_after_deadline": 0,
            });
            evidence.git.head = Reading::observed(serde_json::from_value(head).unwrap());
            keep(&results, &evidence).unwrap();
            read(&results, "t").into_iter().map(|seen| (seen.commit, seen.at)).collect::<Vec<_>>()
        };
        assert!(collect("a", "2026-11-14T09:00:00Z", "2026-11-14T10:00:00Z").is_empty(), "its date is its own");
        let first = collect("b", "2026-12-01T00:00:00Z", "2026-11-14T10:00:00Z");
        assert_eq!(first, [("b".to_owned(), 1_794_650_400)]);
        assert_eq!(collect("b", "2026-12-01T00:00:00Z", "2026-11-20T10:00:00Z"), first, "the first one counts");
        assert_eq!(collect("c", "2026-12-01T00:00:00Z", "2026-11-20T10:00:00Z").len(), 2);
        let job = TeamJob::without_roster("t".to_owned(), &Mailmap::default(), &Given::default()).seen_in(&results);
        assert_eq!(job.repository.seen, read(&results, "t"), "each job knows of them");
    }
}
