//! A team's evidence as it is stored, and found again by its SHA-256.

use std::path::Path;

use stackmark_evidence::Evidence;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::files::AtPath as _;
use stackmark_evidence::http::HttpEvidence;
use stackmark_evidence::ledger::{Because, Choice};
use stackmark_render::json;

use crate::failure::Failure;
use crate::history;
use crate::measures;
use crate::merge::{Version, merge};
use crate::readings::Families;
use crate::store::{self, Results};
use crate::voice::Voice;

/// Evidence of the last commit by the cutoff, beside `evidence.json`.
pub(crate) const LATE: &str = "evidence-late.json";

/// Evidence with the SHA-256 of the very bytes that are stored.
pub struct Stored {
    /// What was read.
    pub evidence: Evidence,
    /// Of `evidence.json`, in hexadecimal.
    pub sha256: String,
    /// Whether this very collection could not read what an earlier one had read, which is used instead.
    pub unread: bool,
    /// Which of two readings is used, where this very collection read less than an earlier one.
    pub notes: Vec<String>,
}

/// The stored evidence of a team.
///
/// # Errors
/// It cannot be read, or is another team's: what is judged from it would take that team's place.
pub fn read_evidence(results: &Results, team: &str) -> Result<Stored, Failure> {
    read_evidence_file(&results.team(team, "evidence.json"), team)
}

/// The evidence that a scorecard names by its SHA-256: the one in time, the late one, or one that is not the newest any more.
///
/// # Errors
/// None of them is it, or it cannot be read.
pub fn read_judged(results: &Results, team: &str, sha256: &str) -> Result<Stored, Failure> {
    let names = ["evidence.json", LATE].map(|name| results.team(team, name));
    for path in names.into_iter().chain([history::evidence(results, team, sha256)]) {
        if path.is_file()
            && let Ok(stored) = read_evidence_file(&path, team)
            && stored.sha256 == sha256
        {
            return Ok(stored);
        }
    }
    Err(Failure::unexpected(format!("the evidence of team {team} with SHA-256 {sha256} is not stored any more")))
}

/// Stores a team's evidence. What earlier evidence read more of is not lost over it: `merge` chooses, both are kept by
/// their hashes, and its notes say which of them is used. Where the very same was read again of a repository, the earlier
/// reading stands, with its date, if it `may_stand`.
pub fn store_evidence(
    results: &Results,
    newer: Evidence,
    renewed: &Families,
    (newest, may_stand): (bool, bool),
    voice: &dyn Voice,
) -> Result<Stored, Failure> {
    let team = newer.team.id.clone();
    let path = results.team(&team, "evidence.json");
    let standing = match path.is_file().then(|| store::read(&path)) {
        Some(Ok(text)) => Some(text),
        Some(Err(why)) => {
            let aside = results.team(&team, "evidence.json.damaged");
            std::fs::rename(&path, &aside).at(&path)?;
            voice.note(&format!("team {team}: {why}; it is set aside as {}", aside.display()));
            None
        }
        None => None,
    };
    let earlier = match standing.as_ref().map(|text| parsed(&path, &team, text)) {
        // Of two that say the same nothing is to be chosen.
        Some(Ok(earlier))
            if may_stand
                && earlier.evidence.ledger.is_empty()
                && is_read_again(&newer, &newer, &earlier.evidence, standing.as_deref()) =>
        {
            return Ok(earlier);
        }
        Some(Ok(earlier)) => Some(earlier),
        Some(Err(failure)) => {
            voice.note(&format!("team {team}: {}; it is kept in history/, and nothing of it is used", failure.message));
            None
        }
        None => None,
    };
    let newer_text = json::evidence(&newer);
    let newer_sha256 = json::sha256_hex(newer_text.as_bytes());
    let (evidence, text) = match earlier {
        Some(earlier) => {
            let before = Version { evidence: &earlier.evidence, sha256: &earlier.sha256 };
            let now = Version { evidence: &newer, sha256: &newer_sha256 };
            let merged = merge(before, now, renewed, newest)?;
            if may_stand && is_read_again(&newer, &merged, &earlier.evidence, standing.as_deref()) {
                return Ok(earlier);
            }
            let text = json::evidence(&merged);
            (merged, text)
        }
        None => (newer, newer_text.clone()),
    };
    if let Some(standing) = standing.filter(|standing| *standing != text) {
        history::keep_evidence(results, &team, &standing)?;
    }
    let chosen: Vec<&Choice> =
        evidence.ledger.choices.iter().filter(|choice| choice.newer.sha256 == newer_sha256).collect();
    if !chosen.is_empty() && newer_text != text {
        history::keep_evidence(results, &team, &newer_text)?;
    }
    let unread = chosen.iter().any(|choice| choice.because == Because::Unread);
    let notes = chosen.iter().map(|choice| format!("team {team}: {}", told(choice, results, &team))).collect();
    store::write(&path, &text)?;
    let sha256 = json::sha256_hex(text.as_bytes());
    Ok(Stored { evidence, sha256, unread, notes })
}

