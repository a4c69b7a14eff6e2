//! The report that a team gets names no folder of the instructor's machine: a repository that was read from there goes by its
//! own name.

use serde_json::Value as Json;
use stackmark_evidence::{Evidence, Reading};
use stackmark_judge::Scorecard;

/// What the report is made of, where it would name the folder that the repository was read from; `None` where nothing does.
pub(crate) fn without_path(card: &Scorecard, evidence: &Evidence) -> Option<(Scorecard, Evidence)> {
    let path = local_path(evidence)?;
    let name = path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().filter(|name| !name.is_empty())?;
    let shown = |text: &str| text.replace(path.as_str(), name);
    let mut card = card.clone();
    for item in card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
        let outcome = &mut item.outcome;
        (outcome.actual, outcome.fix) = (shown(&outcome.actual), shown(&outcome.fix));
        outcome.for_marker = outcome.for_marker.as_deref().map(&shown);
        outcome.expectations.iter_mut().filter_map(|it| it.says.as_mut()).for_each(|says| *says = shown(says));
        outcome.unreadable.iter_mut().for_each(|it| it.failure.detail = shown(&it.failure.detail));
    }
    let mut without = evidence.clone();
    if let Reading::Observed { value } = &mut without.git.source {
        value.location = shown(&value.location);
    }
    match &mut without.git.head {
        Reading::Observed { value } => value.notes.iter_mut().for_each(|note| *note = shown(note)),
        // Everything of the repository says why there is nothing of it.
        Reading::Absent { .. } | Reading::Unreadable(_) => {
            let mut json = serde_json::to_value(&without).ok()?;
            replace(&mut json, &shown);
            let read: Evidence = serde_json::from_value(json).ok()?;
            without = Evidence { unwritten: without.unwritten, ..read };
        }
    }
    Some((card, without))
}

/// The folder or file on this machine that the repository is. Where it could not be obtained, the failure begins with it.
fn local_path(evidence: &Evidence) -> Option<String> {
    let named = match &evidence.git.source {
        Reading::Observed { value } => value.location.as_str(),
        Reading::Unreadable(failure) => failure.detail.split(": ").next()?.trim(),
        Reading::Absent { .. } => return None,
    };
    let drive = named.as_bytes().get(1) == Some(&b':') && named.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_local = named.starts_with(['/', '\\']) || named.starts_with("file://") || drive;
    is_local.then(|| named.to_owned())
}

fn replace(value: &mut Json, shown: &impl Fn(&str) -> String) {
    match value {
        Json::String(text) => *text = shown(text),
        Json::Array(elements) => elements.iter_mut().for_each(|element| replace(element, shown)),
        Json::Object(fields) => fields.values_mut().for_each(|field| replace(field, shown)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
