//! Answers that tell of the way to the service and not of the service: a listener's rule that takes other requests than ours,
//! targets that are just being registered, a cookie that has to be brought back, a limit on requests from one address.
//!
//! This holds for every check that sends requests or a load, and no check has to ask for it: what it lost over such answers
//! waits for a person.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_evidence::asked::Asked;
use stackmark_language::routes::{self, Rule};

use super::exchanges::{keyed, pointer};
use super::scorecard::{Outcome, Verdict};

/// What to do where a rule takes other requests.
const SEND_WHAT_IS_EXPECTED: &str = "Send what the listener rule expects; for another host, the instructor sets base_url in \
                                     the roster and collects again.";
/// What to do where targets are not checked yet.
const COLLECT_AGAIN: &str = "Collect again when the targets are healthy.";
/// What to do where requests are limited.
const RAISE_THE_LIMIT: &str = "Raise the limit on requests from one address for the test (AWS WAF), and collect again.";
/// What to do about a page that answers those alone that bring its cookie.
const ANSWER_WITHOUT_COOKIES: &str = "Answer the first request with the page, with or without the cookie.";
/// Share of what was sent that is answered well or limited: the rest may be a lost packet.
const TOLD_APART: f64 = 0.99;
/// What answers when no target does.
const OF_NO_TARGET: [&str; 3] = ["502", "503", "504"];

/// Why answers say nothing of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// A rule for the path takes only requests with these.
    Conditions { path: String, conditions: Vec<String> },
    /// All of the path's targets were registered a moment ago.
    Starting { path: String, targets: usize },
    /// The path redirects to itself and sets these cookies, which a browser would bring.
    Cookies { path: String, names: Vec<String> },
    /// So many of what was sent was turned away with this status, and the rest was answered.
    Limited { status: &'static str, limited: u64, sent: u64 },
}

/// Where a check lost points over answers that say nothing of the service, says so and asks.
pub(crate) fn leave_to_a_person(check: &Check, asked: &Asked, evidence: &Json, outcome: &mut Outcome) {
    if !outcome.loses() {
        return;
    }
    let steps = check.requests.iter().zip(&asked.requests).filter(|(step, _)| !step.beside);
    let places = steps.map(|(_, key)| pointer(evidence, key));
    let loads = asked.load.iter().filter(|_| check.load.is_some()).map(|key| keyed("loads", key));
    let sent = places.chain(loads).filter_map(|place| evidence.pointer(&place));
    let Some(way) = sent.map(|reading| &reading["value"]).find_map(|sent| way(evidence, sent)) else { return };
    let measured = std::mem::take(&mut outcome.actual);
    let (actual, fix, pointer) = match way {
        Way::Conditions { path, conditions } => (
            format!(
                "{measured}; the listener rule that forwards {path} takes only requests with {}: send requests with them",
                conditions.join(", ")
            ),
            SEND_WHAT_IS_EXPECTED,
            Some("/aws/rules"),
        ),
        Way::Starting { path, targets } => (
            format!(
                "{measured}; all targets behind {path} were just registered ({targets}): collect again in a minute"
            ),
            COLLECT_AGAIN,
            Some("/aws/target_health"),
        ),
        Way::Cookies { path, names } => (
            format!(
                "{measured}; {path} redirects to itself and sets a cookie ({}): send requests with a client that keeps \
                 cookies",
                names.join(", ")
            ),
            ANSWER_WITHOUT_COOKIES,
            None,
        ),
        Way::Limited { status, limited, sent } => (
            format!(
                "{measured}; {limited} of {sent} requests were turned away with status {status}, as by a limit on requests \
                 from one address (AWS WAF): send requests at a slower pace"
            ),
            RAISE_THE_LIMIT,
            None,
        ),
    };
    (outcome.actual, outcome.fix, outcome.next_step) = (actual, fix.to_owned(), true);
    outcome.leave_the_loss_open(Verdict::Manual);
    outcome.expectations.clear();
    if let Some(pointer) = pointer.filter(|pointer| outcome.evidence.iter().all(|known| known != pointer)) {
        outcome.evidence.push(pointer.to_owned());
    }
}

