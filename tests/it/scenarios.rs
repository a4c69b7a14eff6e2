//! Steps that use what earlier ones were answered, wait, and follow URLs; on loopback.

use crate::support::courses;
use crate::support::hostile;
use crate::support::live;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use stackmark_course::{Check, SourceText};
use stackmark_evidence::http::Exchange;
use stackmark_evidence::{Evidence, Reading};
use stackmark_judge::scorecard::Outcome;
use stackmark_language::expression::Engine;

use crate::support::courses::Answer;
use crate::support::live::{collect, graded, local, written};

fn told(outcome: &Outcome) -> (&str, &str) {
    (outcome.verdict.as_str(), outcome.actual.as_str())
}

/// The exchange whose key begins like this.
fn exchange<'e>(evidence: &'e Evidence, key: &str) -> &'e Reading<Exchange> {
    let found = evidence.http.exchanges.iter().find(|(known, _)| known.starts_with(key));
    found.unwrap_or_else(|| panic!("no {key} in {:?}", evidence.http.exchanges.keys())).1
}

/// Upload, then what the answer names.
const ITEM: &str = r#"
title = "An item can be made and read"
why = "It is stored."
fix = "Store it."
[[request]]
name = "made"
method = "POST"
path = "/items"
body = "{}"
timeout = 0.3
capture = { id = { json = "$.id" }, next = { header = "location" } }
[[request]]
name = "read"
path = "/items/{{ id }}"
headers = { x-item = "{{ id }}" }
[[request]]
name = "again"
url = "{{ next }}"
[[expect]]
that = "read.status == 200 and again.status == 200 and read.body == made.captured.id.value"
says = "status {{ read.status }} and {{ again.status }}"
"#;

#[tokio::test]
async fn captured_values_reach_paths_headers_and_urls() {
    let server = courses::serve(|asked| match asked.path.as_str() {
        "/items" => Answer::json(201, &json!({ "id": 7 })).with("location", "/items/7/"),
        "/items/7" if asked.headers.get("x-item").is_some_and(|value| value == "7") => {
            Answer::new(200, "text/plain", "7")
        }
        "/items/7/" if !asked.headers.contains_key("x-item") => Answer::new(200, "text/plain", "7"),
        _ => Answer::new(404, "text/plain", ""),
    })
    .await;
    let outcome = graded(&written(ITEM), &server.url()).await;
    assert_eq!(told(&outcome), ("pass", "as expected"));
    assert_eq!(server.asked(), ["POST /items", "GET /items/7", "GET /items/7/"]);
}

#[tokio::test]
async fn an_answer_that_lacks_the_value_is_the_teams_loss_and_is_told() {
    let server = courses::serve(|_| Answer::json(200, &json!({ "identifier": 7 }))).await;
    let outcome = graded(&written(ITEM), &server.url()).await;
    assert_eq!(
        told(&outcome),
        (
            "fail",
            "request \"read\" could not be sent: request \"made\" gave no `id`: its JSON has nothing at $.id (status 200); \
             request \"again\" could not be sent: request \"made\" gave no `next`: the answer has no header `location` \
             (status 200)"
        )
    );
    assert_eq!(server.asked(), ["POST /items"], "and nothing is sent for it");
}

