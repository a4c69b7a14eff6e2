//! The class on one page and in one table, and the run's marks: derived from the teams' scorecards, whoever changed them.

use std::collections::BTreeMap;

use stackmark_course::Rubric;
use stackmark_evidence::signs::Look;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::class::{About, Class, Reason, Standing, Summary, csv, html};
use stackmark_render::terminal::ClassRow;
use stackmark_render::{Templates, json};

use crate::appeals;
use crate::copies::SharedFile;
use crate::failure::Failure;
use crate::members;
use crate::run::{Run, Status, TeamRun};
use crate::store::{self, Results};
use crate::stored::{Stored, read_evidence, read_judged};

/// What was made of teams while their evidence was at hand; the others are read back.
pub(crate) type Known = BTreeMap<String, Summary>;

/// Brings the record's marks up to date with the scorecards, and writes `class.csv` and `class.html`; gives the class in the
/// rubric's language.
///
/// # Errors
/// A file that cannot be written, or a template of the user's own that fails.
pub(crate) fn renew(
    results: &Results,
    run: &mut Run,
    known: Known,
    rubric: &Rubric,
    templates: &Templates,
) -> Result<Class, Failure> {
    let class = of_run(results, run, known, &rubric.signs);
    if let Some(bounds) = &rubric.members {
        let shares = class.teams.iter().map(|team| {
            let members = team.members.iter().map(|member| (member.name.clone(), member.share)).collect();
            (team.team.clone(), members)
        });
        let text = members::suggested(bounds, &shares.collect::<Vec<_>>());
        store::write(&results.of_class(members::SUGGESTED), &text)?;
    }
    let shown = class.speaking(&rubric.sentences);
    store::write(&results.class("csv"), &csv(&shown))?;
    let page = html(&shown, &rubric.language, templates).map_err(Failure::unexpected)?;
    store::write(&results.class("html"), &page)?;
    Ok(shown)
}

/// Writes the page in another language beside the class's own: `class.it.html`. Not if a team of the record was judged in the
/// course's language alone: a page in two languages is none.
///
/// # Errors
/// A file that cannot be written, or a template of the user's own that fails.
pub(crate) fn beside(
    results: &Results,
    run: &Run,
    known: Known,
    rubric: &Rubric,
    templates: &Templates,
) -> Result<(), Failure> {
    if run.teams.iter().any(|team| team.status == Status::Graded && !known.contains_key(&team.id)) {
        return Ok(());
    }
    let mut run = Run { rubric: RubricStamp::of(rubric), ..run.clone() };
    let shown = of_run(results, &mut run, known, &rubric.signs).speaking(&rubric.sentences);
    let page = html(&shown, &rubric.language, templates).map_err(Failure::unexpected)?;
    store::write(&results.class(&format!("{}.html", rubric.language)), &page)?;
    Ok(())
}

/// The class of a record, without writing anything.
pub(crate) fn of_run(results: &Results, run: &mut Run, mut known: Known, look: &Look) -> Class {
    let mut teams = Vec::with_capacity(run.teams.len());
    for entry in &mut run.teams {
        let summary = match (known.remove(&entry.id), entry.status) {
            (Some(summary), _) => summary,
            (None, Status::Graded) => match read_back(results, &entry.id, look) {
                Ok((summary, fresh)) => {
                    *entry = fresh;
                    summary
                }
                Err(failure) => Summary::failed(&entry.id, &failure.message),
            },
            (None, Status::Failed) => Summary::failed(&entry.id, entry.error.as_deref().unwrap_or("it failed")),
            (None, Status::Collected) => Summary::not_judged(&entry.id, Standing::Collected),
            (None, Status::Pending) => Summary::not_judged(&entry.id, Standing::Pending),
        };
        teams.push(summary);
    }
    let mut class = Class {
        tool: run.tool.clone(),
        rubric: run.rubric.clone(),
        started_at: run.started_at.clone(),
        finished_at: run.finished_at.clone(),
        teams,
        common: Vec::new(),
        shared: run.shared_files.iter().map(places).collect(),
    };
    tell_of_copies(&mut class, &run.shared_files);
    tell_of_appeals(&mut class, results);
    class.say_once();
    class
}

