use super::*;
use serde_json::json;
use stackmark_evidence::{Team, Tool};

const FIRST: &str = "2026-10-14T10:00:00Z";
const LATER: &str = "2026-11-20T10:00:00Z";

fn evidence(at: &str, parts: Json) -> Evidence {
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    let unread = Evidence::unread(tool, at.to_owned(), Team::of_roster("a"));
    let mut whole = serde_json::to_value(unread).unwrap();
    for (family, readings) in parts.as_object().unwrap() {
        for (name, reading) in readings.as_object().unwrap() {
            whole[family][name] = reading.clone();
        }
    }
    serde_json::from_value(whole).unwrap()
}

/// A reading as the bundle writes it, with all its fields.
fn typed(family: &str, name: &str, reading: Json) -> Json {
    let whole = evidence(FIRST, json!({ family: { name: reading } }));
    serde_json::to_value(whole).unwrap()[family][name].clone()
}

fn seen(value: Json) -> Json {
    json!({ "state": "observed", "value": value })
}

fn denied() -> Json {
    json!({ "state": "unreadable", "cause": "denied", "detail": "no right" })
}

fn merged(earlier: &Evidence, newer: &Evidence, families: &[Family], newest: bool) -> (Json, Ledger) {
    let renewed = families.iter().copied().collect();
    let merged = merge(
        Version { evidence: earlier, sha256: "old" },
        Version { evidence: newer, sha256: "new" },
        &renewed,
        newest,
    )
    .unwrap();
    (serde_json::to_value(&merged).unwrap(), merged.ledger)
}

fn head(commit: &str) -> Json {
    typed(
        "git",
        "head",
        seen(json!({
            "commit": commit, "branch": "main", "committed_at": FIRST, "chosen_by": "tip", "deadline": null,
            "commits_after_deadline": 0,
        })),
    )
}

fn hygiene_of(value: &str) -> Json {
    json!({ "state": "absent", "note": value })
}

fn target(url: &str) -> Json {
    typed(
        "http",
        "target",
        seen(json!({
            "url": url, "from": "load-balancer", "load_balancer_arn": null, "load_balancers": 1, "note": null,
            "resolved_to": null,
        })),
    )
}

fn scope(tagged: u64) -> Json {
    typed(
        "aws",
        "scope",
        seen(json!({ "tags": {}, "found_by": {}, "tagged": tagged, "taggable": tagged, "untagged": [] })),
    )
}

fn calls(count: u64) -> Json {
    json!({ "ec2:DescribeInstances": count })
}

#[test]
fn a_stack_that_is_gone_is_judged_by_what_was_read_of_it() {
    let earlier = evidence(FIRST, json!({ "aws": { "scope": scope(3), "calls": calls(1) } }));
    let newer = evidence(LATER, json!({ "aws": { "scope": scope(0), "calls": calls(2) } }));
    let (out, ledger) = merged(&earlier, &newer, &Family::ALL, false);
    assert_eq!((&out["aws"]["scope"], &out["aws"]["calls"]), (&scope(3), &calls(1)));
    assert_eq!(out["collected_at"], LATER);
    assert_eq!((ledger.taken_at("aws.scope"), ledger.taken_at("git.head")), (Some(FIRST), None));
    let [choice] = &ledger.choices[..] else { panic!("{ledger:?}") };
    assert_eq!((choice.used, choice.because), (Used::Earlier, Because::Gone));
    assert_eq!((choice.earlier.sha256.as_str(), choice.newer.at.as_str()), ("old", LATER));

    // A third try that finds as little says it once, and still knows when the stack was read.
    let third = evidence("2026-12-01T10:00:00Z", json!({ "aws": { "scope": scope(0), "calls": calls(2) } }));
    let second: Evidence = serde_json::from_value(out).unwrap();
    let (out, ledger) = merged(&second, &third, &Family::ALL, false);
    assert_eq!((out["aws"]["scope"].clone(), ledger.taken_at("aws.scope")), (scope(3), Some(FIRST)));
    assert_eq!(ledger.choices.len(), 1, "{ledger:?}");

    let (out, ledger) = merged(&second, &third, &Family::ALL, true);
    assert_eq!(out["aws"]["scope"], scope(0));
    assert_eq!((ledger.taken_at("aws.scope"), ledger.choices[0].because), (None, Because::Asked));
}

#[test]
fn what_could_not_be_read_this_time_is_kept_alone() {
    let caller = |region: &str| seen(json!({ "account": "123456789012", "arn": "arn", "region": region }));
    let earlier = evidence(FIRST, json!({ "aws": { "scope": scope(3), "caller": caller("eu-west-1") } }));
    let newer = evidence(LATER, json!({ "aws": { "scope": denied(), "caller": caller("us-east-1") } }));
    let (out, ledger) = merged(&earlier, &newer, &Family::ALL, false);
    assert_eq!(out["aws"]["scope"], scope(3));
    assert_eq!(out["aws"]["caller"]["value"]["region"], "us-east-1");
    assert_eq!((ledger.taken_at("aws.scope"), ledger.taken_at("aws.caller")), (Some(FIRST), None));
    assert_eq!((ledger.choices[0].because, ledger.choices[0].used), (Because::Unread, Used::Earlier));
}

