//! What the report's templates get: the scorecard and the evidence as they are, and what is ordered or counted once for
//! every format.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::gains::{self, Placed};
use super::json;
use super::language::Language;
use super::load::LoadView;
use super::stack::{self, Stack};
use super::timeline::{self, Timeline};
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::ledger::Choice;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::points::Points;
use stackmark_evidence::{Cause, Evidence, Reading, Unreadable};
use stackmark_judge::scorecard::{CriterionScore, ItemScore, Mark, Scorecard, Verdict};

/// The context of `handover.md.j2` and its like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct View<'a> {
    pub(crate) card: &'a Scorecard,
    /// As in `evidence.json`, with answers' addresses as the instances that have them, as the judge counts them.
    pub(crate) evidence: Json,
    /// The team's name, or its id.
    pub(crate) team: &'a str,
    /// In the rubric's order.
    pub(crate) criteria: Vec<CriterionView<'a>>,
    /// Subtotals, in the order in which the rubric first names them.
    pub(crate) parts: Vec<PartView<'a>>,
    /// Every item with points surely lost, the most first.
    pub(crate) findings: Vec<ItemView<'a>>,
    /// The findings again by criterion, the criterion that would earn the most first.
    pub(crate) next_steps: Vec<NextView<'a>>,
    /// Items that could not be determined, in the rubric's order.
    pub(crate) undetermined: Vec<ItemView<'a>>,
    /// Items that wait for a person, in the rubric's order.
    pub(crate) manual: Vec<ItemView<'a>>,
    /// Items that a person decided, in the rubric's order.
    pub(crate) settled: Vec<ItemView<'a>>,
    /// The deployed stack as a graph.
    pub(crate) stack: Stack,
    /// Whether anything of an AWS account was wanted: a course without one does not hear of it.
    pub(crate) asks_aws: bool,
    /// Source files by language, the most lines first.
    pub(crate) languages: Vec<LanguageLines>,
    /// Readings that failed, those with the same failure together.
    pub(crate) unread: Vec<Unread>,
    /// Readings that no check of this rubric asked for.
    pub(crate) unasked: Vec<&'static str>,
    /// Readings that found nothing, with what was looked for, those with the same words together.
    pub(crate) absent: Vec<AbsentReading>,
    /// Who committed when.
    pub(crate) timeline: Option<Timeline>,
    /// Loads that were sent, by key.
    pub(crate) loads: Vec<LoadView<'a>>,
    /// What was sent and called.
    pub(crate) sent: Sent,
    /// Where `report.md` stands, seen from the report that is rendered; `None` where there is none.
    pub(crate) markdown: Option<&'a str>,
    /// Readings of which two collections say different things, and which of them counts.
    pub(crate) choices: &'a [Choice],
    /// Families that are of an earlier collection, with its time.
    pub(crate) taken: BTreeMap<&'a str, &'a str>,
    /// When the stack was read.
    pub(crate) stack_taken_at: &'a str,
}

/// A criterion with its title in the report's language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CriterionView<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) mark: Mark,
    pub(crate) items: &'a [ItemScore],
}

/// A subtotal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PartView<'a> {
    pub(crate) name: &'a str,
    pub(crate) mark: Mark,
}

/// What a criterion's findings would earn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NextView<'a> {
    /// The criterion's title.
    pub(crate) criterion: &'a str,
    /// Of all of its findings together.
    pub(crate) lost: Points,
    /// Item and points surely lost, the most first.
    pub(crate) steps: Vec<(&'a str, Points)>,
}

/// An item with where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ItemView<'a> {
    /// The criterion's title.
    pub(crate) criterion: &'a str,
    pub(crate) item: &'a ItemScore,
    /// Points surely lost.
    pub(crate) lost: Points,
    /// What the unmet expectations say, where `actual` does not say it already.
    pub(crate) unmet: Vec<&'a str>,
    /// Expectations met, and asked or not, all of them.
    pub(crate) met: u64,
    pub(crate) expectations: u64,
    /// Expectations that a shut gate left unasked.
    pub(crate) unasked: u64,
}

