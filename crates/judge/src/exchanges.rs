//! What a check cannot know of a service: where no request went, and bodies that were not read whole.
//!
//! Both hold for every check by what it looks at, and no check has to ask for them.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_course::expect::Rule;
use stackmark_evidence::Cause;
use stackmark_evidence::asked::Asked;
use stackmark_evidence::http::{MACHINE_LACKS, REDIRECTED_TO, REDIRECTS_ELSEWHERE, SEVERAL_BALANCERS};
use stackmark_language::expression::Engine;
use stackmark_language::request::HttpRequest;

use super::scorecard::{Outcome, UnreadableReading, Verdict};

/// The JSON pointer of an exchange or a load.
pub(crate) fn keyed(table: &str, key: &str) -> String {
    format!("/http/{table}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Where the exchange of a request is in the evidence.
///
/// Evidence that was stored before all requests followed redirects has some of them under the key of one that follows none:
/// where nothing was redirected, that is the same exchange.
pub(crate) fn pointer(evidence: &Json, key: &str) -> String {
    let own = keyed("exchanges", key);
    if evidence.pointer(&own).is_some() {
        return own;
    }
    let older = keyed("exchanges", &key.replacen(&format!(" redirects:{}", HttpRequest::REDIRECTS), "", 1));
    let redirected = |exchange: &Json| {
        exchange["value"]["statuses"].as_object().is_some_and(|all| all.keys().any(|status| status.starts_with('3')))
    };
    match evidence.pointer(&older) {
        Some(exchange) if !redirected(exchange) => older,
        _ => own,
    }
}

/// Fields of an exchange that come from its body: what is not in them may be in what was not read.
const OF_THE_BODY: [&str; 6] = ["json", "body", "body_sha256", "bodies", "instance_ids", "captured"];

/// Where a check lost points and looked into a body that was not read whole, says so and asks.
pub(crate) fn leave_unread_bodies_to_a_person(
    check: &Check,
    asked: &Asked,
    evidence: &Json,
    engine: &Engine,
    outcome: &mut Outcome,
) {
    // What a check looks into is found by compiling all of it: for those that send requests only.
    if !outcome.loses() || check.requests.is_empty() || asked.requests.is_empty() {
        return;
    }
    let looked_into = looked_into(check, engine, outcome);
    let unread = check.requests.iter().zip(&asked.requests).find_map(|(step, key)| {
        let step = step.name.text.as_str();
        let exchange = &evidence.pointer(&pointer(evidence, key))?["value"];
        let looks_at = |field: &str| looked_into.contains(&format!("{step}.{field}"));
        if !looked_into.contains(step) && !OF_THE_BODY.iter().any(|field| looks_at(field)) {
            return None;
        }
        // Evidence that was stored before there were reasons says only that a body was cut.
        let cut = exchange["truncated"] == true;
        let bytes = exchange["body_bytes"].as_u64().unwrap_or_default();
        let kept = exchange["body_kept"].as_u64().unwrap_or(bytes);
        let why = if let Some(why) = exchange["unread"].as_str() {
            why.to_owned()
        } else if cut {
            "the body is longer than what is read".to_owned()
        } else if bytes > kept && looks_at("body") {
            // Evidence holds the beginning of a body only.
            format!("{kept} of its {bytes} bytes are kept")
        } else {
            return None;
        };
        let path = exchange["path"].as_str().unwrap_or_default();
        Some(format!("the answer to {path} was not read whole: {why}"))
    });
    let Some(unread) = unread else { return };
    let judged = std::mem::take(&mut outcome.actual);
    outcome.actual = format!("{unread}; of what was read: {judged}; look at the answer yourself");
    outcome.leave_the_loss_open(Verdict::Manual);
    outcome.expectations.clear();
}

/// Names and fields on which the points that were lost hang, with those that the check's own names stand for.
fn looked_into(check: &Check, engine: &Engine, outcome: &Outcome) -> BTreeSet<String> {
    let mut waiting: Vec<&str> = match &check.rule {
        Rule::Expects(expects) => {
            let lost = expects.iter().zip(&outcome.expectations).filter(|(_, judged)| judged.met == Some(false));
            lost.map(|(expect, _)| expect.that.text.as_str()).collect()
        }
        Rule::Score { score, .. } => vec![&score.text],
        Rule::Manual(_) => Vec::new(),
    };
    let (mut fields, mut known) = (BTreeSet::new(), BTreeSet::new());
    while let Some(text) = waiting.pop() {
        let Ok(names) = engine.expression_names(text) else { continue };
        for root in names.roots {
            if let Some(binding) = check.bindings.get(&root)
                && known.insert(root)
            {
                waiting.push(&binding.text);
            }
        }
        // `page.json.items` looks into `page.json`; `page` alone, given to a filter, into all of it.
        fields.extend(names.paths.iter().map(|path| path.split('.').take(2).collect::<Vec<_>>().join(".")));
    }
    fields
}

/// What to do where there is nothing that requests could go to; `None` where that is not why.
pub(crate) fn fix_without_target(evidence: &Json, scope: Option<&str>) -> Option<String> {
    let target = evidence.pointer("/http/target")?;
    if target["state"] != "absent" {
        return None;
    }
    let tags = scope.filter(|scope| scope.starts_with("the tags"));
    let tags = tags.map(|tags| format!(" and {tags}")).unwrap_or_default();
    Some(format!(
        "Create an internet-facing load balancer with an HTTP listener{tags}. If the service has another address, ask the \
         instructor to set base_url in the roster."
    ))
}

/// What to do about requests that could not be sent or were answered by nobody; `None` where the check's own fix is right.
pub(crate) fn fix_of_unread(unreadable: &[UnreadableReading]) -> Option<&'static str> {
    let of_http = unreadable.iter().filter(|it| it.pointer.starts_with("/http/") && it.failure.cause == Cause::Refused);
    of_http.map(|it| it.failure.detail.as_str()).find_map(|detail| {
        if detail.contains(SEVERAL_BALANCERS) {
            Some("Delete the load balancers that are left over, or ask the instructor to set base_url in the roster.")
        } else if detail.contains(MACHINE_LACKS) {
            Some("Nothing is to be changed in the stack: the instructor collects again, with what the grading machine lacked.")
        } else if detail.contains(REDIRECTS_ELSEWHERE) {
            Some("Redirect to a path of the service alone, or ask the instructor to set base_url to the other host.")
        } else if detail.contains(REDIRECTED_TO) {
            Some("Redirect to the public name of the load balancer, or to a path alone (Location: /path/).")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stackmark_course::problem::SourceText;

    use super::super::scorecard::Expectation;
    use super::*;

    fn lost() -> Outcome {
        Outcome {
            verdict: Verdict::Fail,
            ratio: 0.0,
            at_least: None,
            at_most: None,
            expected: String::new(),
            actual: "no answer names an instance id".to_owned(),
            for_marker: None,
            why: String::new(),
            fix: String::new(),
            next_step: false,
            expectations: [false, true].map(|met| Expectation { met: Some(met), says: None, share: 0.5 }).into(),
            evidence: Vec::new(),
            unreadable: Vec::new(),
            pictures: Vec::new(),
        }
    }

    fn judged(that: &str, exchange: Json) -> Outcome {
        let engine = Engine::new();
        let text = format!(
            "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\n[let]\nids = \"page.instance_ids | list\"\n[[request]]\nname = \"page\"\n\
             path = \"/\"\n[[expect]]\nthat = \"{that}\"\nsays = \"s\"\n[[expect]]\nthat = \"page.json is mapping\"\nsays = \"s\"\n"
        );
        let check = Check::parse("http/own", &SourceText::new("own.toml", text), &engine).0.expect("a check");
        let mut outcome = lost();
        let asked = Asked { requests: vec!["GET /".to_owned()], ..Asked::default() };
        let evidence = json!({ "http": { "exchanges": { "GET /": { "state": "observed", "value": exchange } } } });
        leave_unread_bodies_to_a_person(&check, &asked, &evidence, &engine, &mut outcome);
        outcome
    }

    #[test]
    fn a_loss_over_a_body_that_was_not_read_whole_is_left_to_a_person() {
        let cut = json!({ "path": "/", "unread": "the body is longer than 5 bytes", "truncated": true });
        let outcome = judged("ids | length >= 1", cut.clone());
        assert_eq!(outcome.verdict, Verdict::Manual);
        assert!(outcome.actual.contains("longer than 5 bytes") && outcome.actual.contains("names an instance id"));
        let long = json!({ "path": "/", "body": "…", "body_kept": 4096, "body_bytes": 9000, "truncated": false });
        let all = json!({ "path": "/", "body": "…", "body_kept": 65_536, "body_bytes": 9000, "truncated": false });
        assert_eq!(judged("'code' in page.body", all).verdict, Verdict::Fail, "all of it was looked into");
        assert_eq!(judged("'code' in page.body", long.clone()).verdict, Verdict::Manual, "it may come later");
        assert_eq!(judged("ids | length >= 1", long).verdict, Verdict::Fail, "ids are looked for in all of it");
        let old = json!({ "path": "/", "truncated": true });
        assert_eq!(judged("ids | length >= 1", old).verdict, Verdict::Manual);
        assert_eq!(judged("page.status == 200", cut).verdict, Verdict::Fail, "the status has nothing to do with it");
        let whole = json!({ "path": "/", "unread": null, "truncated": false });
        assert_eq!(judged("ids | length >= 1", whole).verdict, Verdict::Fail);
    }

    #[test]
    fn what_was_stored_before_redirects_were_followed_is_found_where_there_was_none() {
        let exchange = |status: &str| json!({ "state": "observed", "value": { "statuses": { status: 1 } } });
        let of = |status: &str| json!({ "http": { "exchanges": { "GET /x timeout:10000ms ×1": exchange(status) } } });
        let key = "GET /x redirects:3 timeout:10000ms ×1";
        assert_eq!(pointer(&of("200"), key), "/http/exchanges/GET ~1x timeout:10000ms ×1");
        assert_eq!(pointer(&of("308"), key), "/http/exchanges/GET ~1x redirects:3 timeout:10000ms ×1");
    }

    #[test]
    fn the_next_step_fits_why_nothing_was_read() {
        let fix = |cause, detail: String| {
            let failure = stackmark_evidence::Unreadable::new(cause, detail);
            fix_of_unread(&[UnreadableReading { pointer: "/http/exchanges/GET ~1x".to_owned(), failure }])
        };
        let redirected = format!("GET http://lb/: {REDIRECTED_TO}http://10.0.0.5/: 10.0.0.5 is a private address");
        assert!(fix(Cause::Refused, redirected).is_some_and(|fix| fix.contains("public name")));
        let several = format!("2 {SEVERAL_BALANCERS}: a, b");
        assert!(fix(Cause::Refused, several).is_some_and(|fix| fix.contains("left over")));
        assert!(
            fix(Cause::Refused, format!("GET /: {MACHINE_LACKS}open files")).is_some_and(|fix| fix.contains("stack"))
        );
        assert_eq!(fix(Cause::Timeout, "GET http://lb/: no response in time".to_owned()), None);
    }

    #[test]
    fn without_a_load_balancer_the_next_step_is_to_make_one() {
        let absent = json!({ "http": { "target": { "state": "absent", "note": "none" } } });
        let fix = fix_without_target(&absent, Some("the tags team=falcon")).expect("a next step");
        assert!(fix.starts_with("Create an internet-facing load balancer") && fix.contains("team=falcon"), "{fix}");
        let observed = json!({ "http": { "target": { "state": "observed", "value": {} } } });
        assert_eq!(fix_without_target(&observed, None), None);
    }
}