/// A team's summary and its entry in the record, from what is stored of it.
fn read_back(results: &Results, team: &str, look: &Look) -> Result<(Summary, TeamRun), Failure> {
    if let Some((card, summary)) = without_evidence(results, team)? {
        return Ok((summary, TeamRun::graded(&card)));
    }
    let card = read_card(results, team)?;
    // What was forgotten has other bytes; the mark stays.
    let stored = read_judged(results, team, &card.evidence_sha256).or_else(|_| read_evidence(results, team));
    let graded = |stored: Stored| Summary::graded(&card, &stored.evidence, look);
    let summary = stored.map_or_else(|_| Summary::of_mark(&card), graded);
    Ok((summary, TeamRun::graded(&card)))
}

/// A team that was judged and whose evidence is not there any more, as `forget --before` leaves it: its mark stays as the
/// scorecard has it. `None` for any other team.
pub(crate) fn without_evidence(results: &Results, team: &str) -> Result<Option<(Scorecard, Summary)>, Failure> {
    let is_there = |name: &str| results.team(team, name).is_file();
    if is_there("evidence.json") || !is_there("scorecard.json") {
        return Ok(None);
    }
    let card = read_card(results, team)?;
    let day = store::read(&results.team(team, store::REMOVED)).ok();
    let summary = Summary::without_evidence(&card, day.as_deref().map(str::trim));
    Ok(Some((card, summary)))
}

fn read_card(results: &Results, team: &str) -> Result<Scorecard, Failure> {
    let path = results.team(team, "scorecard.json");
    let text = store::read(&path)?;
    json::read_scorecard(&text).map_err(|error| Failure::unexpected(format!("{}: {error}", path.display())))
}

fn places(file: &SharedFile) -> (u64, Vec<(String, String)>) {
    (file.lines, file.places.iter().map(|place| (place.team.clone(), place.path.clone())).collect())
}

/// Names of other teams with the same files, for each team that has any.
fn tell_of_copies(class: &mut Class, shared: &[SharedFile]) {
    const SHOWN: usize = 3;
    for team in &mut class.teams {
        let mut others: Vec<&str> = Vec::new();
        let mut files = 0;
        for file in shared.iter().filter(|file| file.places.iter().any(|place| place.team == team.team)) {
            files += 1;
            for place in file.places.iter().filter(|place| place.team != team.team) {
                if !others.contains(&place.team.as_str()) {
                    others.push(&place.team);
                }
            }
        }
        if files == 0 {
            continue;
        }
        let what = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        let more = if others.len() > SHOWN { ", …" } else { "" };
        let named: Vec<&str> = others.iter().take(SHOWN).copied().collect();
        let text = format!("{what} the same as in {}{more}", named.join(", "));
        team.reasons.push(Reason::new(About::Shared, &text));
        team.reasons.sort_by_key(|reason| reason.about);
    }
}

/// Requests that wait, for each team that has any. What is wrong with them is said elsewhere.
fn tell_of_appeals(class: &mut Class, results: &Results) {
    let (requests, _) = appeals::read(results, &[], None);
    for team in class.teams.iter_mut().filter(|team| requests.iter().any(|appeal| appeal.team == team.team)) {
        let told = read_card(results, &team.team).ok().and_then(|card| appeals::told(&requests, &card));
        if let Some(text) = told {
            team.reasons.push(Reason::new(About::Appeals, &text));
            team.reasons.sort_by_key(|reason| reason.about);
        }
    }
}

/// The teams' lines for the terminal, in the order given.
pub(crate) fn rows(class: &Class, teams: &[String]) -> Vec<ClassRow> {
    let summaries: BTreeMap<&str, &Summary> = class.teams.iter().map(|team| (team.team.as_str(), team)).collect();
    let summaries = teams.iter().filter_map(|id| summaries.get(id.as_str()));
    summaries
        .map(|team| ClassRow {
            team: team.team.clone(),
            mark: team.mark,
            commit: team.commit.clone(),
            note: team.told(),
        })
        .collect()
}
