//! What a team was last judged from and what came of it, as hashes: while both are as they were, nothing is judged or rendered
//! again. No mark stands here; it is taken from the scorecard.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stackmark_collect::Limits;
use stackmark_evidence::{Evidence, Tool};
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::json::{self, sha256_hex};

use crate::documents::tool;
use crate::failure::Failure;
use crate::history;
use crate::inputs::ClassRun;
use crate::late;
use crate::store::{self, Results};
use crate::stored::Stored;
use crate::worker;

/// Its name in a team's `history/`.
const FILE: &str = "judged.json";
/// The format; another one tells nothing.
const SCHEMA: &str = "stackmark/judged/v1";
/// What comes of judging and rendering.
const OUTPUTS: [&str; 4] = ["scorecard.json", "report.md", "report.html", "marker.html"];

/// Those files with their texts.
pub(crate) type Rendered = [(&'static str, String); OUTPUTS.len()];

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Judged {
    schema: String,
    /// A hash of all that it follows from.
    from: String,
    /// SHA-256 of each file that came of it.
    outputs: BTreeMap<String, String>,
}

/// What all teams of a run are judged and rendered with, as a hash; `None` where the program cannot be told, and all are judged.
#[derive(Debug, Clone)]
pub(crate) struct Basis(Option<String>);

impl Basis {
    /// Of a class: the program, the rubric in its language, and every document and template that comes with it.
    pub(crate) fn of(class: &ClassRun) -> Self {
        Self::made_of(&class.settings.limits, &tool(), &RubricStamp::of(&class.rubric), &class.course)
    }

    fn made_of(limits: &Limits, tool: &Tool, rubric: &RubricStamp, course: &BTreeMap<String, String>) -> Self {
        Self(worker::hash_of(limits, &(tool, rubric, course)))
    }
}

/// What one team is judged from.
#[derive(Debug)]
pub(crate) struct Stamp<'a> {
    results: &'a Results,
    team: &'a str,
    from: Option<String>,
}

impl<'a> Stamp<'a> {
    /// Of a team's evidence, in time and late, and of the decisions with this hash.
    pub(crate) fn of(
        results: &'a Results,
        stored: &'a Stored,
        basis: &Basis,
        decisions: Option<&str>,
    ) -> Result<Self, Failure> {
        let team = stored.evidence.team.id.as_str();
        let path = results.team(team, late::FILE);
        let late = if path.is_file() { Some(sha256_hex(&store::read_bytes(&path)?)) } else { None };
        Ok(Self { results, team, from: from(basis, &stored.sha256, late.as_deref(), decisions) })
    }

    /// The scorecard of an earlier run, with the late evidence where that is what it is of; `None` where anything is not as it
    /// was.
    pub(crate) fn taken(&self, stored: &Stored) -> Option<(Scorecard, Option<Evidence>)> {
        let known: Judged = serde_json::from_str(&store::read(&self.file()).ok()?).ok()?;
        if known.schema != SCHEMA || self.from.as_ref() != Some(&known.from) || known.outputs != self.outputs()? {
            return None;
        }
        // What was given out last is this very report.
        let of = |name: &str| known.outputs.get(name);
        let given = history::read(self.results, self.team).ok()?.pop()?;
        if of("scorecard.json") != Some(&given.scorecard_sha256) || of("report.md") != Some(&given.report_sha256) {
            return None;
        }
        let card = json::read_scorecard(&store::read(&self.results.team(self.team, "scorecard.json")).ok()?).ok()?;
        if card.evidence_sha256 == stored.sha256 {
            return Some((card, None));
        }
        let late = late::read(self.results, self.team).ok()??;
        (late.sha256 == card.evidence_sha256).then_some((card, Some(late.evidence)))
    }

    /// Keeps the hashes of what has come of it: each file's name and text.
    pub(crate) fn keep(self, rendered: &Rendered) -> Result<(), Failure> {
        let path = self.file();
        let Some(from) = self.from else { return Ok(store::remove(&path)?) };
        let outputs = rendered.iter().map(|(name, text)| ((*name).to_owned(), sha256_hex(text.as_bytes()))).collect();
        let text = serde_json::to_string_pretty(&Judged { schema: SCHEMA.to_owned(), from, outputs })?;
        Ok(store::write(&path, &format!("{text}\n"))?)
    }

    fn file(&self) -> PathBuf {
        self.results.history(self.team, FILE)
    }

    /// What stands in the team's folder; `None` where one is missing.
    fn outputs(&self) -> Option<BTreeMap<String, String>> {
        let hash =
            |name: &str| Some((name.to_owned(), sha256_hex(&std::fs::read(self.results.team(self.team, name)).ok()?)));
        OUTPUTS.into_iter().map(hash).collect()
    }
}

fn from(Basis(basis): &Basis, evidence: &str, late: Option<&str>, decisions: Option<&str>) -> Option<String> {
    let all = serde_json::to_string(&(basis.as_ref()?, evidence, late, decisions)).ok()?;
    Some(sha256_hex(all.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_a_judgement_follows_from_changes_the_hash() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "one").unwrap();
        let mut limits = Limits::default();
        limits.repository.program = Some(program.clone());
        let rubric = RubricStamp { id: "r".into(), title: "R".into(), language: "en".into(), sha256: "0".into() };
        let course = BTreeMap::from([("checks/a.toml".to_owned(), "a".to_owned())]);
        let of = |tool: &Tool, rubric: &RubricStamp, course: &BTreeMap<String, String>, of_team: [Option<&str>; 3]| {
            let [evidence, late, decisions] = of_team;
            from(&Basis::made_of(&limits, tool, rubric, course), evidence.unwrap_or_default(), late, decisions).unwrap()
        };
        let first = || of(&tool(), &rubric, &course, [Some("e"), None, None]);
        let same = first();
        assert_eq!(first(), same);
        let other = |path: &str, text: &str| {
            let mut course = course.clone();
            course.insert(path.to_owned(), text.to_owned());
            course
        };
        let newer = Tool { version: "99.0.0".to_owned(), ..tool() };
        let french = RubricStamp { language: "fr".to_owned(), ..rubric.clone() };
        let titled = RubricStamp { title: "S".to_owned(), ..rubric.clone() };
        let edited = RubricStamp { sha256: "1".to_owned(), ..rubric.clone() };
        let changes = [
            ("version", of(&newer, &rubric, &course, [Some("e"), None, None])),
            ("language", of(&tool(), &french, &course, [Some("e"), None, None])),
            ("title", of(&tool(), &titled, &course, [Some("e"), None, None])),
            ("rubric", of(&tool(), &edited, &course, [Some("e"), None, None])),
            ("check", of(&tool(), &rubric, &other("checks/a.toml", "b"), [Some("e"), None, None])),
            ("template", of(&tool(), &rubric, &other("templates/a.md.j2", ""), [Some("e"), None, None])),
            ("evidence", of(&tool(), &rubric, &course, [Some("f"), None, None])),
            ("late evidence", of(&tool(), &rubric, &course, [Some("e"), Some("l"), None])),
            ("decisions", of(&tool(), &rubric, &course, [Some("e"), None, Some("l")])),
        ];
        let hashes: std::collections::BTreeSet<&String> = changes.iter().map(|(_, hash)| hash).chain([&same]).collect();
        assert_eq!(hashes.len(), changes.len() + 1, "two are the same: {changes:?}");
        std::fs::write(&program, "another one").unwrap();
        assert_ne!(first(), same, "the program");
        limits.repository.program = None;
        assert_eq!(from(&Basis::made_of(&limits, &tool(), &rubric, &course), "e", None, None), None, "no program");
    }
}
