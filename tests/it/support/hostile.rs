//! Servers that misbehave, on loopback, each a few lines of raw TCP.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Heads of the requests so far, one a connection, names of headers in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes connections, reads one request of each, and lets `answer` do as it likes with the rest.
pub(crate) async fn serve<A, F>(answer: A) -> Server
where
    A: Fn(TcpStream, usize) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    serve_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
}

/// The same on a listener that is already there.
pub(crate) fn serve_on<A, F>(listener: TcpListener, answer: A) -> Server
where
    A: Fn(TcpStream, usize) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    let task = tokio::spawn(async move {
        // Dropped with this task, and every connection with it.
        let mut connections = JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = read_head(&mut stream).await;
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(head);
                seen.len() - 1
            };
            connections.spawn(answer(stream, number));
        }
    });
    Server { address, requests, task }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Sends these bytes and closes.
pub(crate) async fn reply(bytes: impl Into<Vec<u8>>) -> Server {
    let bytes = bytes.into();
    serve(move |mut stream, _| {
        let bytes = bytes.clone();
        async move {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// Sends these bytes without waiting for a request.
pub(crate) async fn blurt(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

/// A response with this status line, these headers and this body, and its length.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Takes the request and never answers.
pub(crate) async fn hang() -> Server {
    serve(|stream, _| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await
}

/// Sends `start`, then `again` for ever, with `pause` between.
pub(crate) async fn drip(start: &'static str, again: &'static [u8], pause: Duration) -> Server {
    serve(move |mut stream, _| async move {
        let _ = stream.write_all(start.as_bytes()).await;
        while stream.write_all(again).await.is_ok() {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    })
    .await
}

/// That many zeros (whole MiB), gzipped to a thousandth of it.
pub(crate) fn gzip_bomb(unpacked: usize) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("zeros", options).unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..unpacked >> 20 {
        archive.write_all(&block).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let file = archive.by_index(0).unwrap();
    let start = usize::try_from(file.data_start().unwrap()).unwrap();
    let deflated = &bytes[start..start + usize::try_from(file.compressed_size()).unwrap()];
    // RFC 1952: the header, the deflated data, CRC-32 and size.
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    gzip.extend_from_slice(deflated);
    gzip.extend_from_slice(&file.crc32().to_le_bytes());
    gzip.extend_from_slice(&u32::try_from(unpacked).unwrap().to_le_bytes());
    gzip
}
