//! The courses' live checks against reference servers, good and with one fault each, on loopback.

use crate::support::courses;
use stackmark_evidence::http::Exchange;
use stackmark_evidence::{Evidence, Reading};
use stackmark_judge::scorecard::Outcome;

use crate::support::courses::{Day02, Gallery};
use crate::support::live::{built_in, collect, graded, judged, local, written};

fn told(outcome: &Outcome) -> (&str, &str) {
    (outcome.verdict.as_str(), outcome.actual.as_str())
}

/// The exchange whose key begins like this.
fn exchange<'e>(evidence: &'e Evidence, key: &str) -> &'e Reading<Exchange> {
    let found = evidence.http.exchanges.iter().find(|(known, _)| known.starts_with(key));
    found.unwrap_or_else(|| panic!("no {key} in {:?}", evidence.http.exchanges.keys())).1
}

const STRICT: &str = "expiry = 120";
const PRESIGNED: &str = "path = '/download/appstore_games.csv'\nmessage = 'generated presigned url for'";

#[tokio::test]
async fn the_day_02_api_passes_with_either_signature() {
    for fault in [Day02::Good, Day02::GoodVersion2] {
        let (api, _bucket) = courses::day02(fault).await;
        for (check, with) in [
            ("http/json", "path = '/'\nmessage = 'connected to day02 upload/download API'"),
            ("http/json", "path = '/list_files'\nmessage = 'listed files'\ncontent = 'appstore_games[.]csv'"),
            ("http/upload-download", STRICT),
            ("http/upload-missing", "message = 'was not found'"),
            ("http/presigned", PRESIGNED),
            ("http/json", "path = '/download/none.csv'\nstatus = 404\nmessage = 'was not found on the bucket'"),
        ] {
            let outcome = graded(&built_in(check, with), &api.url()).await;
            assert_eq!(outcome.verdict.as_str(), "pass", "{check} {fault:?}: {}", outcome.actual);
        }
    }
}

#[tokio::test]
async fn the_example_of_the_documentation_is_a_scenario_that_passes() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rubrics.md")).unwrap();
    let section = page.split_once("### Scenarios").unwrap().1;
    let example = section.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    let check = written(&format!("title = \"It comes back\"\nwhy = \"It is stored.\"\nfix = \"Store it.\"\n{example}"));
    let (api, _bucket) = courses::day02(Day02::Good).await;
    assert_eq!(told(&graded(&check, &api.url()).await), ("pass", "as expected"));
    let (api, _bucket) = courses::day02(Day02::OneByteOff).await;
    assert_eq!(told(&graded(&check, &api.url()).await), ("fail", "what came back is not what went up"));
}

#[tokio::test]
async fn each_fault_of_a_day_02_api_is_seen_and_told() {
    let missing = "path = '/download/none.csv'\nstatus = 404\nmessage = 'was not found on the bucket'";
    for (fault, check, with, verdict, says) in [
        (
            Day02::UploadForgets,
            "http/upload-download",
            STRICT,
            "fail",
            "/list_files does not name stackmark-falcon.bin",
        ),
        (Day02::UploadForgets, "http/upload-download", "needs_url = false", "fail", "does not name"),
        (Day02::UploadFails, "http/upload-download", STRICT, "fail", "answered with status 500"),
        (Day02::OtherField, "http/upload-download", STRICT, "manual", "`file` is answered with status 400"),
        (Day02::OneByteOff, "http/upload-download", STRICT, "partial", "they are not the 2048 that went up"),
        (Day02::OneByteOff, "http/upload-download", "needs_url = false", "partial", "they are not the 2048"),
        (Day02::UrlNeverEnds, "http/upload-download", STRICT, "partial", "does not say when it ends"),
        (Day02::UrlLastsAnHour, "http/upload-download", STRICT, "partial", "holds 3600 s, expected 120 at most"),
        (Day02::UrlIsRefused, "http/upload-download", STRICT, "partial", "the URL is answered with status 403"),
        (Day02::NoUrl, "http/upload-download", STRICT, "partial", "gave no URL"),
        (Day02::NoUrl, "http/upload-download", "needs_url = false", "pass", ""),
        (Day02::NoUrl, "http/presigned", PRESIGNED, "partial", "there is no URL in the content"),
        (Day02::UrlNeverEnds, "http/presigned", PRESIGNED, "partial", "does not say when it ends"),
        (Day02::UrlLastsAnHour, "http/presigned", PRESIGNED, "partial", "the URL holds 3600 s, expected 120"),
        (Day02::NoMessage, "http/presigned", PRESIGNED, "partial", "the message is “”"),
        (Day02::MissingIs200, "http/json", missing, "fail", "status 200, expected 404"),
        (Day02::MissingIs200, "http/upload-missing", "", "fail", "status 200, expected 404"),
        (Day02::NoMessage, "http/upload-missing", "message = 'was not found'", "partial", "the message is “”"),
    ] {
        let (api, _bucket) = courses::day02(fault).await;
        let outcome = graded(&built_in(check, with), &api.url()).await;
        assert_eq!(outcome.verdict.as_str(), verdict, "{fault:?} {check}: {}", outcome.actual);
        assert!(outcome.actual.contains(says), "{fault:?} {check}: {}", outcome.actual);
    }
}

