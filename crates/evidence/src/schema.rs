//! Fields, types and meaning of every reading, made from the types themselves and their documentation.
//!
//! The linter, `stackmark explain --readings NAME` and `stackmark schema evidence` read it; nothing is declared twice.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use super::Evidence;

static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Evidence>().to_value()
});

/// What stands at a place of the evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Held {
    /// Fields by name, each with its own schema: a name that is not among them is never there.
    Fields(&'static Map<String, Json>),
    /// Values of one kind, under keys that only the data knows.
    Keyed(&'static Json),
    /// A list of values of one kind.
    List(&'static Json),
    /// Text; one of these words, where there are any.
    Text(Words),
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Anything.
    Any,
}

/// The only words that a text can be; empty where it can be any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Words(Option<&'static Json>);

/// JSON Schema (draft 2020-12) of `evidence.json`.
pub fn schema() -> &'static Json {
    &SCHEMA
}

/// The schema of what is read at a path of [`crate::paths::READING_PATHS`], once it is observed.
pub fn reading(path: &str) -> Option<&'static Json> {
    let (family, name) = path.split_once('.')?;
    let Held::Fields(families) = held(schema()) else { return None };
    let Held::Fields(readings) = held(families.get(family)?) else { return None };
    observed(readings.get(name)?)
}

/// The schema of the answer to a request.
pub fn exchange() -> Option<&'static Json> {
    keyed("exchanges")
}

/// The schema of a load.
pub fn load() -> Option<&'static Json> {
    keyed("loads")
}

/// The schema of what a `[recovery]` gives.
pub fn recovery() -> Option<&'static Json> {
    reading("http.recovery")
}

fn keyed(name: &str) -> Option<&'static Json> {
    let Held::Fields(families) = held(schema()) else { return None };
    let Held::Fields(http) = held(families.get("http")?) else { return None };
    let Held::Keyed(each) = held(http.get(name)?) else { return None };
    observed(each)
}

/// The value of a reading, of its three states.
fn observed(reading: &'static Json) -> Option<&'static Json> {
    let states = resolved(reading).get("oneOf")?.as_array()?;
    states.iter().find_map(|state| state.get("properties")?.get("value"))
}

/// What a schema is about, its references followed and its `null` left out.
pub fn held(schema: &'static Json) -> Held {
    let schema = resolved(schema);
    if let Some(fields) = schema.get("properties").and_then(Json::as_object) {
        // One state of several has fields that the others lack.
        return if schema.get("oneOf").is_some() { Held::Any } else { Held::Fields(fields) };
    }
    if let Some(variants) = schema.get("oneOf").and_then(Json::as_array) {
        let words = |variant: &Json| variant.get("const").is_some_and(Json::is_string) || variant.get("enum").is_some();
        return if variants.iter().all(words) { Held::Text(Words(Some(schema))) } else { Held::Any };
    }
    let kind = match schema.get("type") {
        Some(Json::String(kind)) => kind.as_str(),
        Some(Json::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Json::as_str).filter(|kind| *kind != "null");
            match (kinds.next(), kinds.next()) {
                (Some(kind), None) => kind,
                _ => return Held::Any,
            }
        }
        _ => return Held::Any,
    };
    match kind {
        "string" if schema.get("enum").is_some() => Held::Text(Words(Some(schema))),
        "string" => Held::Text(Words(None)),
        "integer" | "number" => Held::Number,
        "boolean" => Held::Boolean,
        "array" => schema.get("items").map_or(Held::Any, Held::List),
        "object" => schema.get("additionalProperties").map_or(Held::Any, Held::Keyed),
        _ => Held::Any,
    }
}

/// Whether `null` says "not known" to the checks that read a field of this name, which is marked so: what an older version
/// did not write needs no other care then.
pub fn is_unknown_when_null(field: &str) -> bool {
    UNKNOWN_WHEN_NULL.contains(field)
}