/// Why the answers of an exchange or a load say nothing of the service; `None` where they do.
fn way(evidence: &Json, sent: &Json) -> Option<Way> {
    // What an answer's URL leads to, as in S3, has no rule here.
    if sent["url"].is_string() {
        return None;
    }
    let parts: Vec<(&str, &Json)> = match sent["by_path"].as_object() {
        Some(by_path) => by_path.iter().map(|(path, part)| (path.as_str(), &part["statuses"])).collect(),
        None => vec![(sent["path"].as_str()?, &sent["statuses"])],
    };
    let refused = parts.into_iter().filter(|(_, statuses)| {
        let statuses = counts(statuses);
        !statuses.is_empty() && good(&statuses) == 0
    });
    let refused: Vec<(&str, &Json)> = refused.collect();
    let routed = match refused.is_empty() {
        true => None,
        false => rules(evidence, sent).and_then(|rules| {
            refused.into_iter().find_map(|(path, statuses)| by_the_rules(evidence, sent, &rules, path, statuses))
        }),
    };
    routed.or_else(|| cookies(evidence, sent)).or_else(|| limited(sent))
}

/// Which cookies a page sets that sends every request back to itself: no cookie is ever sent, so that it does so again.
fn cookies(evidence: &Json, sent: &Json) -> Option<Way> {
    let names: Vec<String> = sent["cookies"].as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    let path = sent["path"].as_str()?;
    let own = format!("{}{path}", evidence.pointer("/http/target/value/url")?.as_str()?);
    let location = sent["location"].as_str()?;
    let to = if location.contains("://") { split(location).1 } else { location };
    let without_query = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
    let is_same = without_query(to) == without_query(split(&own).1);
    let all_redirect = counts(&sent["statuses"]).keys().all(|status| status.starts_with('3'));
    (is_same && all_redirect && !names.is_empty()).then(|| Way::Cookies { path: path.to_owned(), names })
}

/// Why no request for a path was answered well, by the rules of the listener.
fn by_the_rules(evidence: &Json, sent: &Json, rules: &[Rule], path: &str, statuses: &Json) -> Option<Way> {
    let target = evidence.pointer("/http/target/value/url")?.as_str()?;
    // The last redirect that was followed is what was asked in the end.
    let last = sent["followed"].as_array().and_then(|all| all.last()).and_then(Json::as_str);
    let url = last.map_or_else(|| format!("{target}{path}"), str::to_owned);
    let (host, path) = split(&url);
    let asked = routes::Asked { path, host: Some(host) };
    if counts(statuses).keys().all(|status| OF_NO_TARGET.contains(status)) {
        let targets = starting(evidence, rules, asked)?;
        return Some(Way::Starting { path: path.to_owned(), targets });
    }
    let conditions = routes::taken_otherwise(rules, asked)?.conditions();
    Some(Way::Conditions { path: path.to_owned(), conditions })
}

/// How often each status came.
fn counts(statuses: &Json) -> BTreeMap<&str, u64> {
    let all = statuses.as_object().into_iter().flatten();
    all.filter_map(|(status, n)| Some((status.as_str(), n.as_u64()?))).collect()
}

/// How many answers are good.
fn good(statuses: &BTreeMap<&str, u64>) -> u64 {
    statuses.iter().filter(|(status, _)| status.starts_with('2')).map(|(_, n)| n).sum()
}

/// Rules of the listener that was asked, where that is known; of all where it is not, or where redirects were followed.
fn rules(evidence: &Json, sent: &Json) -> Option<Vec<Rule>> {
    let table = evidence.pointer("/aws/rules").filter(|reading| reading["state"] == "observed")?["value"].as_array()?;
    let followed = sent["followed"].as_array().is_some_and(|followed| !followed.is_empty())
        || sent["redirected"].as_u64().is_some_and(|redirected| redirected >= 1);
    let listener = evidence.pointer("/http/target/value/listener_arn").and_then(Json::as_str).filter(|_| !followed);
    let rows = table.iter().filter(|row| listener.is_none_or(|arn| row["listener_arn"] == arn));
    rows.map(|row| serde_json::from_value(row.clone()).ok()).collect()
}

/// How many targets are behind the path, if each of them was registered a moment ago.
fn starting(evidence: &Json, rules: &[Rule], asked: routes::Asked<'_>) -> Option<usize> {
    let groups = routes::routed(rules, asked).certain;
    let rows =
        evidence.pointer("/aws/target_health").filter(|reading| reading["state"] == "observed")?["value"].as_array()?;
    let behind = rows.iter().filter(|row| row["target_group_arn"].as_str().is_some_and(|arn| groups.contains(arn)));
    let states: Vec<&str> = behind.filter_map(|row| row["state"].as_str()).collect();
    (!states.is_empty() && states.iter().all(|state| *state == "initial")).then_some(states.len())
}

