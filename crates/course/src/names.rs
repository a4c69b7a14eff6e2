//! The names that a check's expressions have, and what stands behind each.

use std::collections::BTreeMap;

use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::{Team, schema};
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
    shapes.insert("team".to_owned(), team());
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
fn team() -> Shape {
    let nobody = serde_json::json!({ "id": "", "name": null, "members": [], "members_from": "roster", "folder": null });
    let Ok(team) = serde_json::from_value::<Team>(nobody) else { return Shape::Unknown };
    let Ok(keys) = team_value(&team).try_iter().map(|keys| keys.map(|key| key.to_string()).collect()) else {
        return Shape::Unknown;
    };
    Shape::Keys(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_teams_fields_are_those_of_its_value() {
        let Shape::Keys(keys) = team() else { panic!("the team's fields are not known") };
        assert!(
            ["id", "members", "size", "members_from"].iter().all(|key| keys.contains(&(*key).to_owned())),
            "{keys:?}"
        );
    }
}
