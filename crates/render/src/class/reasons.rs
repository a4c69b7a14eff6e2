//! Why an instructor should look at a team, in words: in English, as all that the program says, and put into the class's
//! language by `sentences/<code>.toml`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::escape::clean;
use crate::view::asks_for_report;
use stackmark_evidence::git::Contribution;
use stackmark_evidence::ledger::{Because, Used};
use stackmark_evidence::points::Points;
use stackmark_evidence::signs::Look;
use stackmark_evidence::{Cause, Evidence, MembersFrom, Reading, Unreadable};
use stackmark_judge::scorecard::{ItemScore, Scorecard, Verdict};

/// From this part of the work on, what is nobody's is worth a look.
const NOBODYS: f64 = 0.1;
/// From this part of the work on, one member did most of it.
const MOST: f64 = 0.6;

/// What a reason is about, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Stackmark itself failed.
    Failed,
    /// No repository, no commit, no folder.
    Repository,
    /// The account could not be read at all.
    Aws(Cause),
    /// Earlier readings are used, or the stack is older than the commit.
    Evidence,
    /// Nothing to send requests to.
    Target,
    /// Whose the work is.
    People,
    /// Another branch has more.
    Branch,
    /// After the deadline.
    Late,
    /// A team asks for another look.
    Appeals,
    /// No report.
    Report,
    /// Points that are open for what could not be read.
    Unread,
    /// Files that other teams have.
    Shared,
    /// How the work came about; no points hang on it.
    Signs,
    /// Points that wait for a person.
    Manual,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it is about.
    pub about: About,
    /// In words, with the number and the place.
    pub text: String,
}

impl Reason {
    /// A reason in words, cleaned of what a terminal would obey.
    pub fn new(about: About, text: &str) -> Self {
        Self { about, text: clean(text) }
    }

    /// Whether another team has the same: an account's failure by its cause, all else by its words.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.about == other.about && (matches!(self.about, About::Aws(_)) || self.text == other.text)
    }

    /// Stackmark itself failed on the team.
    pub fn failed(error: &str) -> Self {
        Self::new(About::Failed, error)
    }
}

/// Why to look at a team that was judged, the most urgent first.
pub(super) fn of(card: &Scorecard, evidence: &Evidence, look: &Look) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut add = |about: About, text: String| reasons.push(Reason::new(about, &text));
    repository(evidence, &mut add);
    late(card, evidence, &mut add);
    stack(evidence, &mut add);
    people(evidence, &mut add);
    if let (true, Reading::Absent { note }) = (asks_for_report(card), &evidence.report.document) {
        add(About::Report, format!("no report: {note}"));
    }
    signs(evidence, look, &mut add);
    open(card, evidence, &mut add);
    reasons.sort_by_key(|reason| reason.about);
    reasons
}

fn repository(evidence: &Evidence, add: &mut impl FnMut(About, String)) {
    match &evidence.git.head {
        Reading::Unreadable(failure) if failure.cause == Cause::Denied => {
            add(About::Repository, format!("access to the repository denied: {}", failure.detail));
        }
        Reading::Unreadable(failure) if failure.cause != Cause::NotCollected => {
            add(About::Repository, format!("repository not read ({failure})"));
        }
        Reading::Unreadable(_) => {}
        Reading::Absent { note } => add(About::Repository, format!("nothing to grade: {note}")),
        Reading::Observed { .. } => {
            if let Reading::Absent { note } = &evidence.code.files {
                add(About::Repository, note.clone());
            }
            let graded = evidence.git.commits.value().map_or(0, Vec::len) as u64;
            let branches = evidence.git.outside.value().into_iter().flat_map(|outside| &outside.branches);
            let more = branches.map(|branch| (branch.commits.saturating_sub(branch.copied), &branch.name));
            if let Some((commits, name)) = more.max().filter(|(commits, _)| *commits > graded) {
                let text = format!("branch {name} has more commits that are not graded ({commits}) than are graded");
                add(About::Branch, format!("{text} ({graded}): is it the wrong branch?"));
            }
        }
    }
}

