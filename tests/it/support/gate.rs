//! A gate in front of an emulator: it passes requests on, writes down which operations they are, and does one of them harm.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// What happens to an operation, each time that it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Denied,
    Expired,
    Throttled,
    Reset,
    Timeout,
    Down,
    Malformed,
    Truncated,
    EndlessPages,
    Empty,
}

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::Denied,
        Self::Expired,
        Self::Throttled,
        Self::Reset,
        Self::Timeout,
        Self::Down,
        Self::Malformed,
        Self::Truncated,
        Self::EndlessPages,
        Self::Empty,
    ];
}

/// A running gate.
pub(crate) struct Gate {
    pub(crate) endpoint: String,
    state: Arc<State>,
    serving: tokio::task::JoinHandle<()>,
}

/// What meets a fault.
#[derive(Debug, Clone)]
enum Harmed {
    Operation(String),
    /// Every request after so many.
    After(u64),
}

struct State {
    /// Host and port of the emulator.
    upstream: String,
    fault: Mutex<Option<(Harmed, Fault)>>,
    seen: Mutex<BTreeSet<String>>,
    pages: AtomicU64,
    /// Requests since the last harm began.
    requests: AtomicU64,
}

impl Gate {
    /// In front of the emulator at this URL.
    pub(crate) async fn before(url: &str) -> Self {
        let upstream = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let state = Arc::new(State {
            upstream,
            fault: Mutex::new(None),
            seen: Mutex::new(BTreeSet::new()),
            pages: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&state), request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { endpoint, state, serving }
    }

    /// From now on, harm this operation alone; `None` harms none.
    pub(crate) fn harm(&self, what: Option<(&str, Fault)>) {
        let what = what.map(|(operation, fault)| (Harmed::Operation(operation.to_owned()), fault));
        *self.state.fault.lock().unwrap() = what;
    }

    /// From now on, harm every operation once so many requests have been answered.
    pub(crate) fn harm_all(&self, after: u64, fault: Fault) {
        self.state.requests.store(0, Ordering::Relaxed);
        *self.state.fault.lock().unwrap() = Some((Harmed::After(after), fault));
    }

    /// The operations that were asked for so far.
    pub(crate) fn operations(&self) -> BTreeSet<String> {
        self.state.seen.lock().unwrap().clone()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// How a service writes its replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Ec2,
    Query,
    S3,
    Json,
    RestJson,
}

/// Names an operation: `ec2:DescribeVpcs`, `s3:GET /*?tagging`.
fn operation_of(parts: &hyper::http::request::Parts, body: &[u8]) -> (String, Wire) {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Credential=KEY/20261120/us-east-1/ec2/aws4_request
    let scope = header("authorization").split("Credential=").nth(1).unwrap_or_default();
    let service = scope.split('/').nth(3).unwrap_or("unsigned").to_owned();
    if let Some(action) = header("x-amz-target").split('.').next_back().filter(|action| !action.is_empty()) {
        return (format!("{service}:{action}"), Wire::Json);
    }
    let form = String::from_utf8_lossy(body);
    let value = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    if let Some(action) = value("Action") {
        let wire = if service == "ec2" { Wire::Ec2 } else { Wire::Query };
        // Both generations of load balancers share a service and names of operations.
        let version = if service == "elasticloadbalancing" { value("Version").unwrap_or_default() } else { "" };
        return (format!("{service}{version}:{action}"), wire);
    }
    let path = parts.uri.path();
    let shape: Vec<&str> = match service.as_str() {
        // The name of a bucket is all that its paths have.
        "s3" => path.split('/').map(|part| if part.is_empty() { "" } else { "*" }).collect(),
        _ => path.split('/').enumerate().map(|(at, part)| if at > 2 && at % 2 == 1 { "*" } else { part }).collect(),
    };
    let keys: BTreeSet<&str> = parts.uri.query().unwrap_or_default().split('&').filter_map(key_of).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let wire = if service == "s3" { Wire::S3 } else { Wire::RestJson };
    (format!("{service}:{} {}?{}", parts.method, shape.join("/"), keys.join("&")), wire)
}

/// The key of a pair of a query, but for those of paging.
fn key_of(pair: &str) -> Option<&str> {
    let key = pair.split('=').next().filter(|key| !key.is_empty())?;
    let paging = ["token", "position", "marker", "limit", "max", "x-id"];
    (!paging.iter().any(|word| key.to_ascii_lowercase().contains(word))).then_some(key)
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let (operation, wire) = operation_of(&parts, &body);
    state.seen.lock().unwrap().insert(operation.clone());
    let fault = state.fault.lock().unwrap().clone();
    let request = state.requests.fetch_add(1, Ordering::Relaxed);
    let is_harmed = |harmed: &Harmed| match harmed {
        Harmed::Operation(harmed) => *harmed == operation,
        Harmed::After(answered) => request >= *answered,
    };
    let fault = fault.filter(|(harmed, _)| is_harmed(harmed)).map(|(_, fault)| fault);
    match fault {
        None => pass_on(&state, parts, body).await,
        Some(Fault::Denied) => Ok(error(wire, 403, denied(wire), "no")),
        Some(Fault::Expired) => Ok(error(wire, 403, "ExpiredToken", "The security token has expired")),
        Some(Fault::Throttled) => Ok(error(wire, 503, throttled(wire), "Rate exceeded")),
        Some(Fault::Down) => Ok(error(wire, 500, "InternalError", "An internal error has occurred")),
        // An error of the service ends the connection without a reply.
        Some(Fault::Reset) => Err(io::Error::other("reset")),
        Some(Fault::Timeout) => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            Err(io::Error::other("late"))
        }
        Some(Fault::Malformed) => Ok(reply(200, "text/html", "<html><body>Please log in</body>".into())),
        Some(Fault::Empty) => Ok(reply(200, "text/xml", Bytes::new())),
        Some(Fault::Truncated) => {
            let whole = pass_on(&state, parts, body).await?;
            let (head, body) = whole.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let mut response = Response::new(Full::new(body.slice(..body.len() / 2)));
            *response.status_mut() = head.status;
            Ok(response)
        }
        Some(Fault::EndlessPages) => {
            let whole = pass_on(&state, parts, body).await?;
            let body = whole.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
            let page = state.pages.fetch_add(1, Ordering::Relaxed);
            Ok(reply(200, "text/xml", with_next_page(wire, &body, page)))
        }
    }
}

fn denied(wire: Wire) -> &'static str {
    match wire {
        Wire::Ec2 => "UnauthorizedOperation",
        Wire::Query | Wire::S3 => "AccessDenied",
        Wire::Json | Wire::RestJson => "AccessDeniedException",
    }
}

