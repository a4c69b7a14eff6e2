//! Judging and rendering again from stored evidence, offline.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_course::Rubric;
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::Templates;
use stackmark_render::class::Summary;
use stackmark_render::terminal::ClassRow;

use crate::appeals;
use crate::at_once::each_team;
use crate::documents::{self, store_course};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::members;
use crate::overview::{self, Known};
use crate::run::{Run, SCHEMA, TeamRun};
use crate::store::Results;
use crate::stored::read_evidence;
use crate::strays;
use crate::team::{exit_of, judge_and_render, now, render_beside};
use crate::voice::Voice;

/// What to judge again, and by what.
#[derive(Debug)]
pub struct Regrade<'a> {
    /// Where the evidence is, and where scorecards and reports go.
    pub results: &'a Results,
    /// Ids of the teams, each with stored evidence.
    pub teams: &'a [String],
    /// The rubric to judge by.
    pub rubric: &'a Rubric,
    /// Its documents, by their path in a library's folder.
    pub course: &'a BTreeMap<String, String>,
    /// Templates, the user's before the built-in ones.
    pub templates: &'a Templates,
    /// The record of the run; `None` if evidence was collected alone.
    pub run: Option<Run>,
}

/// How judging again ended.
#[derive(Debug)]
pub struct Regraded {
    /// A line for each team that was asked for, in their order.
    pub rows: Vec<ClassRow>,
    /// What stands in the way of all teams alike, in words.
    pub common: Vec<String>,
    /// The exit code that the teams ask for.
    pub exit: Exit,
}

/// Judges and renders again, and brings the record and the class's page up to date; `each` sees every team that could be
/// judged.
///
/// # Errors
/// Results that cannot be written. What goes wrong with one team is said and recorded, and the others go on.
pub fn regrade(
    asked: Regrade<'_>,
    voice: &dyn Voice,
    each: impl FnMut(&Scorecard, &Evidence) -> Result<(), Failure>,
) -> Result<Regraded, Failure> {
    let Regrade { results, teams, rubric, templates, .. } = asked;
    let of_run = asked.run.iter().flat_map(|run| &run.teams).map(|team| &team.id);
    let ids: BTreeSet<&str> = of_run.chain(teams).map(String::as_str).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    members::check(results, rubric, &ids, voice)?;
    strays::told(results, &ids).iter().for_each(|stray| voice.note(stray));
    let recorded = asked.run.is_some();
    let Again { mut run, known, exit } = judge_again(asked, voice, each)?;
    let class = overview::renew(results, &mut run, known, rubric, templates)?;
    if recorded {
        run.write(&results.run())?;
    }
    let ids: Vec<String> = run.teams.iter().map(|team| team.id.clone()).collect();
    let exit = exit.worse(appeals::tell(results, &ids, rubric, voice));
    Ok(Regraded { rows: overview::rows(&class, teams), common: class.common, exit })
}

/// Judges and renders again, and brings the record up to date. The class's page and table are left as they are, for they are
/// made of all teams' evidence: [`renew_class`] writes them once for many of these. Gives whether each team could be judged.
///
/// # Errors
/// As [`regrade()`].
pub fn regrade_record(asked: Regrade<'_>, voice: &dyn Voice) -> Result<bool, Failure> {
    let Regrade { results, .. } = asked;
    let recorded = asked.run.is_some();
    let Again { run, known, .. } = judge_again(asked, voice, |_, _| Ok(()))?;
    if recorded {
        run.write(&results.run())?;
    }
    Ok(known.values().all(|summary| summary.mark.is_some()))
}

/// Writes the class's page and table, and the marks of the record, from what is stored of all teams.
///
/// # Errors
/// A file that cannot be read or written, or a template of the user's own that fails.
pub fn renew_class(results: &Results, rubric: &Rubric, templates: &Templates) -> Result<(), Failure> {
    let mut run = Run::read(&results.run())?;
    overview::renew(results, &mut run, Known::new(), rubric, templates)?;
    run.write(&results.run())
}

/// Teams that were judged again: the record, and what was made of them while their evidence was at hand.
struct Again {
    run: Run,
    known: Known,
    exit: Exit,
}

/// One team, judged and rendered.
struct Judged {
    card: Scorecard,
    /// What was judged; `None` where it was removed, and the card is the one that stands.
    evidence: Option<Evidence>,
    summary: Summary,
}

impl Judged {
    /// A team whose evidence was removed: nothing is judged, and nothing is lost.
    fn kept(results: &Results, id: &str) -> Result<Option<Self>, Failure> {
        let kept = overview::without_evidence(results, id)?;
        Ok(kept.map(|(card, summary)| Self { card, evidence: None, summary }))
    }
}