static UNKNOWN_WHEN_NULL: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    fn gather(schema: &'static Json, found: &mut BTreeSet<&'static str>) {
        match schema {
            Json::Object(parts) => {
                let fields = parts.get("properties").and_then(Json::as_object).into_iter().flatten();
                found.extend(fields.filter(|(_, field)| field.get(OLDER).is_some()).map(|(name, _)| name.as_str()));
                parts.values().for_each(|part| gather(part, found));
            }
            Json::Array(parts) => parts.iter().for_each(|part| gather(part, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    gather(&SCHEMA, &mut found);
    found
});

/// The mark of such a field.
const OLDER: &str = "x-older";

/// The first sentence of what a schema says of itself; empty where it says nothing.
pub fn meaning(schema: &'static Json) -> &'static str {
    let told = schema.get("description").or_else(|| resolved(schema).get("description"));
    let told = told.and_then(Json::as_str).unwrap_or_default();
    told.split("\n\n").next().unwrap_or_default()
}

fn resolved(mut schema: &'static Json) -> &'static Json {
    loop {
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            match reference.strip_prefix('#').and_then(|pointer| SCHEMA.pointer(pointer)) {
                Some(there) => schema = there,
                None => return schema,
            }
            continue;
        }
        let Some(choices) = schema.get("anyOf").and_then(Json::as_array) else { return schema };
        let is_null = |choice: &&Json| choice.get("type").and_then(Json::as_str) == Some("null");
        let mut others = choices.iter().filter(|choice| !is_null(choice));
        match (others.next(), others.next()) {
            (Some(only), None) => schema = only,
            _ => return schema,
        }
    }
}

impl Words {
    /// Whether it can be any text.
    pub fn any(self) -> bool {
        self.0.is_none()
    }

    /// The words, in the order of the type.
    pub fn list(self) -> Vec<&'static str> {
        let Some(schema) = self.0 else { return Vec::new() };
        let of = |schema: &'static Json| -> Vec<&'static str> {
            let one = schema.get("const").and_then(Json::as_str);
            let several = schema.get("enum").and_then(Json::as_array);
            one.into_iter().chain(several.into_iter().flatten().filter_map(Json::as_str)).collect()
        };
        let variants = schema.get("oneOf").and_then(Json::as_array);
        variants.map_or_else(|| of(schema), |variants| variants.iter().flat_map(of).collect())
    }
}

impl Held {
    /// As a person says it: `list of text`, `number`, `one of "a", "b"`.
    pub fn words(self) -> String {
        match self {
            Self::Fields(_) => "fields".to_owned(),
            Self::Keyed(each) => format!("by key: {}", held(each).words()),
            Self::List(each) => format!("list of {}", held(each).words()),
            Self::Text(words) if words.any() => "text".to_owned(),
            Self::Text(words) => words.list().iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or "),
            Self::Number => "number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Any => "anything".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::READING_PATHS;

    #[test]
    fn every_reading_has_a_schema() {
        for known in READING_PATHS {
            let schema = reading(known.path).unwrap_or_else(|| panic!("{} has no schema", known.path));
            assert_ne!(held(schema), Held::Any, "{}", known.path);
        }
        for schema in [exchange(), load(), recovery()] {
            assert!(matches!(held(schema.expect("a schema")), Held::Fields(_)));
        }
    }

    #[test]
    fn a_field_that_is_unknown_when_null_is_so_wherever_its_name_stands() {
        fn look(schema: &Json) {
            match schema {
                Json::Object(parts) => {
                    for (name, field) in parts.get("properties").and_then(Json::as_object).into_iter().flatten() {
                        let may_be_null = field.to_string().contains("\"null\"");
                        let is_marked = field.get(OLDER).is_some();
                        assert!(
                            !may_be_null || is_marked == is_unknown_when_null(name),
                            "{name} is marked elsewhere alone"
                        );
                    }
                    parts.values().for_each(look);
                }
                Json::Array(parts) => parts.iter().for_each(look),
                _ => {}
            }
        }
        assert!(is_unknown_when_null("evenness_by_hand") && !is_unknown_when_null("listener_arn"));
        look(schema());
    }

    #[test]
    fn fields_have_types_and_meanings() {
        let Held::List(row) = held(reading("aws.instances").expect("a schema")) else { panic!("no list") };
        let Held::Fields(fields) = held(row) else { panic!("no fields") };
        assert!(matches!(held(&fields["instance_type"]), Held::Text(words) if words.any()));
        let Held::Fields(fields) = held(exchange().expect("a schema")) else { panic!("no fields") };
        assert_eq!(held(&fields["status"]), Held::Number);
        assert_eq!(held(&fields["json"]), Held::Any);
        assert!(matches!(held(&fields["headers"]), Held::Keyed(_)));
        assert!(matches!(held(&fields["url"]), Held::Text(_)), "what may be null is what it is otherwise");
        for (name, schema) in fields {
            assert!(!meaning(schema).is_empty(), "{name} says nothing of itself");
        }
    }
}