/// What a limit turned away: with 429, or beside good answers with the 403 that AWS WAF sends from the load balancer. A path
/// with no good answer is forbidden as a whole, whatever else a load was sent to.
fn limited(sent: &Json) -> Option<Way> {
    let statuses = counts(&sent["statuses"]);
    let good = good(&statuses);
    let of = |status: &str| statuses.get(status).copied().unwrap_or_default();
    let (too_many, forbidden) = (of("429"), forbidden_beside_good(sent));
    let (status, limited) = match (too_many, forbidden) {
        (0, 0) => return None,
        (0, forbidden) if may_be_the_firewalls(sent) => ("403", forbidden),
        (0, _) => return None,
        (too_many, _) => ("429", too_many),
    };
    let count = |field: &str| sent[field].as_u64().unwrap_or_default();
    let all = count("sent").saturating_sub(count("abandoned"));
    let told = (good + limited) as f64 >= TOLD_APART * all as f64;
    told.then_some(Way::Limited { status, limited, sent: count("sent") })
}

/// How many answers are 403 on paths that have good ones as well.
fn forbidden_beside_good(sent: &Json) -> u64 {
    let of = |statuses: &Json| {
        let statuses = counts(statuses);
        if good(&statuses) >= 1 { statuses.get("403").copied().unwrap_or_default() } else { 0 }
    };
    match sent["by_path"].as_object().filter(|by_path| !by_path.is_empty()) {
        Some(by_path) => by_path.values().map(|part| of(&part["statuses"])).sum(),
        None => of(&sent["statuses"]),
    }
}

/// Whether a 403 beside good answers may be the load balancer's: no page of a web server's own came with it. A load keeps no
/// pages.
fn may_be_the_firewalls(sent: &Json) -> bool {
    let Some(bodies) = sent["bodies"].as_object() else { return true };
    // Its page is nginx's without the line that names the server; an application's, as Flask's, is set otherwise.
    bodies.keys().any(|body| body.contains("<center><h1>403 Forbidden</h1></center>") && !body.contains("<hr>"))
}

