//! What waits for a person: for the page, and as text for those without a browser.

use std::collections::BTreeMap;

use serde::Serialize;

use stackmark_class::blind::MAP;
use stackmark_course::appeals::Appeal;
use stackmark_course::expect::Rule;
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::{ItemScore, Verdict};

use crate::agreement::Agreement;
use crate::desk::{Desk, TeamNow, waiting};
use crate::spot::Spot;

/// Why an item is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The team asked for another look.
    Appealed,
    /// Only a person can tell.
    Manual,
    /// The check is not sure.
    Doubtful,
    /// What it rests on could not be read.
    Undetermined,
    /// A person has decided.
    Decided,
    /// It was measured.
    Measured,
}

impl Kind {
    /// Whether a person has something to do.
    pub fn waits(self) -> bool {
        !matches!(self, Self::Decided | Self::Measured)
    }

    /// The word that every output uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appealed => "appealed",
            Self::Manual => "manual",
            Self::Doubtful => "doubtful",
            Self::Undetermined => "undetermined",
            Self::Decided => "decided",
            Self::Measured => "measured",
        }
    }
}

/// The queue of a results folder.
#[derive(Debug, Clone, Serialize)]
pub struct Queue {
    /// Who decides.
    pub marker: String,
    /// Whether names are hidden.
    pub blind: bool,
    /// In the order in which they are shown.
    pub teams: Vec<TeamLine>,
    /// In the rubric's order.
    pub items: Vec<ItemLine>,
    /// By team, in the rubric's order.
    pub entries: Vec<Entry>,
    /// The second marker's sample; empty without one.
    pub spot: Vec<Spot>,
    /// How far both markers agree.
    pub agreement: Option<Agreement>,
    /// What is wrong with `appeals.toml` or with a team.
    pub problems: Vec<String>,
}

/// A team.
#[derive(Debug, Clone, Serialize)]
pub struct TeamLine {
    /// As it is shown.
    pub label: String,
    /// Its mark: `81 of 100`, `71–81 of 100`; empty where it could not be judged.
    pub mark: String,
    /// SHA-256 of its `overrides.toml`.
    pub sha: Option<String>,
}

/// An item of the rubric.
#[derive(Debug, Clone, Serialize)]
pub struct ItemLine {
    /// `criterion/name`.
    pub id: String,
    /// What it is worth.
    pub points: Points,
}

/// One item of one team.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// Why it is here.
    pub kind: Kind,
    /// What is expected.
    pub question: String,
    /// What it earns: `2`, or `0–4` while it is open.
    pub earns: String,
    /// Until when an answer to the team is due.
    pub until: Option<String>,
    /// Whether that date is over.
    pub late: bool,
    /// What was found; for those without a browser.
    #[serde(skip)]
    pub found: String,
    /// The team's request; for those without a browser.
    #[serde(skip)]
    pub request: Option<Request>,
    /// Whether a decision is there all the same, that does not name the request.
    #[serde(skip)]
    pub decided: bool,
}

/// What a team asks, as those without a browser read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its words, without names where names are hidden.
    pub shown: String,
    /// Whether these are the very words: only they name the request in a decision.
    pub whole: bool,
}

/// The queue as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// What waits.
    pub text: String,
    /// What is wrong with `appeals.toml` or with a team: what that has waiting is not in the text.
    pub problems: Vec<String>,
}

/// Why an item is in the queue.
pub(crate) fn kind_of(desk: &Desk, score: &ItemScore, appeal: Option<&Appeal>) -> Kind {
    if appeal.is_some() {
        return Kind::Appealed;
    }
    if score.settled.is_some() {
        return Kind::Decided;
    }
    let rule = desk.rubric.checks.get(&score.check).map(|check| &check.rule);
    match (score.outcome.verdict, rule) {
        (Verdict::Manual, Some(Rule::Manual(_))) => Kind::Manual,
        (Verdict::Manual, _) => Kind::Doubtful,
        (Verdict::Undetermined, _) => Kind::Undetermined,
        _ => Kind::Measured,
    }
}

impl Desk {
    /// Everything, as it stands on disk.
    pub fn queue(&self) -> Queue {
        let (appeals, wrong) = self.appeals();
        let places: BTreeMap<&str, usize> =
            self.rubric.items().enumerate().map(|(place, item)| (item.id.as_str(), place)).collect();
        let sample = self.sample();
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let (mut teams, mut entries, mut problems) = (Vec::new(), Vec::new(), Vec::from_iter(wrong));
        problems.extend(self.class_failed().map(|why| format!("class.html lacks what was decided: {why}")));
        for (at, id) in self.teams.iter().enumerate() {
            let TeamNow { card, sha } = match self.team(id) {
                Ok(now) => now,
                Err(why) => {
                    problems.push(format!("{}: {why}", self.label(at)));
                    teams.push(TeamLine { label: self.label(at), mark: String::new(), sha: None });
                    continue;
                }
            };
            teams.push(TeamLine { label: self.label(at), mark: card.mark.to_string(), sha });
            let hide = self.hiding(id, at);
            for score in card.criteria.iter().flat_map(|criterion| &criterion.items) {
                let Some(&item) = places.get(score.id.as_str()) else { continue };
                let appeal = waiting(&appeals, id, score);
                let until = appeal.and_then(|appeal| appeal.until.clone());
                // The second marker decides without the first one's points.
                let secret = sample.iter().any(|spot| spot.pending() && spot.team == *id && spot.item == score.id);
                let earns = match (secret, score.mark.low == score.mark.high) {
                    (true, _) => String::new(),
                    (false, true) => score.mark.low.to_string(),
                    (false, false) => format!("{}–{}", score.mark.low, score.mark.high),
                };
                entries.push(Entry {
                    team: at,
                    item,
                    kind: kind_of(self, score, appeal),
                    question: hide(&score.outcome.expected),
                    earns,
                    late: until.as_ref().is_some_and(|until| *until < today),
                    until,
                    found: hide(&score.outcome.in_full()),
                    decided: score.settled.is_some(),
                    request: appeal.map(|appeal| {
                        let shown = hide(&appeal.text);
                        Request { whole: shown == appeal.text, shown }
                    }),
                });
            }
        }
        let items = self.rubric.items().map(|item| ItemLine { id: item.id.clone(), points: item.points }).collect();
        let agreement = self.agreement(&sample);
        let spot = sample.iter().filter_map(|spot| self.spot_line(spot, &places)).collect();
        let (marker, blind) = (self.marker.clone(), self.blind);
        Queue { marker, blind, teams, items, entries, spot, agreement, problems }
    }

