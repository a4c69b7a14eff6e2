//! Where a redirect leads, and what may be taken along.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

/// A request on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hop {
    pub(super) url: Url,
    pub(super) method: Method,
    /// The check's own headers.
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// The request that follows a response of `status` with this `Location`; `None` where the response is the last one.
///
/// Methods change as the fetch standard has them: POST becomes GET after 301 and 302, everything but HEAD after 303.
/// The check's headers never go to another origin, and a body neither: such a redirect is not followed. From `http` to
/// `https` on the same host, with the ports that these have, is no other origin.
pub(super) fn next(hop: &Hop, status: u16, location: Option<&str>) -> Option<Hop> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut url = hop.url.join(location?).ok()?;
    // The client would turn these into an Authorization header.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let becomes_get = match status {
        301 | 302 => hop.method == Method::POST,
        303 => hop.method != Method::HEAD,
        _ => false,
    };
    let (method, body) = if becomes_get { (Method::GET, None) } else { (hop.method.clone(), hop.body.clone()) };
    let same_origin = url.origin() == hop.url.origin() || is_upgrade(&hop.url, &url);
    if body.is_some() && !same_origin {
        return None;
    }
    let mut headers = if same_origin { hop.headers.clone() } else { HeaderMap::new() };
    if body.is_none() {
        headers.remove(reqwest::header::CONTENT_TYPE);
    }
    Some(Hop { url, method, headers, body })
}

/// What a load balancer does that sends everybody to its secure listener.
fn is_upgrade(from: &Url, to: &Url) -> bool {
    from.scheme() == "http"
        && to.scheme() == "https"
        && from.host() == to.host()
        && from.port_or_known_default() == Some(80)
        && to.port_or_known_default() == Some(443)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(method: Method, body: Option<&str>) -> Hop {
        let mut headers = HeaderMap::new();
        headers.insert("x-team", "7".parse().unwrap());
        let body = body.map(|body| Bytes::from(body.to_owned()));
        Hop { url: Url::parse("http://lb.example.com/a/b?c").unwrap(), method, headers, body }
    }

    #[test]
    fn a_relative_location_stays_with_the_host_and_its_headers() {
        let next = next(&hop(Method::GET, None), 302, Some("../login")).unwrap();
        assert_eq!(next.url.as_str(), "http://lb.example.com/login");
        assert_eq!(next.headers.get("x-team").unwrap(), "7");
    }

    #[test]
    fn headers_and_credentials_never_reach_another_origin() {
        for location in [
            "http://elsewhere.example.com/",
            "https://lb.example.com:8443/",
            "http://lb.example.com:8080/",
            "//user:secret@elsewhere.example.com/",
        ] {
            let next = next(&hop(Method::GET, None), 302, Some(location)).unwrap();
            assert!(next.headers.is_empty(), "{location}");
            assert_eq!((next.url.username(), next.url.password()), ("", None), "{location}");
        }
    }

    #[test]
    fn headers_and_bodies_go_along_to_the_secure_listener_of_the_same_host() {
        let post = next(&hop(Method::POST, Some("x=1")), 308, Some("https://lb.example.com:443/a/b")).unwrap();
        assert_eq!((post.url.as_str(), post.body.as_deref()), ("https://lb.example.com/a/b", Some(&b"x=1"[..])));
        assert_eq!(post.headers.get("x-team").unwrap(), "7");
        let back = Hop { url: post.url.clone(), ..hop(Method::GET, None) };
        assert!(next(&back, 302, Some("http://lb.example.com/")).unwrap().headers.is_empty(), "never the other way");
    }

    #[test]
    fn a_body_is_repeated_to_the_same_origin_only() {
        let post = hop(Method::POST, Some("x=1"));
        assert_eq!(next(&post, 307, Some("/again")).unwrap().body.as_deref(), Some(&b"x=1"[..]));
        assert_eq!(next(&post, 308, Some("http://elsewhere.example.com/")), None);
    }

    #[test]
    fn methods_change_as_the_fetch_standard_has_them() {
        for (method, status, then) in [
            (Method::POST, 301, Method::GET),
            (Method::POST, 302, Method::GET),
            (Method::PUT, 302, Method::PUT),
            (Method::PUT, 303, Method::GET),
            (Method::HEAD, 303, Method::HEAD),
            (Method::POST, 307, Method::POST),
        ] {
            assert_eq!(next(&hop(method.clone(), None), status, Some("/")).unwrap().method, then, "{method} {status}");
        }
    }

    #[test]
    fn what_is_no_redirect_is_the_last_response() {
        let get = hop(Method::GET, None);
        assert_eq!(next(&get, 200, Some("/")), None);
        assert_eq!(next(&get, 304, Some("/")), None);
        assert_eq!(next(&get, 302, None), None);
        assert_eq!(next(&get, 302, Some("http://[::")), None);
    }
}
