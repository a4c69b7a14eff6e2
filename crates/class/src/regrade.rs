//! Judging and rendering again from stored evidence, offline.

use std::collections::BTreeMap;

use stackmark_course::Rubric;
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::Templates;
use stackmark_render::terminal::ClassRow;

use crate::documents::store_course;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run::{Run, TeamRun};
use crate::store::Results;
use crate::team::{class_row, failed_row, judge_and_render, read_evidence, render_beside};
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
    /// Code of a language that the reports are written in beside those that are there; nothing else is written then.
    pub beside: Option<&'a str>,
}

/// Judges and renders again, and brings the record up to date; `each` sees every team that could be judged.
///
/// # Errors
/// Results that cannot be written. What goes wrong with one team is said and recorded, and the others go on.
pub fn regrade(
    asked: Regrade<'_>,
    voice: &dyn Voice,
    mut each: impl FnMut(&Scorecard, &Evidence) -> Result<(), Failure>,
) -> Result<(Vec<ClassRow>, Exit), Failure> {
    let Regrade { results, teams, rubric, course, templates, mut run, beside } = asked;
    let of_run = run.as_ref().map(|run| run.rubric.id.clone());
    let (mut rows, mut exit) = (Vec::new(), Exit::Graded);
    for id in teams {
        let judged = read_evidence(results, id).and_then(|stored| {
            let of_run = of_run.as_deref();
            let card = match beside {
                None => judge_and_render(results, &stored, rubric, of_run, templates, voice)?,
                Some(language) => render_beside(results, &stored, rubric, of_run, templates, (language, voice))?,
            };
            Ok((stored.evidence, card))
        });
        let entry = match judged {
            Ok((evidence, card)) => {
                each(&card, &evidence)?;
                rows.push(class_row(&card, &evidence));
                TeamRun::graded(&card)
            }
            Err(failure) => {
                voice.error(&format!("team {id}: {}", failure.message));
                exit = exit.worse(failure.exit);
                rows.push(failed_row(id, &failure.message));
                TeamRun::failed(id, failure.message)
            }
        };
        if entry.undetermined > 0 {
            exit = exit.worse(Exit::Unreadable);
        }
        if let Some(slot) = run.iter_mut().flat_map(|run| &mut run.teams).find(|team| team.id == *id) {
            *slot = entry;
        }
    }
    if let Some(mut run) = run.filter(|_| beside.is_none()) {
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
        run.write(&results.run())?;
    }
    Ok((rows, exit))
}
