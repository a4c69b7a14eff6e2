//! A team's `history/`: every report that was given out, with what it was made from.
//!
//! ```text
//! history/
//!   index.json                         what was given out when, with hashes
//!   2026-11-20T101500Z-3f9c2ab1/       scorecard.json, report.md, report.html, overrides.toml
//!   evidence-1b2c3d4e5f607182.json     evidence that is not the newest any more, by its SHA-256
//!   judged.json                        hashes of what the newest report follows from
//!   seen.json                          when a commit was first seen that is dated later than that
//! ```

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stackmark_evidence::Tool;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::json::{self, sha256_hex};

use crate::failure::Failure;
use crate::store::{self, Results};

/// The format of `index.json`.
pub const SCHEMA: &str = "stackmark/history/v1";

/// What was given out, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Which format this is, with its version.
    pub schema: String,
    /// One entry a report.
    pub reports: Vec<GivenOut>,
}

/// One report that was given out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenOut {
    /// When it was made: RFC 3339, UTC; `None` where nobody noted it.
    pub at: Option<String>,
    /// Its folder in `history/`.
    pub folder: String,
    /// The program that judged.
    pub tool: Tool,
    /// The rubric.
    pub rubric: RubricStamp,
    /// SHA-256 of the evidence that was judged.
    pub evidence_sha256: String,
    /// SHA-256 of the overrides, where there were any.
    pub overrides_sha256: Option<String>,
    /// SHA-256 of `scorecard.json`.
    pub scorecard_sha256: String,
    /// SHA-256 of `report.md`.
    pub report_sha256: String,
}

/// A report and what goes with it, as stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    pub(crate) scorecard: &'a str,
    pub(crate) report: &'a str,
    pub(crate) page: Option<&'a str>,
    pub(crate) overrides: Option<&'a str>,
}

/// What was given out to a team; empty where nothing was.
///
/// # Errors
/// The index cannot be read, or is none; the message names it.
pub fn read(results: &Results, team: &str) -> Result<Vec<GivenOut>, Failure> {
    let path = index(results, team);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = store::read(&path)?;
    let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let history: History = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if history.schema != SCHEMA {
        return Err(wrong(format!("its format is not {SCHEMA}")));
    }
    Ok(history.reports)
}

fn index(results: &Results, team: &str) -> PathBuf {
    results.history(team, "index.json")
}

/// Where evidence with this SHA-256 is kept once it is not the newest any more.
pub fn evidence(results: &Results, team: &str, sha256: &str) -> PathBuf {
    results.history(team, &format!("evidence-{}.json", sha256.get(..16).unwrap_or(sha256)))
}

/// Keeps evidence that something newer takes the place of.
pub(crate) fn keep_evidence(results: &Results, team: &str, text: &str) -> Result<PathBuf, Failure> {
    let path = evidence(results, team, &sha256_hex(text.as_bytes()));
    store::write(&path, text)?;
    Ok(path)
}

/// Keeps a report that is given out; the one that was given out last is not kept twice.
pub(crate) fn keep(
    results: &Results,
    team: &str,
    at: Option<String>,
    card: &Scorecard,
    texts: Texts<'_>,
) -> Result<(), Failure> {
    let mut reports = read(results, team)?;
    let (scorecard, report) = (sha256_hex(texts.scorecard.as_bytes()), sha256_hex(texts.report.as_bytes()));
    let same = |known: &GivenOut| known.scorecard_sha256 == scorecard && known.report_sha256 == report;
    if reports.last().is_some_and(same) {
        return Ok(());
    }
    let moment = at.as_deref().unwrap_or("earlier").replace(':', "");
    let short = |hash: &str| hash.get(..8).unwrap_or(hash).to_owned();
    let folder = format!("{moment}-{}{}", short(&scorecard), &short(&report)[..4]);
    let file = |name: &str| results.history(team, &folder).join(name);
    store::write(&file("scorecard.json"), texts.scorecard)?;
    store::write(&file("report.md"), texts.report)?;
    for (name, text) in [("report.html", texts.page), ("overrides.toml", texts.overrides)] {
        if let Some(text) = text {
            store::write(&file(name), text)?;
        }
    }
    reports.push(GivenOut {
        at,
        folder,
        tool: card.tool.clone(),
        rubric: card.rubric.clone(),
        evidence_sha256: card.evidence_sha256.clone(),
        overrides_sha256: card.overrides_sha256.clone(),
        scorecard_sha256: scorecard,
        report_sha256: report,
    });
    write(results, team, reports)
}

/// Writes the index.
pub(crate) fn write(results: &Results, team: &str, reports: Vec<GivenOut>) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&History { schema: SCHEMA.to_owned(), reports })?;
    Ok(store::write(&index(results, team), &format!("{text}\n"))?)
}

/// Keeps what an earlier version of the program gave out and kept nowhere.
pub(crate) fn keep_what_stands(results: &Results, team: &str) -> Result<(), Failure> {
    let text = |name: &str| store::read(&results.team(team, name)).ok();
    let (Some(scorecard), Some(report)) = (text("scorecard.json"), text("report.md")) else { return Ok(()) };
    if !read(results, team)?.is_empty() {
        return Ok(());
    }
    // One that cannot be read is not what this program gave out.
    let Ok(card) = json::read_scorecard(&scorecard) else { return Ok(()) };
    let (page, overrides) = (text("report.html"), text("overrides.toml"));
    // The decisions may have changed since: only those that were counted go with it.
    let counted = |text: &String| Some(sha256_hex(text.as_bytes())) == card.overrides_sha256;
    let texts = Texts {
        scorecard: &scorecard,
        report: &report,
        page: page.as_deref(),
        overrides: overrides.as_ref().filter(|text| counted(text)).map(String::as_str),
    };
    keep(results, team, None, &card, texts)
}
