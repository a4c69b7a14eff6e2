//! The load engine against servers that behave, fail and attack; on loopback, a second or two each.

use crate::support::hostile;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::keep_alive::{Reply, Server, ok, serve};
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::closed::TargetFrom;
use stackmark_evidence::http::Target;
use stackmark_evidence::load::Load;
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_http::load::run;
use stackmark_http::load::run_all;
use stackmark_language::load::{LoadLabel, LoadLimits, LoadRequest, LoadStep, LoadThread, LoadWork};
use tokio::io::AsyncWriteExt;

const LIMITS: LoadLimits = LoadLimits { requests: 3000, concurrency: 50, seconds: 20 };

fn local() -> Settings {
    let limits = Limits { body_bytes: 64 << 10, ..Limits::default() };
    Settings { allow_private: true, limits, ..Settings::default() }
}

fn load(paths: &[&str], requests: u32, concurrency: u32) -> LoadRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    keyed(LoadRequest {
        key: String::new(),
        work: LoadWork::Shared { paths, requests, concurrency },
        rate: None,
        reuse: true,
        timeout_ms: 500,
        label: LoadLabel::InstanceId,
    })
}

fn keyed(mut load: LoadRequest) -> LoadRequest {
    load.key = load.key_of();
    load
}

async fn observed(url: &str, load: &LoadRequest, limits: &LoadLimits) -> Load {
    match run(url, load, limits, &local(), &Silent).await {
        Reading::Observed { value } => value,
        other => panic!("{other:?}"),
    }
}