/// Host, and path with its query, of a URL.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    (host.split(':').next().unwrap_or_default(), path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evidence(rules: Json, state: &str) -> Json {
        let observed = |value: Json| json!({ "state": "observed", "value": value });
        let health = json!([{ "target_group_arn": "one", "target_id": "i-1", "state": state }]);
        json!({
            "http": { "target": observed(json!({ "url": "http://lb-1.example.org:8080", "listener_arn": "web" })) },
            "aws": { "rules": observed(rules), "target_health": observed(health) },
        })
    }

    fn rules(fixed: bool, conditions: Json) -> Json {
        let groups = if fixed { json!([]) } else { json!(["one"]) };
        let mut rule = json!({
            "listener_arn": "web", "priority": "1", "is_default": false, "actions": [{ "target_group_arns": ["one"] }],
        });
        rule.as_object_mut().expect("a rule").extend(conditions.as_object().expect("conditions").clone());
        json!([rule, {
            "listener_arn": "web", "priority": "default", "is_default": true, "actions": [{ "target_group_arns": groups }],
        }])
    }

    fn sent(statuses: Json) -> Json {
        json!({ "path": "/cluster1", "sent": 20, "statuses": statuses, "followed": [], "headers": {}, "bodies": {} })
    }

    #[test]
    fn a_rule_for_another_host_speaks_for_what_was_refused() {
        let of_host = json!({ "path_patterns": ["/cluster1"], "host_headers": ["app.example.org"] });
        let evidence = evidence(rules(true, of_host), "healthy");
        let found = way(&evidence, &sent(json!({ "404": 20 })));
        let conditions = vec!["Host: app.example.org".to_owned()];
        assert_eq!(found, Some(Way::Conditions { path: "/cluster1".to_owned(), conditions: conditions.clone() }));
        assert_eq!(way(&evidence, &sent(json!({ "200": 20 }))), None, "it was answered");
        assert_eq!(way(&evidence, &sent(json!({}))), None, "nothing came");
        let mut elsewhere = sent(json!({ "403": 1 }));
        elsewhere["url"] = json!("https://bucket.s3.amazonaws.com/cluster1");
        assert_eq!(way(&evidence, &elsewhere), None, "it is no path of the service");
        let by_path = json!({ "/open": { "statuses": { "200": 5 } }, "/cluster1": { "statuses": { "403": 4 } } });
        let load = json!({ "by_path": by_path, "sent": 9, "statuses": { "200": 5, "403": 4 } });
        assert_eq!(way(&evidence, &load), Some(Way::Conditions { path: "/cluster1".to_owned(), conditions }));
    }

    #[test]
    fn targets_that_are_just_registered_speak_for_gateway_errors_alone() {
        let evidence = |state: &str| evidence(rules(false, json!({ "path_patterns": ["/cluster1"] })), state);
        let starting = Some(Way::Starting { path: "/cluster1".to_owned(), targets: 1 });
        assert_eq!(way(&evidence("initial"), &sent(json!({ "503": 12, "502": 8 }))), starting);
        assert_eq!(way(&evidence("initial"), &sent(json!({ "503": 12, "500": 8 }))), None);
        assert_eq!(way(&evidence("unhealthy"), &sent(json!({ "503": 20 }))), None);
    }

    #[test]
    fn a_limit_beside_good_answers_is_told_from_faults() {
        let evidence = json!({});
        let limited = |status, limited| Some(Way::Limited { status, limited, sent: 20 });
        assert_eq!(way(&evidence, &sent(json!({ "200": 3, "429": 17 }))), limited("429", 17));
        assert_eq!(way(&evidence, &sent(json!({ "200": 3, "429": 7, "500": 10 }))), None, "faults are the service's");
        assert_eq!(way(&evidence, &sent(json!({ "429": 20 }))), limited("429", 20), "an earlier request met the limit");
        assert_eq!(way(&evidence, &sent(json!({ "403": 20 }))), None, "nothing tells that it was ever let in");
        let forbidden = |body: &str| {
            let mut sent = sent(json!({ "200": 3, "403": 17 }));
            sent["bodies"] = json!({ "ok": 3, body: 17 });
            way(&evidence, &sent)
        };
        let page = "<html><center><h1>403 Forbidden</h1></center></html>";
        assert_eq!(forbidden(page), limited("403", 17));
        assert_eq!(forbidden("<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>"), None);
        assert_eq!(forbidden("<!doctype html>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>"), None, "Flask's own");
        let of_each = |one: Json, other: Json| {
            let by_path = json!({ "/a": { "statuses": one }, "/b": { "statuses": other } });
            way(&evidence, &json!({ "by_path": by_path, "sent": 20, "statuses": { "200": 10, "403": 10 } }))
        };
        assert_eq!(of_each(json!({ "200": 10 }), json!({ "403": 10 })), None, "one path is forbidden as a whole");
        let one = json!({ "200": 5, "403": 5 });
        assert_eq!(of_each(one.clone(), one), limited("403", 10), "both are let in at times");
        let load = json!({ "by_path": {}, "sent": 20, "abandoned": 10, "statuses": { "200": 3, "403": 7 } });
        assert_eq!(way(&evidence, &load), limited("403", 7), "what was under way at the end is neither");
    }

    #[test]
    fn a_page_that_wants_its_cookie_back_is_told_from_other_redirects() {
        let evidence = evidence(json!([]), "healthy");
        let redirected = |location: &str, cookies: Json| {
            let mut sent = sent(json!({ "302": 20 }));
            (sent["location"], sent["cookies"]) = (json!(location), cookies);
            way(&evidence, &sent)
        };
        let found = Some(Way::Cookies { path: "/cluster1".to_owned(), names: vec!["seen".to_owned()] });
        assert_eq!(redirected("/cluster1", json!(["seen"])), found);
        assert_eq!(redirected("http://lb-1.example.org:8080/cluster1?checked=1", json!(["seen"])), found);
        assert_eq!(redirected("/login", json!(["seen"])), None, "another page");
        assert_eq!(redirected("/cluster1", json!([])), None, "it would go round for everybody");
    }

    #[test]
    fn urls_fall_into_host_and_path() {
        assert_eq!(split("http://lb-1:8080/x?y=1"), ("lb-1", "/x?y=1"));
        assert_eq!(split("https://lb-1"), ("lb-1", "/"));
    }
}
