//! The server: loopback only, a token for each run, and nothing for a page from elsewhere.
//!
//! A stranger's page in the same browser can send requests here. It has no token, its `Origin` is another, and where it
//! makes a name of its own point to 127.0.0.1, the `Host` is another; each of the three is refused by itself. The page
//! itself carries its style and script, and may ask nobody else for anything.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use stackmark_class::Failure;
use stackmark_collect::threads;

use crate::decide::{Decide, Reword};
use crate::desk::{Desk, Refusal};
use crate::random::random;
use crate::spot::Second;

/// Bytes of a request's body; a reason is a few sentences.
const BODY: usize = 64 * 1024;
/// How often it is looked whether the class's page is to be written.
const LOOK: Duration = Duration::from_millis(500);
/// Where the page sends its token.
const TOKEN: &str = "x-stackmark-token";
/// The page's template; it includes `review.css.j2` and `review.js.j2`.
const TEMPLATE: &str = "review.html.j2";

/// A server that listens, and has not answered yet.
pub struct Server {
    listener: TcpListener,
    room: Arc<Room>,
}

struct Room {
    desk: Desk,
    token: String,
    /// What a `Host` may say.
    hosts: [String; 2],
}

/// What the page's template gets.
#[derive(Serialize)]
struct PageContext<'a> {
    nonce: &'a str,
    title: &'a str,
    marker: &'a str,
    blind: bool,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// The port is taken, or the system gives no random bytes.
    pub async fn bind(desk: Desk, port: u16) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| Failure::usage(format!("127.0.0.1:{port}: {error}; name another port with --port")))?;
        let port = listener.local_addr()?.port();
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Ok(Self { listener, room: Arc::new(Room { desk, token: random()?, hosts }) })
    }

    /// Where the page is, with its token.
    pub fn address(&self) -> String {
        format!("http://{}/?token={}", self.room.hosts[0], self.room.token)
    }

    /// Answers until `end`, and finishes what is being written then, the class's page as well.
    ///
    /// # Errors
    /// The listener fails, or the class's page cannot be written.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Self { listener, room } = self;
        let following = tokio::spawn(follow(Arc::clone(&room)));
        let served = axum::serve(listener, router(Arc::clone(&room))).with_graceful_shutdown(end).await;
        following.abort();
        renew_class(room).await.map_err(std::io::Error::other)?;
        served
    }
}

/// Writes the class's page whenever the marker pauses.
async fn follow(room: Arc<Room>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if room.desk.class_waits() {
            // The queue tells what stands in the way.
            let _ = renew_class(Arc::clone(&room)).await;
        }
    }
}

async fn renew_class(room: Arc<Room>) -> Result<(), String> {
    let renew = move || room.desk.renew_class();
    let renewing = threads::or_none_left(|| tokio::task::spawn_blocking(renew)).map_err(|lack| lack.to_string())?;
    match renewing.await {
        Ok(renewed) => renewed.map_err(|failure| failure.message),
        Err(error) => Err(error.to_string()),
    }
}

fn router(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/api/queue", get(queue))
        .route("/api/item/{team}/{item}", get(item))
        .route("/api/decide", post(decide))
        .route("/api/undo", post(undo))
        .route("/api/reword", post(reword))
        .route("/api/spot", post(second))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(Arc::clone(&room), guard))
        .with_state(room)
}

