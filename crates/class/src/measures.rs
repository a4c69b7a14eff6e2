//! What was measured of a repository, kept beside the evidence and used again while nothing has changed that it follows from:
//! the references with all that they lead to, what was asked, and this very program.
//!
//! What could not be read, and dates in the future, may be otherwise tomorrow; they are not kept. Secrets are taken out, as in
//! the evidence.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stackmark_evidence::Evidence;

use crate::store;

/// Its name in a team's folder.
pub(crate) const FILE: &str = "measures.json";
/// The format; another one is made anew.
const SCHEMA: &str = "stackmark/measures/v1";

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept<T> {
    schema: String,
    /// A hash of what was asked and of the program.
    asked: String,
    /// A hash of the references.
    pub(crate) state: String,
    /// A hash of the references as they could be seen before the repository was read: in its files, or as a remote offers them.
    #[serde(default)]
    pub(crate) tips: Option<String>,
    /// How many secrets were taken out of it.
    pub(crate) redactions: u64,
    pub(crate) read: T,
}

/// What tells that nothing has changed.
#[derive(Debug)]
pub(crate) struct Hashes {
    pub(crate) asked: String,
    pub(crate) state: String,
    pub(crate) tips: Option<String>,
}

/// What was kept for the same question; nothing if there is none, or it cannot be read.
pub(crate) fn earlier<T: DeserializeOwned>(path: &Path, asked: &str) -> Option<Kept<T>> {
    let kept: Kept<T> = serde_json::from_str(&store::read(path).ok()?).ok()?;
    (kept.schema == SCHEMA && kept.asked == asked).then_some(kept)
}

/// Keeps what `evidence` has of the repository, secrets taken out; takes away what was kept if it may be otherwise tomorrow.
///
/// # Errors
/// The file cannot be written or removed.
pub(crate) fn keep(
    path: &Path,
    Hashes { asked, state, tips }: Hashes,
    redactions: u64,
    evidence: &Evidence,
) -> std::io::Result<()> {
    let read = of_repository(evidence);
    if may_change(&read) {
        return store::remove(path);
    }
    let kept = Kept { schema: SCHEMA.to_owned(), asked, state, tips, redactions, read };
    let text = serde_json::to_string(&kept)?;
    store::write(path, &format!("{text}\n"))
}

/// What a bundle has of the repository.
fn of_repository(evidence: &Evidence) -> Value {
    let Evidence { git, code, report, team, .. } = evidence;
    serde_json::json!({ "git": git, "code": code, "report": report, "team": team })
}

/// Whether all that is read of the repository follows from it alone, so that reading it again tells nothing new.
pub(crate) fn lasts(evidence: &Evidence) -> bool {
    !may_change(&of_repository(evidence))
}

/// Whether anything could not be read, but for what was not asked for, or is dated in the future.
fn may_change(read: &Value) -> bool {
    match read {
        Value::Object(entries) => {
            let is = |name: &str, word: &str| entries.get(name).is_some_and(|value| value == word);
            (is("state", "unreadable") && !is("cause", "not-collected"))
                || is("kind", "future")
                || entries.values().any(may_change)
        }
        Value::Array(items) => items.iter().any(may_change),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_be_otherwise_tomorrow_is_found_at_any_depth() {
        let of = |reading: Value| json!({ "git": { "hygiene": [{ "state": "observed", "value": [reading] }] } });
        assert!(may_change(&of(json!({ "kind": "future" }))));
        assert!(may_change(&of(json!({ "state": "unreadable", "cause": "timeout" }))));
        assert!(!may_change(&of(json!({ "state": "unreadable", "cause": "not-collected" }))));
        assert!(!may_change(&of(json!({ "kind": "far-apart" }))));
    }
}
