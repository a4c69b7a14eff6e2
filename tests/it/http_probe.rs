//! The prober against servers that behave, misbehave and attack; on loopback, within a second each.

use crate::support::hostile;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use stackmark::demo::load_balancer::{self, Answers, Backend, ForwardRule, LoadBalancerConfig};
use stackmark_collect::Limits;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::http::Exchange;
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_http::{probe, target};
use stackmark_language::request::HttpRequest;

const BODY_LIMIT: u64 = 64 << 10;

fn local() -> Settings {
    Settings {
        allow_private: true,
        limits: Limits { body_bytes: BODY_LIMIT, ..Limits::default() },
        ..Settings::default()
    }
}

fn get(path: &str) -> HttpRequest {
    HttpRequest {
        key: path.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: BTreeMap::new(),
        body: None,
        repeat: 1,
        timeout_ms: 300,
        max_redirects: 0,
        step: None,
    }
}

async fn read(base_url: &str, request: HttpRequest, settings: &Settings) -> Reading<Exchange> {
    let target = target(&AwsEvidence::default(), Some(base_url), settings);
    let mut exchanges = probe(&target, std::slice::from_ref(&request), settings, &Silent).await;
    exchanges.remove(&request.key).expect("an exchange for every request")
}

async fn observed(base_url: &str, request: HttpRequest) -> Exchange {
    match read(base_url, request, &local()).await {
        Reading::Observed { value } => value,
        other => panic!("{other:?}"),
    }
}

async fn unreadable(base_url: &str, request: HttpRequest, settings: &Settings) -> Unreadable {
    match read(base_url, request, settings).await {
        Reading::Unreadable(failure) => failure,
        other => panic!("{other:?}"),
    }
}

async fn failed(base_url: &str, request: HttpRequest) -> Unreadable {
    let settings = local();
    let reading = unreadable(base_url, request, &settings);
    tokio::time::timeout(Duration::from_secs(3), reading).await.expect("an end within three seconds")
}

#[tokio::test]
async fn an_answer_is_observed_with_its_json_headers_and_times() {
    let body = br#"{"instance_id": "i-0123456789abcdef0"}"#;
    let server = hostile::reply(hostile::response("200 OK", "X-Served-By: demo\r\nSet-Cookie: a=b\r\n", body)).await;
    let exchange = observed(&server.url(), HttpRequest { repeat: 3, ..get("/cluster1?x=1") }).await;
    assert_eq!((exchange.sent, exchange.answered, exchange.status), (3, 3, 200));
    assert_eq!(exchange.json["instance_id"], "i-0123456789abcdef0");
    assert_eq!(exchange.instance_ids, BTreeMap::from([("i-0123456789abcdef0".to_owned(), 3)]));
    assert_eq!(exchange.statuses, BTreeMap::from([("200".to_owned(), 3)]));
    assert_eq!(exchange.headers.get("x-served-by").map(String::as_str), Some("demo"));
    assert_eq!(exchange.headers.get("set-cookie"), None);
    assert_eq!((exchange.body_bytes, exchange.truncated, exchange.cut_short), (body.len() as u64, false, None));
    assert!(exchange.median_ms > 0.0 && exchange.slowest_ms >= exchange.median_ms);
}

#[tokio::test]
async fn requests_name_stackmark_and_carry_no_cookie_and_no_wish_for_compression() {
    let server = hostile::reply(hostile::response("200 OK", "Set-Cookie: a=b\r\n", b"")).await;
    let mut request = HttpRequest { repeat: 2, ..get("/") };
    request.headers.insert("X-Team".to_owned(), "7".to_owned());
    observed(&server.url(), request).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for head in requests {
        assert!(head.contains(concat!("user-agent: stackmark/", env!("CARGO_PKG_VERSION"), "\r\n")), "{head}");
        assert!(head.contains("accept-encoding: identity\r\n") && head.contains("x-team: 7\r\n"), "{head}");
        assert!(!head.contains("cookie") && !head.contains("authorization"), "{head}");
    }
}