/// Lets a request through that the page itself sends, and no other; closes every answer to other pages.
async fn guard(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    let refusal = refused(&room, &request);
    let mut response = match refusal {
        Some((status, error, message)) => told(status, error, &room.desk.said(message)),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// Why a request is not let through: status, a word for the page, a sentence for a person.
fn refused(room: &Room, request: &Request) -> Option<(StatusCode, &'static str, &'static str)> {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let no = |error, message| Some((StatusCode::FORBIDDEN, error, message));
    if headers.get_all(header::HOST).iter().count() != 1
        || !room.hosts.iter().any(|host| text("host") == Some(host.as_str()))
    {
        return no("host", "this is no address of the review server");
    }
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| text("host") == Some(host));
    let is_page = request.method() == Method::GET && request.uri().path() == "/";
    let (origin, site) = (text("origin"), text("sec-fetch-site"));
    if origin.is_some_and(|origin| !own(origin)) || (!is_page && site.is_some_and(|site| site != "same-origin")) {
        return no("origin", "another page sent this request");
    }
    let given = if is_page { query(request.uri().query().unwrap_or_default(), "token") } else { text(TOKEN) };
    if !given.is_some_and(|given| same(given.as_bytes(), room.token.as_bytes())) {
        let message = "this page belongs to an earlier run of `stackmark review`, or lacks its token: open the address \
                       that the terminal shows now";
        return Some((StatusCode::UNAUTHORIZED, "token", message));
    }
    match *request.method() {
        Method::GET => None,
        Method::POST if origin.is_none() => no("origin", "a request that writes names its origin"),
        Method::POST if text("content-type") != Some("application/json") => no("type", "expected application/json"),
        Method::POST => None,
        _ => Some((StatusCode::METHOD_NOT_ALLOWED, "method", "expected GET or POST")),
    }
}

/// A parameter of a query that needs no decoding.
fn query<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Compares in a time that does not tell where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

async fn page(State(room): State<Arc<Room>>) -> Response {
    let nonce = match random() {
        Ok(nonce) => nonce,
        Err(error) => return told(StatusCode::INTERNAL_SERVER_ERROR, "failed", &error.to_string()),
    };
    let desk = &room.desk;
    let context = PageContext { nonce: &nonce, title: &desk.rubric.title, marker: &desk.marker, blind: desk.blind };
    let html = match desk.templates.render(TEMPLATE, desk.words.code(), &context) {
        Ok(html) => html,
        Err(error) => return told(StatusCode::INTERNAL_SERVER_ERROR, "failed", &error.to_string()),
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, html).into_response()
}

async fn queue(State(room): State<Arc<Room>>) -> Response {
    blocking(room, |desk| {
        let mut queue = desk.queue();
        for problem in &mut queue.problems {
            *problem = desk.said(problem);
        }
        Ok(queue)
    })
    .await
}

async fn item(State(room): State<Arc<Room>>, Path((team, item)): Path<(usize, usize)>) -> Response {
    blocking(room, move |desk| desk.item(team, item)).await
}

async fn decide(State(room): State<Arc<Room>>, body: Bytes) -> Response {
    asked(room, body, |desk, asked: Decide| desk.decide(&asked)).await
}

async fn undo(State(room): State<Arc<Room>>, body: Bytes) -> Response {
    asked(room, body, |desk, asked: Undo| desk.undo(&asked.page)).await
}

async fn reword(State(room): State<Arc<Room>>, body: Bytes) -> Response {
    asked(room, body, |desk, asked: Reword| desk.reword(&asked)).await
}

async fn second(State(room): State<Arc<Room>>, body: Bytes) -> Response {
    asked(room, body, |desk, asked: Second| desk.second(&asked)).await
}

async fn nothing() -> Response {
    told(StatusCode::NOT_FOUND, "not-there", "there is nothing here")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    page: String,
}

/// Reads what is asked for, and does it.
async fn asked<A, T>(room: Arc<Room>, body: Bytes, work: fn(&Desk, A) -> Result<T, Refusal>) -> Response
where
    A: DeserializeOwned + Send + 'static,
    T: Serialize + Send + 'static,
{
    match serde_json::from_slice::<A>(&body) {
        Ok(asked) => blocking(room, move |desk| work(desk, asked)).await,
        Err(error) => told(StatusCode::BAD_REQUEST, "request", &error.to_string()),
    }
}

/// Works on files and judges teams beside the tasks that answer.
async fn blocking<T>(room: Arc<Room>, work: impl FnOnce(&Desk) -> Result<T, Refusal> + Send + 'static) -> Response
where
    T: Serialize + Send + 'static,
{
    let asked = Arc::clone(&room);
    let working = match threads::or_none_left(|| tokio::task::spawn_blocking(move || work(&asked.desk))) {
        Ok(working) => working,
        Err(lack) => return told(StatusCode::INTERNAL_SERVER_ERROR, "failed", &lack.to_string()),
    };
    match working.await {
        Ok(Ok(value)) => answer(StatusCode::OK, &value),
        Ok(Err(refusal)) => refusal_told(&room.desk, &refusal),
        Err(error) => told(StatusCode::INTERNAL_SERVER_ERROR, "failed", &error.to_string()),
    }
}

fn refusal_told(desk: &Desk, refusal: &Refusal) -> Response {
    let message = desk.said(&refusal.to_string());
    match refusal {
        Refusal::NotThere(_) => told(StatusCode::NOT_FOUND, "not-there", &message),
        Refusal::Wrong(_) => told(StatusCode::UNPROCESSABLE_ENTITY, "wrong", &message),
        Refusal::Failed(_) => told(StatusCode::INTERNAL_SERVER_ERROR, "failed", &message),
        Refusal::Changed(changed) => {
            answer(StatusCode::CONFLICT, &json!({ "error": "changed", "message": message, "changed": **changed }))
        }
    }
}

fn told(status: StatusCode, error: &str, message: &str) -> Response {
    answer(status, &json!({ "error": error, "message": message }))
}

fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same(b"abc", b"abc"));
        for other in [&b"abd"[..], b"ab", b"abcd", b""] {
            assert!(!same(b"abc", other));
        }
        assert_eq!(query("a=1&token=xyz", "token"), Some("xyz"));
        assert_eq!(query("tokens=xyz&token", "token"), None);
    }
}
