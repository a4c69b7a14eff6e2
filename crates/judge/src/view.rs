//! The evidence as checks see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use super::addresses;
use super::decide::Speech;
use super::gaps::unread;
use super::picture::LoadPicture;
use super::scorecard::{Outcome, UnreadableReading};
use super::told;
use stackmark_course::{Check, Sentences};
use stackmark_evidence::aws::Scope;
use stackmark_evidence::closed::FoundBy;
use stackmark_evidence::unread::CodeSetAside;
use stackmark_evidence::{Cause, Evidence, Unreadable, unwritten};
use stackmark_language::expression::{Engine, value_of};

/// The evidence as expressions see it.
pub struct View {
    pub(crate) json: Json,
    pub(crate) team: Value,
    scope: Option<Scope>,
    /// What of the code was not read.
    pub(crate) code_set_aside: CodeSetAside,
    /// What the program itself says, in the language of the report.
    sentences: Arc<Sentences>,
    /// Renders the sentences of checks, with numbers in that language.
    pub(crate) words: Arc<Engine>,
    /// What an older version did not write.
    pub(crate) unwritten: Vec<String>,
}

/// What stands in the way of judging.
pub(crate) enum Missing {
    /// Looked for and not there.
    Absent(String),
    /// Not readable.
    Unreadable(UnreadableReading),
}

fn reads_repository(check: &Check) -> bool {
    let is_of_it = |path: &String| ["git.", "code.", "report."].iter().any(|family| path.starts_with(family));
    check.reads.iter().any(is_of_it)
}