fn judge_again(
    asked: Regrade<'_>,
    voice: &dyn Voice,
    mut each: impl FnMut(&Scorecard, &Evidence) -> Result<(), Failure>,
) -> Result<Again, Failure> {
    let Regrade { results, teams, rubric, course, templates, run } = asked;
    let of_run = run.as_ref().map(|run| run.rubric.id.clone());
    let mut run = run.unwrap_or_else(|| without_record(rubric, teams));
    let (mut known, mut exit) = (Known::new(), Exit::Graded);
    let work = |id: &str, voice: &dyn Voice| -> Result<Judged, Failure> {
        if let Some(kept) = Judged::kept(results, id)? {
            return Ok(kept);
        }
        let stored = read_evidence(results, id)?;
        let best = judge_and_render(results, &stored, rubric, of_run.as_deref(), templates, voice)?;
        let evidence = best.late.unwrap_or(stored.evidence);
        let summary = Summary::graded(&best.card, &evidence, &rubric.signs);
        Ok(Judged { card: best.card, evidence: Some(evidence), summary })
    };
    each_team(teams, voice, work, |id, judged| {
        let (entry, summary) = match judged {
            Ok(Judged { card, evidence, summary }) => {
                if let Some(evidence) = evidence {
                    each(&card, &evidence)?;
                }
                (TeamRun::graded(&card), summary)
            }
            Err(failure) => {
                voice.error(&format!("team {id}: {}", failure.message));
                exit = exit.worse(failure.exit);
                let summary = Summary::failed(id, &failure.message);
                (TeamRun::failed(id, failure.message), summary)
            }
        };
        if entry.undetermined > 0 {
            exit = exit.worse(Exit::Unreadable);
        }
        known.insert(id.to_owned(), summary);
        match run.teams.iter_mut().find(|team| team.id == id) {
            Some(slot) => *slot = entry,
            // Its evidence is here, and the roster of the run did not have it.
            None => run.teams.push(entry),
        }
        Ok(())
    })?;
    let stamp = RubricStamp::of(rubric);
    if run.rubric != stamp && run.teams.iter().all(|team| teams.contains(&team.id)) {
        store_course(results, course)?;
        run.rubric = stamp;
    } else if run.rubric != stamp {
        voice.note(&format!(
            "{} teams are judged by rubric \"{}\" now, the others by \"{}\": name no team to judge all by one",
            teams.len(),
            rubric.id,
            run.rubric.id
        ));
    }
    Ok(Again { run, known, exit })
}

/// Judges again, and writes the reports, and the class's page if all teams are asked for, in another language beside those
/// that are there: nothing else changes. What it gives is in that language.
///
/// # Errors
/// What `each` fails with. What goes wrong with one team is said, and the others go on.
pub fn regrade_beside(
    asked: &Regrade<'_>,
    language: &str,
    voice: &dyn Voice,
    mut each: impl FnMut(&Scorecard, &Evidence) -> Result<(), Failure>,
) -> Result<Regraded, Failure> {
    let of_run = asked.run.as_ref().map(|run| run.rubric.id.as_str());
    let (mut known, mut failed, mut exit) = (Known::new(), Known::new(), Exit::Graded);
    let work = |id: &str, voice: &dyn Voice| -> Result<Judged, Failure> {
        if let Some(kept) = Judged::kept(asked.results, id)? {
            return Ok(kept);
        }
        let stored = read_evidence(asked.results, id)?;
        let best = render_beside(asked.results, &stored, asked.rubric, of_run, asked.templates, (language, voice))?;
        let evidence = best.late.unwrap_or(stored.evidence);
        let summary = Summary::graded(&best.card, &evidence, &asked.rubric.signs);
        Ok(Judged { card: best.card, evidence: Some(evidence), summary })
    };
    each_team(asked.teams, voice, work, |id, judged| {
        match judged {
            Ok(Judged { card, evidence, summary }) => {
                if let Some(evidence) = evidence {
                    each(&card, &evidence)?;
                }
                known.insert(id.to_owned(), summary);
                exit = exit.worse(exit_of(&card));
            }
            Err(failure) => {
                voice.error(&format!("team {id}: {}", failure.message));
                exit = exit.worse(failure.exit);
                failed.insert(id.to_owned(), Summary::failed(id, &failure.message));
            }
        }
        Ok(())
    })?;
    // Of the teams that were asked for alone: the others have not spoken the language.
    let mut of_asked = asked.run.clone().unwrap_or_else(|| without_record(asked.rubric, asked.teams));
    of_asked.teams = asked.teams.iter().map(|team| TeamRun::pending(team)).collect();
    failed.extend(known.clone());
    let seen = overview::of_run(asked.results, &mut of_asked, failed, &asked.rubric.signs);
    let seen = seen.speaking(&asked.rubric.sentences);
    if let Some(run) = &asked.run {
        overview::beside(asked.results, run, known, asked.rubric, asked.templates)?;
    }
    Ok(Regraded { rows: overview::rows(&seen, asked.teams), common: seen.common, exit })
}

/// For evidence that was collected alone: the class is what is stored.
fn without_record(rubric: &Rubric, teams: &[String]) -> Run {
    let now = now();
    Run {
        schema: SCHEMA.to_owned(),
        tool: documents::tool(),
        started_at: now.clone(),
        finished_at: Some(now),
        rubric: RubricStamp::of(rubric),
        roster_sha256: String::new(),
        mailmap_sha256: None,
        renews: None,
        teams: teams.iter().map(|team| TeamRun::pending(team)).collect(),
        shared_files: Vec::new(),
    }
}
