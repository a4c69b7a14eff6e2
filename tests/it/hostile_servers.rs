//! Servers that attack the prober, each against a process of its own: what comes of it, how long it takes, and how much
//! memory it costs.
//!
//! `cargo test --test hostile_servers -- --nocapture` prints the table.

use crate::support::hostile;
use std::collections::BTreeMap;
use std::time::Duration;

use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::Reading;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::http::HttpEvidence;
use stackmark_http::{probe, target};
use stackmark_language::request::HttpRequest;
use stackmark_language::scenario::{Content, FilePart, MOST_UPLOADED, Multipart, Step};

use crate::support::hostile::{Server, drip, response};

/// Where the child finds the server.
const URL: &str = "STACKMARK_HOSTILE_URL";
/// The server to which the child uploads as much as it ever does.
const UPLOAD: &str = "takes no byte of an upload of 1 MiB";
/// An attempt of the child's may take this long.
const TIMEOUT_MS: u64 = 1500;
/// Memory beyond what the prober takes for a friendly server, KiB: a body is read up to 1 MiB, and JSON takes a multiple of it.
const MOST_MEMORY: u64 = 12 << 10;
/// Wall time of the child beyond its attempt's. Interim answers without end need it in a build that is not optimised: the
/// client reads 128 buffers of them before it lets the clock be looked at.
const SLACK: Duration = Duration::from_secs(30);

/// What a child says of its run.
struct Seen {
    outcome: String,
    milliseconds: u64,
    peak_kib: u64,
    evidence_bytes: u64,
}

