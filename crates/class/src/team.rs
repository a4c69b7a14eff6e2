//! One team: collect, judge, render, store. What `check`, `grade`, `report` and `demo` have in common.

use std::sync::LazyLock;

use stackmark_collect::{Settings, SharedProgress};
use stackmark_course::{Overrides, Rubric};
use stackmark_evidence::Evidence;
use stackmark_judge::told::evidence_in;
use stackmark_judge::weigh::Stamps;
use stackmark_judge::{Scorecard, judge};
use stackmark_language::expression::Engine;
use stackmark_plan::{asked_for, plan};
use stackmark_render::{Templates, html, json, markdown};

use crate::documents::{overrides, tool};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::history::{self, Texts};
use crate::inputs::ClassRun;
use crate::job::TeamJob;
use crate::late;
use crate::members;
use crate::pdf;
use crate::readings::{Families, Family};
use crate::renewal::narrow;
use crate::run::undetermined;
use crate::schedule::collect_team;
use crate::stamp::{Basis, Rendered, Stamp};
use crate::store::{self, Results};
pub use crate::stored::{Stored, read_evidence, read_judged, store_evidence};
use crate::strays;
use crate::voice::Voice;
use crate::worker;

/// What evaluates the checks' expressions: it remembers nothing of a team, and making it costs more than most expressions do.
static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

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
    collect_families(job, rubric, &Family::ALL.into(), settings, progress).await
}

/// Collects some families of one team's evidence; the readings of the others were not collected.
///
/// # Errors
/// As [`collect`].
pub async fn collect_families(
    job: TeamJob,
    rubric: &Rubric,
    families: &Families,
    settings: &Settings,
    progress: SharedProgress,
) -> Result<Evidence, Failure> {
    let mut plan = plan(rubric, &job.team, &job.tags, &ENGINE)
        .map_err(|error| Failure::course(format!("{}: {error}", rubric.source.name)))?;
    narrow(&mut plan, families);
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
    let asked = asked_for(rubric, evidence, &ENGINE)
        .map_err(|error| Failure::course(format!("{}: {error}", rubric.source.name)))?;
    Ok(judge(evidence, rubric, &asked, overrides, stamps, &ENGINE)?)
}

/// The report's name, and that under which the page leads to it.
const REPORT: &str = "report.md";

/// A team's evidence, judged.
pub struct Best {
    /// What counts.
    pub card: Scorecard,
    /// The evidence of the late commit, where that is what counts.
    pub late: Option<Evidence>,
    /// The text of the decisions that were counted.
    overrides: Option<String>,
}

impl Best {
    /// The evidence of the commit that counts.
    pub fn evidence<'a>(&'a self, in_time: &'a Evidence) -> &'a Evidence {
        self.late.as_ref().unwrap_or(in_time)
    }
}

/// Judges stored evidence; `of_run` is the id of the rubric that overrides were written for where they do not say. Where the
/// rubric lets late work count, the last commit in time and the last by the cutoff are both judged.
pub fn judge_best(
    results: &Results,
    stored: &Stored,
    rubric: &Rubric,
    of_run: Option<&str>,
    voice: &dyn Voice,
) -> Result<Best, Failure> {
    let decided = Decided::read(results, &stored.evidence.team.id, rubric, of_run, voice)?;
    judge_decided(results, stored, rubric, decided)
}

/// What a person decided for a team.
struct Decided {
    overrides: Overrides,
    /// SHA-256 of their text, where there is any.
    sha256: Option<String>,
    text: Option<String>,
}

impl Decided {
    fn read(
        results: &Results,
        team: &str,
        rubric: &Rubric,
        of_run: Option<&str>,
        voice: &dyn Voice,
    ) -> Result<Self, Failure> {
        let path = results.team(team, "overrides.toml");
        for near in strays::near_overrides(&results.team(team, "")) {
            voice.note(&format!("{near}: not read; decisions are read from overrides.toml, with this very name"));
        }
        let (overrides, sha256) = overrides(&path, rubric, of_run, voice)?;
        let text = if path.is_file() { Some(store::read(&path)?) } else { None };
        Ok(Self { overrides, sha256, text })
    }
}

fn judge_decided(results: &Results, stored: &Stored, rubric: &Rubric, decided: Decided) -> Result<Best, Failure> {
    let (evidence, team) = (&stored.evidence, &stored.evidence.team.id);
    let Decided { overrides: decisions, sha256: hash, text } = decided;
    let mut card = score(evidence, stored.sha256.clone(), rubric, &decisions, hash.clone())?;
    let Some(policy) = &rubric.late else { return Ok(Best { card, late: None, overrides: text }) };
    let Some(later) = late::read(results, team)? else { return Ok(Best { card, late: None, overrides: text }) };
    let deduction = late::deduction(&later.evidence, policy, &rubric.language);
    let decisions = Overrides { late: deduction, ..decisions };
    let mut late_card = score(&later.evidence, later.sha256.clone(), rubric, &decisions, hash)?;
    if late::is_better(late_card.mark, card.mark) {
        late_card.other = Some(late::other(evidence, &card, true));
        Ok(Best { card: late_card, late: Some(later.evidence), overrides: text })
    } else {
        card.other = Some(late::other(&later.evidence, &late_card, false));
        Ok(Best { card, late: None, overrides: text })
    }
}

