//! One team: collect, judge, render, store. What `check`, `grade`, `report` and `demo` have in common.

use super::course::{overrides, tool};
use super::output::Output;
use super::{Exit, Failure};
use stackmark_class::run::{Status, TeamRun, undetermined};
use stackmark_class::schedule::{TeamJob, collect_team};
use stackmark_class::store::{self, Results};
use stackmark_collect::Settings;
use stackmark_collect::SharedProgress;
use stackmark_course::{Library, Overrides, Rubric};
use stackmark_evidence::Evidence;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_judge::Scorecard;
use stackmark_judge::judge;
use stackmark_judge::weigh::Stamps;
use stackmark_language::expression::Engine;
use stackmark_plan::plan;
use stackmark_render::terminal::{self, ClassRow};
use stackmark_render::{Templates, html, json, markdown};

/// Evidence with the SHA-256 of the very bytes that are stored.
pub(super) struct Stored {
    /// What was read.
    pub(super) evidence: Evidence,
    /// Of `evidence.json`, in hexadecimal.
    pub(super) sha256: String,
}

/// Now, as evidence has it: the only place that looks at the clock.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Collects one team's evidence.
pub(super) async fn collect(
    job: TeamJob,
    own_tags: &std::collections::BTreeMap<String, String>,
    rubric: &Rubric,
    settings: &Settings,
    progress: SharedProgress,
) -> Result<Evidence, Failure> {
    let plan = plan(rubric, &job.team, own_tags, &Engine::new())
        .map_err(|error| Failure { exit: Exit::BadCourse, message: format!("{}: {error}", rubric.source.name) })?;
    Ok(collect_team(job, &plan, settings, tool(), now(), progress).await)
}

/// Judges evidence whose stored form has this SHA-256.
pub(super) fn score(
    evidence: &Evidence,
    evidence_sha256: String,
    rubric: &Rubric,
    overrides: &Overrides,
    overrides_sha256: Option<String>,
) -> Result<Scorecard, Failure> {
    let stamps = Stamps { tool: tool(), evidence_sha256, overrides_sha256 };
    Ok(judge(evidence, rubric, overrides, stamps, &Engine::new())?)
}

/// Stores a team's evidence. Earlier evidence that had more to read is kept beside it, and said: a stack may be gone.
pub(super) fn store_evidence(results: &Results, evidence: Evidence, output: &Output) -> Result<Stored, Failure> {
    let text = json::evidence(&evidence);
    let team = &evidence.team.id;
    let path = results.team(team, "evidence.json");
    if let Ok(earlier) = read_evidence(results, team) {
        let lost = no_longer_read(&earlier.evidence, &evidence)?;
        if !lost.is_empty() {
            let moment = earlier.evidence.collected_at.replace(':', "");
            let kept = results.team(team, &format!("evidence.{moment}.json"));
            std::fs::rename(&path, &kept)?;
            output.note(&format!(
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

/// Readings that were observed in `earlier` and are unreadable in `now`, as checks name them.
fn no_longer_read(earlier: &Evidence, now: &Evidence) -> Result<Vec<String>, Failure> {
    let (earlier, now) = (serde_json::to_value(earlier)?, serde_json::to_value(now)?);
    let state = |evidence: &serde_json::Value, path: &str| {
        let reading = evidence.pointer(&format!("/{}", path.replace('.', "/")))?;
        Some(reading.get("state")?.as_str()?.to_owned())
    };
    let lost = READING_PATHS.iter().map(|reading| reading.path).filter(|path| {
        let was = state(&earlier, path);
        was.as_deref() == Some("observed") && state(&now, path).as_deref() == Some("unreadable")
    });
    Ok(lost.map(ToOwned::to_owned).collect())
}

/// The report's name, and that under which the page leads to it.
const REPORT: &str = "report.md";

/// Judges stored evidence, and stores scorecard and reports; `of_run` is the id of the rubric that overrides were written
/// for where they do not say.
pub(super) fn judge_and_render(
    results: &Results,
    stored: &Stored,
    rubric: &Rubric,
    of_run: Option<&str>,
    templates: &Templates,
    output: &Output,
) -> Result<Scorecard, Failure> {
    let (evidence, team) = (&stored.evidence, &stored.evidence.team.id);
    let (decisions, hash) = overrides(&results.team(team, "overrides.toml"), rubric, of_run, output)?;
    let card = score(evidence, stored.sha256.clone(), rubric, &decisions, hash)?;
    let report = markdown::report(&card, evidence, templates).map_err(Failure::unexpected)?;
    let page = html::report(&card, evidence, templates, Some(REPORT)).map_err(Failure::unexpected)?;
    store::write(&results.team(team, "scorecard.json"), &json::scorecard(&card))?;
    store::write(&results.team(team, REPORT), &report)?;
    store::write(&results.team(team, "report.html"), &page)?;
    Ok(card)
}

/// Stores the rubric and its checks, so that a later regrade uses the very same.
pub(super) fn store_course(results: &Results, rubric: &Rubric) -> Result<(), Failure> {
    let course = results.course();
    store::write(&course.join("rubrics").join(format!("{}.toml", rubric.id)), &rubric.source.text)?;
    for (id, check) in &rubric.checks {
        store::write(&course.join("checks").join(format!("{id}.toml")), &check.source.text)?;
    }
    Ok(())
}

/// The stored evidence of a team.
///
/// # Errors
/// It cannot be read, or is another team's: what is judged from it would take that team's place.
pub(super) fn read_evidence(results: &Results, team: &str) -> Result<Stored, Failure> {
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
pub(super) fn exit_of(card: &Scorecard) -> Exit {
    if undetermined(card) > 0 { Exit::Unreadable } else { Exit::Graded }
}

/// Templates, the user's before the built-in ones.
pub(super) fn templates(library: &Library) -> Result<Templates, Failure> {
    let own: Vec<(String, String)> =
        library.templates().iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    Templates::with_overrides(&own).map_err(|error| Failure { exit: Exit::BadCourse, message: error.to_string() })
}

/// A team's line in the class table, from what is stored of it.
pub(super) fn class_row(results: &Results, team: &TeamRun) -> ClassRow {
    let empty = ClassRow { team: team.id.clone(), mark: None, commit: None, worst: None, note: String::new() };
    if team.status != Status::Graded {
        return ClassRow { note: team.error.clone().unwrap_or_else(|| "not graded yet".to_owned()), ..empty };
    }
    let card = store::read(&results.team(&team.id, "scorecard.json")).ok();
    let evidence = read_evidence(results, &team.id).ok();
    let card = card.and_then(|text| json::read_scorecard(&text).ok());
    let worst = card.as_ref().and_then(terminal::worst_criterion);
    let note = match team.undetermined {
        0 => String::new(),
        1 => "1 item could not be read".to_owned(),
        count => format!("{count} items could not be read"),
    };
    let commit = evidence.and_then(|stored| stored.evidence.git.head.value().map(|head| head.commit.clone()));
    ClassRow { mark: team.mark, commit, worst, note, ..empty }
}