async fn unreadable(url: &str, load: &LoadRequest, settings: &Settings) -> Unreadable {
    let reading = run(url, load, &LIMITS, settings, &Silent);
    match tokio::time::timeout(Duration::from_secs(5), reading).await.expect("an end within five seconds") {
        Reading::Unreadable(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect()
}

/// Two instances behind `/cluster1`, one behind the rest.
async fn cluster() -> Server {
    serve(|number, path| async move {
        let instance = if path == "/cluster1" { number % 2 } else { 2 };
        ok(format!("Instance i-0000000{instance} is responding now!"))
    })
    .await
}

#[tokio::test]
async fn every_request_is_counted_timed_and_told_by_path_and_back_end() {
    let server = cluster().await;
    let load = observed(&server.url(), &load(&["/cluster1", "/cluster2"], 200, 4), &LIMITS).await;
    assert_eq!((load.asked, load.sent, load.answered, load.abandoned), (200, 200, 200, 0));
    assert_eq!((server.seen.count(), load.cut_short.clone()), (200, None));
    assert_eq!(load.statuses, counts(&[("200", 200)]));
    assert_eq!((load.errors.len(), load.unlabelled), (0, 0));
    assert_eq!((load.spread["i-00000002"], load.distinct), (100, load.spread.len() as u64));
    let first = &load.by_path["/cluster1"];
    assert_eq!((first.sent, first.answered, first.statuses.clone()), (100, 100, counts(&[("200", 100)])));
    assert_eq!(first.spread.values().sum::<u64>(), 100);
    assert!(!load.by_path["/cluster2"].spread.contains_key("i-00000000"));
    assert!(
        load.min_ms > 0.0 && load.p50_ms >= load.min_ms && load.p99_ms >= load.p95_ms && load.max_ms >= load.p999_ms
    );
    assert_eq!(load.bins.iter().map(|bin| bin.count).sum::<u64>(), 200);
    assert!(load.seconds > 0.0 && load.requests_per_second > 0.0);
}

#[tokio::test]
async fn connections_are_reused_or_not_as_asked() {
    let server = cluster().await;
    let kept = observed(&server.url(), &load(&["/"], 100, 4), &LIMITS).await;
    assert_eq!((kept.connections, server.seen.connections.load(Ordering::SeqCst)), (4, 4));
    let closed = keyed(LoadRequest { reuse: false, ..load(&["/"], 30, 4) });
    let closed = observed(&server.url(), &closed, &LIMITS).await;
    assert_eq!((closed.connections, closed.answered), (30, 30));
}

#[tokio::test]
async fn a_request_that_a_server_drops_on_an_open_connection_is_sent_again_and_counted() {
    // Every third request finds its connection closed instead of answered, and comes again on a new one.
    let server = serve(|number, _| async move { if number % 3 == 2 { Reply::Close } else { ok("i-0a1b2c3d") } }).await;
    let load = observed(&server.url(), &load(&["/"], 60, 1), &LIMITS).await;
    assert_eq!((load.sent, load.answered, load.errors.len()), (60, 60, 0));
    assert_eq!((load.connections, server.seen.count(), load.resent), (30, 89, Some(29)));
}

#[tokio::test]
async fn redirects_on_the_same_host_are_followed_as_a_single_request_is() {
    let server = serve(|number, path| async move {
        match path.as_str() {
            "/cluster1" => Reply::Answer(308, "location: /cluster1/\r\n".to_owned(), String::new()),
            _ => ok(format!("Instance i-0000000{} is responding now!", number / 2 % 2)),
        }
    })
    .await;
    let load = observed(&server.url(), &load(&["/cluster1"], 40, 2), &LIMITS).await;
    assert_eq!((load.sent, load.answered, load.redirected), (40, 40, Some(40)));
    assert_eq!(load.statuses, counts(&[("200", 40)]));
    assert_eq!((load.distinct, load.by_path["/cluster1"].answered), (2, 40));
    assert_eq!((server.seen.count(), load.connections), (80, 2));
}

#[tokio::test]
async fn a_load_that_is_sent_to_another_host_is_unreadable_and_goes_nowhere() {
    let other = cluster().await;
    let location = format!("location: http://localhost:{}/\r\n", other.address.port());
    let server = serve(move |_, _| {
        let location = location.clone();
        async move { Reply::Answer(302, location, String::new()) }
    })
    .await;
    let failure = unreadable(&server.url(), &load(&["/"], 100, 2), &local()).await;
    assert_eq!(failure.cause, Cause::Refused);
    assert!(failure.detail.contains("set base_url in the roster"), "{failure}");
    assert_eq!(other.seen.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_loop_ends_with_the_last_response() {
    let server = serve(|_, _| async { Reply::Answer(302, "location: /again\r\n".to_owned(), String::new()) }).await;
    let load = observed(&server.url(), &load(&["/"], 10, 1), &LIMITS).await;
    assert_eq!((load.statuses, server.seen.count()), (counts(&[("302", 10)]), 40));
}

#[tokio::test]
async fn a_label_is_found_as_deep_as_in_a_single_request() {
    let server = serve(|number, _| async move {
        ok(format!("<html>{}<footer>i-0000000{}</footer>", "x".repeat(42 << 10), number % 2))
    })
    .await;
    let load = observed(&server.url(), &load(&["/"], 40, 4), &LIMITS).await;
    assert_eq!((load.distinct, load.unlabelled, load.unread), (2, 0, Some(0)));
}

#[tokio::test]
async fn an_answer_without_an_id_is_told_by_its_private_address() {
    let server =
        serve(|number, _| async move { ok(format!("hello from ip-10-0-1-{}.ec2.internal", number % 2)) }).await;
    let load = observed(&server.url(), &load(&["/"], 40, 1), &LIMITS).await;
    assert_eq!((load.spread, load.bodies), (counts(&[("10.0.1.0", 20), ("10.0.1.1", 20)]), Some(0)));
}

#[tokio::test]
async fn answers_that_name_several_and_answers_that_cannot_be_read_stand_apart() {
    let server = serve(|number, _| async move {
        match number % 4 {
            0 => ok("i-00000000 i-00000001"),
            1 => Reply::Answer(200, "content-encoding: zstd\r\n".to_owned(), "?".to_owned()),
            2 => ok("nobody"),
            _ => ok("i-00000000"),
        }
    })
    .await;
    let load = observed(&server.url(), &load(&["/"], 40, 1), &LIMITS).await;
    assert_eq!((load.unlabelled, load.several, load.unread, load.bodies), (30, Some(10), Some(10), Some(1)));
}

#[tokio::test]
async fn requests_without_an_answer_are_the_slowest_in_the_percentiles() {
    let server = serve(|number, _| async move {
        if number % 8 == 7 {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        ok("")
    })
    .await;
    let load = observed(&server.url(), &load(&["/"], 80, 10), &LIMITS).await;
    assert_eq!(load.errors, counts(&[("timeout", 10)]));
    assert!(load.p50_ms < 400.0 && load.p95_ms >= 499.0 && load.corrected.p95_ms >= 499.0, "{load:?}");
    assert!(load.by_path["/"].p95_ms >= 499.0);
    assert_eq!(load.bins.iter().map(|bin| bin.count).sum::<u64>(), 70, "they have no time of their own");
}

#[tokio::test]
async fn statuses_and_errors_stand_apart() {
    let server = serve(|number, _| async move {
        match number % 10 {
            7 => Reply::Answer(404, String::new(), String::new()),
            8 => Reply::Answer(503, String::new(), String::new()),
            9 => {
                tokio::time::sleep(Duration::from_millis(800)).await;
                Reply::Close
            }
            _ => ok("i-0a1b2c3d"),
        }
    })
    .await;
    let load = observed(&server.url(), &load(&["/"], 40, 8), &LIMITS).await;
    assert_eq!((load.sent, load.answered), (40, 36));
    assert_eq!(load.statuses, counts(&[("200", 28), ("404", 4), ("503", 4)]));
    assert_eq!(load.errors, counts(&[("timeout", 4)]));
    assert_eq!(load.error_example.as_deref(), Some("timeout: no response in time"));
    assert_eq!((load.spread["i-0a1b2c3d"], load.unlabelled), (28, 8));
}

#[tokio::test]
async fn never_more_is_sent_than_the_ceiling_whatever_the_check_asks() {
    let server = serve(|_, _| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        ok("")
    })
    .await;
    let limits = LoadLimits { requests: 50, concurrency: 3, seconds: 20 };
    let load = observed(&server.url(), &load(&["/"], 1000, 40), &limits).await;
    assert_eq!((load.asked, load.sent, server.seen.count()), (1000, 50, 50));
    assert!(server.seen.most_at_once.load(Ordering::SeqCst) <= 3);
}

#[tokio::test]
async fn a_load_ends_when_its_seconds_are_over() {
    let server = serve(|_, _| async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        ok("")
    })
    .await;
    let begun = Instant::now();
    let limits = LoadLimits { seconds: 1, ..LIMITS };
    let load = observed(&server.url(), &load(&["/"], 1000, 2), &limits).await;
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert_eq!(load.sent, load.answered + load.abandoned);
    let why = load.cut_short.expect("a reason");
    assert!(why.ends_with("were not sent: 1 s had gone by"), "{why}");
}

#[tokio::test]
async fn a_target_that_only_fails_is_backed_off_from_and_left() {
    let server = serve(|_, _| async { Reply::Answer(503, String::new(), "no healthy target".to_owned()) }).await;
    let begun = Instant::now();
    let load = observed(&server.url(), &load(&["/"], 3000, 20), &LIMITS).await;
    assert!(begun.elapsed() > Duration::from_secs(3), "three pauses");
    assert!(load.sent < 100, "{}", load.sent);
    assert_eq!(load.statuses, counts(&[("503", load.sent)]));
    assert!(load.cut_short.unwrap().contains("failures in a row"));
}

#[tokio::test]
async fn what_never_answers_is_unreadable_with_its_cause_and_soon_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = unreadable(&nobody, &load(&["/"], 1000, 20), &local()).await;
    assert_eq!(refused.cause, Cause::Unreachable);
    assert!(refused.detail.contains("connection refused"), "{}", refused.detail);

    let mute = hostile::hang().await;
    let timeout = unreadable(&mute.url(), &load(&["/"], 1000, 20), &local()).await;
    assert_eq!((timeout.cause, timeout.detail.contains("no response in time (")), (Cause::Timeout, true));
    assert!(mute.requests().len() <= 40, "{}", timeout.detail);

    // It takes the request first: closing over one that was not read would reset the connection, words and all.
    let chatter = hostile::serve(|mut stream, _| async move {
        let _ = stream.write_all(b"SSH-2.0-demo\r\n").await;
    });
    let chatter = chatter.await;
    assert_eq!(unreadable(&chatter.url(), &load(&["/"], 1000, 2), &local()).await.cause, Cause::Malformed);

    let nowhere = unreadable("http://no-such-host.invalid", &load(&["/"], 10, 1), &local()).await;
    assert_eq!(nowhere.cause, Cause::Unreachable);
}

#[tokio::test]
async fn no_connection_is_opened_to_an_address_that_the_guard_refuses() {
    let server = cluster().await;
    for url in [server.url(), server.url().replace("127.0.0.1", "localhost"), "http://169.254.169.254".to_owned()] {
        let failure = unreadable(&url, &load(&["/"], 10, 2), &Settings::default()).await;
        assert_eq!(failure.cause, Cause::Refused, "{url}");
    }
    assert_eq!(unreadable("http://169.254.169.254", &load(&["/"], 10, 2), &local()).await.cause, Cause::Refused);
    assert_eq!(server.seen.connections.load(Ordering::SeqCst), 0);
    let entry = format!("lb.example.com:80:127.0.0.1:{}", server.address.port());
    let settings = Settings { resolve: vec![entry.parse().unwrap()], ..Settings::default() };
    let reading = run("http://lb.example.com", &load(&["/"], 10, 2), &LIMITS, &settings, &Silent).await;
    assert_eq!(reading.value().map(|load| load.answered), Some(10), "{reading:?}");
}

#[tokio::test]
async fn bodies_without_an_end_are_cut() {
    let start = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
    let server = hostile::drip(start, &[b'a'; 4096], Duration::ZERO).await;
    let load = observed(&server.url(), &load(&["/"], 6, 2), &LIMITS).await;
    assert_eq!((load.answered, load.truncated), (6, 6));
}

/// The stall that a closed loop does not see: one answer in a hundred takes half a second.
async fn stalls() -> Server {
    serve(|number, _| async move {
        if number == 50 {
            tokio::time::sleep(Duration::from_millis(450)).await;
        }
        ok("")
    })
    .await
}

#[tokio::test]
async fn a_stall_shows_from_the_due_times_and_in_the_corrected_percentiles() {
    let server = stalls().await;
    let closed = observed(&server.url(), &load(&["/"], 100, 1), &LIMITS).await;
    assert!(closed.p95_ms < 100.0, "the waiting client did not see it: {}", closed.p95_ms);
    assert!(closed.corrected.p95_ms > 300.0 && closed.corrected.interval_ms > 0.0, "{:?}", closed.corrected);

    let server = stalls().await;
    let open = keyed(LoadRequest { rate: Some(100.0), ..load(&["/"], 100, 1) });
    let open = observed(&server.url(), &open, &LIMITS).await;
    assert!(open.p90_ms > 250.0, "requests that were due meanwhile waited: {open:?}");
    assert!(open.seconds > 0.9 && open.seconds < 1.5, "the schedule holds: {}", open.seconds);
    assert!(open.corrected.p95_ms.total_cmp(&open.p95_ms).is_eq(), "nothing is corrected twice");
}

#[tokio::test]
async fn threads_run_side_by_side_each_with_its_pauses() {
    let server = cluster().await;
    let thread = |path: &str, steps: &[LoadStep]| LoadThread { paths: vec![path.to_owned()], steps: steps.to_vec() };
    let threads = vec![
        thread("/cluster1", &[LoadStep::Requests(100)]),
        thread("/cluster2", &[LoadStep::Requests(50), LoadStep::Pause(700), LoadStep::Requests(100)]),
    ];
    let load = keyed(LoadRequest { work: LoadWork::Threads { threads }, ..load(&["/"], 1, 1) });
    let load = observed(&server.url(), &load, &LIMITS).await;
    assert_eq!((load.sent, load.by_path["/cluster1"].sent, load.by_path["/cluster2"].sent), (250, 100, 150));
    assert!(load.seconds > 0.7, "{}", load.seconds);
    assert!(server.seen.most_at_once.load(Ordering::SeqCst) <= 2);
    let paths = server.seen.paths.lock().unwrap().clone();
    let after_the_pause = &paths[150..];
    assert!(after_the_pause.iter().all(|path| path == "/cluster2"), "the first thread was done by then");
}

#[tokio::test]
async fn loads_of_one_account_never_overlap_and_those_of_others_may() {
    async fn both(accounts: [Option<&str>; 2]) -> (u64, Vec<String>) {
        struct Told(Mutex<Vec<String>>);
        impl Progress for Told {
            fn step(&self, what: &str) {
                self.0.lock().unwrap().push(what.to_owned());
            }
        }
        let server = serve(|_, _| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            ok("")
        })
        .await;
        let target = Reading::observed(Target {
            url: server.url(),
            from: TargetFrom::Roster,
            load_balancer_arn: None,
            listener_arn: None,
            load_balancers: 0,
            note: None,
            resolved_to: None,
        });
        let (settings, told) = (local(), Told(Mutex::default()));
        let loads = [load(&["/"], 60, 1)];
        let one = |account| run_all(&target, &loads, &LIMITS, account, &settings, &told);
        let (first, second) = tokio::join!(one(accounts[0]), one(accounts[1]));
        assert!([first, second].iter().flat_map(BTreeMap::values).all(|reading| reading.value().is_some()));
        (server.seen.most_at_once.load(Ordering::SeqCst), told.0.into_inner().unwrap())
    }
    let waited = |told: &[String]| told.iter().any(|line| line.contains("another team's load"));
    let (same, told) = both([Some("111111111111"), Some("111111111111")]).await;
    assert_eq!((same, waited(&told)), (1, true));
    let (unknown, told) = both([Some("111111111111"), None]).await;
    assert_eq!((unknown, waited(&told)), (1, true));
    let (different, told) = both([Some("111111111111"), Some("222222222222")]).await;
    assert_eq!((different, waited(&told)), (2, false));
}
