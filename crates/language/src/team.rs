//! The team, for expressions and templates.

use minijinja::Value;
use stackmark_evidence::Team;

use crate::expression::value_of;

/// The team as expressions and templates see it.
pub fn team_value(team: &Team) -> Value {
    let names: Vec<String> = team.members.iter().map(|member| member.name.clone()).collect();
    let size = names.len();
    // `roster` or `history`, as evidence has it.
    let from = value_of(team.members_from);
    let (id, name, nonce) = (team.id.clone(), team.name.clone(), team.nonce.clone());
    minijinja::context! { id => id, name => name, nonce => nonce, members => names, size => size, members_from => from }
}
