//! The request that a load repeats.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, USER_AGENT};
use url::Url;

use super::super::failure::Failure;
use stackmark_evidence::Cause;

/// A GET of `url` without a body, on a connection that is closed afterwards unless `reuse`.
pub(super) fn request_to(url: &Url, host: &str, reuse: bool) -> Result<Request<Empty<Bytes>>, Failure> {
    let mut asked = url.path().to_owned();
    if let Some(query) = url.query() {
        asked = format!("{asked}?{query}");
    }
    let mut builder = Request::get(asked)
        .header(HOST, host)
        .header(USER_AGENT, concat!("stackmark/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity");
    if !reuse {
        builder = builder.header(CONNECTION, "close");
    }
    builder.body(Empty::new()).map_err(|_| Failure::settled(Cause::Refused, "that makes no request"))
}
