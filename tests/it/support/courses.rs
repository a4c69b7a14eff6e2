//! Reference servers of the courses' applications, on loopback, each good or with one fault.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What was asked.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What is answered.
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// `POST /upload`, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers every request by `answer`, which may take its time.
pub(crate) async fn serve(answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
    let task = tokio::spawn(async move {
        // Dropped with this task, and every connection with it.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            connections.spawn(async move {
                let service = service_fn(|request: hyper::Request<Incoming>| {
                    let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                        let asked = Asked {
                            method: head.method.to_string(),
                            path: head.uri.path().to_owned(),
                            query: head.uri.query().unwrap_or_default().to_owned(),
                            headers: head.headers,
                            body,
                        };
                        log.lock().unwrap().push(format!("{} {}", asked.method, asked.path));
                        let answer = answer(asked);
                        let mut response = hyper::Response::new(Full::new(Bytes::from(answer.body)));
                        *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap();
                        for (name, value) in answer.headers {
                            response.headers_mut().append(name, HeaderValue::from_str(&value).unwrap());
                        }
                        Ok::<_, Infallible>(response)
                    }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Server { address, asked, task }
}

/// The first file of a form: its field, its name and its content.
pub(crate) fn file_of(asked: &Asked) -> Option<(String, String, Vec<u8>)> {
    let content_type = asked.headers.get("content-type")?.to_str().ok()?;
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=")?;
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    let body = asked.body.as_ref();
    let end = format!("\r\n--{boundary}");
    let start = find(body, b"filename=\"")?;
    let line_end = find(&body[start..], b"\r\n")? + start;
    let line_start = body[..start].windows(2).rposition(|window| window == b"\r\n").map_or(0, |at| at + 2);
    let line = String::from_utf8_lossy(&body[line_start..line_end]).into_owned();
    let quoted = |name: &str| Some(line.split_once(name)?.1.split('"').next()?.to_owned());
    let content = line_end + find(&body[line_end..], b"\r\n\r\n")? + 4;
    let length = find(&body[content..], end.as_bytes())?;
    Some((quoted(" name=\"")?, quoted("filename=\"")?, body[content..content + length].to_vec()))
}

/// What is wrong with a day 02 API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day02 {
    Good,
    /// Good, with the older way to sign.
    GoodVersion2,
    UploadForgets,
    UploadFails,
    OtherField,
    OneByteOff,
    UrlNeverEnds,
    UrlLastsAnHour,
    UrlIsRefused,
    NoUrl,
    MissingIs200,
    NoMessage,
}

/// The course's cloud storage API, and the storage that its URLs lead to, on a port of its own.
pub(crate) async fn day02(fault: Day02) -> (Server, Server) {
    let games = ("appstore_games.csv".to_owned(), b"name,price\n".to_vec());
    let files = Arc::new(Mutex::new(BTreeMap::from([games])));
    let stored = Arc::clone(&files);
    let bucket = serve(move |asked| {
        let signed = asked.query.contains("ignature=") || fault == Day02::UrlNeverEnds;
        let content = stored.lock().unwrap().get(asked.path.trim_start_matches('/')).cloned();
        match content {
            Some(_) if fault == Day02::UrlIsRefused || !signed => Answer::new(403, "application/xml", "<Error/>"),
            Some(mut content) => {
                if fault == Day02::OneByteOff {
                    content[0] ^= 1;
                }
                Answer::new(200, "application/octet-stream", content)
            }
            None => Answer::new(404, "application/xml", "<Error/>"),
        }
    })
    .await;
    let bucket_url = bucket.url();
    let api = serve(move |asked| {
        let reply = |status: u16, message: &str, content: Option<serde_json::Value>| {
            let mut body = json!({ "status": status });
            if fault != Day02::NoMessage {
                body["message"] = message.into();
            }
            if let Some(content) = content {
                body["content"] = content;
            }
            Answer::json(status, &body)
        };
        let missing = if fault == Day02::MissingIs200 { 200 } else { 404 };
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/") => reply(200, "Successfully connected to day02 upload/download API", None),
            ("GET", "/list_files") => {
                let names: Vec<String> = files.lock().unwrap().keys().cloned().collect();
                reply(200, "Successfully listed files on s3 bucket 'day02-1'", Some(names.into()))
            }
            ("POST", "/upload") => match file_of(&asked) {
                _ if fault == Day02::UploadFails => Answer::new(500, "text/html", "Internal Server Error"),
                Some(_) if fault == Day02::OtherField => Answer::new(400, "text/html", "Bad Request"),
                Some((_, name, content)) => {
                    if fault != Day02::UploadForgets {
                        files.lock().unwrap().insert(name.clone(), content);
                    }
                    reply(200, &format!("Successfully uploaded '{name}' to the bucket 'day02-1'"), None)
                }
                None => reply(missing, "The file 'no-such-file.csv' was not found", None),
            },
            ("GET", path) if path.starts_with("/download/") => {
                let name = &path["/download/".len()..];
                if !files.lock().unwrap().contains_key(name) {
                    return reply(missing, &format!("The file '{name}' was not found on the bucket 'day02-1'"), None);
                }
                let lasts = if fault == Day02::UrlLastsAnHour { 3600 } else { 120 };
                // Put together here: no scanner takes it for a leak.
                let key = concat!("AKIA", "QWERTYUIOPASDFGH");
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
                let query = match fault {
                    Day02::UrlNeverEnds => String::new(),
                    Day02::GoodVersion2 => format!(
                        "?AWSAccessKeyId={key}&Signature=c2lnbmF0dXJlLW9mLWEtdGVhbSE%3D&Expires={}",
                        now + lasts
                    ),
                    _ => {
                        format!("?X-Amz-Credential={key}%2F20261120%2Feu-west-1&X-Amz-Expires={lasts}&X-Amz-Signature=0f1e2d3c4b5a69788796a5b4c3d2e1f0")
                    }
                };
                let url = (fault != Day02::NoUrl).then(|| format!("{bucket_url}/{name}{query}").into());
                reply(200, &format!("Successfully generated presigned url for '{name}'"), url)
            }
            _ => Answer::new(404, "text/html", "<h1>Not Found</h1>"),
        }
    })
    .await;
    (api, bucket)
}

/// What is wrong with a gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gallery {
    Good,
    /// Good, with a form as frameworks' manuals have it: without quotes, to its own page.
    GoodPlainForm,
    UploadForgets,
    UploadFails,
    PictureIsGone,
    OtherName,
    NoForm,
}

