//! The names that a check's expressions have, and what stands behind each.

use std::collections::BTreeMap;

use stackmark_evidence::Team;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_language::team_value;

use super::params::{Kind, Param};
use super::shape::{Shape, Shapes};

/// Parameters, readings, answers, `team` and `scope`; those of `let` come as they are read.
///
/// `answers` are the names of requests, loads and the like, with the schema of what each of them brings.
pub(crate) fn shapes<'c>(
    params: impl IntoIterator<Item = (&'c String, &'c Param)>,
    answers: impl IntoIterator<Item = (&'c str, Option<&'static serde_json::Value>)>,
) -> Shapes {
    let mut shapes: Shapes = BTreeMap::new();
    for known in READING_PATHS {
        let family = known.path.split('.').next().unwrap_or_default();
        shapes.insert(family.to_owned(), Shape::Family(family.to_owned()));
    }
    for (name, schema) in answers {
        shapes.insert(name.to_owned(), schema.map_or(Shape::Unknown, Shape::Held));
    }
    shapes.insert("team".to_owned(), team());
    shapes.insert("scope".to_owned(), Shape::Text);
    // Last: a parameter may have the name of a family.
    for (name, param) in params {
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
