//! Which teams of a roster a person has to look at before grading, the worst first.

use super::super::escape::clean;
use super::words::name_of;
use stackmark_evidence::MembersFrom;
use stackmark_evidence::identities::{IdentityReport, TeamIdentities, Unit};

/// A part of the work that is nobody's below which nobody has to look.
const SMALL: f64 = 0.05;

/// A team with what is to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attention {
    pub(super) team: String,
    /// In words, the gravest first.
    pub(super) reasons: Vec<String>,
    weight: f64,
}

/// The teams that need attention; those that need none are left out.
pub(super) fn attention(report: &IdentityReport) -> Vec<Attention> {
    let mut found: Vec<Attention> = report.teams.iter().filter_map(of_team).collect();
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.team.cmp(&b.team)));
    found
}

fn of_team(team: &TeamIdentities) -> Option<Attention> {
    let (mut reasons, mut weight) = (Vec::new(), 0.0);
    if team.commits == 0 {
        reasons.push("no commit".to_owned());
        weight += 3.0;
    }
    if team.nobodys_share >= SMALL {
        let whole = match team.unit {
            Unit::AddedLines => "added lines",
            Unit::Commits => "commits",
        };
        let who: Vec<String> =
            team.unmapped.iter().chain(&team.machines).take(3).map(|it| clean(&it.person.name)).collect();
        reasons.push(format!("{:.0}% of the {whole} are nobody's ({})", team.nobodys_share * 100.0, who.join(", ")));
        weight += 1.0 + team.nobodys_share;
    }
    let twice = team.members.iter().flat_map(|member| member.suggestions.iter().map(move |it| (member, it)));
    let twice: Vec<String> = (twice.filter(|_| team.members_from == MembersFrom::Roster))
        .map(|(member, it)| format!("{} and {}", clean(&member.name), name_of(team, &it.member)))
        .collect();
    if !twice.is_empty() {
        reasons.push(format!("very likely one person: {}", twice.join(", ")));
        weight += 1.0;
    }
    let idle: Vec<String> =
        (team.members.iter()).filter(|member| member.identities.is_empty()).map(|member| clean(&member.name)).collect();
    if !idle.is_empty() && team.commits > 0 {
        reasons.push(format!("no commit by {}", idle.join(", ")));
        weight += 1.0;
    }
    if let Some(unread) = &team.unread {
        reasons.push(format!("lines could not be counted: {}", clean(unread)));
        weight += 1.0;
    }
    (!reasons.is_empty()).then(|| Attention { team: clean(&team.team), reasons, weight })
}
