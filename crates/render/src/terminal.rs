//! What a run prints: one team's summary; a class's table is in `class_table`.

use std::collections::BTreeSet;

use anstyle::Style as Paint;

pub use super::class_table::{ClassRow, class_table};
use super::escape::clean;
use super::gains::{self, Placed};
use super::language::{Language, REFERENCE};
use super::layout::{left, right, width, wrap};
pub use super::page::Style;
use super::page::{BAR, BOLD, CYAN, DIM, GREEN, Page, YELLOW};
use super::{templates, view};
use stackmark_evidence::closed::ChosenBy;
use stackmark_evidence::git::Head;
use stackmark_evidence::points::Points;
use stackmark_evidence::{Cause, Evidence, MembersFrom, Reading, SetAside, SetAsideKind, Team, Unreadable};
use stackmark_judge::embedded_sentences;
use stackmark_judge::scorecard::{ItemScore, Mark, Scorecard, Verdict};

/// Columns of the words before a finding's texts.
const LABEL: usize = 10;

/// A team's result: mark, criteria, findings by points lost, what is open, and what would earn the most.
pub fn summary(card: &Scorecard, evidence: &Evidence, style: Style) -> String {
    let code = card.rubric.language.as_str();
    // A language of the user's own has its words in the report alone.
    let code = if templates::is_embedded(code) { code } else { REFERENCE };
    let language = templates::embedded_language(code);
    let mut page = Page::speaking(style, embedded_sentences(code));
    header(&mut page, card, evidence);
    criteria(&mut page, card, &language);
    findings(&mut page, card);
    not_judged(&mut page, card);
    open(&mut page, card, &language);
    decided(&mut page, card);
    best(&mut page, card);
    page.text
}