/// Lines of one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LanguageLines {
    pub(crate) name: String,
    pub(crate) files: u64,
    pub(crate) code: u64,
}

/// One failure and what it kept from being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unread {
    /// Paths as in checks: `aws.rules`; for an exchange, `http.exchanges` and its key.
    pub(crate) paths: Vec<String>,
    pub(crate) cause: Cause,
    pub(crate) detail: String,
}

/// Readings that found nothing, and what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct AbsentReading {
    pub(crate) paths: Vec<String>,
    pub(crate) note: String,
}

/// Requests and calls of the collecting run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Sent {
    /// AWS API calls.
    pub(crate) calls: u64,
    /// HTTP requests.
    pub(crate) requests: u64,
    /// HTTP requests that got a response.
    pub(crate) answered: u64,
    /// Exchanges and loads of which nothing could be read.
    pub(crate) failed: u64,
}

impl<'a> View<'a> {
    /// Orders and counts; sums up no mark but the subtotals, which stand nowhere else.
    pub(crate) fn new(card: &'a Scorecard, evidence: &'a Evidence, language: &'a Language) -> Self {
        let view = |placed: Placed<'a>| ItemView::new(placed, language);
        let (manual, undetermined): (Vec<_>, Vec<_>) =
            gains::open(card).into_iter().partition(|placed| placed.item.outcome.verdict == Verdict::Manual);
        let mut document = json::value(evidence);
        stackmark_judge::addresses::as_ids(&mut document);
        let (unread, mut unasked, mut absent) = readings(evidence, &document);
        let asks_aws = asks_for_aws(card, evidence);
        if !asks_aws {
            unasked.retain(|path| !path.starts_with("aws."));
        }
        if !asks_for_report(card) {
            absent.retain(|reading| !reading.paths.iter().all(|path| path.starts_with("report.")));
        }
        Self {
            card,
            evidence: document,
            team: evidence.team.name.as_deref().unwrap_or(&card.team),
            criteria: card.criteria.iter().map(|criterion| CriterionView::new(criterion, language)).collect(),
            parts: parts(card),
            findings: gains::by_points_lost(card).into_iter().map(view).collect(),
            next_steps: next_steps(card, language),
            undetermined: undetermined.into_iter().map(view).collect(),
            manual: manual.into_iter().map(view).collect(),
            settled: gains::settled(card).into_iter().map(view).collect(),
            stack: stack::of(&evidence.aws),
            asks_aws,
            languages: languages(evidence),
            unread,
            unasked,
            absent,
            timeline: evidence.git.contribution.value().and_then(timeline::of),
            loads: evidence
                .http
                .loads
                .iter()
                .filter_map(|(key, load)| Some(LoadView::of(key, load.value()?)))
                .collect(),
            sent: sent(evidence),
            markdown: None,
            choices: &evidence.ledger.choices,
            taken: evidence
                .ledger
                .taken_at
                .iter()
                .filter(|(path, _)| !path.contains('.'))
                .map(|(family, at)| (family.as_str(), at.as_str()))
                .collect(),
            stack_taken_at: evidence.taken_at("aws.load_balancers"),
        }
    }
}

impl<'a> CriterionView<'a> {
    fn new(criterion: &'a CriterionScore, language: &'a Language) -> Self {
        let title = criterion_title(criterion, language);
        Self { id: &criterion.id, title, mark: criterion.mark, items: &criterion.items }
    }
}

impl<'a> ItemView<'a> {
    fn new(placed: Placed<'a>, language: &'a Language) -> Self {
        let outcome = &placed.item.outcome;
        let unmet = outcome.expectations.iter().filter(|expectation| expectation.met == Some(false));
        let count = |met: Option<bool>| outcome.expectations.iter().filter(|each| each.met == met).count() as u64;
        Self {
            criterion: criterion_title(placed.criterion, language),
            item: placed.item,
            lost: placed.lost(),
            unmet: unmet
                .filter_map(|expectation| expectation.says.as_deref())
                .filter(|says| !outcome.actual.contains(says))
                .collect(),
            met: count(Some(true)),
            expectations: outcome.expectations.len() as u64,
            unasked: count(None),
        }
    }
}

