//! Why an attempt got no response, told apart by who can mend it.

use std::error::Error;
use std::io;

use super::guard::Refusal;
use stackmark_evidence::Cause;

/// An attempt without a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// What happened, without the URL.
    pub(super) reason: String,
    /// No connection came about.
    pub(super) connecting: bool,
    /// Another attempt would end the same way.
    pub(super) settled: bool,
}

impl Failure {
    /// One that trying again would not change.
    pub(super) fn settled(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into(), connecting: false, settled: true }
    }

    /// One while waiting for, or reading, the response.
    pub(super) fn responding(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into(), connecting: false, settled: false }
    }

    /// What reqwest reports before the response's head is there.
    pub(super) fn from_client(error: &reqwest::Error) -> Self {
        if let Some(refusal) = find::<Refusal>(error) {
            return refusal.clone().into();
        }
        if error.is_builder() {
            return Self::settled(Cause::Refused, format!("the request cannot be made: {}", innermost(error)));
        }
        let connecting = error.is_connect();
        let (cause, reason) = if connecting && error.is_timeout() {
            (Cause::Timeout, "no connection in time; a firewall or security group may be dropping it".to_owned())
        } else if error.is_timeout() {
            (Cause::Timeout, "no response in time".to_owned())
        } else if error.is_dns() {
            (Cause::Unreachable, format!("the host name does not resolve ({})", innermost(error)))
        } else if let Some(reason) = not_http(error) {
            (Cause::Malformed, reason)
        } else {
            (Cause::Unreachable, transport(error))
        };
        Self { cause, reason, connecting, settled: false }
    }

    /// What reqwest reports while the body is read.
    pub(super) fn from_body(error: &reqwest::Error) -> Self {
        Self::responding(Cause::Malformed, format!("the response broke off in its body ({})", innermost(error)))
    }

    /// Whether to try to connect once more: a target that is just coming up, or a lost packet.
    pub(super) fn worth_a_retry(&self) -> bool {
        self.connecting && !self.settled && self.cause != Cause::Timeout
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::settled(Cause::Refused, refusal.to_string())
    }
}

/// hyper's word for it, where something came back that is not HTTP/1.
fn not_http(error: &reqwest::Error) -> Option<String> {
    let hyper = find::<hyper::Error>(error)?;
    if hyper.is_parse_too_large() {
        Some("the response's headers are larger than any that is read".to_owned())
    } else if hyper.is_parse() {
        Some(format!("what came back is not HTTP ({hyper})"))
    } else {
        None
    }
}

fn transport(error: &reqwest::Error) -> String {
    let closed = "the connection was closed before a response came";
    for io in chain(error).filter_map(|error| error.downcast_ref::<io::Error>()) {
        match io.kind() {
            io::ErrorKind::ConnectionRefused => return "connection refused".to_owned(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => return closed.to_owned(),
            // As tokio-rustls wraps what rustls objects to: a certificate, or something that is not TLS.
            io::ErrorKind::InvalidData if error.is_connect() => return format!("no TLS connection ({io})"),
            _ => {}
        }
    }
    match find::<hyper::Error>(error) {
        Some(hyper) if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() => closed.to_owned(),
        _ => innermost(error),
    }
}

/// The error and what caused it, outermost first.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error: &&(dyn Error + 'static)| {
        // An I/O error leaves out what it wraps from its `source`.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => (*error).source(),
        }
    })
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|error| error.downcast_ref::<T>())
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
