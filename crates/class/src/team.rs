//! One team: collect, judge, render, store. What `check`, `grade`, `report` and `demo` have in common.

use stackmark_collect::{Settings, SharedProgress};
use stackmark_course::{Overrides, Rubric};
use stackmark_evidence::Evidence;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_judge::weigh::Stamps;
use stackmark_judge::{Scorecard, judge};
use stackmark_language::expression::Engine;
use stackmark_plan::{asked_for, plan};
use stackmark_render::terminal::{self, ClassRow};
use stackmark_render::{Templates, html, json, markdown};

use crate::documents::{overrides, tool};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::TeamJob;
use crate::run::undetermined;
use crate::schedule::collect_team;
use crate::store::{self, Results};
use crate::voice::Voice;
use crate::worker;

/// Evidence with the SHA-256 of the very bytes that are stored.
pub struct Stored {
    /// What was read.
    pub evidence: Evidence,
    /// Of `evidence.json`, in hexadecimal.
    pub sha256: String,
}

/// Now, as evidence and records have it: RFC 3339, UTC, to the second.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Collects one team's evidence.
///
/// # Errors
/// A template of the rubric that fails for this team, or what this machine lacks to read its repository.
pub async fn collect(
    job: TeamJob,
    rubric: &Rubric,
    settings: &Settings,
    progress: SharedProgress,
) -> Result<Evidence, Failure> {
    let plan = plan(rubric, &job.team, &job.tags, &Engine::new())
        .map_err(|error| Failure::course(format!("{}: {error}", rubric.source.name)))?;
    let evidence = collect_team(job, &plan, settings, tool(), now(), progress).await;
    match worker::own_lack(&evidence) {
        Some(lack) => Err(Failure::unexpected(lack)),
        None => Ok(evidence),
    }
}

/// Judges evidence whose stored form has this SHA-256.
pub fn score(
    evidence: &Evidence,
    evidence_sha256: String,
    rubric: &Rubric,
    overrides: &Overrides,
    overrides_sha256: Option<String>,
) -> Result<Scorecard, Failure> {
    let stamps = Stamps { tool: tool(), evidence_sha256, overrides_sha256 };
    let engine = Engine::new();
    let asked = asked_for(rubric, evidence, &engine)
        .map_err(|error| Failure::course(format!("{}: {error}", rubric.source.name)))?;
    Ok(judge(evidence, rubric, &asked, overrides, stamps, &engine)?)
}

/// Stores a team's evidence. Earlier evidence that had more to read is kept beside it, and said: a stack may be gone.
pub fn store_evidence(results: &Results, evidence: Evidence, voice: &dyn Voice) -> Result<Stored, Failure> {
    let text = json::evidence(&evidence);
    let team = &evidence.team.id;
    let path = results.team(team, "evidence.json");
    if let Ok(earlier) = read_evidence(results, team) {
        let lost = no_longer_read(&earlier.evidence, &evidence)?;
        if !lost.is_empty() {
            let moment = earlier.evidence.collected_at.replace(':', "");
            let kept = results.team(team, &format!("evidence.{moment}.json"));
            std::fs::rename(&path, &kept)?;
            voice.note(&format!(
                "team {team}: {} could be read on {} and not now; the earlier evidence is kept as {}. To judge by it, \
                 move it back to evidence.json and run `stackmark report`",
                lost.join(", "),
                earlier.evidence.collected_at,
                kept.display()
            ));
        }
    }
    store::write(&path, &text)?;
    Ok(Stored { evidence, sha256: json::sha256_hex(text.as_bytes()) })
}