/// Photogallery: a page with a form and the pictures.
pub(crate) async fn gallery(fault: Gallery) -> Server {
    let pictures = Arc::new(Mutex::new(BTreeMap::<String, Vec<u8>>::new()));
    serve(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => {
            let mut page = "<html><form action=\"/search\"><input name=\"q\"></form>".to_owned();
            if fault == Gallery::GoodPlainForm {
                page.push_str("<form method=post enctype=multipart/form-data><input type=file name=photo></form>");
            } else if fault != Gallery::NoForm {
                page.push_str("<form method='post' action='/upload' enctype='multipart/form-data'>");
                page.push_str("<label>Foto</label> <input name='photo' type='file'><button>Carica</button></form>");
            }
            for name in pictures.lock().unwrap().keys() {
                let _ = write!(page, "<img src=\"/static/uploads/{name}\">");
            }
            Answer::new(200, "text/html", page)
        }
        ("POST", path) if path == if fault == Gallery::GoodPlainForm { "/" } else { "/upload" } => {
            match file_of(&asked) {
                _ if fault == Gallery::UploadFails => Answer::new(500, "text/html", "Internal Server Error"),
                Some((field, name, content)) if field == "photo" => {
                    let name = if fault == Gallery::OtherName { "0c5e.png".to_owned() } else { name };
                    if fault != Gallery::UploadForgets {
                        pictures.lock().unwrap().insert(name, content);
                    }
                    Answer::new(302, "text/html", "").with("location", "/")
                }
                _ => Answer::new(400, "text/html", "Bad Request"),
            }
        }
        ("GET", path) if path.starts_with("/static/uploads/") && fault != Gallery::PictureIsGone => {
            match pictures.lock().unwrap().get(&path["/static/uploads/".len()..]) {
                Some(content) => Answer::new(200, "image/png", content.clone()),
                None => Answer::new(404, "text/html", "Not Found"),
            }
        }
        _ => Answer::new(404, "text/html", "Not Found"),
    })
    .await
}

/// The ENSAI's service: so many tasks, behind a redirect to the final `/`, and one instance of these a request in turn.
pub(crate) async fn tasks(count: usize, instances: &'static [&'static str]) -> Server {
    let turn = std::sync::atomic::AtomicUsize::new(0);
    serve(move |asked| match asked.path.as_str() {
        "/task" => Answer::new(307, "text/plain", "").with("location", "/task/"),
        "/task/" => {
            let tasks: Vec<_> = (0..count).map(|id| json!({ "id": id, "user": "a" })).collect();
            Answer::json(200, &json!({ "Count": count, "Tasks": tasks }))
        }
        "/instance" => {
            let next = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Answer::json(200, &json!({ "instanceId": instances[next % instances.len()] }))
        }
        _ => Answer::json(404, &json!({ "detail": "Not Found" })),
    })
    .await
}

/// LOG8415's service on one instance, which says who it is; `rules` are the paths that it knows.
pub(crate) async fn cluster(instance: &'static str, rules: &'static [&'static str]) -> Server {
    serve(move |asked| {
        if rules.contains(&asked.path.as_str()) {
            Answer::json(200, &json!({ "message": format!("Instance {instance} is responding now!") }))
        } else {
            Answer::json(404, &json!({ "detail": "Not Found" }))
        }
    })
    .await
}
