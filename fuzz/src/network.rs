//! What comes over the wire, from a server in this process that answers with the fuzzer's bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock};

use stackmark_aws::{Connection, collect_over};
use stackmark_collect::{Limits, Settings, Silent};
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::request::ScopeRequest;
use stackmark_language::request::HttpRequest;
use tokio::runtime::Runtime;

use crate::targets::Target;

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    ("heads", |bytes| ask(bytes.to_vec())),
    ("replies-json", |bytes| ask(with_head("200 OK", "application/json", bytes))),
    ("replies-xml", |bytes| aws(with_head("200 OK", "text/xml", bytes))),
];

const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                      <Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>A</UserId><Account>123456789012</Account>\
                      </GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>\
                      </GetCallerIdentityResponse>";

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn with_head(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The server's address; it is started with the first question.
fn server() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || drop(answer(stream)));
            }
        });
        address
    })
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let mut piece = [0; 4096];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") || asked.ends_with(b"\r\n\r\n") && asked.starts_with(b"POST")
    {
        match stream.read(&mut piece)? {
            0 => break,
            count => asked.extend_from_slice(&piece[..count]),
        }
    }
    let is_caller = asked.windows(17).any(|words| words == b"GetCallerIdentity");
    let bytes = match is_caller {
        true => with_head("200 OK", "text/xml", CALLER.as_bytes()),
        false => ANSWER.lock().map(|bytes| bytes.clone()).unwrap_or_default(),
    };
    stream.write_all(&bytes)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
    })
}

fn put(bytes: Vec<u8>) -> String {
    if let Ok(mut answer) = ANSWER.lock() {
        *answer = bytes;
    }
    format!("http://{}", server())
}

/// One request, answered with these bytes.
fn ask(bytes: Vec<u8>) {
    let url = put(bytes);
    let settings = Settings { allow_private: true, ..Settings::default() };
    let mut request = HttpRequest {
        key: String::new(),
        method: "GET".to_owned(),
        path: "/".to_owned(),
        headers: BTreeMap::new(),
        body: None,
        repeat: 1,
        timeout_ms: 300,
        max_redirects: 0,
        step: None,
    };
    request.key = request.key_of();
    let target = stackmark_http::target(&AwsEvidence::default(), Some(&url), &settings);
    runtime().block_on(stackmark_http::probe(&target, &[request], &settings, &Silent));
}

/// One table of AWS, answered with these bytes.
fn aws(bytes: Vec<u8>) {
    let url = put(bytes);
    let limits = Limits { aws_time: std::time::Duration::from_secs(1), ..Limits::default() };
    let connection = Connection::emulator(&url, "us-east-1", "a", "b", &limits);
    let wanted = BTreeSet::from(["aws.vpcs".to_owned()]);
    runtime().block_on(collect_over(&connection, None, &ScopeRequest::default(), &wanted, &Silent));
}
