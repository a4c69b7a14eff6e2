//! Every key of what an instructor writes, with its type and meaning: one table, from which editors get JSON Schema
//! and people a reference.

use serde_json::{Map, Value as Json, json};

/// A format that an instructor writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Which checks, for how many points.
    Rubric,
    /// What is read and expected.
    Check,
    /// Who the teams are.
    Roster,
    /// What a person decided for a team.
    Overrides,
    /// What teams ask to be looked at again.
    Appeals,
}

/// A key: its path with `[]` behind what is a list of tables and `*` for any name, its type, what it means.
type Key = (&'static str, &'static str, &'static str);

const RUBRIC: &[Key] = &[
    ("title", "text", "As printed"),
    ("language", "text", "Of the reports: en, fr, it, or one of your own"),
    ("total", "number", "What a perfect team earns"),
    ("scheme", "text", "A mark scheme that the criteria keep to, such as handover-100"),
    ("extends", "text", "The rubric that this one changes"),
    ("remove", "texts", "Ids of criteria, or of items as criterion/item, of the extended rubric that are left out"),
    ("scope", "any", "Which AWS resources are a team's: \"account\", or tags"),
    ("limits", "table", "How much load the checks may put on a stack"),
    ("late.unit", "text", "In what lateness is counted: day or hour; each one that has begun counts"),
    ("late.deduction", "number", "Points that each unit costs"),
    ("late.floor", "number", "The lowest mark after the deduction; default 0"),
    ("late.grace_minutes", "integer", "Minutes after the deadline that are still in time"),
    ("late.cutoff", "integer", "Units after the deadline from which on work does not count"),
    ("members.lowest", "number", "The lowest factor of a member, from 0 to 1"),
    ("members.highest", "number", "The highest factor of a member, from 1 to 2"),
    ("signs.facts", "texts", "Facts of how the work came about that put a team among those to look at; default: all"),
    ("signs.at_least", "integer", "How many different ones it takes; default 2"),
    ("signs.only_asking", "boolean", "Whether only facts count that leave points to a person; default false"),
    ("signs.burst_percent", "number", "Percent of the work from which on a burst counts; default 0"),
    (
        "signs.gap_variation_percent",
        "number",
        "Percent of their mean up to which varying gaps count as even; default 100",
    ),
    ("change[].item", "text", "The item of the extended rubric, as criterion/item"),
    ("change[].id", "text", "Another id for it"),
    ("change[].check", "text", "Another check for it"),
    ("change[].points", "number", "Other points for it"),
    ("change[].part", "text", "Another subtotal for it"),
    ("change[].with", "table", "Other parameters for it"),
    ("criterion[].id", "text", "Unique in the rubric"),
    ("criterion[].title", "text", "As printed; built-in criteria have titles of their own"),
    ("criterion[].points", "number", "What its items add up to"),
    ("criterion[].item[].check", "text", "FAMILY/NAME of the check"),
    ("criterion[].item[].id", "text", "Its name, where the check's own is taken"),
    ("criterion[].item[].points", "number", "What it can earn, to the hundredth"),
    ("criterion[].item[].part", "text", "The subtotal that it belongs to"),
    ("criterion[].item[].with", "table", "Parameters of the check"),
];

const CHECK: &[Key] = &[
    ("title", "text", "What is expected; a template over the parameters"),
    ("why", "text", "Why it matters; a template"),
    ("fix", "text", "The next step, as an imperative; a template"),
    ("reads", "texts", "Readings that it needs, such as aws.instances"),
    ("optional", "texts", "Those of them that may be absent; expressions then see none"),
    ("resource_types", "texts", "CloudFormation's names of the types that it looks for in aws.resources"),
    ("forbids", "boolean", "It holds where nothing is found, so that what was not read leaves a pass open"),
    ("applies", "text", "An expression; if it is false, the check does not apply to the team"),
    ("otherwise", "text", "What is said if `applies` is false; a template"),
    ("shows", "text", "What was seen, whatever the verdict; a template"),
    ("score", "text", "An expression that gives 0..1, in place of [[expect]]"),
    ("says", "text", "What is said beside a score; a template"),
    ("manual", "text", "What a person has to look at, in place of [[expect]]; a template"),
    ("params.*.type", "text", "integer, number, string, boolean or list"),
    ("params.*.default", "any", "Its value if a rubric gives none; without one, a rubric must"),
    ("params.*.about", "text", "What it means"),
    ("params.*.of", "text", "What its words are: operation, resource-kind, tool or report-part"),
    ("let.*", "text", "An expression under a name; later ones may use it"),
    ("unsure.that", "text", "An expression; if it is true, a person has to look"),
    ("unsure.says", "text", "What to look at; a template"),
    ("unsure.keeps", "boolean", "What is earned stays so, and only the rest waits; if the check forbids, what is lost"),
    ("expect[].that", "text", "An expression that gives true, false or a share from 0 to 1"),
    ("expect[].says", "text", "What is said if it is not met in full; a template"),
    ("expect[].gate", "boolean", "If it is not met at all, nothing after it counts and the check fails"),
    ("expect[].weight", "number", "Its weight among the expectations; 1 by default, 0 for a gate"),
    ("request[].name", "text", "The name under which expressions see the answer"),
    ("request[].method", "text", "GET, HEAD, POST, PUT or DELETE"),
    ("request[].path", "text", "Path and query; a template"),
    ("request[].url", "text", "A whole URL that an earlier answer gave; a template"),
    ("request[].headers", "table", "Headers to send; templates"),
    ("request[].body", "any", "What to send; a template"),
    ("request[].multipart", "table", "Fields and files to send"),
    ("request[].capture", "table", "Values for later steps, by name"),
    ("request[].eventually", "table", "Ask again until `that` holds, `within` seconds, `every` few seconds"),
    ("request[].optional", "boolean", "If an earlier answer lacks what it needs, expressions see none"),
    ("request[].beside", "boolean", "It is for comparison only"),
    ("request[].repeat", "any", "How often it is sent, at most 100"),
    ("request[].timeout", "number", "Seconds that one attempt may take"),
    ("request[].redirects", "integer", "Redirects to follow"),
    ("load", "table", "A load to send: path, requests, concurrency, or threads with steps"),
    ("recovery.name", "text", "The name under which expressions see it"),
    ("recovery.path", "text", "Path and query that is asked all the while; a template"),
    ("recovery.every", "number", "Seconds between two requests"),
    ("recovery.within", "number", "Seconds after which watching ends"),
];

const ROSTER: &[Key] = &[
    ("title", "text", "Of the course, as printed"),
    ("rubric", "text", "Name of the rubric, or path of its file"),
    ("mailmap", "text", "Path of a mailmap of the instructor's"),
    ("deadline", "any", "Date and time with its offset"),
    ("counts", "texts", "Patterns of files that count although they look generated or vendored"),
    ("ignore", "texts", "Patterns of files that do not count"),
    ("aws", "table", "Account and region of every team: profile, role, external_id, region, regions, account"),
    ("team[].id", "text", "Letters, digits, -, _ and .; names the folder of its results"),
    ("team[].name", "text", "As printed"),
    ("team[].repository", "text", "URL or path"),
    ("team[].branch", "text", "The graded branch"),
    ("team[].folder", "text", "The graded folder of the repository"),
    ("team[].commit", "text", "The graded commit, as 40 digits"),
    ("team[].base_commit", "text", "The course's last commit, as 40 digits"),
    ("team[].deadline", "any", "An extension: date and time with its offset"),
    ("team[].report", "text", "Path of the report in the repository"),
    ("team[].counts", "texts", "Beside those of the roster"),
    ("team[].ignore", "texts", "Beside those of the roster"),
    ("team[].base_url", "text", "Where the requests go, if not to the load balancer in the account"),
    ("team[].nonce", "text", "What shows whose a stack is, to be put into a tag or a page"),
    ("team[].allow_disruptive", "boolean", "Whether an instance may be ended"),
    ("team[].tags", "table", "Tags of the team's resources, in place of the rubric's"),
    ("team[].aws", "table", "Account and region of this team"),
    ("team[].member[].name", "text", "First and last name"),
    ("team[].member[].emails", "texts", "Addresses that sign the commits"),
    ("team[].member[].aliases", "texts", "Other names that sign them"),
    ("team[].member[].login", "text", "At the forge"),
    ("team[].member[].distinct", "boolean", "Another person than a member who is called alike"),
    ("team[].member[].sis_id", "text", "Student number, for the gradebook"),
    ("team[].member[].lms_id", "text", "Number at the learning platform"),
    ("team[].member[].lms_login", "text", "Login at the learning platform"),
];

/// How the page with all keys begins.
const REFERENCE: &str = "\
# Every key

Made from the schemas of the formats by a test: change `crates/course/src/formats.rs`, not this page. `[]` is a list of
tables, such as `[[team]]`; `*` is any name. A *template* has `{{ … }}` in it. [rubrics.md](rubrics.md) and
[roster.md](roster.md) explain the keys with examples, [results.md](results.md#overrides) those of overrides and appeals.
`stackmark schema` prints the schemas for editors, and `stackmark explain --readings` what checks can read.
";

const OVERRIDES: &[Key] = &[
    ("rubric", "text", "Name of the rubric that the decisions are for"),
    ("override[].item", "text", "The item, as criterion/item"),
    ("override[].points", "number", "What it earns instead, to the hundredth"),
    ("override[].reason", "text", "Why; the team reads it"),
    ("override[].by", "text", "Who decided"),
    ("override[].when", "text", "The day, as 2026-11-20"),
    ("override[].appeal", "text", "The appeal that it answers"),
    ("adjustment[].points", "number", "Points for the whole, negative for a deduction"),
    ("adjustment[].reason", "text", "Why; the team reads it"),
    ("adjustment[].by", "text", "Who decided"),
    ("adjustment[].when", "text", "The day, as 2026-11-20"),
    ("policy.reason", "text", "The rule of the course by which the mark is zero, such as plagiarism"),
    ("policy.confirmed_by", "text", "Who confirmed it"),
    ("policy.on", "text", "The day, as 2026-11-20"),
];

const APPEALS: &[Key] = &[
    ("appeal[].team", "text", "Id of the team, as in the roster"),
    ("appeal[].item", "text", "The item, as criterion/item"),
    ("appeal[].text", "text", "What the team says"),
    ("appeal[].by", "text", "Who asks"),
    ("appeal[].state", "text", "open or answered; default: open"),
    ("appeal[].until", "text", "The day by which an answer is due, as 2026-12-01"),
];

impl Format {
    /// All of them, with the word for the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("rubric", Self::Rubric),
        ("check", Self::Check),
        ("roster", Self::Roster),
        ("overrides", Self::Overrides),
        ("appeals", Self::Appeals),
    ];

    /// Path, type and meaning of each of its keys.
    pub fn keys(self) -> &'static [Key] {
        match self {
            Self::Rubric => RUBRIC,
            Self::Check => CHECK,
            Self::Roster => ROSTER,
            Self::Overrides => OVERRIDES,
            Self::Appeals => APPEALS,
        }
    }

    /// JSON Schema (draft-07, which editors of TOML read).
    pub fn json_schema(self) -> Json {
        let mut root = table();
        for (path, kind, about) in self.keys() {
            let parts: Vec<&str> = path.split('.').collect();
            put(&mut root, &parts, leaf(kind, about));
        }
        if let Some(fields) = root.as_object_mut() {
            fields.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
            fields.insert("title".to_owned(), json!(self.title()));
        }
        root
    }

    /// The page with all keys of all formats, in Markdown.
    pub fn reference() -> String {
        let mut page = REFERENCE.to_owned();
        for (word, format) in Self::ALL {
            page.push_str(&format!("\n## `stackmark schema {word}`\n\n| key | type | meaning |\n|---|---|---|\n"));
            for (path, kind, about) in format.keys() {
                page.push_str(&format!("| `{path}` | {kind} | {about} |\n"));
            }
        }
        page
    }

    fn title(self) -> &'static str {
        match self {
            Self::Rubric => "A rubric of Stackmark",
            Self::Check => "A check of Stackmark",
            Self::Roster => "A roster of Stackmark",
            Self::Overrides => "Decisions on a team of Stackmark",
            Self::Appeals => "Appeals of a class of Stackmark",
        }
    }
}

