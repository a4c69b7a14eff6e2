//! Reports to the teams: feedback files for Moodle, a comment or a commit status at the forge, mail to be sent.
//!
//! Nothing goes out that is not the team's own, and nothing twice: each delivery is recorded with the SHA-256 of the
//! scorecard. A mark with open items goes out only if whoever publishes asks for it.
//!
//! | module | makes |
//! |---|---|
//! | [`moodle`] | a zip of feedback files |
//! | [`mail`] | `.eml` files |
//! | [`forge`] | a comment on an issue or pull request, a commit status |

pub mod forge;
pub mod mail;
pub mod moodle;

use serde::{Deserialize, Serialize};

use stackmark_course::Roster;
use stackmark_course::roster::TeamEntry;
use stackmark_judge::Scorecard;
use stackmark_render::json::{read_evidence, sha256_hex};

use crate::failure::Failure;
use crate::gradebook::marks::{judged, scorecard, stale};
use crate::import::teams::comparable;
use crate::store::{self, Results};

/// The format of `published.json`; a reader refuses any other.
const SCHEMA: &str = "stackmark/published/v1";

/// What goes to one team.
#[derive(Debug, Clone)]
pub struct Handout<'r> {
    /// The team in the roster.
    pub team: &'r TeamEntry,
    /// Its scorecard.
    pub card: Scorecard,
    /// SHA-256 of the stored scorecard, in hexadecimal: what was published before is told by it.
    pub sha256: String,
    /// The report in Markdown.
    pub report: String,
    /// The report as a page.
    pub page: String,
    /// The graded commit, full object id.
    pub commit: Option<String>,
}

/// What can go out, and what cannot, with the reason.
#[derive(Debug, Default)]
pub struct Gathered<'r> {
    /// In the roster's order.
    pub handouts: Vec<Handout<'r>>,
    /// `team-07: …; what to do`.
    pub refused: Vec<String>,
}

/// Reads what is stored of the teams; `only` are ids, all if it is empty. `open` lets marks with open items pass.
///
/// # Errors
/// A stored file that is damaged or of another format.
pub fn gather<'r>(roster: &'r Roster, results: &Results, only: &[String], open: bool) -> Result<Gathered<'r>, Failure> {
    let mut gathered = Gathered::default();
    for team in roster.teams.iter().filter(|team| only.is_empty() || only.contains(&team.id)) {
        match handout(team, results, open)? {
            Ok(handout) => gathered.handouts.push(handout),
            Err(why) => gathered.refused.push(format!("{}: {why}", team.id)),
        }
    }
    Ok(gathered)
}

fn handout<'r>(team: &'r TeamEntry, results: &Results, open: bool) -> Result<Result<Handout<'r>, String>, Failure> {
    let Some(card) = scorecard(results, &team.id)? else {
        return Ok(Err(format!("there is no scorecard; run `stackmark grade {}`", team.id)));
    };
    if let Some(why) = stale(results, &card)? {
        return Ok(Err(why));
    }
    let Some(text) = judged(results, &card)? else {
        return Ok(Err(format!("the evidence of the report is not stored; run `stackmark grade {}`", team.id)));
    };
    let evidence = read_evidence(&text).map_err(|error| Failure::unexpected(format!("team {}: {error}", team.id)))?;
    if evidence.team.id != team.id {
        return Ok(Err(format!("the evidence is of team {:?}", evidence.team.id)));
    }
    // Results of another roster can have a team of the same id.
    if let Some(source) = evidence.git.source.value()
        && source.location.contains("://")
        && team.repository.contains("://")
        && comparable(&source.location) != comparable(&team.repository)
    {
        return Ok(Err(format!(
            "the results are of the repository {}, and the roster has {}; grade the team again",
            source.location, team.repository
        )));
    }
    if card.mark.low != card.mark.high && !open {
        let items = if card.mark.open == 1 { "1 item is" } else { &format!("{} items are", card.mark.open) };
        return Ok(Err(format!("{}, {items} open; settle them, or give --open", card.mark)));
    }
    let text = store::read(&results.team(&team.id, "scorecard.json"))?;
    Ok(Ok(Handout {
        team,
        sha256: sha256_hex(text.as_bytes()),
        report: store::read(&results.team(&team.id, "report.md"))?,
        page: store::read(&results.team(&team.id, "report.html"))?,
        commit: evidence.git.head.value().map(|head| head.commit.clone()),
        card,
    }))
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How and whereto: `moodle 4711`, `mail ada@example.org`, `comment org/team-07#1`.
    pub to: String,
    /// SHA-256 of the scorecard that it showed.
    pub scorecard_sha256: String,
    /// RFC 3339, UTC.
    pub at: String,
}

/// What went out to one team, the last delivery to each address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Published {
    schema: String,
    deliveries: Vec<Delivery>,
}

impl Published {
    /// Reads a team's record; an empty one where there is none.
    ///
    /// # Errors
    /// It is damaged or of another format: whether something went out already is not known then.
    pub fn read(results: &Results, team: &str) -> Result<Self, Failure> {
        let path = results.team(team, "published.json");
        if !path.is_file() {
            return Ok(Self { schema: SCHEMA.to_owned(), deliveries: Vec::new() });
        }
        let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
        let record: Self = serde_json::from_str(&store::read(&path)?).map_err(|error| wrong(error.to_string()))?;
        if record.schema != SCHEMA {
            return Err(wrong(format!("its format is not {SCHEMA}")));
        }
        Ok(record)
    }

    /// When this very scorecard went there.
    pub fn when(&self, to: &str, sha256: &str) -> Option<&str> {
        let same = |it: &&Delivery| it.to == to && it.scorecard_sha256 == sha256;
        self.deliveries.iter().find(same).map(|it| it.at.as_str())
    }

    /// Takes a delivery down and writes the record.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn add(&mut self, results: &Results, team: &str, delivery: Delivery) -> Result<(), Failure> {
        self.deliveries.retain(|it| it.to != delivery.to);
        self.deliveries.push(delivery);
        let text = serde_json::to_string_pretty(self)?;
        Ok(store::write(&results.team(team, "published.json"), &format!("{text}\n"))?)
    }
}

/// Teams that share a repository: what is published there is read by both.
pub fn sharing(roster: &Roster, team: &TeamEntry) -> Option<String> {
    let same =
        |other: &&TeamEntry| other.id != team.id && comparable(&other.repository) == comparable(&team.repository);
    roster.teams.iter().find(same).map(|other| other.id.clone())
}
