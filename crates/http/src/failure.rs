//! Why an attempt got no response, told apart by who can mend it.

use std::error::Error;
use std::io;

use stackmark_collect::guard::Refusal;
use stackmark_collect::threads;
use stackmark_evidence::Cause;
use stackmark_evidence::http::MACHINE_LACKS;
use tokio_rustls::rustls::{self, CertificateError};

/// `EMFILE`, `ENFILE` and `ENOBUFS`, which the standard library has no kinds for.
const NO_DESCRIPTOR_HERE: i32 = if cfg!(windows) { 10024 } else { 24 };
const NO_DESCRIPTOR_LEFT: i32 = 23;
const NO_BUFFER: i32 = if cfg!(windows) {
    10055
} else if cfg!(target_os = "linux") {
    105
} else {
    55
};

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
    /// The lack is this machine's: it says nothing of the service.
    pub(super) own: bool,
}

impl Failure {
    /// One that trying again would not change.
    pub(super) fn settled(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into(), connecting: false, settled: true, own: false }
    }

    /// One while waiting for, or reading, the response.
    pub(super) fn responding(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into(), connecting: false, settled: false, own: false }
    }

    /// A lack of this machine's own, with what to do about it; `None` where the error is of the other side, or of the way.
    pub(super) fn of_this_machine(error: &io::Error) -> Option<Self> {
        let (lack, remedy) = match (error.kind(), error.raw_os_error()) {
            (_, Some(NO_DESCRIPTOR_HERE | NO_DESCRIPTOR_LEFT)) => {
                ("open files", "raise `ulimit -n`, or lower --jobs and the load's concurrency")
            }
            (_, Some(NO_BUFFER)) | (io::ErrorKind::OutOfMemory, _) => ("memory", "free some, or lower --jobs"),
            (io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse, _) => {
                ("local ports", "wait a minute, or lower the load's concurrency")
            }
            (io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown, _) => {
                ("a way there", "look at its network")
            }
            (io::ErrorKind::PermissionDenied, _) => ("the permission to connect", "look at its firewall"),
            _ => return None,
        };
        let reason = format!("{MACHINE_LACKS}{lack} ({error}): {remedy}, and collect again");
        Some(Self { cause: Cause::Refused, reason, connecting: true, settled: false, own: true })
    }

    /// This machine starts no thread.
    pub(super) fn without_a_thread() -> Self {
        let reason = format!("{MACHINE_LACKS}a thread: {}, and collect again", threads::REMEDY);
        Self { cause: Cause::Refused, reason, connecting: true, settled: false, own: true }
    }

    /// Whether the address guard refused it.
    pub(super) fn is_guards(&self) -> bool {
        self.cause == Cause::Refused && self.settled && !self.own
    }

    /// What reqwest reports before the response's head is there.
    pub(super) fn from_client(error: &reqwest::Error) -> Self {
        if let Some(refusal) = find::<Refusal>(error) {
            return refusal.clone().into();
        }
        let mut of_io = chain(error).filter_map(|error| error.downcast_ref::<io::Error>());
        if let Some(own) = of_io.find_map(Self::of_this_machine) {
            return own;
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
        Self { cause, reason, connecting, settled: false, own: false }
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

/// What is said of a secure connection that does not come about.
pub(super) fn no_tls(error: &io::Error) -> String {
    match error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => format!("no TLS connection: {}", of_certificate(why)),
        _ => format!("no TLS connection ({error})"),
    }
}

/// What is wrong with a certificate, and what helps.
fn of_certificate(why: &CertificateError) -> String {
    let untrusted = "nobody trusts the certificate, which is self-signed or lacks its intermediate certificates; use one of a \
                     public authority, as AWS Certificate Manager's";
    match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another name; set base_url in the roster to the name that the certificate is for"
                .to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired; renew it".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet; wait until it is, or use another one".to_owned()
        }
        CertificateError::Revoked => "the certificate was revoked; use another one".to_owned(),
        // `Other` is what the library has no kind for: as a rule, a certificate that signed itself and says that it signs others.
        CertificateError::UnknownIssuer | CertificateError::Other(_) => untrusted.to_owned(),
        _ => format!(
            "the certificate was refused ({why:?}); use one of a public authority, as AWS Certificate Manager's"
        ),
    }
}

fn transport(error: &reqwest::Error) -> String {
    let closed = "the connection was closed before a response came";
    for io in chain(error).filter_map(|error| error.downcast_ref::<io::Error>()) {
        match io.kind() {
            io::ErrorKind::ConnectionRefused => return "connection refused".to_owned(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => return closed.to_owned(),
            // As tokio-rustls wraps what rustls objects to: a certificate, or something that is not TLS.
            io::ErrorKind::InvalidData if error.is_connect() => return no_tls(io),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn that_there_is_no_thread_is_said_once() {
        let own = Failure::without_a_thread();
        assert!(own.own && own.reason.starts_with("the grading machine lacks a thread: raise the limits"), "{own:?}");
        assert_eq!(own.reason.matches("thread").count(), 1, "{own:?}");
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_said_with_what_helps() {
        let said = |why| no_tls(&io::Error::new(io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(why)));
        let other = rustls::OtherError(Arc::new(io::Error::other("CaUsedAsEndEntity")));
        for (why, words) in [
            (CertificateError::NotValidForName, "set base_url in the roster"),
            (CertificateError::Expired, "has expired; renew it"),
            (CertificateError::UnknownIssuer, "self-signed"),
            (CertificateError::Other(other), "self-signed"),
            (CertificateError::BadSignature, "was refused (BadSignature)"),
        ] {
            let is_by_name = why == CertificateError::NotValidForName;
            let said = said(why);
            assert!(said.starts_with("no TLS connection: ") && said.contains(words), "{said}");
            assert!(said.contains("base_url") == is_by_name && !said.contains("OtherError"), "{said}");
        }
        let plain = no_tls(&io::Error::new(io::ErrorKind::InvalidData, "received corrupt message"));
        assert_eq!(plain, "no TLS connection (received corrupt message)");
    }

    #[test]
    fn what_this_machine_lacks_is_not_the_services_fault() {
        for (code, words) in [
            (NO_DESCRIPTOR_HERE, "raise `ulimit -n`"),
            (NO_DESCRIPTOR_LEFT, "raise `ulimit -n`"),
            (NO_BUFFER, "lacks memory"),
        ] {
            let own = Failure::of_this_machine(&io::Error::from_raw_os_error(code)).expect("a lack of its own");
            assert!(own.own && own.cause == Cause::Refused && own.reason.contains(words), "{own:?}");
        }
        for kind in
            [io::ErrorKind::AddrNotAvailable, io::ErrorKind::PermissionDenied, io::ErrorKind::NetworkUnreachable]
        {
            assert!(Failure::of_this_machine(&kind.into()).is_some(), "{kind}");
        }
        for kind in [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset, io::ErrorKind::HostUnreachable] {
            assert_eq!(Failure::of_this_machine(&kind.into()), None, "{kind}");
        }
    }
}
