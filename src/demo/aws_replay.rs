//! Recorded AWS replies, served on loopback to the real SDK clients.
//!
//! `tools/record_demo.py` records them; a team's folder holds the replies and an `index.json` that says which request
//! each answers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

static RECORDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/demo/aws");

/// Bytes of a request that are read; a collector's have a few thousand.
const REQUEST_BYTES: usize = 1 << 20;

/// Parameters that do not say what is asked for, only how much of it at once.
const PAGING: [&str; 5] = ["Action", "Version", "MaxResults", "MaxRecords", "PageSize"];

/// The replies of one team's account.
#[derive(Debug, Clone)]
pub struct Recordings {
    replies: Arc<Vec<Recorded>>,
}

#[derive(Debug, Clone)]
struct Recorded {
    key: Key,
    body: &'static [u8],
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    service: String,
    action: String,
    parameters: BTreeMap<String, String>,
}

/// A line of `index.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    service: String,
    action: String,
    #[serde(rename = "match")]
    parameters: BTreeMap<String, String>,
    file: String,
}

/// Why recordings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingsError {
    /// No such folder.
    #[error("no AWS replies are recorded for team `{0}`")]
    UnknownTeam(String),
    /// The index does not parse.
    #[error("index of the AWS replies of team `{team}`: {source}")]
    Index {
        /// Whose.
        team: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The index names a file that is not there.
    #[error("AWS replies of team `{team}`: `{file}` is missing")]
    Missing {
        /// Whose.
        team: String,
        /// The name in the index.
        file: String,
    },
}

impl Recordings {
    /// Ids of the teams with recordings in this binary, sorted.
    pub fn teams() -> Vec<String> {
        let folders = RECORDED.dirs().map(|folder| folder.path().to_string_lossy().into_owned());
        let mut teams: Vec<_> = folders.collect();
        teams.sort();
        teams
    }

    /// The recordings of a team of the demo.
    ///
    /// # Errors
    /// Where there are none, or they are not whole.
    pub fn of(team: &str) -> Result<Self, RecordingsError> {
        let unknown = || RecordingsError::UnknownTeam(team.to_owned());
        let index = RECORDED.get_file(format!("{team}/index.json")).ok_or_else(unknown)?;
        let lines: Vec<Line> = serde_json::from_slice(index.contents())
            .map_err(|source| RecordingsError::Index { team: team.to_owned(), source })?;
        let replies = lines.into_iter().map(|line| {
            let file = RECORDED.get_file(format!("{team}/{}", line.file));
            let body = file.ok_or(RecordingsError::Missing { team: team.to_owned(), file: line.file })?.contents();
            Ok(Recorded { key: Key { service: line.service, action: line.action, parameters: line.parameters }, body })
        });
        Ok(Self { replies: Arc::new(replies.collect::<Result<_, _>>()?) })
    }

    fn find(&self, key: &Key) -> Option<&'static [u8]> {
        self.replies.iter().find(|recorded| recorded.key == *key).map(|recorded| recorded.body)
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct ReplayServer {
    endpoint_url: String,
    serving: JoinHandle<()>,
}

impl ReplayServer {
    /// What to name as the endpoint of every service: `http://127.0.0.1:PORT`.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }
}

impl Drop for ReplayServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves recordings on a free port of 127.0.0.1.
///
/// # Errors
/// Where no port can be had.
pub async fn serve(recordings: Recordings) -> std::io::Result<ReplayServer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let endpoint_url = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(async move {
        // Dropped with this task, which ends the connections as well.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            while connections.try_join_next().is_some() {}
            let recordings = recordings.clone();
            connections.spawn(async move {
                let service = service_fn(move |request| {
                    let recordings = recordings.clone();
                    async move { Ok::<_, Infallible>(answer(&recordings, request).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                if let Err(error) = connection.await {
                    tracing::debug!("AWS replay: {error}");
                }
            });
        }
    });
    Ok(ReplayServer { endpoint_url, serving })
}

async fn answer(recordings: &Recordings, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let authorization = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(service) = authorization.and_then(signed_service).map(str::to_owned) else {
        return error("sts", StatusCode::FORBIDDEN, "MissingAuthenticationToken", "the request is not signed");
    };
    let body = match Limited::new(request.into_body(), REQUEST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return error(&service, StatusCode::BAD_REQUEST, "MalformedInput", "the request cannot be read"),
    };
    let key = key_of(&service, &body);
    match recordings.find(&key) {
        Some(body) => reply(StatusCode::OK, Bytes::from_static(body)),
        None => {
            let parameters: Vec<_> = key.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let message = format!("no reply is recorded for {} {}", key.action, parameters.join("&"));
            error(&service, StatusCode::BAD_REQUEST, "InvalidAction", message.trim_end())
        }
    }
}

/// The service of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signed_service(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split(',').next()?.split('/').nth(3)
}

fn key_of(service: &str, body: &[u8]) -> Key {
    let mut parameters: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let action = parameters.remove("Action").unwrap_or_default();
    for name in PAGING {
        parameters.remove(name);
    }
    Key { service: service.to_owned(), action, parameters }
}

fn reply(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("text/xml"));
    response
}

/// An error in the envelope of the service.
fn error(service: &str, status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    let message = quick_xml::escape::escape(message);
    let body = match service {
        "ec2" => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>replay</RequestID></Response>"
        ),
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>replay</RequestId></ErrorResponse>"
        ),
    };
    reply(status, Bytes::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_recorded_is_used_and_the_whole_is_small() {
        let mut bytes = 0;
        for team in Recordings::teams() {
            let recordings = Recordings::of(&team).unwrap();
            for file in RECORDED.get_dir(&team).unwrap().files() {
                bytes += file.contents().len();
                let is_index = file.path().ends_with("index.json");
                let used = recordings.replies.iter().any(|recorded| recorded.body == file.contents());
                assert!(is_index || used, "{} answers nothing", file.path().display());
            }
        }
        assert!(bytes > 0 && bytes < 300_000, "{bytes} bytes");
    }

    #[test]
    fn teams_without_recordings_are_named() {
        assert_eq!(
            Recordings::of("../heron").unwrap_err().to_string(),
            "no AWS replies are recorded for team `../heron`"
        );
    }

    #[test]
    fn a_request_is_told_by_its_signature_and_parameters() {
        // stackmark:invented
        let header = "AWS4-HMAC-SHA256 Credential=AKID/20240101/us-east-1/autoscaling/aws4_request, SignedHeaders=host";
        assert_eq!(signed_service(header), Some("autoscaling"));
        assert_eq!(signed_service("Bearer x"), None);
        let key = key_of("ec2", b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000&Filter.1.Name=tag%3Ateam");
        assert_eq!(key.action, "DescribeVpcs");
        assert_eq!(key.parameters, BTreeMap::from([("Filter.1.Name".to_owned(), "tag:team".to_owned())]));
    }
}
