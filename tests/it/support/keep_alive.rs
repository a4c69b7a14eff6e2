//! A server that keeps connections open and counts what happens on them; on loopback.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What the server saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
    under_way: AtomicU64,
    /// Requests under way at once, at most.
    pub(crate) most_at_once: AtomicU64,
    /// Paths in the order in which they came.
    pub(crate) paths: Mutex<Vec<String>>,
}

impl Seen {
    pub(crate) fn count(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Server {
    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What becomes of a request.
pub(crate) enum Reply {
    /// Status, headers (each ending in CRLF) and body.
    Answer(u16, String, String),
    /// The connection ends without an answer.
    Close,
}

/// `200 OK` with this body.
pub(crate) fn ok(body: impl Into<String>) -> Reply {
    Reply::Answer(200, String::new(), body.into())
}

/// Serves what `answer` gives for the request's number, from 0 in the order in which they came, and its path.
pub(crate) async fn serve<A, F>(answer: A) -> Server
where
    A: Fn(u64, String) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, answer) = (Arc::new(Seen::default()), Arc::new(answer));
    let shared = Arc::clone(&seen);
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            shared.connections.fetch_add(1, Ordering::SeqCst);
            connections.spawn(connection(stream, Arc::clone(&shared), Arc::clone(&answer)));
        }
    });
    Server { address, seen, task }
}

async fn connection<A, F>(mut stream: TcpStream, seen: Arc<Seen>, answer: Arc<A>)
where
    A: Fn(u64, String) -> F,
    F: Future<Output = Reply>,
{
    let mut read = Vec::new();
    loop {
        while !read.ends_with(b"\r\n\r\n") {
            let mut buffer = [0; 2048];
            match stream.read(&mut buffer).await {
                Ok(count) if count > 0 => read.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&read).into_owned();
        read.clear();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let now = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_at_once.fetch_max(now, Ordering::SeqCst);
        seen.paths.lock().unwrap().push(path.clone());
        let reply = answer(seen.requests.fetch_add(1, Ordering::SeqCst), path).await;
        seen.under_way.fetch_sub(1, Ordering::SeqCst);
        let Reply::Answer(status, headers, body) = reply else { return };
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