fn stack(evidence: &Evidence, add: &mut impl FnMut(About, String)) {
    if let Some(failure) = evidence.aws.caller.failure().filter(|failure| failure.cause != Cause::NotCollected) {
        add(About::Aws(failure.cause), format!("AWS not read ({failure})"));
    } else if let Some(failure) = evidence.http.target.failure().filter(|it| it.cause != Cause::NotCollected) {
        add(About::Target, format!("no request was sent ({failure})"));
    } else if let Reading::Absent { note } = &evidence.http.target {
        add(About::Target, note.clone());
    }
    let mut told: Vec<String> = Vec::new();
    for choice in &evidence.ledger.choices {
        let family = choice.readings.first().and_then(|path| path.split('.').next()).unwrap_or_default();
        // Whole sentences: each has its line in the tables of the other languages.
        let [gone, partly, rebuilt] = match family {
            "aws" => ["the stack is gone", "the stack could not be read again in full", "the stack was rebuilt"],
            "http" => {
                ["its answers are gone", "its answers could not be read again in full", "its answers were replaced"]
            }
            _ => [
                "the repository is gone",
                "the repository could not be read again in full",
                "the repository was replaced",
            ],
        };
        let day = choice.earlier.at.split('T').next().unwrap_or_default();
        let text = match (choice.used, choice.because) {
            (Used::Earlier, Because::Gone) => format!("{gone}: judged by what was read on {day}"),
            (Used::Earlier, _) => format!("{partly}: judged by what was read on {day}"),
            (Used::Newer, Because::Replaced) => format!("{rebuilt} since {day}"),
            (Used::Newer, _) => continue,
        };
        if !told.contains(&text) {
            add(About::Evidence, text.clone());
            told.push(text);
        }
    }
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let (read, head) = (evidence.taken_at("aws.caller"), evidence.git.head.value());
    if evidence.aws.caller.value().is_some()
        && let Some(head) = head
        && let (Some(read), Some(committed)) = (moment(read), moment(&head.committed_at))
        && read < committed
    {
        let day = evidence.taken_at("aws.caller").split('T').next().unwrap_or_default();
        add(About::Evidence, format!("the stack was read on {day}, before the graded commit was made"));
    }
}

/// Work after the deadline: what became of it, by the rubric's rule where it has one.
fn late(card: &Scorecard, evidence: &Evidence, add: &mut impl FnMut(About, String)) {
    let after = evidence.git.head.value().map_or(0, |head| head.commits_after_deadline);
    let (commits, are) = if after == 1 { ("commit", "is") } else { ("commits", "are") };
    match &card.other {
        Some(other) if other.in_time => {
            add(About::Late, format!("graded at a commit after the deadline; the work in time earns {}", other.mark));
        }
        Some(other) if after > 0 => {
            let text =
                format!("{after} {commits} after the deadline {are} graded as well, and would earn {}", other.mark);
            add(About::Late, text);
        }
        None if after > 0 => add(About::Late, format!("{after} {commits} after the deadline {are} not graded")),
        Some(_) | None => {}
    }
}

/// Why nobody's part of the work is known, where it is for want of the people's addresses.
fn unattributed(evidence: &Evidence) -> Option<&Unreadable> {
    evidence.git.contribution.failure().filter(|failure| failure.cause == Cause::Unattributed)
}

fn people(evidence: &Evidence, add: &mut impl FnMut(About, String)) {
    if let Some(failure) = unattributed(evidence) {
        add(About::People, failure.detail.clone());
    }
    let Some(contribution) = evidence.git.contribution.value() else { return };
    let percent = |share: f64| format!("{:.0}%", share * 100.0);
    if contribution.unmapped_share >= NOBODYS {
        let names: Vec<&str> = contribution.unmapped.iter().take(3).map(|it| it.person.name.as_str()).collect();
        let share = percent(contribution.unmapped_share);
        add(About::People, format!("nobody's work {share} ({}): add the address to the roster", names.join(", ")));
    }
    if evidence.team.members_from == MembersFrom::Roster {
        let idle = |it: &&stackmark_evidence::git::MemberShare| it.commits == 0 && it.co_authored == 0;
        let idle: Vec<&str> = contribution.members.iter().filter(idle).map(|it| it.name.as_str()).collect();
        if !idle.is_empty() {
            add(About::People, format!("no commit of {}", idle.join(", ")));
        }
    }
    likely(evidence, contribution, add);
    let most = contribution.members.iter().max_by(|a, b| a.share.total_cmp(&b.share));
    if let Some(most) = most.filter(|most| contribution.members.len() > 1 && most.share >= MOST) {
        add(About::People, format!("{} did {} of the work", most.name, percent(most.share)));
    }
}

