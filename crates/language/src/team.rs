//! The team, for expressions and templates.

use minijinja::Value;
use stackmark_evidence::Team;

use crate::expression::value_of;

/// The team as expressions and templates see it.
pub fn team_value(team: &Team) -> Value {
    let names: Vec<String> = team.members.iter().map(|member| member.name.clone()).collect();
    of_members(team, &value_of(&names), &Value::from(names.len()))
}

/// The same of a team of which nobody knows who is in it: `unknown` stands for the members, and for how many they are.
pub fn team_of_unknown(team: &Team, unknown: &Value) -> Value {
    of_members(team, unknown, unknown)
}

fn of_members(team: &Team, members: &Value, size: &Value) -> Value {
    // `roster` or `history`, as evidence has it.
    let from = value_of(team.members_from);
    let (id, name, nonce) = (team.id.clone(), team.name.clone(), team.nonce.clone());
    minijinja::context! { id => id, name => name, nonce => nonce, members => members, size => size, members_from => from }
}
