//! For people at a terminal.

use anstyle::{AnsiColor, Style as Paint};

use super::super::escape::clean;
use super::super::layout::{right, width, wrap};
use super::super::terminal::Style;
use super::attention::attention;
use super::words::{confidence, name_of, reasons, signature, unmatched};
use stackmark_evidence::MembersFrom;
use stackmark_evidence::closed::IdentifiedBy;
use stackmark_evidence::identities::{
    Identity, IdentityReport, MemberIdentities, Suggestion, TeamIdentities, Unit, UnmappedIdentity,
};

const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const YELLOW: Paint = AnsiColor::Yellow.on_default();

/// Columns of a number of commits.
const COUNT: usize = 6;

/// Members with their identities, then what is nobody's, with suggestions; of several teams, first which need attention.
pub fn terminal(report: &IdentityReport, style: Style) -> String {
    let first = (report.teams.len() > 1).then(|| overview(report, style));
    let teams = report.teams.iter().map(|team| of_team(team, style));
    first.into_iter().chain(teams).collect::<Vec<String>>().join("\n")
}

fn overview(report: &IdentityReport, style: Style) -> String {
    let mut lines = Lines { style, text: String::new() };
    let (found, all) = (attention(report), report.teams.len());
    lines.wrapped(BOLD, 0, &format!("{} of {all} teams need attention", found.len()));
    for team in found {
        lines.wrapped(YELLOW, 2, &format!("{}: {}", team.team, team.reasons.join("; ")));
    }
    lines.text
}

fn of_team(team: &TeamIdentities, style: Style) -> String {
    let mut lines = Lines { style, text: String::new() };
    let title = team.name.as_ref().map_or_else(|| clean(&team.team), |name| format!("{} ({})", clean(name), team.team));
    lines.wrapped(BOLD, 0, &title);
    let counted = match team.unit {
        Unit::AddedLines => format!("{} added lines; shares are parts of them", team.whole),
        Unit::Commits => "shares are parts of the commits".to_owned(),
    };
    let commit = team.commit.get(..10).unwrap_or(&team.commit);
    lines.wrapped(DIM, 0, &format!("{} up to {commit}; {counted}", commits(team.commits)));
    if let Some(unread) = &team.unread {
        lines.wrapped(YELLOW, 0, &format!("Lines could not be counted: {}", clean(unread)));
    }
    if team.members_from == MembersFrom::History {
        let note = "No roster: members are the people that names, addresses and logins show beyond doubt.";
        lines.wrapped(DIM, 0, note);
    }
    for member in &team.members {
        lines.member(team, member);
    }
    let whole = match team.unit {
        Unit::AddedLines => "added lines",
        Unit::Commits => "commits",
    };
    if team.nobodys_share > 0.0 || !team.unmapped.is_empty() {
        lines.blank();
        lines.wrapped(BOLD, 0, &format!("No member's: {} of the {whole}", percent(team.nobodys_share)));
        lines.unmapped(team, &team.unmapped);
    }
    lines.section(team, "Machine accounts", &team.machines);
    lines.section(team, "Programs", &team.bots);
    if !team.unmatched.is_empty() {
        lines.blank();
        lines.wrapped(BOLD, 0, "In the roster, but in no commit");
        for it in &team.unmatched {
            lines.wrapped(Paint::new(), 2, &unmatched(team, it));
        }
    }
    lines.text
}

struct Lines {
    style: Style,
    text: String,
}

impl Lines {
    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn wrapped(&mut self, paint: Paint, indent: usize, text: &str) {
        for line in wrap(text, self.style.width.max(40) - indent) {
            let line = self.style.paint(paint, &line);
            self.text.push_str(&format!("{}{line}\n", " ".repeat(indent)));
        }
    }

    /// A number of commits, a signature, and what is to say of it, wrapped below each other.
    fn counted(&mut self, count: u64, signature: &str, said: &str) {
        let indent = COUNT + 2;
        let room = self.style.width.max(40) - indent;
        let one_line = width(signature) + 2 + width(said) <= room;
        let mut lines = wrap(signature, room).into_iter();
        let first = lines.next().unwrap_or_default();
        self.text.push_str(&format!("{}  {first}", right(&count.to_string(), COUNT)));
        if one_line && !said.is_empty() {
            self.text.push_str(&format!("  {}", self.style.paint(DIM, said)));
        }
        self.blank();
        for line in lines {
            self.text.push_str(&format!("{}{line}\n", " ".repeat(indent)));
        }
        if !one_line {
            self.wrapped(DIM, indent, said);
        }
    }

    fn member(&mut self, team: &TeamIdentities, member: &MemberIdentities) {
        self.blank();
        let share: f64 = member.identities.iter().map(|identity| identity.share).sum();
        let name = clean(&member.name);
        if member.identities.is_empty() {
            self.wrapped(BOLD, 0, &format!("{name}: no commit"));
        } else {
            self.wrapped(BOLD, 0, &format!("{name}: {}", percent(share)));
        }
        for identity in &member.identities {
            self.counted(identity.commits, &signature(&identity.person), &why(identity));
        }
        self.suggestions(team, &member.suggestions);
    }

    fn section(&mut self, team: &TeamIdentities, title: &str, list: &[UnmappedIdentity]) {
        if !list.is_empty() {
            self.blank();
            self.wrapped(BOLD, 0, title);
            self.unmapped(team, list);
        }
    }

    fn unmapped(&mut self, team: &TeamIdentities, list: &[UnmappedIdentity]) {
        for unmapped in list {
            let mut said = percent(unmapped.share);
            said.push_str(&co_authored(unmapped.co_authored));
            self.counted(unmapped.commits, &signature(&unmapped.person), &said);
            self.suggestions(team, &unmapped.suggestions);
        }
    }

    fn suggestions(&mut self, team: &TeamIdentities, suggestions: &[Suggestion]) {
        for suggestion in suggestions {
            let sure = confidence(suggestion.confidence);
            let text = format!("{sure} {}: {}", name_of(team, &suggestion.member), reasons(suggestion));
            self.wrapped(YELLOW, COUNT + 4, &text);
        }
    }
}

fn why(identity: &Identity) -> String {
    let to = identity.to.as_ref().map(signature).unwrap_or_default();
    let by = match identity.by {
        IdentifiedBy::Mailmap => format!("by the mailmap, as {to}"),
        IdentifiedBy::RepositoryMailmap => format!("by the repository's own .mailmap, as {to}"),
        by @ (IdentifiedBy::Address | IdentifiedBy::Login | IdentifiedBy::Name) => format!("by {by}"),
    };
    by + &co_authored(identity.co_authored)
}

fn co_authored(count: u64) -> String {
    if count == 0 { String::new() } else { format!(", co-author of {}", commits(count)) }
}

fn commits(count: u64) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