impl View {
    /// Of a team's bundle.
    ///
    /// # Errors
    /// The bundle does not serialize, which is a defect.
    pub fn new(evidence: &Evidence) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::to_value(evidence)?;
        // What an older version did not write is not collected: it is undefined to a check, and not zero.
        evidence.unwritten.iter().for_each(|pointer| unwritten::remove(&mut json, pointer));
        addresses::as_ids(&mut json);
        // A team of which no member is known has not none.
        let team = match evidence.team.members.is_empty() {
            true => stackmark_language::team_of_unknown(&evidence.team, &unread()),
            false => stackmark_language::team_value(&evidence.team),
        };
        let code_set_aside = evidence.code.set_aside.value().cloned().unwrap_or_default();
        let (scope, unwritten) = (evidence.aws.scope.value().cloned(), evidence.unwritten.clone());
        Ok(Self { json, team, scope, code_set_aside, sentences: Arc::default(), words: Arc::default(), unwritten })
    }

    /// In the language of these sentences.
    #[must_use]
    pub fn speaking(mut self, sentences: &Arc<Sentences>) -> Self {
        told::say_in_checks(&mut self.json, sentences);
        self.sentences = Arc::clone(sentences);
        self.words = Arc::new(Engine::speaking(sentences.numbers()));
        self
    }

    /// The same with other evidence.
    pub(crate) fn with(&self, json: Json) -> Self {
        Self {
            json,
            team: self.team.clone(),
            scope: self.scope.clone(),
            code_set_aside: self.code_set_aside.clone(),
            sentences: Arc::clone(&self.sentences),
            words: Arc::clone(&self.words),
            unwritten: self.unwritten.clone(),
        }
    }

    /// How a check says it in the language of the report.
    pub(crate) fn speech(&self) -> Speech<'_> {
        Speech { words: &self.words, between: self.sentences.between() }
    }

    /// What the program said of it in English, in the language of the report.
    pub(crate) fn say(&self, outcome: &mut Outcome) {
        let said = |text: &mut String| *text = self.sentences.say(text);
        said(&mut outcome.actual);
        outcome.for_marker.iter_mut().for_each(said);
        said(&mut outcome.fix);
        outcome.expectations.iter_mut().filter_map(|expectation| expectation.says.as_mut()).for_each(said);
        outcome.unreadable.iter_mut().for_each(|reading| said(&mut reading.failure.detail));
    }

    /// The reading at a JSON pointer.
    pub(crate) fn reading(&self, pointer: &str) -> Result<Value, Missing> {
        let unreadable = |failure| Missing::Unreadable(UnreadableReading { pointer: pointer.to_owned(), failure });
        let Some(reading) = self.json.pointer(pointer) else {
            // Requests that were never sent have the reason at their target.
            let of_http = pointer.starts_with("/http/exchanges/") || pointer.starts_with("/http/loads/");
            if let Some(failure) = self.json.pointer("/http/target").filter(|_| of_http)
                && failure["state"] == "unreadable"
                && let Ok(failure) = serde_json::from_value(failure.clone())
            {
                return Err(unreadable(failure));
            }
            let detail = "the stored evidence has no such reading: collect it with this rubric";
            return Err(unreadable(Unreadable::new(Cause::NotCollected, detail)));
        };
        match reading.get("state").and_then(Json::as_str) {
            Some("observed") => Ok(value_of(reading.get("value").unwrap_or(&Json::Null))),
            Some("absent") => {
                let note = reading.get("note").and_then(Json::as_str).unwrap_or("it is not there");
                Err(Missing::Absent(note.to_owned()))
            }
            _ => {
                let failure = serde_json::from_value(reading.clone());
                Err(unreadable(failure.unwrap_or_else(|_| Unreadable::new(Cause::Malformed, "not a reading"))))
            }
        }
    }

    /// Why it is not known who the members are, if nobody is known to be one and the check asks.
    pub(crate) fn unknown_members(&self, check: &Check) -> Option<UnreadableReading> {
        let nobody = self.json.pointer("/team/members")?.as_array()?.is_empty();
        let text = check.source.text.replace("team.members_from", "");
        let asks = ["team.size", "team.members"].iter().any(|name| text.contains(name));
        (nobody && asks).then(|| UnreadableReading {
            pointer: "/team/members".to_owned(),
            failure: Unreadable::new(
                Cause::NotCollected,
                "nobody is known to be of the team: name the members in a roster",
            ),
        })
    }

    /// Whether a check reads a repository of which nobody knows whether it has a commit.
    pub(crate) fn may_be_empty(&self, check: &Check) -> bool {
        let Some(head) = self.json.pointer("/git/head") else { return false };
        reads_repository(check) && head["state"] == "unreadable" && head["cause"] != "not-collected"
    }

    /// What to do where no commit is graded: the check's own fix is for work that is there.
    pub(crate) fn fix_without_commit(&self, check: &Check) -> Option<&'static str> {
        if self.json.pointer("/git/head/state")? != "absent" || !reads_repository(check) {
            return None;
        }
        let branches = self.json.pointer("/git/source/value/branches").and_then(Json::as_array);
        match branches.is_some_and(|branches| !branches.is_empty()) {
            true => Some(
                "Commit and push before the deadline; if yours is another, ask the instructor to set it in the roster.",
            ),
            false => Some("Commit the work and push it."),
        }
    }

    /// The drawing of the load at a JSON pointer, where it was sent.
    pub(crate) fn picture(&self, pointer: &str, key: &str) -> Option<LoadPicture> {
        let load = self.json.pointer(pointer)?.get("value")?;
        Some(LoadPicture::of(key, serde_json::from_value(load.clone()).ok()?))
    }

    /// Where a check's tables were looked for: what stands for `scope` in its sentences.
    pub(crate) fn scope_words(&self, check: &Check) -> String {
        scope_words(self.scope.as_ref(), check)
    }

    /// The same in the language of the report.
    pub(crate) fn said_scope(&self, check: &Check) -> String {
        self.sentences.say(&self.scope_words(check))
    }
}

fn scope_words(scope: Option<&Scope>, check: &Check) -> String {
    let Some(scope) = scope else { return "the team's tags".to_owned() };
    if scope.tags.is_empty() {
        return "any tags or none, in the whole account".to_owned();
    }
    let listed = |tags: &BTreeMap<String, String>| {
        let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        tags.join(", ")
    };
    let tags = listed(&scope.tags);
    let mut tables = check.reads.iter().filter_map(|path| scope.found_by.get(path.strip_prefix("aws.")?)).peekable();
    if tables.peek().is_some() && tables.all(|found| *found == FoundBy::Account) {
        return format!("any tags or none, in the whole account (nothing there carries the tags {tags})");
    }
    match scope.meant.is_empty() {
        true => format!("the tags {tags}"),
        false => format!("the tags {} (expected {tags})", listed(&scope.meant)),
    }
}

/// The JSON pointer of a reading: `aws.instances` is `/aws/instances`.
pub(crate) fn pointer_of(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}