/// A table whose keys are all known.
fn table() -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn leaf(kind: &str, about: &str) -> Json {
    let mut schema = match kind {
        "text" => json!({ "type": "string" }),
        "texts" => json!({ "type": "array", "items": { "type": "string" } }),
        "number" => json!({ "type": "number" }),
        "integer" => json!({ "type": "integer" }),
        "boolean" => json!({ "type": "boolean" }),
        "table" => json!({ "type": "object" }),
        _ => json!({}),
    };
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), json!(about));
    }
    schema
}

/// Puts a key's schema into that of a table.
fn put(table_schema: &mut Json, parts: &[&str], schema: Json) {
    let Some((part, rest)) = parts.split_first() else { return };
    let Some(fields) = table_schema.as_object_mut() else { return };
    if *part == "*" {
        if rest.is_empty() {
            fields.insert("additionalProperties".to_owned(), schema);
            return;
        }
        let each = fields.entry("additionalProperties").or_insert(Json::Null);
        if !each.is_object() {
            *each = table();
        }
        put(each, rest, schema);
        return;
    }
    let (name, is_list) = part.strip_suffix("[]").map_or((*part, false), |name| (name, true));
    let empty = || Json::Object(Map::new());
    let Some(properties) = fields.entry("properties").or_insert_with(empty).as_object_mut() else { return };
    if rest.is_empty() {
        properties.insert(name.to_owned(), schema);
        return;
    }
    let inner = properties.entry(name).or_insert_with(|| match is_list {
        true => json!({ "type": "array", "items": table() }),
        false => table(),
    });
    let inner = match is_list {
        true => &mut inner["items"],
        false => inner,
    };
    put(inner, rest, schema);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Library;

    /// Keys of a document that a schema does not allow.
    fn unknown(schema: &Json, value: &toml::Value, at: &str, found: &mut Vec<String>) {
        match value {
            toml::Value::Table(fields) => {
                for (name, inner) in fields {
                    let place = format!("{at}.{name}");
                    match schema["properties"].get(name) {
                        Some(known) => unknown(known, inner, &place, found),
                        None if schema["additionalProperties"].is_object() => {
                            unknown(&schema["additionalProperties"], inner, &place, found);
                        }
                        None if schema["additionalProperties"] == false => found.push(place),
                        None => {}
                    }
                }
            }
            toml::Value::Array(items) if schema["items"].is_object() => {
                items.iter().for_each(|item| unknown(&schema["items"], item, at, found));
            }
            _ => {}
        }
    }

    #[test]
    fn what_is_built_in_keeps_to_the_schemas() {
        let library = Library::embedded();
        let rubrics = library.rubric_ids().filter_map(|id| library.rubric(id)).map(|source| (Format::Rubric, source));
        let checks = library.check_ids().filter_map(|id| library.check(id)).map(|source| (Format::Check, source));
        for (format, source) in rubrics.chain(checks) {
            let document: toml::Table = source.text.parse().expect("TOML");
            let mut found = Vec::new();
            unknown(&format.json_schema(), &toml::Value::Table(document), "", &mut found);
            assert!(found.is_empty(), "{}: {found:?}", source.name);
        }
    }

    #[test]
    fn a_rubric_may_have_each_of_its_tables() {
        let text = "[limits]\nload_seconds = 9\n[late]\nunit = 'day'\ndeduction = 1\nfloor = 0\ngrace_minutes = 5\ncutoff = 3\n\
                    [members]\nlowest = 0.8\nhighest = 1.2\n[signs]\nfacts = ['burst']\nat_least = 1\nonly_asking = true\n\
                    burst_percent = 10\ngap_variation_percent = 50\n";
        let document: toml::Table = text.parse().expect("TOML");
        let mut found = Vec::new();
        unknown(&Format::Rubric.json_schema(), &toml::Value::Table(document), "", &mut found);
        assert!(found.is_empty(), "{found:?}");
    }

    /// A document that has each key of these is read without an unknown one.
    #[test]
    fn decisions_and_appeals_know_each_of_their_keys() {
        let day = "2026-11-20";
        let overrides = format!(
            "rubric = 'x'\n[[override]]\nitem = 'a/b'\npoints = 1\nreason = 'r'\nby = 'b'\nwhen = '{day}'\nappeal = 'x'\n\
             [[adjustment]]\npoints = -1\nreason = 'r'\nby = 'b'\nwhen = '{day}'\n\
             [policy]\nreason = 'r'\nconfirmed_by = 'b'\non = '{day}'\n"
        );
        let appeals =
            format!("[[appeal]]\nteam = 't'\nitem = 'a/b'\ntext = 'x'\nby = 'b'\nstate = 'open'\nuntil = '{day}'\n");
        let (overrides, appeals) =
            (crate::SourceText::new("o.toml", overrides), crate::SourceText::new("a.toml", appeals));
        if let Err(problems) = crate::Overrides::parse(&overrides).sound() {
            panic!("{problems}");
        }
        let asked = crate::Appeals::parse(&appeals).1;
        assert!(asked.0.is_empty(), "{asked}");
        for (format, source) in [(Format::Overrides, overrides), (Format::Appeals, appeals)] {
            let document: toml::Table = source.text.parse().expect("TOML");
            let mut found = Vec::new();
            unknown(&format.json_schema(), &toml::Value::Table(document), "", &mut found);
            assert!(found.is_empty(), "{}: {found:?}", source.name);
        }
    }

    #[test]
    fn a_wrong_key_is_not_in_a_schema() {
        let document: toml::Table =
            "title = 't'\n[[expect]]\nthta = 'x'\n[params.a]\ntpye = 'list'".parse().expect("TOML");
        let mut found = Vec::new();
        unknown(&Format::Check.json_schema(), &toml::Value::Table(document), "", &mut found);
        assert_eq!(found, [".expect.thta", ".params.a.tpye"]);
    }
}