/// Whether this collection read a repository alone, and nothing of it is otherwise than it stands. What could not be read, and
/// what a stack shows, is of the moment at which it was tried.
fn is_read_again(newer: &Evidence, merged: &Evidence, earlier: &Evidence, standing: Option<&str>) -> bool {
    if newer.aws != AwsEvidence::default() || newer.http != HttpEvidence::default() {
        return false;
    }
    let then = Evidence { collected_at: earlier.collected_at.clone(), ..merged.clone() };
    then == *earlier && standing == Some(json::evidence(&then).as_str()) && measures::lasts(merged)
}

/// A choice between two readings, for whoever started the run.
fn told(choice: &Choice, results: &Results, team: &str) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<String> = choice.readings.iter().take(SHOWN).cloned().collect();
    let more = choice.readings.len().saturating_sub(SHOWN);
    names.extend((more > 0).then(|| format!("{more} more")));
    let (names, at) = (names.join(", "), &choice.earlier.at);
    let kept = |sha256: &str| history::evidence(results, team, sha256).display().to_string();
    match choice.because {
        Because::Unread => format!(
            "{names} could be read on {at} and not now; the earlier reading is used. The newer evidence is kept as {}",
            kept(&choice.newer.sha256)
        ),
        Because::Gone => format!(
            "{names} was there on {at} and is gone now; the earlier reading is used (--newest takes the newer one). The \
             newer evidence is kept as {}",
            kept(&choice.newer.sha256)
        ),
        Because::Replaced => format!(
            "{names} was there on {at} and is not now, while other parts are new; the newer reading is used. The earlier \
             evidence is kept as {}",
            kept(&choice.earlier.sha256)
        ),
        Because::OtherWork => format!(
            "{names} was read on {at} of other work: the roster names another repository, branch, commit or folder now; the \
             newer reading is used. The earlier evidence is kept as {}",
            kept(&choice.earlier.sha256)
        ),
        Because::OtherCommit => format!(
            "{names} could be read on {at} and not at the commit that is graded now; the newer reading is used. The \
             earlier evidence is kept as {}",
            kept(&choice.earlier.sha256)
        ),
        Because::Asked => format!(
            "{names} was read on {at} and is not there now; the newer reading is used, as --newest asks. The earlier \
             evidence is kept as {}",
            kept(&choice.earlier.sha256)
        ),
    }
}

/// A team's evidence in a file of any name.
pub(crate) fn read_evidence_file(path: &Path, team: &str) -> Result<Stored, Failure> {
    parsed(path, team, &store::read(path)?)
}

/// A team's evidence, of the text of a file.
fn parsed(path: &Path, team: &str, text: &str) -> Result<Stored, Failure> {
    let failure = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let evidence = json::read_evidence(text).map_err(|error| failure(error.to_string()))?;
    if evidence.team.id != team {
        return Err(failure(format!("this is the evidence of team {:?}, not of \"{team}\"", evidence.team.id)));
    }
    Ok(Stored { evidence, sha256: json::sha256_hex(text.as_bytes()), unread: false, notes: Vec::new() })
}