#[tokio::test]
async fn a_step_that_cannot_be_read_leaves_the_rest_open_and_unsent() {
    let server = hostile::hang().await;
    let outcome = graded(&written(ITEM), &server.url()).await;
    assert_eq!(outcome.verdict.as_str(), "undetermined");
    let causes: Vec<&str> = outcome.unreadable.iter().map(|missing| missing.failure.cause.as_str()).collect();
    assert!(!causes.is_empty() && causes.iter().all(|cause| *cause == "timeout"), "{outcome:?}");
    assert!(outcome.actual.contains("not sent, because request \"made\" before it was not read"), "{}", outcome.actual);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_url_that_an_answer_names_passes_the_guard_and_takes_nothing_along() {
    for (location, verdict, says) in [
        ("http://169.254.169.254/latest/meta-data/", "undetermined", "a cloud metadata address, which nothing permits"),
        ("http://[::ffff:169.254.169.254]/", "undetermined", "a cloud metadata address"),
        ("http://2852039166/", "undetermined", "a cloud metadata address"),
        ("file:///etc/passwd", "fail", "`file` is no scheme that requests go to"),
        ("http://", "fail", "that is no URL"),
    ] {
        let server = courses::serve(move |asked| match asked.path.as_str() {
            "/items" => Answer::json(201, &json!({ "id": 7 })).with("location", location),
            _ => Answer::new(200, "text/plain", "7"),
        })
        .await;
        let outcome = graded(&written(ITEM), &server.url()).await;
        assert_eq!(outcome.verdict.as_str(), verdict, "{location}: {}", outcome.actual);
        assert!(outcome.actual.contains(says), "{location}: {}", outcome.actual);
    }
    let elsewhere = hostile::reply(hostile::response("200 OK", "", b"7")).await;
    let location = format!("http://user:secret@{}/signed?x-amz-expires=5", elsewhere.address);
    let server =
        courses::serve(move |_| Answer::json(200, &json!({ "id": 7 })).with("location", location.clone())).await;
    graded(&written(ITEM), &server.url()).await;
    let head = elsewhere.requests().remove(0);
    assert!(head.starts_with("GET /signed?x-amz-expires=5 HTTP/1.1\r\n"), "{head}");
    assert!(!head.contains("authorization") && !head.contains("x-item"), "{head}");
}

#[tokio::test]
async fn what_an_answer_gives_stays_a_value() {
    for (id, verdict, says) in [
        ("{{ team.id }}", "fail", "status 404"),
        ("../../admin", "fail", "status 404"),
        ("7?x=1#y", "fail", "status 404"),
        ("a\u{e9}\u{1f600}", "fail", "status 404"),
        ("7\r\nx-evil: 1", "fail", "the value in its JSON at $.id has control characters in it"),
        ("", "fail", "the value in its JSON at $.id is empty"),
        (&"7".repeat(9000), "fail", "is longer than any that is used"),
    ] {
        let given = json!({ "id": id });
        let server = courses::serve(move |asked| match asked.path.as_str() {
            "/items" => Answer::json(201, &given).with("location", "/items/7/"),
            path => Answer::new(404, "text/plain", format!("{path} {:?}", asked.headers.get("x-evil"))),
        })
        .await;
        let outcome = graded(&written(ITEM), &server.url()).await;
        assert_eq!(outcome.verdict.as_str(), verdict, "{id}: {}", outcome.actual);
        assert!(outcome.actual.contains(says), "{id}: {}", outcome.actual);
        let asked = server.asked();
        assert!(!asked.is_empty() && asked.iter().all(|asked| !asked.contains("falcon")), "{asked:?}");
    }
}

#[tokio::test]
async fn a_captured_token_opens_the_next_step_and_is_in_no_evidence() {
    let server = courses::serve(|asked| {
        let bearer = asked.headers.get("authorization").is_some_and(|value| value == "Bearer correct-horse-7");
        match asked.path.as_str() {
            "/login" => Answer::json(200, &json!({ "jwt": "correct-horse-7" })),
            "/me" if bearer && asked.query == "t=correct-horse-7" => {
                Answer::new(200, "text/plain", "for correct-horse-7")
            }
            _ => Answer::new(401, "text/plain", ""),
        }
    })
    .await;
    let check = written(
        r#"
title = "Who logs on is let in"
why = "It is what the log-on is for."
fix = "Look at the token."
[[request]]
name = "login"
method = "POST"
path = "/login"
capture = { token = { json = "$.jwt" } }
[[request]]
name = "me"
path = "/me?t={{ token }}"
headers = { authorization = "Bearer {{ token }}" }
[[expect]]
that = "me.status == 200"
says = "status {{ me.status }}"
"#,
    );
    let evidence = collect(&[&check], &server.url(), &local()).await;
    assert_eq!(told(&live::judged(&check, &evidence)), ("pass", "as expected"));
    let stored = serde_json::to_string(&evidence).unwrap();
    assert!(!stored.contains("correct-horse"), "{stored}");
    let me = exchange(&evidence, "GET /me").value().unwrap();
    assert_eq!(me.body, "for …[redacted captured value]");
}

const WAITS: &str = r#"
title = "It comes up"
why = "It takes its time."
fix = "Start it."
[[request]]
name = "page"
path = "/"
eventually = { that = "page.json.ready", within = 2, every = 0.5 }
[[expect]]
that = "page.status == 200"
says = "status {{ page.status }} after {{ page.tries }} tries"
"#;

#[tokio::test]
async fn a_step_is_asked_again_until_its_answer_is_as_wanted_or_time_is_over() {
    let count = AtomicUsize::new(0);
    let late = courses::serve(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::new(503, "text/plain", "starting"),
        1 => Answer::json(200, &json!({ "ready": false })),
        _ => Answer::json(200, &json!({ "ready": true })),
    })
    .await;
    let evidence = collect(&[&written(WAITS)], &late.url(), &local()).await;
    let page = exchange(&evidence, "GET /").value().unwrap();
    assert_eq!((page.tries, page.status, &page.json["ready"]), (3, 200, &json!(true)));
    assert!(page.waited_ms >= 1000.0 && page.waited_ms < 2000.0, "{}", page.waited_ms);

    let never = courses::serve(|_| Answer::new(503, "text/plain", "starting")).await;
    let started = Instant::now();
    let outcome = graded(&written(WAITS), &never.url()).await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let tries = never.asked().len();
    assert!((3..=5).contains(&tries), "{tries}");
    assert_eq!(told(&outcome), ("fail", format!("status 503 after {tries} tries").as_str()));
}

