//! The names that a check's expressions have, and what stands behind each.

use std::collections::BTreeMap;

use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::{MembersFrom, Team, schema};
use stackmark_language::team_value;

use super::check::Check;
use super::params::Kind;
use super::shape::{Shape, Shapes};

/// Parameters, readings, answers, `team` and `scope`; those of `let` come as they are read.
pub(crate) fn shapes(check: &Check) -> Shapes {
    let mut shapes: Shapes = BTreeMap::new();
    for known in READING_PATHS {
        let family = known.path.split('.').next().unwrap_or_default();
        shapes.insert(family.to_owned(), Shape::Family(family.to_owned()));
    }
    let held = |schema: Option<&'static serde_json::Value>| schema.map_or(Shape::Unknown, Shape::Held);
    for step in &check.requests {
        shapes.insert(step.name.text.clone(), held(schema::exchange()));
    }
    if let Some(load) = &check.load {
        shapes.insert(load.name.text.clone(), held(schema::load()));
    }
    if let Some(step) = &check.recovery {
        shapes.insert(step.name.text.clone(), held(schema::recovery()));
    }
    shapes.insert("team".to_owned(), Shape::Keys(team_keys()));
    shapes.insert("scope".to_owned(), Shape::Text);
    // Last: a parameter may have the name of a family.
    for (name, param) in &check.params {
        let shape = match param.kind {
            Kind::Integer | Kind::Number => Shape::Number,
            Kind::String => Shape::Text,
            Kind::Boolean => Shape::Boolean,
            Kind::List => Shape::List(Box::new(Shape::Unknown)),
        };
        shapes.insert(name.clone(), shape);
    }
    shapes
}

/// Asked of the function that makes the value, so that the two cannot differ.
fn team_keys() -> Vec<String> {
    let team = Team {
        id: String::new(),
        name: None,
        members: Vec::new(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
    };
    let value = team_value(&team);
    value.try_iter().map(|keys| keys.map(|key| key.to_string()).collect()).unwrap_or_default()
}
