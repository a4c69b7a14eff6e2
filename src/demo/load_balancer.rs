//! A live load balancer on loopback, with the back ends behind it.
//!
//! It listens, matches path rules and forwards over real TCP, so that a probe of it takes the same way as one of an
//! application load balancer on AWS.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A larger body is answered 413: this serves small applications.
const BODY_LIMIT: usize = 1 << 20;
/// For a back end's answer, as a load balancer's idle timeout.
const BACKEND_TIMEOUT: Duration = Duration::from_secs(10);

/// What the load balancer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancerConfig {
    /// In order; the first whose prefix fits takes the request.
    pub rules: Vec<ForwardRule>,
    /// Status of the fixed response where no rule fits: 404, 503, …
    pub default_status: u16,
}

/// One rule: a path prefix and the back ends behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardRule {
    /// `/cluster1` is the path pattern `/cluster1*`; `/` takes everything.
    pub path_prefix: String,
    /// Healthy ones take turns. Where none is healthy the answer is 503; an AWS load balancer would try all of them.
    pub backends: Vec<Backend>,
}

/// One back end, run on a port of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// `i-` and 17 hexadecimal digits, as it says in each answer.
    pub instance_id: String,
    /// Whether requests are forwarded to it.
    pub healthy: bool,
    /// Status of its answers.
    pub status: u16,
    /// Form of its answers.
    #[serde(default)]
    pub answers: Answers,
}

/// Form of a back end's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// `{"message": "…", "instance_id": "i-…"}`
    #[default]
    Json,
    /// `instance i-… answers /path`
    Text,
}

/// A load balancer that serves until it is dropped: requests that a back end already has are answered, new
/// connections are not taken.
#[derive(Debug)]
pub struct RunningLoadBalancer {
    address: SocketAddr,
    backends: Vec<SocketAddr>,
    /// Its receivers learn of the drop.
    _running: watch::Sender<()>,
}

impl RunningLoadBalancer {
    /// Where it listens: 127.0.0.1 and a free port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the back ends listen, in the order of the rules.
    pub fn backends(&self) -> &[SocketAddr] {
        &self.backends
    }
}

/// Starts the load balancer and its back ends on 127.0.0.1, on ports that the system chooses.
///
/// # Errors
/// A port could not be bound, a status is none (100 to 999), or no HTTP client could be made for forwarding.
pub async fn serve(config: LoadBalancerConfig) -> std::io::Result<RunningLoadBalancer> {
    let (sender, running) = watch::channel(());
    let mut addresses = Vec::new();
    let mut rules = Vec::new();
    for rule in config.rules {
        let mut healthy = Vec::new();
        for backend in rule.backends {
            let is_healthy = backend.healthy;
            let status = status(backend.status)?;
            let backend = Arc::new(backend);
            let address = listen(running.clone(), move |request| {
                let response = backend_answer(&backend, status, &request);
                async move { response }
            })
            .await?;
            addresses.push(address);
            if is_healthy {
                healthy.push(address);
            }
        }
        rules.push(RunningRule { path_prefix: rule.path_prefix, healthy, turn: AtomicUsize::new(0) });
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(BACKEND_TIMEOUT)
        .tls_certs_only([])
        .build()
        .map_err(std::io::Error::other)?;
    let forwarder = Arc::new(Forwarder { rules, default_status: status(config.default_status)?, client });
    let address = listen(running, move |request| {
        let forwarder = Arc::clone(&forwarder);
        async move { forwarder.answer(request).await }
    })
    .await?;
    Ok(RunningLoadBalancer { address, backends: addresses, _running: sender })
}

fn status(code: u16) -> std::io::Result<StatusCode> {
    StatusCode::from_u16(code)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidInput, format!("{code} is no HTTP status")))
}

/// Serves HTTP/1.1 on a free port of 127.0.0.1 until the sender behind `running` is dropped.
async fn listen<A, F>(mut running: watch::Receiver<()>, answer: A) -> std::io::Result<SocketAddr>
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    // Out of file descriptors, most likely: others are about to be closed.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                },
                _ = running.changed() => return,
            };
            let (answer, mut running) = (answer.clone(), running.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = answer(request);
                    async move { Ok::<_, Infallible>(response.await) }
                });
                let connection =
                    http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
                tokio::pin!(connection);
                // A client that breaks off is no failure of the server's.
                tokio::select! {
                    _ = connection.as_mut() => return,
                    _ = running.changed() => connection.as_mut().graceful_shutdown(),
                }
                let _ = connection.await;
            });
        }
    });
    Ok(address)
}

fn backend_answer(backend: &Backend, status: StatusCode, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (id, path) = (&backend.instance_id, request.uri().path());
    let (content_type, body) = match backend.answers {
        Answers::Json => {
            let message = format!("answering {} {path}", request.method());
            ("application/json", serde_json::json!({ "message": message, "instance_id": id }).to_string())
        }
        Answers::Text => ("text/plain; charset=utf-8", format!("instance {id} answers {path}\n")),
    };
    let mut response = fixed(status, content_type, body);
    response.headers_mut().insert(hyper::header::SERVER, HeaderValue::from_static("demo-backend"));
    response
}

fn fixed(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

struct RunningRule {
    path_prefix: String,
    healthy: Vec<SocketAddr>,
    turn: AtomicUsize,
}

impl RunningRule {
    fn next_backend(&self) -> Option<SocketAddr> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.healthy.get(turn.checked_rem(self.healthy.len())?).copied()
    }
}

struct Forwarder {
    rules: Vec<RunningRule>,
    default_status: StatusCode,
    client: reqwest::Client,
}

impl Forwarder {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let rule = self.rules.iter().find(|rule| request.uri().path().starts_with(&rule.path_prefix));
        let Some(rule) = rule else {
            return of_its_own(self.default_status);
        };
        let Some(backend) = rule.next_backend() else {
            return of_its_own(StatusCode::SERVICE_UNAVAILABLE);
        };
        self.forward(request, backend).await.unwrap_or_else(of_its_own)
    }

    async fn forward(
        &self,
        request: Request<Incoming>,
        backend: SocketAddr,
    ) -> Result<Response<Full<Bytes>>, StatusCode> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                StatusCode::BAD_REQUEST
            }
        })?;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut outgoing = self.client.request(head.method, format!("http://{backend}{path}"));
        for (name, value) in &head.headers {
            if !of_the_connection(name) && name != HOST {
                outgoing = outgoing.header(name, value);
            }
        }
        if let Some(host) = head.headers.get(HOST) {
            outgoing = outgoing.header(HOST, host);
        }
        outgoing = outgoing.header("x-forwarded-proto", "http");
        let failed = |error: reqwest::Error| {
            if error.is_timeout() { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY }
        };
        let incoming = outgoing.body(body.to_bytes()).send().await.map_err(failed)?;
        let (status, headers) = (incoming.status(), incoming.headers().clone());
        let mut response = Response::new(Full::new(incoming.bytes().await.map_err(failed)?));
        *response.status_mut() = status;
        for (name, value) in &headers {
            if !of_the_connection(name) {
                response.headers_mut().append(name, value.clone());
            }
        }
        Ok(response)
    }
}

/// The load balancer's own answer, as AWS's looks.
fn of_its_own(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = fixed(status, "text/html", format!("<html><body><h1>{status}</h1></body></html>\n"));
    response.headers_mut().insert(hyper::header::SERVER, HeaderValue::from_static("demo-load-balancer"));
    response
}

/// Set anew on each connection.
fn of_the_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection" | "keep-alive" | "transfer-encoding" | "te" | "trailer" | "upgrade" | "content-length"
    )
}