/// Judges stored evidence as [`judge_best`] does, and stores scorecard and reports.
pub fn judge_and_render(
    results: &Results,
    stored: &Stored,
    rubric: &Rubric,
    of_run: Option<&str>,
    templates: &Templates,
    voice: &dyn Voice,
) -> Result<Best, Failure> {
    let best = judge_best(results, stored, rubric, of_run, voice)?;
    render(results, stored, &best, rubric, templates)?;
    render_members(results, stored, &best, rubric, templates, voice)?;
    Ok(best)
}

/// Judges and renders a team of a class as [`judge_and_render`] does. Where all that it follows from is as it was, and so is
/// what came of it, the stored scorecard is taken.
pub(crate) fn judge_what_changed(
    class: &ClassRun,
    stored: &Stored,
    basis: &Basis,
    voice: &dyn Voice,
) -> Result<Best, Failure> {
    let ClassRun { results, rubric, templates, .. } = class;
    let decided = Decided::read(results, &stored.evidence.team.id, rubric, None, voice)?;
    let stamp = Stamp::of(results, stored, basis, decided.sha256.as_deref())?;
    let best = match stamp.taken(stored).filter(|_| !class.fresh) {
        Some((card, late)) => Best { card, late, overrides: decided.text },
        None => {
            let best = judge_decided(results, stored, rubric, decided)?;
            stamp.keep(&render(results, stored, &best, rubric, templates)?)?;
            best
        }
    };
    render_members(results, stored, &best, rubric, templates, voice)?;
    Ok(best)
}

/// Stores scorecard and reports.
fn render(
    results: &Results,
    stored: &Stored,
    best: &Best,
    rubric: &Rubric,
    templates: &Templates,
) -> Result<Rendered, Failure> {
    let (card, evidence, team) = (&best.card, best.evidence(&stored.evidence), &stored.evidence.team.id);
    let shown = evidence_in(evidence, &rubric.sentences)?;
    let report = markdown::report(card, &shown, templates).map_err(Failure::unexpected)?;
    let page = html::report(card, &shown, templates, Some(REPORT)).map_err(Failure::unexpected)?;
    let questions = html::marker(card, &shown, templates, Some(REPORT)).map_err(Failure::unexpected)?;
    let scorecard = json::scorecard(card);
    let texts =
        Texts { scorecard: &scorecard, report: &report, page: Some(&page), overrides: best.overrides.as_deref() };
    history::keep_what_stands(results, team)?;
    history::keep(results, team, Some(now()), card, texts)?;
    let rendered = [("scorecard.json", scorecard), (REPORT, report), ("report.html", page), ("marker.html", questions)];
    for (name, text) in &rendered {
        store::write(&results.team(team, name), text)?;
    }
    // One of an earlier report would tell another mark; who wants it prints it again.
    store::remove(&results.team(team, pdf::FILE))?;
    Ok(rendered)
}

/// Stores the members' own pages, where the rubric has any: they follow from a file about all teams as well.
fn render_members(
    results: &Results,
    stored: &Stored,
    best: &Best,
    rubric: &Rubric,
    templates: &Templates,
    voice: &dyn Voice,
) -> Result<(), Failure> {
    let Some(bounds) = &rubric.members else { return Ok(()) };
    members::write(results, bounds, &best.card, best.evidence(&stored.evidence), templates, voice)
}

/// Judges stored evidence, and stores the report in another language beside the team's own: `report.it.html`. The
/// scorecard, and what else there is, stays as it is.
pub fn render_beside(
    results: &Results,
    stored: &Stored,
    rubric: &Rubric,
    of_run: Option<&str>,
    templates: &Templates,
    (language, voice): (&str, &dyn Voice),
) -> Result<Best, Failure> {
    let best = judge_best(results, stored, rubric, of_run, voice)?;
    let team = &stored.evidence.team.id;
    let shown = evidence_in(best.evidence(&stored.evidence), &rubric.sentences)?;
    let name = format!("report.{language}.md");
    let report = markdown::report(&best.card, &shown, templates).map_err(Failure::unexpected)?;
    let page = html::report(&best.card, &shown, templates, Some(&name)).map_err(Failure::unexpected)?;
    store::write(&results.team(team, &name), &report)?;
    store::write(&results.team(team, &format!("report.{language}.html")), &page)?;
    store::remove(&results.team(team, &format!("report.{language}.pdf")))?;
    Ok(best)
}

/// The exit code that a graded team asks for.
pub fn exit_of(card: &Scorecard) -> Exit {
    if undetermined(card) > 0 { Exit::Unreadable } else { Exit::Graded }
}
