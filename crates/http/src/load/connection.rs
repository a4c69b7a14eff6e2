//! One HTTP/1 connection to an address that the guard has passed, driven by the task that uses it.
//!
//! hyper without a pool and without a task of its own for each connection: at some ten thousand requests a second those
//! are what a client spends its time on.

use std::future::{Future as _, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::attempt::MOST_PIECES;
use super::super::failure::{Failure, no_tls};
use super::destination::Destination;
use super::tls::Tls;
use stackmark_evidence::Cause;

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

type Io = TokioIo<Box<dyn Stream>>;

/// A response, as far as it was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// Its beginning, as it came.
    pub(super) body: Vec<u8>,
    /// There was more of it than is kept.
    pub(super) cut: bool,
    /// It was longer than is ever read.
    pub(super) truncated: bool,
}

/// How much of a body is read and kept, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    pub(super) read: u64,
    pub(super) kept: usize,
}

/// An open connection.
pub(super) struct Connection {
    sender: http1::SendRequest<Empty<Bytes>>,
    driver: http1::Connection<Io, Empty<Bytes>>,
    /// The driver must not be polled again.
    ended: bool,
    /// Whole responses so far.
    pub(super) served: u64,
}

impl Connection {
    /// Connects to one of the addresses, the next one where one does not answer. Together they have most of `within`, so that a
    /// mute one leaves time for the others, and for the request.
    pub(super) async fn open(destination: &Destination, within: Duration) -> Result<Self, Failure> {
        let addresses = destination.addresses();
        let each = within.mul_f32(0.75) / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut failure = Failure::responding(Cause::Unreachable, "the host name has no address");
        for address in addresses {
            match timeout(each, Self::to(address, destination.tls.as_ref())).await {
                Ok(Ok(connection)) => {
                    destination.answers(address, true);
                    return Ok(connection);
                }
                Ok(Err(error)) => failure = error,
                Err(_) => {
                    let reason = "no connection in time; a firewall or security group may be dropping it";
                    failure = Failure { connecting: true, ..Failure::responding(Cause::Timeout, reason) };
                }
            }
            destination.answers(address, false);
        }
        Err(failure)
    }

    async fn to(address: SocketAddr, tls: Option<&Tls>) -> Result<Self, Failure> {
        let unreachable =
            |reason: String| Failure { connecting: true, ..Failure::responding(Cause::Unreachable, reason) };
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| Failure::of_this_machine(&error).unwrap_or_else(|| unreachable(told(&error))))?;
        // A small request must not wait for another one to share its packet.
        let _ = stream.set_nodelay(true);
        let stream: Box<dyn Stream> = match tls {
            None => Box::new(stream),
            Some(tls) => {
                let secured = tls.connector.connect(tls.name.clone(), stream).await;
                Box::new(secured.map_err(|error| unreachable(no_tls(&error)))?)
            }
        };
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| from_hyper(&error))?;
        Ok(Self { sender, driver, ended: false, served: 0 })
    }

    /// Sends `request` and reads what comes back.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Empty<Bytes>>,
        limits: BodyLimits,
    ) -> Result<Answer, Failure> {
        // What was not sent is no request that the service dropped.
        self.ready().await.map_err(|failure| Failure { connecting: true, ..failure })?;
        let response = {
            let mut pending = pin!(self.sender.send_request(request));
            let (driver, ended) = (&mut self.driver, &mut self.ended);
            poll_fn(|context| {
                if let Poll::Ready(response) = pending.as_mut().poll(context) {
                    return Poll::Ready(response);
                }
                drive(driver, ended, context);
                pending.as_mut().poll(context)
            })
            .await
            .map_err(|error| from_hyper(&error))?
        };
        let (head, body) = response.into_parts();
        let (body, read, truncated) = self.read(body, limits).await?;
        self.served += 1;
        let cut = truncated || read > body.len() as u64;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body, cut, truncated })
    }

    /// Whether it can carry another request.
    pub(super) fn is_open(&self) -> bool {
        !self.ended && !self.sender.is_closed()
    }

    /// Waits until the connection takes a request; the end of the last response may still be under way. Driven first, so that
    /// one that was closed meanwhile is noticed before anything is sent on it.
    async fn ready(&mut self) -> Result<(), Failure> {
        let Self { sender, driver, ended, .. } = self;
        poll_fn(|context| {
            drive(driver, ended, context);
            sender.poll_ready(context)
        })
        .await
        .map_err(|error| from_hyper(&error))
    }

    /// What is kept, how many bytes were read, and whether there were more.
    async fn read(&mut self, body: Incoming, limits: BodyLimits) -> Result<(Vec<u8>, u64, bool), Failure> {
        let mut body = body;
        let (mut kept, mut read) = (Vec::new(), 0_u64);
        for _ in 0..MOST_PIECES {
            let (driver, ended) = (&mut self.driver, &mut self.ended);
            let frame = poll_fn(|context| {
                if let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(context) {
                    return Poll::Ready(frame);
                }
                drive(driver, ended, context);
                Pin::new(&mut body).poll_frame(context)
            })
            .await;
            let Some(frame) = frame else { return Ok((kept, read, false)) };
            let frame = frame.map_err(|error| {
                Failure::responding(Cause::Malformed, format!("the response broke off in its body ({error})"))
            })?;
            let Some(data) = frame.data_ref() else { continue };
            read += data.len() as u64;
            let room = limits.kept.saturating_sub(kept.len());
            kept.extend_from_slice(&data[..data.len().min(room)]);
            if read > limits.read {
                return Ok((kept, read, true));
            }
        }
        Ok((kept, read, true))
    }
}

fn drive(driver: &mut http1::Connection<Io, Empty<Bytes>>, ended: &mut bool, context: &mut Context<'_>) {
    // What it fails with reaches whoever waits for the response.
    if !*ended && Pin::new(driver).poll(context).is_ready() {
        *ended = true;
    }
}

fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        _ => error.to_string(),
    }
}

fn from_hyper(error: &hyper::Error) -> Failure {
    if error.is_parse_too_large() {
        Failure::responding(Cause::Malformed, "the response's headers are larger than any that is read")
    } else if error.is_parse() {
        Failure::responding(Cause::Malformed, format!("what came back is not HTTP ({error})"))
    } else {
        let reason = "the connection was closed before a response came";
        // hyper's word for a request that never left.
        Failure { connecting: error.is_canceled(), ..Failure::responding(Cause::Unreachable, reason) }
    }
}