#[tokio::test]
async fn a_server_error_is_an_observation() {
    let server = hostile::reply(hostile::response("500 Internal Server Error", "", b"traceback")).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.status, exchange.body.as_str(), exchange.json), (500, "traceback", serde_json::Value::Null));
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout_and_is_given_up() {
    let server = hostile::hang().await;
    let failure = failed(&server.url(), HttpRequest { repeat: 1000, ..get("/") }).await;
    assert_eq!(failure.cause, Cause::Timeout);
    assert_eq!(failure.detail, format!("GET {}/: no response in time (3 attempts)", server.url()));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn headers_that_never_end_are_a_timeout() {
    let server = hostile::drip("HTTP/1.1 200 OK\r\nx-slow: ", b"a", Duration::from_millis(20)).await;
    assert_eq!(failed(&server.url(), get("/")).await.cause, Cause::Timeout);
}

#[tokio::test]
async fn interim_responses_without_end_are_a_timeout() {
    let server = hostile::drip("", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", Duration::ZERO).await;
    assert_eq!(failed(&server.url(), get("/")).await.cause, Cause::Timeout);
}

#[tokio::test]
async fn a_flood_of_headers_is_malformed() {
    for again in [&b"x-a: b\r\n"[..], &[b'a'; 4096]] {
        let server = hostile::drip("HTTP/1.1 200 OK\r\nx-start: ", again, Duration::ZERO).await;
        let failure = failed(&server.url(), get("/")).await;
        assert_eq!(failure.cause, Cause::Malformed, "{failure}");
        assert!(failure.detail.contains("larger than any that is read"), "{failure}");
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit_and_says_so() {
    let server = hostile::drip("HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 4096], Duration::ZERO).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert!(exchange.truncated);
    assert_eq!((exchange.status, exchange.body_bytes, exchange.body.len() as u64), (200, BODY_LIMIT, BODY_LIMIT));
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_not_truncated() {
    let body = vec![b'a'; usize::try_from(BODY_LIMIT).unwrap()];
    let server = hostile::reply(hostile::response("200 OK", "", &body)).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.body_bytes, exchange.truncated), (BODY_LIMIT, false));
}

#[tokio::test]
async fn a_body_that_drips_for_ever_is_a_timeout_that_tells_the_status() {
    let server = hostile::drip("HTTP/1.1 200 OK\r\n\r\n", b"a", Duration::from_millis(20)).await;
    let failure = failed(&server.url(), get("/")).await;
    assert_eq!(failure.cause, Cause::Timeout);
    assert!(failure.detail.contains("status 200 came, but its body had no end in time"), "{failure}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let server = hostile::reply("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
    let failure = failed(&server.url(), get("/")).await;
    assert_eq!(failure.cause, Cause::Malformed);
    assert!(failure.detail.contains("broke off in its body"), "{failure}");
}

#[tokio::test]
async fn a_compressed_bomb_is_unpacked_up_to_the_limit_and_no_further() {
    let bomb = hostile::gzip_bomb(32 << 20);
    assert!((bomb.len() as u64) < BODY_LIMIT, "a bomb that fits below the limit");
    let server = hostile::reply(hostile::response("200 OK", "content-encoding: gzip\r\n", &bomb)).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.body_bytes, exchange.truncated), (BODY_LIMIT, true));
    assert!(exchange.unread.is_some_and(|why| why.contains("longer than 65536 bytes")));
    assert_eq!(exchange.headers.get("content-encoding").map(String::as_str), Some("gzip"));
}

#[tokio::test]
async fn what_is_packed_unasked_is_read() {
    let packed = gzip(br#"{"instance_id": "i-0123456789abcdef0"}"#);
    let server = hostile::reply(hostile::response("200 OK", "content-encoding: gzip\r\n", &packed)).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!(exchange.json["instance_id"], "i-0123456789abcdef0");
    assert_eq!((exchange.instance_ids.len(), exchange.unread), (1, None));
    let head = HttpRequest { method: "HEAD".to_owned(), ..get("/") };
    let nothing = hostile::reply("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 60\r\n\r\n").await;
    assert_eq!(observed(&nothing.url(), head).await.unread, None, "nothing was packed");
}

#[tokio::test]
async fn a_coding_that_is_not_known_is_set_aside() {
    let server = hostile::reply(hostile::response("200 OK", "content-encoding: zstd\r\n", b"\x28\xb5\x2f\xfd")).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.status, exchange.json), (200, serde_json::Value::Null));
    assert!(exchange.unread.is_some_and(|why| why.contains("`zstd` is not read")));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn invalid_utf_8_and_terminal_escapes_are_data() {
    let server = hostile::reply(hostile::response("200 OK", "", b"\xff\xfd\x1b]0;owned\x07")).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!(exchange.body, "\u{fffd}\u{fffd}\u{1b}]0;owned\u{7}");
}

#[tokio::test]
async fn a_control_character_in_a_header_is_malformed() {
    let server = hostile::reply(hostile::response("200 OK", "x-evil: \x1b[2J\r\n", b"")).await;
    assert_eq!(failed(&server.url(), get("/")).await.cause, Cause::Malformed);
}

#[tokio::test]
async fn https_to_a_server_that_speaks_plain_http_is_unreachable() {
    let address = hostile::blurt(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let failure = failed(&format!("https://{address}"), get("/")).await;
    assert_eq!(failure.cause, Cause::Unreachable);
    assert!(failure.detail.contains("TLS"), "{failure}");
}

#[tokio::test]
async fn http_1_0_is_understood() {
    let server = hostile::reply("HTTP/1.0 200 OK\r\nserver: SimpleHTTP/0.6\r\n\r\nhello").await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.status, exchange.body.as_str()), (200, "hello"));
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    let server = hostile::reply("SSH-2.0-OpenSSH_9.6\r\n").await;
    let failure = failed(&server.url(), get("/")).await;
    assert_eq!(failure.cause, Cause::Malformed);
    assert!(failure.detail.contains("is not HTTP"), "{failure}");
}

#[tokio::test]
async fn a_connection_that_closes_without_a_word_is_unreachable() {
    let server = hostile::reply("").await;
    let failure = failed(&server.url(), get("/")).await;
    assert_eq!(failure.cause, Cause::Unreachable);
    assert!(failure.detail.contains("closed before a response came"), "{failure}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let failure = failed(&url, get("/")).await;
    assert_eq!(failure, Unreadable::new(Cause::Unreachable, format!("GET {url}/: connection refused")));
}

#[tokio::test]
async fn a_server_that_is_just_coming_up_is_reached_by_the_retry() {
    let port = free_port();
    let late = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        hostile::serve_on(listener, |mut stream, _| async move {
            use tokio::io::AsyncWriteExt;
            let _ = stream.write_all(&hostile::response("200 OK", "", b"up")).await;
        })
    });
    let exchange = observed(&format!("http://127.0.0.1:{port}"), get("/")).await;
    assert_eq!((exchange.sent, exchange.answered, exchange.body.as_str()), (1, 1, "up"));
    assert_eq!(exchange.retried, Some(1), "and that is told");
    drop(late.await.unwrap());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_no_zero() {
    let failure = unreadable("http://stackmark-test.invalid", get("/"), &Settings::default()).await;
    // Where no name server answers at all, the attempt's time runs out first.
    assert!(matches!(failure.cause, Cause::Unreachable | Cause::Timeout), "{failure}");
    assert!(failure.detail.contains("stackmark-test.invalid"), "{failure}");
}

#[tokio::test]
async fn loopback_needs_the_operators_consent_by_address_and_by_name() {
    let server = hostile::reply(hostile::response("200 OK", "", b"secret")).await;
    let port = server.address.port();
    for host in ["127.0.0.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"] {
        let failure = unreadable(&format!("http://{host}:{port}"), get("/"), &Settings::default()).await;
        assert_eq!(failure.cause, Cause::Refused, "{host}: {failure}");
        assert!(failure.detail.contains("a loopback address; --allow-private permits it"), "{host}: {failure}");
    }
    assert_eq!(server.requests(), [""; 0], "nothing was sent");
}

#[tokio::test]
async fn a_redirect_is_an_observation_unless_it_is_asked_to_be_followed() {
    let location = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    let server = hostile::reply(hostile::response("302 Found", &format!("location: {location}\r\n"), b"")).await;
    let exchange = observed(&server.url(), get("/")).await;
    assert_eq!((exchange.status, exchange.location.as_deref()), (302, Some(location)));

    // Even with --allow-private.
    let failure = failed(&server.url(), HttpRequest { max_redirects: 5, ..get("/") }).await;
    assert_eq!(failure.cause, Cause::Refused);
    assert!(
        failure.detail.contains(&format!("redirected to {location}: 169.254.169.254 is a cloud metadata")),
        "{failure}"
    );
}

#[tokio::test]
async fn each_hop_passes_the_guard() {
    let inside = hostile::reply(hostile::response("200 OK", "", b"secret")).await;
    let port = inside.address.port();
    for location in
        [format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/"), "file:///etc/passwd".into()]
    {
        let server = hostile::reply(hostile::response("302 Found", &format!("location: {location}\r\n"), b"")).await;
        let entry = format!("lb.example.com:80:{}", server.address);
        let settings = Settings { resolve: vec![entry.parse().unwrap()], ..Settings::default() };
        let request = HttpRequest { max_redirects: 5, ..get("/") };
        let failure = unreadable("http://lb.example.com", request, &settings).await;
        assert_eq!(failure.cause, Cause::Refused, "{failure}");
    }
    assert_eq!(inside.requests(), [""; 0], "nothing was sent");
}

#[tokio::test]
async fn headers_do_not_cross_to_another_origin() {
    let other = hostile::reply(hostile::response("200 OK", "", b"there")).await;
    let location = format!("location: {}/there\r\n", other.url());
    let server = hostile::reply(hostile::response("302 Found", &location, b"")).await;
    let mut request = HttpRequest { max_redirects: 1, ..get("/") };
    request.headers.insert("x-nonce".to_owned(), "secret".to_owned());
    let exchange = observed(&server.url(), request).await;
    assert_eq!((exchange.status, exchange.followed), (200, vec![format!("{}/there", other.url())]));
    assert!(server.requests()[0].contains("x-nonce: secret"));
    assert!(!other.requests()[0].contains("x-nonce"), "{}", other.requests()[0]);
}

/// The load would not go there; a single request did, and the stranger's answer had the points.
#[tokio::test]
async fn an_answer_of_somebody_elses_host_is_none_of_the_service() {
    let stranger = hostile::reply(hostile::response("200 OK", "", b"i-0123456789abcdef0")).await;
    let server = hostile::reply(hostile::response("302 Found", "location: http://victim.test/x\r\n", b"")).await;
    let entries = [format!("lb.example.com:80:{}", server.address), format!("victim.test:80:{}", stranger.address)];
    let resolve = entries.iter().map(|entry| entry.parse().unwrap()).collect();
    let settings = Settings { resolve, ..Settings::default() };
    let request = HttpRequest { max_redirects: 5, repeat: 20, ..get("/") };
    let failure = unreadable("http://lb.example.com", request, &settings).await;
    assert_eq!(failure.cause, Cause::Refused, "{failure}");
    assert!(failure.detail.contains("victim.test") && failure.detail.contains("only lb.example.com"), "{failure}");
    assert_eq!((server.requests().len(), stranger.requests().len()), (1, 0), "and nothing was sent there");
}

/// Byte by byte, half a megabyte cost seconds of this machine's processor for each request.
#[tokio::test]
async fn a_body_in_very_many_pieces_is_not_read_to_its_end() {
    let pieces = "1\r\nx\r\n".repeat(60_000);
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let server = hostile::reply(format!("{head}{pieces}0\r\n\r\n")).await;
    let exchange = observed(&server.url(), HttpRequest { timeout_ms: 20_000, ..get("/") }).await;
    assert!(exchange.truncated && exchange.body_bytes < 60_000, "{} bytes", exchange.body_bytes);
}

#[tokio::test]
async fn a_redirect_loop_ends_at_the_limit_with_the_last_response() {
    let server = hostile::reply(hostile::response("302 Found", "location: /again\r\n", b"")).await;
    let exchange = observed(&server.url(), HttpRequest { max_redirects: 3, ..get("/") }).await;
    assert_eq!((exchange.status, exchange.followed.len(), server.requests().len()), (302, 3, 4));
    assert_eq!(exchange.location.as_deref(), Some("/again"));
}

#[tokio::test]
async fn resolve_connects_elsewhere_and_keeps_url_and_host_header() {
    let server = hostile::reply(hostile::response("200 OK", "", b"ok")).await;
    for (base_url, entry, host) in [
        ("http://lb.example.com", format!("lb.example.com:80:{}", server.address), "lb.example.com"),
        ("http://lb.example.com:8000", format!("*:8000:{}", server.address), "lb.example.com:8000"),
        ("http://192.0.2.7:8000", format!("192.0.2.7:8000:{}", server.address), "192.0.2.7:8000"),
        ("http://192.0.2.7", format!("*:80:{}", server.address), "192.0.2.7"),
    ] {
        // Naming the address is the consent: --allow-private is not needed.
        let settings = Settings { resolve: vec![entry.parse().unwrap()], ..Settings::default() };
        let reading = read(base_url, get("/path"), &settings).await;
        assert!(reading.value().is_some(), "{base_url}: {reading:?}");
        let head = server.requests().pop().unwrap();
        assert!(head.starts_with("GET /path HTTP/1.1\r\n") && head.contains(&format!("host: {host}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn resolve_without_a_port_keeps_the_urls() {
    let server = hostile::reply(hostile::response("200 OK", "", b"ok")).await;
    let port = server.address.port();
    let entry = format!("lb.example.com:{port}:127.0.0.1");
    let settings = Settings { resolve: vec![entry.parse().unwrap()], ..Settings::default() };
    assert!(read(&format!("http://lb.example.com:{port}"), get("/"), &settings).await.value().is_some());
}

#[tokio::test]
async fn resolve_does_not_open_the_metadata_service() {
    let resolve = vec!["lb.example.com:80:169.254.169.254".parse().unwrap()];
    let settings = Settings { resolve, allow_private: true, ..Settings::default() };
    let failure = unreadable("http://lb.example.com", get("/"), &settings).await;
    assert_eq!(failure.cause, Cause::Refused);
    assert!(
        failure.detail.contains("lb.example.com resolves to 169.254.169.254, a cloud metadata address"),
        "{failure}"
    );
}

#[tokio::test]
async fn answers_and_failures_of_one_exchange_are_both_counted() {
    let server = hostile::serve(|mut stream, number| async move {
        use tokio::io::AsyncWriteExt;
        if number % 2 == 1 {
            let _ = stream.write_all(&hostile::response("200 OK", "", b"ok")).await;
        }
    })
    .await;
    let exchange = observed(&server.url(), HttpRequest { repeat: 6, ..get("/") }).await;
    assert_eq!((exchange.sent, exchange.answered), (6, 3));
    assert_eq!(exchange.errors, BTreeMap::from([("unreachable".to_owned(), 3)]));
}

#[tokio::test]
async fn each_attempt_has_a_connection_of_its_own() {
    let server = hostile::serve(|mut stream, _| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let _ = stream.write_all(&hostile::response("200 OK", "", b"first")).await;
        if stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {
            let _ = stream.write_all(&hostile::response("200 OK", "", b"again")).await;
        }
    })
    .await;
    let exchange = observed(&server.url(), HttpRequest { repeat: 3, ..get("/") }).await;
    assert_eq!(exchange.bodies, BTreeMap::from([("first".to_owned(), 3)]));
}

#[tokio::test]
async fn a_target_that_nothing_connects_to_is_not_tried_at_length_again() {
    let target = target(&AwsEvidence::default(), Some(&format!("http://127.0.0.1:{}", free_port())), &local());
    let requests = ["/a", "/b"].map(|path| HttpRequest { repeat: 1000, ..get(path) });
    let exchanges = probe(&target, &requests, &local(), &Silent).await;
    let detail = |key| exchanges.get(key).and_then(Reading::failure).unwrap().detail.clone();
    assert!(detail("/a").ends_with("connection refused (3 attempts)"), "{}", detail("/a"));
    assert!(detail("/b").ends_with("connection refused"), "{}", detail("/b"));
}

#[tokio::test]
async fn without_a_target_every_exchange_says_why() {
    let requests = [get("/a"), get("/b")];
    let absent = Reading::absent("no load balancer");
    let exchanges = probe(&absent, &requests, &local(), &Silent).await;
    assert_eq!(exchanges.keys().collect::<Vec<_>>(), ["/a", "/b"]);
    for reading in exchanges.values() {
        assert_eq!(*reading, Reading::absent("no load balancer"));
    }
    let denied = Reading::unreadable(Cause::Denied, "DescribeLoadBalancers");
    let exchanges = probe(&denied, &requests, &local(), &Silent).await;
    assert_eq!(exchanges.keys().collect::<Vec<_>>(), ["/a", "/b"]);
    for reading in exchanges.values() {
        assert_eq!(reading.failure().map(|failure| failure.cause), Some(Cause::Denied));
    }
}

#[tokio::test]
async fn a_path_cannot_turn_the_target_into_a_user_name() {
    let server = hostile::reply(hostile::response("200 OK", "", b"")).await;
    let failure = failed("http://lb.example.com", get(&format!("@{}/", server.address))).await;
    assert_eq!(failure.cause, Cause::Refused);
    assert_eq!(server.requests(), [""; 0]);
}

/// Runs this test binary again with a proxy in its environment, for one test that would fail through it.
#[test]
fn proxy_variables_are_not_obeyed() {
    let proxy = format!("http://127.0.0.1:{}", free_port());
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "http_probe::a_server_error_is_an_observation"])
        .envs([("http_proxy", &proxy), ("HTTP_PROXY", &proxy), ("ALL_PROXY", &proxy), ("all_proxy", &proxy)])
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
}

fn backend(instance_id: &str, healthy: bool, status: u16) -> Backend {
    Backend { instance_id: instance_id.to_owned(), healthy, status, answers: Answers::Json }
}

fn two_clusters() -> LoadBalancerConfig {
    LoadBalancerConfig {
        rules: vec![
            ForwardRule {
                path_prefix: "/cluster1".to_owned(),
                backends: vec![
                    backend("i-0aaaaaaaaaaaaaaa1", true, 200),
                    backend("i-0aaaaaaaaaaaaaaa2", false, 200),
                    backend("i-0aaaaaaaaaaaaaaa3", true, 200),
                    backend("i-0aaaaaaaaaaaaaaa4", true, 500),
                ],
            },
            ForwardRule {
                path_prefix: "/cluster2".to_owned(),
                backends: vec![Backend { answers: Answers::Text, ..backend("i-0bbbbbbbbbbbbbbb1", true, 200) }],
            },
            ForwardRule { path_prefix: "/sick".to_owned(), backends: vec![backend("i-0ccccccccccccccc1", false, 200)] },
        ],
        default_status: 404,
    }
}

#[tokio::test]
async fn the_demo_spreads_over_healthy_back_ends_by_rule() {
    let demo = load_balancer::serve(two_clusters()).await.unwrap();
    let url = format!("http://{}", demo.address());

    let one = observed(&url, HttpRequest { repeat: 9, ..get("/cluster1/hello") }).await;
    // The fourth answers as well, with its error page alone.
    let expected = ["i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa3"];
    assert_eq!(one.instance_ids, expected.map(|id| (id.to_owned(), 3)).into());
    assert_eq!(one.statuses, BTreeMap::from([("200".to_owned(), 6), ("500".to_owned(), 3)]));
    assert_eq!(one.json["message"], "answering GET /cluster1/hello");

    let two = observed(&url, HttpRequest { repeat: 2, ..get("/cluster2") }).await;
    assert_eq!(two.body, "instance i-0bbbbbbbbbbbbbbb1 answers /cluster2\n");
    assert_eq!(observed(&url, get("/sick")).await.status, 503);
    assert_eq!(observed(&url, get("/elsewhere")).await.status, 404);
}

#[tokio::test]
async fn the_demo_forwards_methods_and_bodies() {
    let demo = load_balancer::serve(two_clusters()).await.unwrap();
    let url = format!("http://{}", demo.address());
    let post = HttpRequest { method: "POST".to_owned(), body: Some("{}".to_owned()), ..get("/cluster1") };
    assert_eq!(observed(&url, post).await.json["message"], "answering POST /cluster1");
    let head = observed(&url, HttpRequest { method: "HEAD".to_owned(), ..get("/cluster1") }).await;
    assert_eq!((head.status, head.body_bytes), (200, 0));
    let large = Some("x".repeat(2 << 20));
    let put = HttpRequest { method: "PUT".to_owned(), body: large, timeout_ms: 2000, ..get("/cluster1") };
    assert_eq!(observed(&url, put).await.status, 413);
}

#[tokio::test]
async fn the_demo_stops_when_it_is_dropped() {
    let demo = load_balancer::serve(two_clusters()).await.unwrap();
    let ports: Vec<_> = std::iter::once(demo.address()).chain(demo.backends().iter().copied()).collect();
    assert_eq!(ports.len(), 7);
    drop(demo);
    for address in ports {
        let closed = async {
            while tokio::net::TcpStream::connect(address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(2), closed).await.expect("the port is closed");
    }
}