#[tokio::test]
async fn cookies_are_told_by_name_and_can_be_sent_back_by_a_scenario() {
    let server = courses::serve(|asked| match asked.headers.get("cookie").and_then(|cookie| cookie.to_str().ok()) {
        Some("SERVERID=a1") => Answer::new(200, "text/plain", "the same"),
        _ => Answer::new(200, "text/plain", "").with("set-cookie", "SERVERID=a1; path=/").with("set-cookie", "x=y"),
    })
    .await;
    let check = written(
        r#"
title = "Who comes back meets the same server"
why = "It keeps the session."
fix = "Switch stickiness on."
[[request]]
name = "first"
path = "/"
capture = { cookie = { header = "set-cookie", regex = "^[^;]+" } }
[[request]]
name = "then"
path = "/"
headers = { cookie = "{{ cookie }}" }
[[expect]]
that = "then.body == 'the same' and first.cookies == ['SERVERID', 'x']"
says = "{{ then.body }} {{ first.cookies }}"
"#,
    );
    assert_eq!(told(&graded(&check, &server.url()).await), ("pass", "as expected"));
}

#[tokio::test]
async fn a_cookie_that_a_page_echoes_is_in_no_evidence_whatever_part_of_it_was_captured() {
    const VALUE: &str = "f81d4fae-7dec/11d0+a765";
    let server = courses::serve(|asked| match asked.headers.contains_key("cookie") {
        true => Answer::new(200, "text/plain", format!("you sent {VALUE}, or f81d4fae-7dec%2F11d0%2Ba765")),
        false => {
            Answer::new(200, "text/plain", "").with("set-cookie", format!("session=\"{VALUE}\"; Path=/; HttpOnly"))
        }
    })
    .await;
    for part in ["header = \"set-cookie\"", "header = \"set-cookie\", regex = \"session=.([a-f0-9]+)\""] {
        let check = written(&format!(
            "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\n[[request]]\nname = \"first\"\npath = \"/\"\n\
             capture = {{ it = {{ {part} }} }}\n[[request]]\nname = \"then\"\npath = \"/\"\n\
             headers = {{ cookie = \"{{{{ it }}}}\" }}\n[[expect]]\nthat = \"'you sent' in then.body\"\nsays = \"s\"\n"
        ));
        let evidence = collect(&[&check], &server.url(), &local()).await;
        let stored = serde_json::to_string(&evidence.http).unwrap();
        for leak in [VALUE, "7dec/11d0", "7dec%2F11d0", "f81d4fae"] {
            assert!(!stored.contains(leak), "{part}: {leak} in {stored}");
        }
    }
}