async fn cases() -> Vec<(&'static str, &'static str, String, Vec<Server>)> {
    let mut cases = Vec::new();
    let mut add = |name, outcome, server: Server| cases.push((name, outcome, server.url(), vec![server]));
    let ok = "HTTP/1.1 200 OK\r\n";
    let redirect = |to: &str| response("302 Found", &format!("location: {to}\r\n"), b"");
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    add("a friendly server", "status 200", hostile::reply(response("200 OK", "", b"{\"ok\": true}")).await);
    add("never answers", "timeout: no response in time", hostile::hang().await);
    add(
        "drips its head",
        "timeout: no response in time",
        drip("HTTP/1.1 200 OK\r\nx: ", b"a", Duration::from_millis(50)).await,
    );
    add(
        "drips its body",
        "timeout: status 200 came, but its body had no end",
        drip("HTTP/1.1 200 OK\r\n\r\n", b"a", Duration::from_millis(50)).await,
    );
    add(
        "body without end",
        "status 200, body cut",
        drip("HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 65536], Duration::ZERO).await,
    );
    add(
        "chunk without end",
        "status 200, body cut",
        drip("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffff\r\n", &[b'a'; 65536], Duration::ZERO)
            .await,
    );
    add(
        "chunked garbage",
        "malformed: the response broke off in its body",
        hostile::reply(format!("{ok}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n")).await,
    );
    add(
        "gzip bomb, 256 MiB",
        "status 200, body cut",
        hostile::reply(response("200 OK", "content-encoding: gzip\r\n", &hostile::gzip_bomb(256 << 20))).await,
    );
    add(
        "headers without end",
        "malformed: the response's headers are larger",
        drip("HTTP/1.1 200 OK\r\nx-a: b\r\n", b"x-a: b\r\n", Duration::ZERO).await,
    );
    add(
        "one header without end",
        "malformed: the response's headers are larger",
        drip("HTTP/1.1 200 OK\r\nx-a: ", &[b'a'; 4096], Duration::ZERO).await,
    );
    add(
        "a cookie of 300 KiB",
        "status 200",
        hostile::reply(response("200 OK", &format!("set-cookie: a={}\r\n", "b".repeat(300 << 10)), b"")).await,
    );
    add(
        "interim answers without end",
        "timeout: no response in time",
        drip("", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", Duration::ZERO).await,
    );
    add("invalid UTF-8", "status 200", hostile::reply(response("200 OK", "", &[0xff; 65536])).await);
    add("HTTP/1.0", "status 200", hostile::reply("HTTP/1.0 200 OK\r\n\r\nhello").await);
    add("closes at once", "unreachable: the connection was closed", hostile::reply("").await);
    add(UPLOAD, "timeout: no response in time", hostile::hang().await);
    add("is no HTTP at all", "malformed: what came back is not HTTP", hostile::reply("SSH-2.0-OpenSSH_9.6\r\n").await);
    add(
        "speaks TLS on a plain port",
        "malformed: what came back is not HTTP",
        hostile::reply(&b"\x15\x03\x03\x00\x02\x02\x16"[..]).await,
    );
    add("redirects in a circle", "status 302", hostile::reply(redirect("/again")).await);
    add(
        "redirects to the metadata service",
        "refused: redirected to http://169.254.169.254/",
        hostile::reply(redirect("http://169.254.169.254/latest/")).await,
    );
    add(
        "redirects there in IPv6 disguise",
        "refused: redirected to http://[::ffff:a9fe:a9fe]/",
        hostile::reply(redirect("http://[::ffff:169.254.169.254]/")).await,
    );
    add(
        "redirects there in decimal",
        "refused: redirected to http://169.254.169.254/",
        hostile::reply(redirect("http://2852039166/")).await,
    );
    add(
        "redirects to a file",
        "refused: redirected to file:///etc/passwd",
        hostile::reply(redirect("file:///etc/passwd")).await,
    );
    add("JSON nested 126 deep", "status 200", hostile::reply(response("200 OK", "", &nested(126))).await);
    add("JSON nested 500,000 deep", "status 200", hostile::reply(response("200 OK", "", &nested(500_000))).await);
    add(
        "JSON of 500,000 numbers",
        "status 200",
        hostile::reply(response("200 OK", "", format!("[{}1]", "1,".repeat(500_000)).as_bytes())).await,
    );
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_server_ends_in_a_finding_in_bounded_time_and_memory() {
    let mut base = 0;
    let mut wrong = Vec::new();
    println!("\n{:36} {:>8} {:>10} {:>10}  outcome", "server", "ms", "peak KiB", "evidence B");
    for (name, expected, url, _servers) in cases().await {
        let seen = in_a_child(&url, name == UPLOAD).await;
        println!("{name:36} {:8} {:10} {:10}  {}", seen.milliseconds, seen.peak_kib, seen.evidence_bytes, seen.outcome);
        if base == 0 {
            base = seen.peak_kib;
        }
        if !seen.outcome.starts_with(expected) {
            wrong.push(format!("{name}: {}, expected {expected}", seen.outcome));
        }
        let bound = Duration::from_millis(TIMEOUT_MS) + SLACK;
        if Duration::from_millis(seen.milliseconds) > bound {
            wrong.push(format!("{name}: {} ms, expected at most {bound:?}", seen.milliseconds));
        }
        if seen.peak_kib > base + MOST_MEMORY {
            wrong.push(format!("{name}: {} KiB, a friendly server {base} KiB", seen.peak_kib));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs [`child`] in a process of its own.
async fn in_a_child(url: &str, uploads: bool) -> Seen {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "hostile_servers::child", "--nocapture", "--test-threads=1"]).env(URL, url);
    if uploads {
        command.env("STACKMARK_HOSTILE_UPLOAD", "1");
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let line = text.lines().find_map(|line| Some(line.split_once("seen|")?.1)).unwrap_or_else(|| panic!("{text}"));
    let mut fields = line.splitn(4, '|');
    let mut number = || fields.next().unwrap().parse().unwrap();
    let (milliseconds, peak_kib, evidence_bytes) = (number(), number(), number());
    Seen { outcome: fields.next().unwrap().to_owned(), milliseconds, peak_kib, evidence_bytes }
}

/// One request to the server that the environment names; nothing where it names none.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let settings = Settings { allow_private: true, ..Settings::default() };
    let mut request = HttpRequest {
        key: "key".to_owned(),
        method: "GET".to_owned(),
        path: "/".to_owned(),
        headers: BTreeMap::new(),
        body: None,
        repeat: 1,
        timeout_ms: TIMEOUT_MS,
        max_redirects: 5,
        step: None,
    };
    if std::env::var_os("STACKMARK_HOSTILE_UPLOAD").is_some() {
        let content = Content::Bytes { count: MOST_UPLOADED, seed: String::new() };
        let (name, filename) = ("file".to_owned(), "a.bin".to_owned());
        let file = FilePart { name, filename, content_type: "text/plain".to_owned(), content };
        let multipart = Some(Multipart { fields: Vec::new(), files: vec![file] });
        request.method = "POST".to_owned();
        request.step = Some(Box::new(Step { multipart, ..Step::default() }));
    }
    let target = target(&AwsEvidence::default(), Some(&url), &settings);
    let started = std::time::Instant::now();
    let exchanges = probe(&target, &[request], &settings, &Silent).await;
    let milliseconds = started.elapsed().as_millis();
    let outcome = match &exchanges["key"] {
        Reading::Observed { value } if value.truncated => format!("status {}, body cut", value.status),
        Reading::Observed { value } => format!("status {}", value.status),
        Reading::Absent { note } => format!("absent: {note}"),
        Reading::Unreadable(failure) => {
            let reason = failure.detail.split_once("/: ").map_or(failure.detail.as_str(), |(_, reason)| reason);
            format!("{}: {reason}", failure.cause)
        }
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("0", str::trim);
    let stored =
        serde_json::to_string(&HttpEvidence { target, exchanges: exchanges.clone(), ..HttpEvidence::default() })
            .unwrap();
    let again: HttpEvidence = serde_json::from_str(&stored).expect("what is stored can be read back");
    assert_eq!(again.exchanges, exchanges);
    println!("seen|{milliseconds}|{}|{}|{outcome}", peak.trim_end_matches(" kB"), stored.len());
}