/// The rubric's own title, else the language's for a built-in criterion, else the id.
pub(crate) fn criterion_title<'a>(criterion: &'a CriterionScore, language: &'a Language) -> &'a str {
    let built_in = || language.label(&format!("criteria.{}", criterion.id));
    criterion.title.as_deref().or_else(built_in).unwrap_or(&criterion.id)
}

/// The findings by criterion; ties keep the rubric's order.
fn next_steps<'a>(card: &'a Scorecard, language: &'a Language) -> Vec<NextView<'a>> {
    let findings = gains::by_points_lost(card);
    let of_criterion = |criterion: &'a CriterionScore| {
        let of_it = findings.iter().filter(|placed| placed.criterion.id == criterion.id);
        let steps: Vec<(&'a str, Points)> = of_it.map(|placed| (placed.item.id.as_str(), placed.lost())).collect();
        let lost = steps.iter().map(|(_, lost)| *lost).sum();
        NextView { criterion: criterion_title(criterion, language), lost, steps }
    };
    let mut next: Vec<NextView<'a>> =
        card.criteria.iter().map(of_criterion).filter(|next| !next.steps.is_empty()).collect();
    next.sort_by_key(|next| std::cmp::Reverse(next.lost));
    next
}

/// Subtotals of the items that name a part, in the order in which the rubric first names them.
pub(crate) fn parts(card: &Scorecard) -> Vec<PartView<'_>> {
    let mut names: Vec<&str> = Vec::new();
    for part in gains::items(card).filter_map(|placed| placed.item.part.as_deref()) {
        if !names.contains(&part) {
            names.push(part);
        }
    }
    let mark = |name: &str| {
        gains::items(card)
            .filter(|placed| placed.item.part.as_deref() == Some(name))
            .map(|placed| placed.item.mark)
            .sum()
    };
    names.into_iter().map(|name| PartView { name, mark: mark(name) }).collect()
}

fn languages(evidence: &Evidence) -> Vec<LanguageLines> {
    let mut by_name: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for file in evidence.code.files.value().into_iter().flatten() {
        let (files, code) = by_name.entry(&file.language).or_default();
        *files += 1;
        *code += file.code;
    }
    let mut languages: Vec<LanguageLines> =
        by_name.into_iter().map(|(name, (files, code))| LanguageLines { name: name.to_owned(), files, code }).collect();
    languages.sort_by_key(|language| std::cmp::Reverse(language.code));
    languages
}

fn sent(evidence: &Evidence) -> Sent {
    let http = &evidence.http;
    let exchanges = http.exchanges.values().filter_map(Reading::value).map(|it| (it.sent, it.answered));
    let loads = http.loads.values().filter_map(Reading::value).map(|it| (it.sent, it.answered));
    let (requests, answered) = exchanges.chain(loads).fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let failed = http.exchanges.values().filter(|exchange| exchange.failure().is_some()).count()
        + http.loads.values().filter(|load| load.failure().is_some()).count();
    Sent { calls: evidence.aws.calls.values().sum(), requests, answered, failed: failed as u64 }
}