    /// What waits, a line an item, for a terminal.
    pub fn list(&self) -> Printed {
        let queue = self.queue();
        let waiting: Vec<&Entry> = queue.entries.iter().filter(|entry| entry.kind.waits()).collect();
        let mut text = String::new();
        for entry in &waiting {
            let (team, item) = (&queue.teams[entry.team].label, &queue.items[entry.item]);
            let due = match (&entry.until, entry.late) {
                (Some(until), true) => format!("  (was due {until})"),
                (Some(until), false) => format!("  (due {until})"),
                (None, _) => String::new(),
            };
            let (kind, points) = (entry.kind.as_str(), item.points.to_string());
            text.push_str(&format!("{team:<16} {kind:<12} {points:>5}  {:<36} {}{due}\n", item.id, entry.question));
            if let Some(request) = &entry.request {
                let unnamed =
                    if entry.decided { " (a decision is there, and its `appeal` does not name this)" } else { "" };
                text.push_str(&format!("{:<36}the team asks: {}{unnamed}\n", "", on_one_line(&request.shown)));
            }
        }
        let worth: Points = waiting.iter().map(|entry| queue.items[entry.item].points).sum();
        text.push_str(&match waiting.len() {
            0 => "nothing waits for a person\n".to_owned(),
            1 => format!("1 item waits, worth {}\n", in_words(worth)),
            count => format!("{count} items wait, worth {}\n", in_words(worth)),
        });
        Printed { text, problems: queue.problems }
    }

    /// Blocks for `overrides.toml`, commented out, a team after the other: points and reason are left to be written.
    pub fn skeleton(&self) -> Printed {
        let queue = self.queue();
        let today = quoted(&jiff::Timestamp::now().strftime("%Y-%m-%d").to_string());
        let mut text = String::new();
        let mut last = None;
        for entry in queue.entries.iter().filter(|entry| entry.kind.waits()) {
            if last != Some(entry.team) {
                let path = self.results.team(&self.teams[entry.team], "overrides.toml");
                let number = self.number(entry.team);
                let place = match (self.blind, self.results.root().join(MAP).is_file()) {
                    (true, _) => number,
                    (false, true) => format!("{} ({number} where names are hidden)", path.display()),
                    (false, false) => path.display().to_string(),
                };
                text.push_str(&format!("# ---- {place}\n\n"));
                last = Some(entry.team);
            }
            let item = &queue.items[entry.item];
            let (kind, points) = (entry.kind.as_str(), in_words(item.points));
            text.push_str(&format!("# {kind}, {points}: {}\n", on_one_line(&entry.question)));
            text.push_str(&format!("# found: {}\n", on_one_line(&entry.found)));
            if let Some(request) = &entry.request {
                text.push_str(&format!("# the team asks: {}\n", on_one_line(&request.shown)));
            }
            text.push_str(&format!(
                "# [[override]]\n# item   = {}\n# points = \n# reason = \"\"\n# by     = {}\n# when   = {today}\n",
                quoted(&item.id),
                quoted(&self.marker),
            ));
            // Without it the request would wait on.
            match &entry.request {
                Some(request) if request.whole => {
                    text.push_str(&format!("# appeal = {}\n", quoted(&request.shown)));
                }
                Some(_) => text.push_str("# appeal = \"\" # the request's own words, from appeals.toml\n"),
                None => {}
            }
            text.push('\n');
        }
        Printed { text, problems: queue.problems }
    }
}

/// `1 point`, `2.5 points`.
fn in_words(points: Points) -> String {
    if points == Points::whole(1) { "1 point".to_owned() } else { format!("{points} points") }
}

/// A string of TOML on one line, so that a `#` before it comments all of it out; JSON's escapes are TOML's as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

/// Nothing that a team writes begins a line.
fn on_one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_stays_on_its_line_and_is_read_back_as_it_was() {
        for text in ["one", "two\nlines", "a \"quote\" and \\", "\r\n# x", "tab\tbell\u{7}\u{7f}é"] {
            let line = format!("appeal = {}", quoted(text));
            assert_eq!(line.lines().count(), 1, "{line}");
            let read: toml_edit::DocumentMut = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(read["appeal"].as_str(), Some(text), "{line}");
            assert!(!on_one_line(text).contains(['\n', '\r']));
        }
        assert_eq!([in_words(Points::whole(1)), in_words(Points::from_hundredths(150))], ["1 point", "1.5 points"]);
    }
}