/// Who is very likely somebody else whom the roster has: the shares of both may be one person's.
fn likely(evidence: &Evidence, contribution: &Contribution, add: &mut impl FnMut(About, String)) {
    let name = |id: &str| {
        let member = contribution.members.iter().find(|member| member.member == id);
        member.map_or(id, |member| member.name.as_str()).to_owned()
    };
    let doubles = evidence.git.coordination.value().map(|coordination| coordination.doubles.as_slice());
    for double in doubles.unwrap_or_default().iter().filter(|_| evidence.team.members_from == MembersFrom::Roster) {
        let (member, of) = (name(&double.member), name(&double.of));
        add(About::People, format!("{of} and {member} are very likely one person: put them right in the roster"));
    }
    for author in &contribution.unmapped {
        if let Some(member) = &author.likely_member {
            let (who, member) = (&author.person.name, name(member));
            add(About::People, format!("{who} is nobody's and very likely {member}: add the alias to the roster"));
        }
    }
}

/// Facts about how the work came about, if the rubric wants them to be looked at.
fn signs(evidence: &Evidence, look: &Look, add: &mut impl FnMut(About, String)) {
    let says: Vec<&str> = look.at(evidence).into_iter().map(|sign| sign.says.as_str()).collect();
    let all = says.join("; ");
    match says.len() {
        0 => {}
        1 => add(About::Signs, format!("1 sign of how the work came about, which costs no points: {all}")),
        count => add(About::Signs, format!("{count} signs of how the work came about, which cost no points: {all}")),
    }
}

/// Points that are open, by what stands in the way; what the failure of the account, of the repository or of its identities
/// explains is not said again.
fn open(card: &Scorecard, evidence: &Evidence, add: &mut impl FnMut(About, String)) {
    let no_account = evidence.aws.caller.failure().map(|failure| failure.cause);
    let no_repository = evidence.git.head.failure().map(|failure| failure.cause);
    let of_repository = |name: &str| ["git.", "code.", "report."].iter().any(|family| name.starts_with(family));
    let mut unread: BTreeMap<Cause, (Points, String)> = BTreeMap::new();
    let (mut manual, mut points) = (0, Points::ZERO);
    let items = card.criteria.iter().flat_map(|criterion| &criterion.items);
    for item in items.filter(|item| item.mark.open > 0) {
        let at_stake = item.mark.at_stake();
        if item.outcome.verdict == Verdict::Manual {
            manual += 1;
            points = points + at_stake;
            continue;
        }
        let Some((failure, name)) = first_failure(item) else { continue };
        let cause = failure.cause;
        // Said of the people, and of the repository.
        if cause == Cause::Unattributed || (no_repository == Some(cause) && of_repository(&name)) {
            continue;
        }
        if Some(cause) == no_account && (name.starts_with("aws.") || name.starts_with('/') || name.contains(" /")) {
            continue;
        }
        let told = || format!("{name} not read ({failure})");
        let entry = unread.entry(cause).or_insert_with(|| (Points::ZERO, told()));
        entry.0 = entry.0 + at_stake;
    }
    for (points, told) in unread.into_values() {
        let open = if points == Points::whole(1) { "1 point open".to_owned() } else { format!("{points} points open") };
        add(About::Unread, format!("{open}: {told}"));
    }
    match manual {
        0 => {}
        1 => add(About::Manual, format!("1 item waits for a person (points: {points})")),
        more => add(About::Manual, format!("{more} items wait for a person (points: {points})")),
    }
}

/// The first reading that an item lacks though it was asked for.
fn first_failure(item: &ItemScore) -> Option<(&Unreadable, String)> {
    let failed = item.outcome.unreadable.iter().find(|missing| missing.failure.cause != Cause::NotCollected)?;
    Some((&failed.failure, failed.name()))
}