#[tokio::test]
async fn the_gallery_passes_by_its_own_form_and_each_fault_is_told() {
    for (fault, verdict, says) in [
        (Gallery::Good, "pass", "stackmark-falcon.png was uploaded"),
        (Gallery::GoodPlainForm, "pass", "stackmark-falcon.png was uploaded"),
        (Gallery::UploadForgets, "manual", "which is the same as before"),
        (Gallery::UploadFails, "fail", "the upload is answered with status 500"),
        (Gallery::PictureIsGone, "manual", "the picture is not recognised on /"),
        (Gallery::OtherName, "manual", "the picture is not recognised on /"),
        (Gallery::NoForm, "manual", "no form with a file is recognised on /"),
    ] {
        let server = courses::gallery(fault).await;
        let outcome = graded(&built_in("http/photo", ""), &server.url()).await;
        assert_eq!(outcome.verdict.as_str(), verdict, "{fault:?}: {}", outcome.actual);
        assert!(outcome.actual.contains(says), "{fault:?}: {}", outcome.actual);
    }
}

#[tokio::test]
async fn the_ensai_service_passes_behind_its_redirect_and_each_fault_is_told() {
    let (one, other) = ("i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2");
    let elements = || built_in("http/elements", "path = '/task'\nmin = 3");
    let spread = || built_in("http/spread", "path = '/instance'\nmin = 2\nrepeat = 6");
    let good = courses::tasks(3, Box::leak(Box::new([one, other]))).await;
    assert_eq!(told(&graded(&elements(), &good.url()).await).0, "pass");
    assert_eq!(told(&graded(&spread(), &good.url()).await), ("pass", "2 instances answered 6 requests"));
    let alone = courses::tasks(2, Box::leak(Box::new([one]))).await;
    let few = graded(&elements(), &alone.url()).await;
    assert_eq!(told(&few), ("partial", "2 elements in the answer, expected 3"));
    assert_eq!(told(&graded(&spread(), &alone.url()).await), ("partial", "1 of 2 instances answered 6 requests"));
}

#[tokio::test]
async fn the_log8415_clusters_pass_and_a_path_that_is_missing_fails() {
    let server = courses::cluster("i-0aaaaaaaaaaaaaaa1", &["/cluster1", "/cluster2"]).await;
    for path in ["/cluster1", "/cluster2"] {
        let with = format!("path = '{path}'\nrepeat = 3");
        assert_eq!(told(&graded(&built_in("http/answers", &with), &server.url()).await).0, "pass");
    }
    let half = courses::cluster("i-0aaaaaaaaaaaaaaa1", &["/cluster1"]).await;
    let outcome = graded(&built_in("http/answers", "path = '/cluster2'\nrepeat = 3"), &half.url()).await;
    assert_eq!(told(&outcome), ("fail", "status 404, expected 200"));
}

#[tokio::test]
async fn evidence_holds_what_was_sent_and_no_signature() {
    for fault in [Day02::Good, Day02::GoodVersion2] {
        let (api, _bucket) = courses::day02(fault).await;
        let evidence = collect(&[&built_in("http/upload-download", STRICT)], &api.url(), &local()).await;
        let up = exchange(&evidence, "POST /upload").value().unwrap();
        assert_eq!((up.sent_files[0].filename.as_str(), up.sent_files[0].bytes), ("stackmark-falcon.bin", 2048));
        let back = exchange(&evidence, "GET {url}").value().unwrap();
        assert_eq!((&back.body_sha256, back.body_bytes), (&up.sent_files[0].sha256, 2048));
        let down = exchange(&evidence, "GET /download").value().unwrap();
        let holds = down.captured["url"].expires_seconds.unwrap();
        assert!((115..=120).contains(&holds), "{holds}");
        assert_eq!(back.url.as_deref(), Some(down.captured["url"].value.as_str()));
        let stored = serde_json::to_string(&evidence).unwrap();
        for secret in ["QWERTYUIOPASDFGH", "0f1e2d3c4b5a6978", "c2lnbmF0dXJl"] {
            assert!(!stored.contains(secret), "{fault:?}: {secret} in {stored}");
        }
    }
}

#[tokio::test]
async fn two_checks_with_the_same_scenario_share_one_run_and_others_do_not() {
    let (api, _bucket) = courses::day02(Day02::Good).await;
    let (strict, lenient, larger) = (
        built_in("http/upload-download", STRICT),
        built_in("http/upload-download", "needs_url = false"),
        built_in("http/upload-download", "bytes = 4096"),
    );
    let evidence = collect(&[&strict, &lenient, &larger], &api.url(), &local()).await;
    let sent: Vec<String> = api.asked();
    let run = ["POST /upload", "GET /list_files", "GET /download/stackmark-falcon.bin"];
    assert_eq!(sent, [run, run].concat());
    for item in [&strict, &lenient, &larger] {
        assert_eq!(told(&judged(item, &evidence)).0, "pass");
    }
}
