//! Where a redirect leads, and what may be taken along.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

use super::failure::Failure;
use stackmark_evidence::Cause;
use stackmark_evidence::http::REDIRECTS_ELSEWHERE;

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

/// Names that a host has beside its own: the site's, and that of a load balancer's IPv6 addresses.
const ALIASES: [&str; 2] = ["www.", "dualstack."];

/// Which of its names a host is called by, and the name without it.
pub(super) fn name_of(url: &Url) -> (u8, &str) {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let alias = (1..).zip(ALIASES).find_map(|(number, alias)| Some((number, host.strip_prefix(alias)?)));
    alias.unwrap_or((0, host))
}

/// Why a redirect from the service at `from` is not followed: what answers at another host may be somebody else's, and says
/// nothing of the service; nor is it to be put under a load. `None` where the host is the same, by another port, scheme or alias.
pub(super) fn leads_elsewhere(from: &Url, to: &Url) -> Option<Failure> {
    if name_of(from).1 == name_of(to).1 {
        return None;
    }
    let reason = format!(
        "{REDIRECTS_ELSEWHERE}{}://{}, and only {} is graded; look at it yourself, or set base_url in the roster to where the \
         service is",
        to.scheme(),
        to.host_str().unwrap_or_default(),
        from.host_str().unwrap_or_default(),
    );
    Some(Failure { own: true, ..Failure::settled(Cause::Refused, reason) })
}

/// A file in S3 for which the service signed a URL, as it does for pictures: to fetch one says that the service answers so.
pub(super) fn is_signed_for_s3(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_s3 = host.ends_with(".amazonaws.com") && host.split('.').any(|part| part == "s3" || part.starts_with("s3-"));
    is_s3 && url.query_pairs().any(|(name, _)| matches!(&*name, "X-Amz-Signature" | "Signature"))
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
    fn only_names_of_the_same_host_are_the_service() {
        let leads = |from: &str, to: &str| leads_elsewhere(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        let balancer = "http://lb-1.eu-west-1.elb.amazonaws.com";
        for (from, to) in [
            ("http://app.example.org", "https://app.example.org/x"),
            ("http://app.example.org", "http://app.example.org:8080/"),
            ("http://app.example.org", "https://www.app.example.org/"),
            ("https://www.app.example.org", "https://app.example.org./"),
            (balancer, "http://dualstack.lb-1.eu-west-1.elb.amazonaws.com/"),
        ] {
            assert_eq!(leads(from, to), None, "{from} {to}");
        }
        for (from, to) in [
            ("http://app.example.org", "http://victim.test/"),
            ("http://app.example.org", "http://app.example.org.victim.test/"),
            ("http://app.example.org", "http://other.example.org/"),
            ("http://app.example.org", "http://app.example.org@victim.test/"),
            (balancer, "http://lb-2.eu-west-1.elb.amazonaws.com/"),
        ] {
            let failure = leads(from, to).expect(to);
            let hosts = [from, to].map(|url| Url::parse(url).unwrap().host_str().unwrap().to_owned());
            assert!(failure.own && failure.settled, "{failure:?}");
            assert!(hosts.iter().all(|host| failure.reason.contains(host)), "{failure:?}");
        }
        let signed = |url: &str| is_signed_for_s3(&Url::parse(url).unwrap());
        assert!(signed("https://b.s3.eu-west-1.amazonaws.com/a.jpg?X-Amz-Signature=1"));
        assert!(!signed("https://b.s3.amazonaws.com/a.jpg") && !signed("https://s3.victim.test/?X-Amz-Signature=1"));
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