fn problems(step: &str) -> String {
    let text = format!(
        "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\n[params]\nn = {{ type = \"integer\", default = 1 }}\n\
         [[request]]\nname = \"a\"\nrepeat = \"{{{{ n }}}}\"\n{step}\n[[expect]]\nthat = \"a.status == 200\"\nsays = \"no\"\n"
    );
    Check::parse("http/own", &SourceText::new("own.toml", text), &Engine::new()).1.to_string()
}

#[test]
fn mistakes_in_a_scenario_are_told_with_their_place_and_what_to_do() {
    let second = "[[request]]\nname = \"b\"\npath = \"/{{ id }}\"\n[[request]]\nname = \"c\"\npath = \"/\"\n\
                  capture = { id = { json = \"$.id\" } }";
    for (step, line, problem, fix) in [
        ("path = '/'\nurl = '{{ id }}'", 10, "`url` and `path` cannot be combined", "remove one of them"),
        (&format!("path = '/'\n{second}"), 12, "`id` is used before it is captured", "put the step that captures it"),
        (
            "path = '/'\ncapture = { id = { cookie = 'x' } }",
            10,
            "unknown key `cookie`",
            "has `json`, `header` and `regex`",
        ),
        (
            "path = '/'\ncapture = { id = { json = 'id' } }",
            10,
            "neither `$.a.b[0]` nor a JSON pointer",
            "docs/rubrics.md",
        ),
        ("path = '/'\ncapture = { id = { regex = '(' } }", 10, "does not compile: unclosed group", "docs/rubrics.md"),
        ("path = '/'\ncapture = { n = { json = '$.n' } }", 10, "has a name that means something else", "choose one"),
        ("path = '/'\ncapture = { id = { json = '$.id' } }", 10, "`id` is never used", "remove it"),
        (
            "path = '/'\nmethod = 'POST'\nbody = 'x'\nmultipart = { fields = { a = 'b' } }",
            12,
            "`multipart` and `body` cannot",
            "remove one",
        ),
        ("path = '/'\nmultipart = { fields = { a = 'b' } }", 10, "a method that has no body", "add method = \"POST\""),
        (
            "path = '/'\nmethod = 'POST'\nmultipart = { files = [{ name = 'f', filename = 'a', bytes = 2000000 }] }",
            11,
            "`request.multipart.files.bytes` is 2000000",
            "from 1 to 1048576",
        ),
        (
            "path = '/'\nmethod = 'POST'\nmultipart = { files = [{ name = 'f', filename = 'a', bytes = 2, content = 'b' }] }",
            11,
            "the content of the file is not given exactly once",
            "exactly one",
        ),
        ("path = '/'\nmethod = 'POST'\nmultipart = {}", 11, "`multipart` sends nothing", "files = ["),
        (
            "path = '/'\neventually = { that = 'a.status == 200', within = 301 }",
            10,
            "is 301 s",
            "from 1 to 300 seconds",
        ),
        ("path = '/'\neventually = { that = 'a.status ==', within = 9 }", 10, "syntax error", "--expressions"),
        ("path = '/'\neventually = { that = 'b.status == 200', within = 9 }", 10, "unknown name `b`", "`n`"),
        (
            "path = '/'\nmethod = 'POST'\neventually = { that = 'a.status == 200', within = 9 }",
            11,
            "changes something is asked again",
            "GET after it",
        ),
        ("path = '/'\nredirects = 11", 10, "`request.redirects` is 11", "from 0 to 10"),
        ("path = '/'\noptional = true", 7, "`optional` has no effect", "remove `optional`"),
        ("path = '/{{ scope }}'", 9, "unknown name `scope`", "here it may use `n`"),
        ("url = 'http://lb.example.com/'", 9, "`url` names no captured value", "use `path`"),
        ("url = '/x'\nheaders = { a = 'b' }", 9, "more than a plain request is sent to `url`", "plain GET or HEAD"),
    ] {
        let told = problems(step);
        assert!(told.contains(problem), "{step}\n{told}");
        assert!(
            told.replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ").contains(fix),
            "{step}\n{told}"
        );
        assert!(told.contains(&format!("own.toml:{line}: ")), "{step}: line {line}\n{told}");
    }
}
