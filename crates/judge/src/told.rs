//! Evidence as the reader of a report is told it: what the program itself says in it, in the language of the report.
//!
//! Evidence is stored in English, whatever the course's language, and is judged as it is stored.

use serde_json::Value as Json;
use stackmark_course::Sentences;
use stackmark_evidence::Evidence;

/// Words of the program's that checks tell and do not judge by; `*` is every element of a list or a table.
const OF_CHECKS: [&str; 20] = [
    "/git/messages/value/worst/*/reasons/*",
    "/git/atomicity/value/worst/*/reasons/*",
    "/git/hygiene/value/secrets/*/kind",
    "/git/hygiene/value/junk/*/kind",
    "/code/credentials/value/*/kind",
    "/code/documentation/value/worst/*/missing",
    "/code/cloud_calls/value/*/unreachable",
    "/code/declared/value/*/unreachable",
    "/code/services/value/*/manager",
    "/code/services/value/*/unreachable",
    "/code/user_data/value/*/open",
    "/code/user_data/value/*/unreachable",
    "/report/document/value/doubt",
    "/report/document/value/chosen_because",
    "/report/parts/value/*/place",
    "/report/parts/value/*/because",
    "/report/contributions/value/members/*/place",
    "/report/claims/value/*/place",
    "/http/recovery/value/cut_short",
    "/http/loads/*/value/cut_short",
];

/// Those that only a report shows.
const OF_REPORTS: [&str; 10] = [
    "/git/contribution/value/excluded/*/reason",
    "/git/hygiene/value/large/*/reason",
    "/git/hygiene/value/not_searched/*/reason",
    "/git/hygiene/value/history_unread",
    "/git/head/value/notes/*",
    "/git/signs/*/*/says",
    "/code/signs/*/*/says",
    "/report/signs/*/*/says",
    "/http/target/value/note",
    "/http/exchanges/*/value/unread",
];

/// Puts what checks tell into the language of these sentences.
pub(crate) fn say_in_checks(json: &mut Json, sentences: &Sentences) {
    say_all(json, &OF_CHECKS, sentences);
}

/// The evidence for a report in the language of these sentences: nothing of it is to be judged or stored.
///
/// # Errors
/// The evidence does not serialize, which is a defect.
pub fn evidence_in(evidence: &Evidence, sentences: &Sentences) -> Result<Evidence, serde_json::Error> {
    if sentences.is_empty() {
        return Ok(evidence.clone());
    }
    let mut json = serde_json::to_value(evidence)?;
    say_all(&mut json, &OF_CHECKS, sentences);
    say_all(&mut json, &OF_REPORTS, sentences);
    say_why_not(&mut json, sentences);
    serde_json::from_value(json)
}

fn say_all(json: &mut Json, paths: &[&str], sentences: &Sentences) {
    for path in paths {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        say_at(json, &steps, sentences);
    }
}

/// Puts the texts at `steps` into the language of these sentences.
fn say_at(json: &mut Json, steps: &[&str], sentences: &Sentences) {
    match (steps.split_first(), json) {
        (None, Json::String(text)) => *text = sentences.say(text),
        (Some((&"*", rest)), Json::Array(all)) => all.iter_mut().for_each(|one| say_at(one, rest, sentences)),
        (Some((&"*", rest)), Json::Object(all)) => all.values_mut().for_each(|one| say_at(one, rest, sentences)),
        (Some((name, rest)), Json::Object(all)) => {
            if let Some(one) = all.get_mut(*name) {
                say_at(one, rest, sentences);
            }
        }
        _ => {}
    }
}

/// What every absent reading and every failure says.
fn say_why_not(json: &mut Json, sentences: &Sentences) {
    match json {
        Json::Array(all) => all.iter_mut().for_each(|one| say_why_not(one, sentences)),
        Json::Object(fields) => {
            let key = match (fields.get("state").and_then(Json::as_str), fields.contains_key("cause")) {
                (Some("absent"), _) => Some("note"),
                (_, true) => Some("detail"),
                _ => None,
            };
            if let Some(Json::String(text)) = key.and_then(|key| fields.get_mut(key)) {
                *text = sentences.say(text);
            }
            fields.values_mut().for_each(|one| say_why_not(one, sentences));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use stackmark_course::SourceText;

    use super::*;

    #[test]
    fn notes_and_failures_are_said_and_the_teams_words_are_not() {
        let table =
            "[said]\n\"there is no file\" = \"il n'y a pas de fichier\"\n\"a private key\" = \"une clé privée\"\n";
        let (sentences, problems) = Sentences::parse(&SourceText::new("sentences/fr.toml", table));
        assert!(problems.0.is_empty(), "{problems}");
        let sentences = sentences.expect("sentences");
        let mut json = serde_json::json!({
            "code": {
                "readme": { "state": "absent", "note": "there is no file" },
                "gaps": { "x": [{ "failure": { "cause": "denied", "detail": "there is no file" } }] },
                "credentials": { "state": "observed", "value": [{ "kind": "a private key", "note": "there is no file" }] },
            }
        });
        say_all(&mut json, &OF_CHECKS, &sentences);
        say_why_not(&mut json, &sentences);
        assert_eq!(json["code"]["readme"]["note"], "il n'y a pas de fichier");
        assert_eq!(json["code"]["gaps"]["x"][0]["failure"]["detail"], "il n'y a pas de fichier");
        let key = &json["code"]["credentials"]["value"][0];
        assert_eq!((key["kind"].as_str(), key["note"].as_str()), (Some("une clé privée"), Some("there is no file")));
    }
}
