//! A random sample of decided items for a second marker, who does not see the first one's points.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use stackmark_class::Failure;
use stackmark_class::store;
use stackmark_class::team::now;
use stackmark_evidence::points::Points;
use stackmark_render::json::sha256_hex;

use crate::agreement::{Agreement, agreement};
use crate::decide::{reasoned, typed};
use crate::desk::{Desk, Refusal};
use crate::random::random;

/// What a second marker decides.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Second {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// Points as typed.
    pub points: String,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[serde(default, rename = "check")]
    checks: Vec<Drawn>,
}

/// One item of the sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    pub(crate) team: String,
    pub(crate) item: String,
    of: Points,
    first: Points,
    first_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Points>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<String>,
}

/// One item of the sample, for the page.
#[derive(Debug, Clone, Serialize)]
pub struct Spot {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// The first marker's points; `None` before the second has decided.
    pub first: Option<Points>,
    /// The second marker's.
    pub second: Option<Points>,
}

impl Drawn {
    /// Whether the second marker has not decided.
    pub(crate) fn pending(&self) -> bool {
        self.second.is_none()
    }
}

impl Desk {
    fn read_sample(&self) -> Result<Sample, String> {
        let path = self.results.root().join(store::SPOT_CHECKS);
        match store::read(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Sample::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn write_sample(&self, sample: &Sample) -> Result<(), String> {
        let text = toml::to_string(sample).map_err(|error| error.to_string())?;
        store::write(&self.results.root().join(store::SPOT_CHECKS), &text).map_err(|error| error.to_string())
    }

    /// Draws what the sample lacks, from items that somebody else decided.
    pub(crate) fn draw(&self) -> Result<(), Failure> {
        let Some(wanted) = self.spot else { return Ok(()) };
        let _lock = self.lock()?;
        let mut sample = self.read_sample().map_err(Failure::unexpected)?;
        let pending = sample.checks.iter().filter(|drawn| drawn.pending()).count();
        let nonce = random()?;
        let mut candidates = BTreeMap::new();
        for team in &self.teams {
            // One that cannot be judged is told in the queue. Reading it would take the lock that is held here.
            let Some(card) = self.stored_card(team) else { continue };
            for score in card.criteria.iter().flat_map(|criterion| &criterion.items) {
                let Some(settled) = score.settled.as_ref().filter(|settled| settled.by != self.marker) else {
                    continue;
                };
                if sample.checks.iter().any(|drawn| drawn.team == *team && drawn.item == score.id) {
                    continue;
                }
                let drawn = Drawn {
                    team: team.clone(),
                    item: score.id.clone(),
                    of: score.mark.of,
                    first: settled.points,
                    first_by: settled.by.clone(),
                    second: None,
                    reason: None,
                    by: None,
                    when: None,
                };
                candidates.insert(sha256_hex(format!("{nonce}/{team}/{}", score.id).as_bytes()), drawn);
            }
        }
        sample.checks.extend(candidates.into_values().take(wanted.saturating_sub(pending)));
        self.write_sample(&sample).map_err(Failure::unexpected)
    }

    /// The sample; empty if none was asked for.
    pub(crate) fn sample(&self) -> Vec<Drawn> {
        match self.spot {
            Some(_) => self.read_sample().unwrap_or_default().checks,
            None => Vec::new(),
        }
    }

    /// Keeps what a second marker decides; the mark stays.
    ///
    /// # Errors
    /// The item is not in the sample; points or reason that cannot be written.
    pub fn second(&self, asked: &Second) -> Result<(), Refusal> {
        let (team, item) = self.named(asked.team, asked.item)?;
        let (points, reason) = (typed(&asked.points, item.points)?, reasoned(&asked.reason)?);
        let _lock = self.lock()?;
        let mut sample = self.read_sample().map_err(Refusal::Failed)?;
        let mut checks = sample.checks.iter_mut();
        let Some(drawn) = checks.find(|drawn| drawn.team == team && drawn.item == item.id) else {
            return Err(Refusal::NotThere("this item is not in the sample".to_owned()));
        };
        drawn.second = Some(points);
        drawn.reason = Some(reason.to_owned());
        drawn.by = Some(self.marker.clone());
        drawn.when = Some(now());
        self.write_sample(&sample).map_err(Refusal::Failed)
    }

    /// How far both markers agree, over what both have decided.
    pub(crate) fn agreement(&self, sample: &[Drawn]) -> Option<Agreement> {
        let pairs: Vec<_> = sample.iter().filter_map(|drawn| Some((drawn.first, drawn.second?, drawn.of))).collect();
        agreement(&pairs)
    }

    /// One item of the sample for the page; `None` where its team or item is gone.
    pub(crate) fn spot_line(&self, drawn: &Drawn, items: &BTreeMap<&str, usize>) -> Option<Spot> {
        let team = self.teams.iter().position(|team| *team == drawn.team)?;
        let item = *items.get(drawn.item.as_str())?;
        Some(Spot { team, item, first: drawn.second.map(|_| drawn.first), second: drawn.second })
    }
}
