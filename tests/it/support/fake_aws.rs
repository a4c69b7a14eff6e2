//! A server that answers each request with the next line of a script.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status and an XML body.
    Xml(u16, String),
    /// A status and a JSON body, of the services that name the action in a header.
    #[allow(dead_code, reason = "not every test that shares this server has such services")]
    Json(u16, String),
    /// Nothing, for longer than any test takes.
    Silence,
}

/// One line of the script: the action that it answers, and how.
pub(crate) type Line = (&'static str, Reply);

/// A running server; requests of an action take its lines in order, the last one for ever.
pub(crate) struct FakeAws {
    pub(crate) endpoint: String,
    log: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl FakeAws {
    pub(crate) async fn start(script: Vec<Line>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let state = Arc::new((Mutex::new(VecDeque::from(script)), Arc::clone(&log)));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&state), request));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { endpoint, log, serving }
    }

    /// Bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

type State = Arc<(Mutex<VecDeque<Line>>, Arc<Mutex<Vec<String>>>)>;

async fn answer(state: State, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // `CloudApiService.ListResources`
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok().map(str::to_owned));
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    state.1.lock().unwrap().push(body.clone());
    let reply = {
        let mut script = state.0.lock().unwrap();
        let is_asked = |line: &Line| match &target {
            Some(target) => target.split('.').next_back() == Some(line.0),
            None => body.split('&').any(|pair| pair.strip_prefix("Action=") == Some(line.0)),
        };
        match script.iter().position(is_asked) {
            Some(first) if script.iter().filter(|line| is_asked(line)).count() > 1 => script.remove(first).unwrap().1,
            Some(last) => script[last].1.clone(),
            None => Reply::Xml(500, "<not-in-the-script/>".to_owned()),
        }
    };
    match reply {
        Reply::Xml(status, body) => {
            let response = Response::builder().status(status).header("content-type", "text/xml");
            Ok(response.body(Full::new(Bytes::from(body))).unwrap())
        }
        Reply::Json(status, body) => {
            let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
            Ok(response.body(Full::new(Bytes::from(body))).unwrap())
        }
        Reply::Silence => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            Ok(Response::new(Full::default()))
        }
    }
}

/// The identity of account 123456789012.
pub(crate) fn identity() -> Line {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::123456789012:user/marker</Arn><UserId>AIDA</UserId><Account>123456789012</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    ("GetCallerIdentity", Reply::Xml(200, body.to_owned()))
}

/// A page of instances; an empty `next` ends the listing.
pub(crate) fn instances(ids: &[&str], next: &str) -> Line {
    let items: String = ids
        .iter()
        .map(|id| {
            format!(
                "<item><instanceId>{id}</instanceId><instanceType>t2.micro</instanceType>\
                 <instanceState><name>running</name></instanceState></item>"
            )
        })
        .collect();
    let reservations = match ids {
        [] => String::new(),
        _ => format!("<item><instancesSet>{items}</instancesSet></item>"),
    };
    let body = format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <reservationSet>{reservations}</reservationSet><nextToken>{next}</nextToken></DescribeInstancesResponse>"
    );
    ("DescribeInstances", Reply::Xml(200, body))
}

/// An error of EC2's.
pub(crate) fn ec2_error(action: &'static str, status: u16, code: &str, message: &str) -> Line {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    );
    (action, Reply::Xml(status, body))
}

/// An error of the services that speak the query protocol.
pub(crate) fn query_error(action: &'static str, status: u16, code: &str, message: &str) -> Line {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    );
    (action, Reply::Xml(status, body))
}
