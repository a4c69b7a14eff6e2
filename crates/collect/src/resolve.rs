//! `--resolve HOST:PORT:ADDR`: the operator says where a host is to be found.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use url::Host;

/// curl's `--resolve HOST:PORT:ADDR`; our ADDR may carry a port of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// Host of the URL, lower case; `*` is any.
    pub host: String,
    /// Port of the URL.
    pub port: u16,
    /// Where to connect instead; port 0 keeps the URL's.
    pub address: SocketAddr,
}

/// A `--resolve` entry that does not parse; its message quotes the entry and shows how one is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is not HOST:PORT:ADDR: {problem}; \
     write it as lb.example.com:80:127.0.0.1, *:80:127.0.0.1:8080 or lb.example.com:443:[::1]:8443"
)]
pub struct InvalidResolve {
    given: String,
    problem: &'static str,
}

impl FromStr for ResolveOverride {
    type Err = InvalidResolve;

    /// Reads curl's form, with two differences: ADDR is one address, and it may carry a port of its own.
    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let invalid = |problem| InvalidResolve { given: given.to_owned(), problem };
        let (host, rest) = if given.starts_with('[') {
            let end = given.find(']').ok_or_else(|| invalid("the bracket of the host is not closed"))?;
            let rest = given[end + 1..].strip_prefix(':').ok_or_else(|| invalid("there is no port after the host"))?;
            (&given[..=end], rest)
        } else {
            given.split_once(':').ok_or_else(|| invalid("there is no port after the host"))?
        };
        let host = match host {
            "*" => host.to_owned(),
            _ if host.starts_with(['+', '-']) => return Err(invalid("curl's `+` and `-` are not supported")),
            _ => Host::parse(host.trim_end_matches('.'))
                .map_err(|_| invalid("HOST is neither a host name, an address nor `*`"))?
                .to_string(),
        };
        let (port, address) = rest.split_once(':').ok_or_else(|| invalid("there is no address after the port"))?;
        let port = number(port).ok_or_else(|| invalid("PORT is not a number from 1 to 65535"))?;
        Ok(Self { host, port, address: address_of(address).map_err(invalid)? })
    }
}

fn number(port: &str) -> Option<u16> {
    // `u16::from_str` takes a sign.
    if port.bytes().all(|byte| byte.is_ascii_digit()) { port.parse().ok().filter(|port| *port != 0) } else { None }
}

fn address_of(text: &str) -> Result<SocketAddr, &'static str> {
    if text.contains(',') {
        return Err("ADDR is one address, not a list");
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        // `::1:8080` would be read as an address that nobody meant.
        return Err("an IPv6 ADDR must be in brackets");
    }
    let (address, port) = match text.rfind(']') {
        Some(end) => {
            let address = text[..end].strip_prefix('[').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            (address.map(IpAddr::V6), &text[end + 1..])
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (text[..end].parse().ok().map(IpAddr::V4), &text[end..])
        }
    };
    let address = address.ok_or("ADDR is not an IPv4 address, nor an IPv6 address in brackets")?;
    let port = match port.strip_prefix(':') {
        Some(port) => number(port).ok_or("the port after ADDR is not a number from 1 to 65535")?,
        None if port.is_empty() => 0,
        None => return Err("something stands after ADDR that is not a port"),
    };
    Ok(SocketAddr::new(address, port))
}

impl fmt::Display for ResolveOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.host, self.port)?;
        match (self.address.port(), self.address.ip()) {
            (0, IpAddr::V4(address)) => write!(f, "{address}"),
            (0, IpAddr::V6(address)) => write!(f, "[{address}]"),
            _ => write!(f, "{}", self.address),
        }
    }
}

/// The first entry for `host` (as in a URL) and `port`.
pub fn find<'a>(entries: &'a [ResolveOverride], host: &str, port: u16) -> Option<&'a ResolveOverride> {
    let host = host.trim_end_matches('.');
    entries.iter().find(|entry| entry.port == port && (entry.host == "*" || entry.host.eq_ignore_ascii_case(host)))
}

/// Where `entry` sends a connection to `port`.
pub fn destination(entry: &ResolveOverride, port: u16) -> SocketAddr {
    match entry.address.port() {
        0 => SocketAddr::new(entry.address.ip(), port),
        _ => entry.address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_the_error_recommends_parse_and_print_alike() {
        for (given, host, port, address) in [
            ("lb.example.com:80:127.0.0.1", "lb.example.com", 80, "127.0.0.1:0"),
            ("*:80:127.0.0.1:8080", "*", 80, "127.0.0.1:8080"),
            ("lb.example.com:443:[::1]:8443", "lb.example.com", 443, "[::1]:8443"),
            ("[2001:db8::1]:80:[::1]", "[2001:db8::1]", 80, "[::1]:0"),
        ] {
            let entry: ResolveOverride = given.parse().unwrap();
            assert_eq!((entry.host.as_str(), entry.port), (host, port));
            assert_eq!(entry.address, address.parse().unwrap());
            assert_eq!(entry.to_string(), given);
        }
    }

    #[test]
    fn hosts_are_compared_without_case_and_final_dot() {
        let entries = ["LB.Example.com:80:10.0.0.7".parse().unwrap(), "*:80:10.0.0.8".parse().unwrap()];
        let found = |host, port| find(&entries, host, port).map(|entry| entry.address.ip().to_string());
        assert_eq!(found("lb.example.com", 80).as_deref(), Some("10.0.0.7"));
        assert_eq!(found("lb.EXAMPLE.com.", 80).as_deref(), Some("10.0.0.7"));
        assert_eq!(found("other", 80).as_deref(), Some("10.0.0.8"));
        assert_eq!(found("lb.example.com", 81), None);
    }

    #[test]
    fn what_does_not_parse_is_told_with_the_right_form() {
        for (given, problem) in [
            ("", "there is no port after the host"),
            ("lb.example.com", "there is no port after the host"),
            ("lb.example.com:80", "there is no address after the port"),
            ("lb.example.com:http:127.0.0.1", "PORT is not a number"),
            ("lb.example.com:+80:127.0.0.1", "PORT is not a number"),
            ("lb.example.com:0:127.0.0.1", "PORT is not a number"),
            ("lb.example.com:80:localhost", "ADDR is not an IPv4 address"),
            ("lb.example.com:80:::1", "an IPv6 ADDR must be in brackets"),
            ("lb.example.com:80:::1:8080", "an IPv6 ADDR must be in brackets"),
            ("lb.example.com:80:[::1", "ADDR is not an IPv4 address"),
            ("lb.example.com:80:[::1]8080", "something stands after ADDR"),
            ("lb.example.com:80:127.0.0.1:99999", "the port after ADDR"),
            ("lb.example.com:80:127.0.0.1,127.0.0.2", "not a list"),
            ("[::1:80:127.0.0.1", "the bracket of the host is not closed"),
            ("+lb.example.com:80:127.0.0.1", "not supported"),
            ("a b:80:127.0.0.1", "HOST is neither"),
        ] {
            let error =
                given.parse::<ResolveOverride>().map_or_else(|error| error.to_string(), |entry| entry.to_string());
            assert!(error.contains(problem), "{given}: {error}");
            assert!(error.contains("*:80:127.0.0.1:8080"), "{given}: {error}");
        }
    }
}