/// Readings that were observed in `earlier` and are unreadable in `now`, or lack rows in it alone; as checks name them.
fn no_longer_read(earlier: &Evidence, now: &Evidence) -> Result<Vec<String>, Failure> {
    let lacks_rows = |path: &str| {
        let missing =
            |evidence: &Evidence| path.strip_prefix("aws.").is_some_and(|it| evidence.aws.missing(it).is_some());
        missing(now) && !missing(earlier)
    };
    let (earlier, now) = (serde_json::to_value(earlier)?, serde_json::to_value(now)?);
    let state = |evidence: &serde_json::Value, path: &str| {
        let reading = evidence.pointer(&format!("/{}", path.replace('.', "/")))?;
        Some(reading.get("state")?.as_str()?.to_owned())
    };
    let lost = READING_PATHS.iter().map(|reading| reading.path).filter(|path| {
        let was = state(&earlier, path);
        let is_less = lacks_rows(path) || state(&now, path).as_deref() == Some("unreadable");
        was.as_deref() == Some("observed") && is_less
    });
    Ok(lost.map(ToOwned::to_owned).collect())
}

/// The report's name, and that under which the page leads to it.
const REPORT: &str = "report.md";

/// Judges stored evidence, and stores scorecard and reports; `of_run` is the id of the rubric that overrides were written
/// for where they do not say.
pub fn judge_and_render(
    results: &Results,
    stored: &Stored,
    rubric: &Rubric,
    of_run: Option<&str>,
    templates: &Templates,
    voice: &dyn Voice,
) -> Result<Scorecard, Failure> {
    let (evidence, team) = (&stored.evidence, &stored.evidence.team.id);
    for near in near_overrides(&results.team(team, "")) {
        voice.note(&format!("{near}: not read; decisions are read from overrides.toml, with this very name"));
    }
    let (decisions, hash) = overrides(&results.team(team, "overrides.toml"), rubric, of_run, voice)?;
    let card = score(evidence, stored.sha256.clone(), rubric, &decisions, hash)?;
    let report = markdown::report(&card, evidence, templates).map_err(Failure::unexpected)?;
    let page = html::report(&card, evidence, templates, Some(REPORT)).map_err(Failure::unexpected)?;
    store::write(&results.team(team, "scorecard.json"), &json::scorecard(&card))?;
    store::write(&results.team(team, REPORT), &report)?;
    store::write(&results.team(team, "report.html"), &page)?;
    Ok(card)
}

/// Files that somebody may have meant for `overrides.toml`, by their paths.
fn near_overrides(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let is_near = |name: &str| {
        let lower = name.to_lowercase();
        name != "overrides.toml" && (lower.starts_with("override") || lower.starts_with("overide"))
    };
    let mut near: Vec<String> = entries
        .filter(|entry| is_near(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path().display().to_string())
        .collect();
    near.sort();
    near
}

/// The stored evidence of a team.
///
/// # Errors
/// It cannot be read, or is another team's: what is judged from it would take that team's place.
pub fn read_evidence(results: &Results, team: &str) -> Result<Stored, Failure> {
    let path = results.team(team, "evidence.json");
    let text = store::read(&path)?;
    let failure = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let evidence = json::read_evidence(&text).map_err(|error| failure(error.to_string()))?;
    if evidence.team.id != team {
        return Err(failure(format!("this is the evidence of team {:?}, not of \"{team}\"", evidence.team.id)));
    }
    Ok(Stored { evidence, sha256: json::sha256_hex(text.as_bytes()) })
}

/// The exit code that a graded team asks for.
pub fn exit_of(card: &Scorecard) -> Exit {
    if undetermined(card) > 0 { Exit::Unreadable } else { Exit::Graded }
}

/// A graded team's line in the class table.
pub fn class_row(card: &Scorecard, evidence: &Evidence) -> ClassRow {
    let note = match undetermined(card) {
        0 => String::new(),
        1 => "1 item could not be read".to_owned(),
        count => format!("{count} items could not be read"),
    };
    ClassRow {
        team: card.team.clone(),
        mark: Some(card.mark),
        commit: evidence.git.head.value().map(|head| head.commit.clone()),
        worst: terminal::worst_criterion(card),
        note,
    }
}

/// The line of a team that could not be graded.
pub fn failed_row(team: &str, error: &str) -> ClassRow {
    ClassRow { team: team.to_owned(), note: error.to_owned(), ..ClassRow::default() }
}
