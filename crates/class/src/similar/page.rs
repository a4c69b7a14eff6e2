//! Findings on disk: `similar.json`, without any text of a team's, and `similar.html`.

use std::path::PathBuf;

use serde::Serialize;
use stackmark_course::Sentences;
use stackmark_render::{Templates, similar};
use stackmark_similar::findings::{Findings, SCHEMA};
use stackmark_similar::picture::{Distribution, Graph, Moment, distribution, graphs, timeline};

use crate::failure::Failure;
use crate::store::{self, Results};

/// The page, in the results folder.
pub const PAGE: &str = "similar.html";
/// The findings, in the results folder.
pub const DATA: &str = "similar.json";

/// What the template gets.
#[derive(Serialize)]
struct View<'f> {
    findings: &'f Findings,
    distributions: Vec<Distribution>,
    graphs: Vec<Graph>,
    timelines: Vec<Vec<Moment>>,
}

/// The stored findings of a class; `None` if it was not compared.
///
/// # Errors
/// The file is damaged, or of another format; the message names it.
pub fn read(results: &Results) -> Result<Option<Findings>, Failure> {
    let path = results.root().join(DATA);
    if !path.is_file() {
        return Ok(None);
    }
    let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let fields: serde_json::Value =
        serde_json::from_str(&store::read(&path)?).map_err(|error| wrong(error.to_string()))?;
    // The format first: a later one may well have other fields.
    if fields["schema"] != SCHEMA {
        return Err(wrong(format!("its format is not {SCHEMA}; run `stackmark similar` again")));
    }
    serde_json::from_value(fields).map(Some).map_err(|error| wrong(error.to_string()))
}

/// Stores the findings, and their page in a language with what the program says in it; gives the page's path.
///
/// # Errors
/// A template of the user's own that asks for what is not there; a file that cannot be written.
pub fn store(
    results: &Results,
    findings: &Findings,
    (language, sentences): (&str, &Sentences),
    templates: &Templates,
) -> Result<PathBuf, Failure> {
    let mut spoken = findings.clone();
    for team in &mut spoken.not_compared {
        team.why = sentences.say(&team.why);
    }
    let view = View {
        findings: &spoken,
        distributions: findings.channels.iter().map(distribution).collect(),
        graphs: graphs(findings),
        timelines: findings.pairs.iter().map(timeline).collect(),
    };
    let page = similar::page(&view, language, templates).map_err(Failure::unexpected)?;
    let data = serde_json::to_string_pretty(&findings.without_text())?;
    store::write(&results.root().join(DATA), &format!("{data}\n"))?;
    let path = results.root().join(PAGE);
    store::write(&path, &page)?;
    Ok(path)
}