type Readings = (Vec<Unread>, Vec<&'static str>, Vec<AbsentReading>);

/// Sorts every reading that was not observed. Walks the published table of paths, so that a reading added there is
/// reported here without a change. Of AWS's many tables a rubric asks for a few: those that it leaves out are not named.
fn readings(evidence: &Evidence, document: &Json) -> Readings {
    let (mut unread, mut unasked, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for known in READING_PATHS {
        match state(document, known.path) {
            Some(Reading::Unreadable(failure)) if failure.cause == Cause::NotCollected => {
                let is_table = known.path.strip_prefix("aws.").is_some_and(|name| AwsEvidence::TABLES.contains(&name));
                if !(is_table && document.pointer("/aws/caller/state").is_some_and(|state| state == "observed")) {
                    unasked.push(known.path);
                }
            }
            Some(Reading::Unreadable(failure)) => add_failure(&mut unread, known.path.to_owned(), &failure),
            Some(Reading::Absent { note }) => add_absence(&mut absent, known.path.to_owned(), &note),
            Some(Reading::Observed { .. }) | None => {}
        }
    }
    // A table that was read and lacks rows or fields.
    for (table, gaps) in &evidence.aws.gaps {
        for (at, gap) in gaps.iter().enumerate() {
            if gaps.iter().take(at).all(|earlier| earlier.failure != gap.failure) {
                add_failure(&mut unread, format!("aws.{table} (in part)"), &gap.failure);
            }
        }
    }
    for (key, exchange) in &evidence.http.exchanges {
        let path = || format!("http.exchanges {key}");
        match exchange {
            Reading::Unreadable(failure) => add_failure(&mut unread, path(), failure),
            Reading::Absent { note } => add_absence(&mut absent, path(), note),
            Reading::Observed { .. } => {}
        }
    }
    for (key, load) in &evidence.http.loads {
        let path = || format!("http.loads {key}");
        match load {
            Reading::Unreadable(failure) => add_failure(&mut unread, path(), failure),
            Reading::Absent { note } => add_absence(&mut absent, path(), note),
            Reading::Observed { .. } => {}
        }
    }
    (unread, unasked, absent)
}

fn add_failure(unread: &mut Vec<Unread>, path: String, failure: &Unreadable) {
    match unread.iter_mut().find(|known| known.cause == failure.cause && known.detail == failure.detail) {
        Some(same) => same.paths.push(path),
        None => unread.push(Unread { paths: vec![path], cause: failure.cause, detail: failure.detail.clone() }),
    }
}

fn add_absence(absent: &mut Vec<AbsentReading>, path: String, note: &str) {
    match absent.iter_mut().find(|known| known.note == note) {
        Some(same) => same.paths.push(path),
        None => absent.push(AbsentReading { paths: vec![path], note: note.to_owned() }),
    }
}

/// Whether an item judges the team's report: a course without one misses none.
pub(crate) fn asks_for_report(card: &Scorecard) -> bool {
    gains::items(card).any(|placed| {
        placed.item.check.starts_with("report/")
            || placed.item.outcome.evidence.iter().any(|pointer| pointer.starts_with("/report/"))
    })
}

/// Whether the account was asked about, or an item judges it: a course without AWS has neither.
pub(crate) fn asks_for_aws(card: &Scorecard, evidence: &Evidence) -> bool {
    evidence.aws != AwsEvidence::default()
        || gains::items(card).any(|placed| {
            placed.item.check.starts_with("aws/")
                || placed.item.outcome.evidence.iter().any(|pointer| pointer.starts_with("/aws/"))
        })
}

/// The reading at a published path, without its value; `None` where the table names what the evidence does not have.
fn state(document: &Json, path: &str) -> Option<Reading<()>> {
    let (family, name) = path.split_once('.')?;
    let reading = document.get(family)?.get(name)?;
    match reading.get("state")?.as_str()? {
        "observed" => Some(Reading::observed(())),
        "absent" => Some(Reading::absent(reading.get("note")?.as_str()?)),
        _ => serde_json::from_value(reading.clone()).ok().map(Reading::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::state;
    use crate::json;
    use stackmark_evidence::paths::READING_PATHS;
    use stackmark_evidence::{Evidence, Reading, Team, Tool};

    #[test]
    fn every_published_path_leads_to_a_reading() {
        let tool = Tool { name: String::new(), version: String::new() };
        let evidence = Evidence::unread(tool, String::new(), Team::of_roster(""));
        let document = json::value(&evidence);
        for known in READING_PATHS {
            assert_eq!(state(&document, known.path), Some(Reading::default()), "{}", known.path);
        }
    }
}