/// A text for a terminal of so many columns: a longer line is broken at spaces and goes on below its text, or below its
/// second column if it has one.
pub fn wrapped(text: &str, columns: usize) -> String {
    let mut laid_out = String::new();
    for line in text.lines() {
        if width(line) <= columns {
            laid_out.push_str(line);
            laid_out.push('\n');
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let second = line[indent..].find("  ").map(|gap| {
            let gap = indent + gap;
            gap + line[gap..].len() - line[gap..].trim_start().len()
        });
        let second = second.filter(|at| width(&line[..*at]) <= columns / 2);
        let (start, further) = match second {
            Some(at) => (at, width(&line[..at])),
            None => (indent, indent + 4),
        };
        for (at, part) in wrap(&line[start..], columns.saturating_sub(further).max(16)).iter().enumerate() {
            let before = if at == 0 { line[..start].to_owned() } else { " ".repeat(further) };
            laid_out.push_str(&format!("{before}{part}\n"));
        }
    }
    laid_out
}

fn header(page: &mut Page, card: &Scorecard, evidence: &Evidence) {
    let name = evidence.team.name.as_deref().map(clean).filter(|name| *name != card.team);
    let team = name.map_or_else(|| clean(&card.team), |name| format!("{name} ({})", clean(&card.team)));
    page.paragraph(BOLD, "", &team);
    page.paragraph(Paint::new(), "", &clean(&card.rubric.title));
    let commit = match &evidence.git.head {
        Reading::Observed { value } => graded(value),
        Reading::Absent { note } => format!("no commit to grade: {note}"),
        Reading::Unreadable(failure) => format!("no commit could be read ({failure})"),
    };
    page.paragraph(DIM, "", &clean(&page.say(&commit)));
    if let Some(people) = people(&evidence.team) {
        page.paragraph(DIM, "", &clean(&page.say(&people)));
    }
    page.line("");
    let open = card.mark.open;
    let mut mark = page.style.paint(BOLD, &page.mark(card.mark));
    if open > 0 {
        let items_open = format!("{open} {} open", if open == 1 { "item" } else { "items" });
        mark.push_str(&page.style.paint(CYAN, &format!(", {}", page.say(&items_open))));
    }
    page.line(&format!("  {mark}"));
    if let Some(other) = &card.other {
        let commit =
            other.commit.as_deref().map_or_else(|| page.style.dash().to_owned(), |it| it.chars().take(10).collect());
        let what = if other.in_time { "the last commit in time" } else { "the last commit before the cutoff" };
        let told = format!("{what} ({commit}) was graded as well: {}", page.mark(other.mark));
        page.paragraph(DIM, "  ", &clean(&page.say(&told)));
    }
    page.line("");
}

/// Who is graded where only the history says so: somebody who signs with two names is seen to count twice.
fn people(team: &Team) -> Option<String> {
    const SHOWN: usize = 8;
    if team.members_from == MembersFrom::Roster || team.members.is_empty() {
        return None;
    }
    let mut names: Vec<String> = team.members.iter().take(SHOWN).map(|member| member.name.clone()).collect();
    names.extend((team.members.len() > SHOWN).then(|| format!("and {} more", team.members.len() - SHOWN)));
    Some(format!("without a roster, each name in the history counts as a person: {}", names.join(", ")))
}

fn graded(head: &Head) -> String {
    let id: String = head.commit.chars().take(10).collect();
    let branch = head.branch.as_ref().map(|branch| format!(" on {branch}")).unwrap_or_default();
    let why = match (head.chosen_by, &head.deadline) {
        (ChosenBy::Deadline, Some(deadline)) if head.due.is_some() => {
            let due = head.due.as_deref().unwrap_or_default();
            format!(", the last one by {}; the deadline was {}", templates::moment(deadline), templates::moment(due))
        }
        (ChosenBy::Deadline, Some(deadline)) => format!(", the last one before {}", templates::moment(deadline)),
        (ChosenBy::Deadline, None) => ", the last one in time".to_owned(),
        (ChosenBy::Pinned, _) => ", named by the instructor".to_owned(),
        // A tag has a note that says so.
        (ChosenBy::Tip, _) if head.branch.is_none() && head.notes.is_empty() => ", HEAD, detached".to_owned(),
        (ChosenBy::Tip, _) => ", the newest".to_owned(),
    };
    let late = match head.commits_after_deadline {
        0 => String::new(),
        1 => "; 1 later commit is not graded".to_owned(),
        more => format!("; {more} later commits are not graded"),
    };
    let open = head.set_aside.iter().filter(|open| open.kind == SetAsideKind::Dates).map(SetAside::in_words);
    let notes: String = head.notes.iter().cloned().chain(open).map(|note| format!("; {note}")).collect();
    format!("commit {id}{branch}{why}{late}{notes}")
}

fn criteria(page: &mut Page, card: &Scorecard, language: &Language) {
    let rows: Vec<(String, Mark)> = card
        .criteria
        .iter()
        .map(|criterion| (clean(view::criterion_title(criterion, language)), criterion.mark))
        .collect();
    let parts: Vec<(String, Mark)> = view::parts(card).into_iter().map(|part| (clean(part.name), part.mark)).collect();
    let all = || rows.iter().chain(&parts);
    let marks = all().map(|(_, mark)| width(&page.mark(*mark))).max().unwrap_or(0);
    let room = page.width.saturating_sub(2 + 2 + marks + 2 + BAR);
    let names = all().map(|(name, _)| width(name)).max().unwrap_or(0).min(room.max(12));
    let bars = page.width >= 2 + names + 2 + marks + 2 + BAR;
    for (name, mark) in &rows {
        page.marked(name, *mark, names, marks, bars);
    }
    for adjustment in &card.adjustments {
        let points = adjustment.points.to_string();
        let points = if adjustment.points > Points::ZERO { format!("+{points}") } else { points };
        let reason =
            format!("{} (by {}, {})", clean(&adjustment.reason), clean(&adjustment.by), clean(&adjustment.when));
        if bars {
            let label = format!("{}  {}", left("Adjustment", names, page.style.ellipsis()), right(&points, marks));
            page.labelled(Paint::new(), 2, &label, names + 2 + marks + 2, &reason);
        } else {
            page.labelled(Paint::new(), 2, &points, 6, &reason);
        }
    }
    if let Some(zero) = &card.zero {
        let reason = format!("{} (by {}, {})", clean(&zero.reason), clean(&zero.by), clean(&zero.when));
        page.labelled(Paint::new(), 2, "No points", 11, &reason);
    }
    page.line("");
    if !parts.is_empty() {
        page.heading("By part");
        for (name, mark) in &parts {
            page.marked(name, *mark, names, marks, bars);
        }
        page.line("");
    }
}

fn findings(page: &mut Page, card: &Scorecard) {
    let losing = gains::by_points_lost(card);
    if losing.is_empty() {
        return;
    }
    page.heading("Findings");
    for placed in losing {
        let outcome = &placed.item.outcome;
        let (sign, paint) = page.sign(&placed);
        page.item(sign, paint, &outcome.expected, &page.mark(placed.item.mark));
        page.labelled(DIM, 4, "found", LABEL, &clean(&outcome.actual));
        if placed.item.settled.is_some() {
            page.labelled(DIM, 4, "decided", LABEL, &page.say("by hand, see below"));
        }
        page.labelled(DIM, 4, "fix", LABEL, &clean(&outcome.fix));
        let earns = format!("{} ({})", points(placed.lost()), clean(&placed.item.id));
        page.labelled(DIM, 4, "earns", LABEL, &page.say(&earns));
        page.line("");
    }
}

/// Points that nothing was done for: whoever reads the mark has to know.
fn not_judged(page: &mut Page, card: &Scorecard) {
    let items = card.criteria.iter().flat_map(|criterion| &criterion.items);
    let unjudged: Vec<&ItemScore> = items
        .filter(|item| item.outcome.verdict == Verdict::NotApplicable && item.settled.is_none())
        .filter(|item| item.mark.low > Points::ZERO)
        .collect();
    if unjudged.is_empty() {
        return;
    }
    page.heading("Not judged, and paid in full");
    for item in unjudged {
        page.item(page.style.dash(), DIM, &item.outcome.expected, &page.mark(item.mark));
        let why = clean(&item.outcome.actual);
        let why = if why.is_empty() { page.say("it does not apply to this team") } else { why };
        page.labelled(DIM, 4, "why", LABEL, &why);
    }
    page.line("");
}

fn open(page: &mut Page, card: &Scorecard, language: &Language) {
    let items = gains::open(card);
    if items.is_empty() {
        return;
    }
    page.heading("Open");
    let mut shown: Vec<Vec<&Unreadable>> = Vec::new();
    for placed in &items {
        let failures = failures(placed.item);
        if failures.is_empty() {
            page.open_item(placed);
            let outcome = &placed.item.outcome;
            let label = if outcome.verdict == Verdict::Manual { "look at" } else { "why" };
            page.labelled(DIM, 4, label, LABEL, &clean(&outcome.actual));
            page.line("");
        } else if !shown.contains(&failures) {
            // Items that the same stands in the way of are together, and it is said once.
            let together: Vec<&Placed<'_>> =
                items.iter().filter(|other| self::failures(other.item) == failures).collect();
            for placed in &together {
                page.open_item(placed);
            }
            not_read(page, &together, &failures, language);
            page.line("");
            shown.push(failures);
        }
    }
}

/// What an item could not be judged for, each once.
fn failures(item: &ItemScore) -> Vec<&Unreadable> {
    let mut failures: Vec<&Unreadable> = Vec::new();
    for missing in &item.outcome.unreadable {
        if !failures.contains(&&missing.failure) {
            failures.push(&missing.failure);
        }
    }
    failures
}

/// What was not read for these items, why not, and what to do.
fn not_read(page: &mut Page, together: &[&Placed<'_>], failures: &[&Unreadable], language: &Language) {
    for failure in failures {
        let mut names: Vec<String> = Vec::new();
        for missing in together.iter().flat_map(|placed| &placed.item.outcome.unreadable) {
            if missing.failure == **failure && !names.contains(&missing.name()) {
                names.push(missing.name());
            }
        }
        page.labelled(DIM, 4, "unread", LABEL, &clean(&names.join(", ")));
        let why =
            if failure.cause == Cause::NotCollected { failure.detail.clone() } else { page.say(&failure.to_string()) };
        page.labelled(DIM, 4, "why", LABEL, &clean(&why));
    }
    let causes: BTreeSet<_> = failures.iter().map(|failure| failure.cause).collect();
    for remedy in causes.iter().filter_map(|cause| language.label(&format!("remedy.{cause}"))) {
        page.labelled(DIM, 4, "to do", LABEL, remedy);
    }
}

fn decided(page: &mut Page, card: &Scorecard) {
    let settled = gains::settled(card);
    if !settled.is_empty() {
        page.heading("Decided by hand");
    }
    for placed in &settled {
        let Some(decision) = &placed.item.settled else { continue };
        let (sign, paint) = page.sign(placed);
        page.item(sign, paint, &placed.item.outcome.expected, &page.mark(placed.item.mark));
        page.labelled(DIM, 4, "measured", LABEL, &page.mark(decision.measured));
        let reason = format!("{} (by {}, {})", clean(&decision.reason), clean(&decision.by), clean(&decision.when));
        if let Some(appeal) = &decision.appeal {
            page.labelled(DIM, 4, "request", LABEL, &clean(appeal));
        }
        page.labelled(DIM, 4, "reason", LABEL, &reason);
        page.line("");
    }
    for unmatched in &card.unmatched_overrides {
        let said = page.say(&format!("not applied, made for another rubric: {}", clean(unmatched)));
        page.paragraph(YELLOW, "  ", &said);
    }
    if !card.unmatched_overrides.is_empty() {
        page.line("");
    }
}

fn best(page: &mut Page, card: &Scorecard) {
    let losing = gains::by_points_lost(card);
    if losing.is_empty() {
        page.line(&page.say("No points were lost."));
        return;
    }
    page.heading("What would earn the most");
    for placed in losing.iter().take(3) {
        page.labelled(GREEN, 2, &format!("+{}", placed.lost()), 6, &clean(&placed.item.outcome.fix));
    }
}

fn points(points: Points) -> String {
    format!("{points} {}", if points == Points::whole(1) { "point" } else { "points" })
}