#[test]
fn another_commit_is_judged_by_its_own_readings() {
    let parts = |commit: &str| json!({ "git": { "head": head(commit), "hygiene": hygiene_of(commit) } });
    let earlier = evidence(FIRST, parts("a1"));
    let mut later = parts("b2");
    later["git"]["hygiene"] = denied();
    let (out, ledger) = merged(&earlier, &evidence(LATER, later), &Family::ALL, false);
    assert_eq!((&out["git"]["head"], &out["git"]["hygiene"]), (&head("b2"), &denied()));
    assert!(ledger.taken_at.is_empty(), "{ledger:?}");
}

#[test]
fn a_repository_that_cannot_be_read_any_more_leaves_what_was_read_of_it() {
    let earlier = evidence(FIRST, json!({ "git": { "head": head("a1") }, "code": { "tree": hygiene_of("x") } }));
    for (lost, because) in
        [(denied(), Because::Unread), (json!({ "state": "absent", "note": "no commit" }), Because::Gone)]
    {
        let newer = evidence(LATER, json!({ "git": { "head": lost }, "code": { "tree": denied() } }));
        let (out, ledger) = merged(&earlier, &newer, &Family::ALL, false);
        assert_eq!((&out["git"]["head"], &out["code"]["tree"]), (&head("a1"), &hygiene_of("x")));
        assert_eq!(ledger.choices[0].because, because);
    }
}

#[test]
fn nothing_is_kept_of_work_that_the_roster_names_no_more() {
    let source =
        |place: &str| typed("git", "source", seen(json!({ "location": place, "kind": "clone", "branches": [] })));
    let work = |hash: &str| json!({ "work_sha256": hash, "rubric_sha256": "", "items": {} });
    let of = |asked: &Json, place: &Json, head: Json, tree: Json| json!({ "asked": asked, "git": { "source": place, "head": head }, "code": { "tree": tree } });
    let absent = || json!({ "state": "absent", "note": "no commit" });
    let (old, same, other, unknown) = (work("1"), work("1"), work("2"), json!({}));
    for (before, now, place, kept) in [
        (&old, &same, denied(), true),
        (&old, &same, source("b"), true),
        (&old, &other, denied(), false),
        (&old, &other, source("a"), false),
        // Files of an older version.
        (&unknown, &other, denied(), true),
        (&unknown, &other, source("a"), true),
        (&unknown, &other, source("b"), false),
    ] {
        for lost in [denied(), absent()] {
            let earlier = evidence(FIRST, of(before, &source("a"), head("a1"), hygiene_of("x")));
            let newer = evidence(LATER, of(now, &place, lost.clone(), denied()));
            let (out, ledger) = merged(&earlier, &newer, &Family::ALL, false);
            let what = format!("{before} {now} {place} {lost}");
            let expected = if kept { (head("a1"), hygiene_of("x")) } else { (lost, denied()) };
            assert_eq!((out["git"]["head"].clone(), out["code"]["tree"].clone()), expected, "{what}");
            assert_eq!(ledger.choices[0].because == Because::OtherWork, !kept, "{what}");
            let of_git = if kept { &before["work_sha256"] } else { &now["work_sha256"] };
            assert_eq!(&out["asked"]["work_sha256"], of_git, "the readings and what they are of: {what}");
        }
    }
}

#[test]
fn families_that_are_not_renewed_stay_as_they_were() {
    let earlier = evidence(FIRST, json!({ "git": { "head": head("a1") }, "aws": { "scope": scope(3) } }));
    let newer = evidence(LATER, json!({ "git": { "head": head("b2") } }));
    let (out, ledger) = merged(&earlier, &newer, &Family::REPOSITORY, false);
    assert_eq!((&out["git"]["head"], &out["aws"]["scope"]), (&head("b2"), &scope(3)));
    assert!(ledger.choices.is_empty(), "{ledger:?}");
    assert_eq!((ledger.taken_at("aws.scope"), ledger.taken_at("git.head")), (Some(FIRST), None));
}

#[test]
fn answers_of_another_address_are_judged_anew() {
    let earlier = evidence(FIRST, json!({ "http": { "target": target("http://a") } }));
    let (out, _) = merged(&earlier, &evidence(LATER, json!({ "http": { "target": denied() } })), &Family::ALL, false);
    assert_eq!(out["http"]["target"], target("http://a"));
    let newer = evidence(LATER, json!({ "http": { "target": target("http://b") } }));
    let (out, _) = merged(&earlier, &newer, &Family::ALL, false);
    assert_eq!(out["http"]["target"], target("http://b"));
}