fn throttled(wire: Wire) -> &'static str {
    match wire {
        Wire::Ec2 => "RequestLimitExceeded",
        Wire::Query => "Throttling",
        Wire::S3 => "SlowDown",
        Wire::Json | Wire::RestJson => "ThrottlingException",
    }
}

fn error(wire: Wire, status: u16, code: &str, message: &str) -> Response<Full<Bytes>> {
    match wire {
        Wire::Ec2 => {
            let body = format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                 <RequestID>r</RequestID></Response>"
            );
            reply(status, "text/xml", body.into())
        }
        Wire::Query => {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>r</RequestId></ErrorResponse>"
            );
            reply(status, "text/xml", body.into())
        }
        Wire::S3 => {
            let body =
                format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r</RequestId></Error>");
            reply(status, "application/xml", body.into())
        }
        Wire::Json | Wire::RestJson => {
            let body = format!("{{\"__type\": \"{code}\", \"message\": \"{message}\"}}");
            let mut response = reply(status, "application/x-amz-json-1.1", body.into());
            response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
            response
        }
    }
}

fn reply(status: u16, kind: &str, body: Bytes) -> Response<Full<Bytes>> {
    Response::builder().status(status).header("content-type", kind).body(Full::new(body)).unwrap()
}

/// The same page, with the token of one more.
fn with_next_page(wire: Wire, body: &[u8], page: u64) -> Bytes {
    let text = String::from_utf8_lossy(body).into_owned();
    let tokens =
        |names: &[&str]| -> String { names.iter().map(|name| format!("<{name}>page-{page}</{name}>")).collect() };
    let (mark, tokens) = match wire {
        Wire::Ec2 => ("</Describe", tokens(&["nextToken"])),
        Wire::Query => ("Result>", tokens(&["NextToken", "NextMarker"])),
        Wire::S3 => ("</ListAllMyBucketsResult>", tokens(&["ContinuationToken"])),
        Wire::Json | Wire::RestJson => {
            let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(&text) else { return text.into() };
            for name in ["NextToken", "nextToken", "PaginationToken", "NextMarker", "position"] {
                fields.insert(name.to_owned(), format!("page-{page}").into());
            }
            return serde_json::Value::Object(fields).to_string().into();
        }
    };
    // Before the last end of the element that holds the rows.
    let at = match wire {
        Wire::Query => text.rfind(mark).and_then(|end| text[..end].rfind("</")),
        _ => text.rfind(mark),
    };
    match at {
        Some(at) => format!("{}{tokens}{}", &text[..at], &text[at..]).into(),
        None => text.into(),
    }
}

/// The emulator's own reply.
async fn pass_on(state: &State, parts: hyper::http::request::Parts, body: Bytes) -> io::Result<Response<Full<Bytes>>> {
    let stream = TcpStream::connect(&state.upstream).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let driving = tokio::spawn(connection);
    let mut request = Request::from_parts(parts, Full::new(body));
    request.headers_mut().remove("connection");
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    driving.abort();
    // Its length is told anew.
    for name in ["content-length", "transfer-encoding", "connection"] {
        head.headers.remove(name);
    }
    Ok(Response::from_parts(head, Full::new(body)))
}
