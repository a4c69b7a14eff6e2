//! EC2 instances in an answer, by id or by private address: one reader for single requests and for loads.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use regex::bytes::Regex;
use reqwest::header::HeaderMap;

/// Bytes of a body in which ids are looked for that are not written plainly.
const LOOKED_THROUGH: usize = 64 << 10;
/// What stands for a hyphen in HTML.
const HYPHENS: [&str; 5] = ["&#45;", "&#x2d;", "&hyphen;", "&dash;", "&#8208;"];
/// Tags that do not part words.
const WITHIN_A_WORD: [&str; 12] = ["a", "b", "i", "u", "em", "tt", "code", "font", "mark", "span", "small", "strong"];

/// Every id that the headers and the body name, each once. Only where they name none plainly, capital letters, tags within an
/// id and HTML's own signs are looked through; and only where there is none at all, private addresses (`10.0.1.5`) and the
/// host names that EC2 makes of them (`ip-10-0-1-5`), both in the first form.
pub(super) fn named(headers: &HeaderMap, body: &[u8]) -> BTreeSet<String> {
    let headers = || headers.values().map(|value| value.as_bytes());
    let plain: BTreeSet<String> = headers().chain(std::iter::once(body)).flat_map(ids_in).collect();
    if !plain.is_empty() {
        return plain;
    }
    let page = shown(&body[..body.len().min(LOOKED_THROUGH)]);
    let hidden: BTreeSet<String> = ids_in(page.as_bytes()).collect();
    if !hidden.is_empty() {
        return hidden;
    }
    headers().chain(std::iter::once(page.as_bytes())).flat_map(addresses_in).collect()
}

fn addresses_in(bytes: &[u8]) -> impl Iterator<Item = String> {
    #[allow(clippy::unwrap_used, reason = "a constant that a test compiles")]
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"ip(?:-[0-9]{1,3}){4}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}").unwrap());
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ADDRESS.find_iter(bytes).filter_map(move |found| {
        let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
        let (next, second) = (bytes.get(found.end()), bytes.get(found.end() + 1));
        // Of a longer number or version.
        let is_part = before == Some(&b'.') || next == Some(&b'.') && second.is_some_and(u8::is_ascii_digit);
        if goes_on(before) || goes_on(next) || is_part {
            return None;
        }
        let text = String::from_utf8_lossy(found.as_bytes()).into_owned();
        let host = text.strip_prefix("ip-").map(|name| name.replace('-', "."));
        let address: Ipv4Addr = host.as_deref().unwrap_or(&text).parse().ok()?;
        // `10.0.0.0/16` is a network.
        let is_network = next == Some(&b'/') && second.is_some_and(u8::is_ascii_digit) && address.octets()[3] == 0;
        ((host.is_some() || address.is_private()) && !is_network).then(|| address.to_string())
    })
}

fn ids_in(bytes: &[u8]) -> impl Iterator<Item = String> {
    #[allow(clippy::unwrap_used, reason = "a constant that a test compiles")]
    static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("i-[0-9a-f]{8,17}").unwrap());
    let joined_to = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ID.find_iter(bytes)
        .filter(move |found| {
            let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
            !joined_to(before) && !joined_to(bytes.get(found.end()))
        })
        .map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned())
}

/// A page as it is seen, in small letters.
fn shown(body: &[u8]) -> String {
    let page = String::from_utf8_lossy(body).to_ascii_lowercase();
    let mut text = String::with_capacity(page.len());
    let mut rest = page.as_str();
    // Where no tag ends any more, none is looked for.
    let mut has_end = true;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag = rest[1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/');
        let end = if is_tag && has_end { rest.find('>') } else { None };
        has_end &= !is_tag || end.is_some();
        match end {
            Some(end) => {
                let name = rest[1..end].trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
                if !name.is_some_and(|name| WITHIN_A_WORD.contains(&name)) {
                    text.push(' ');
                }
                rest = &rest[end + 1..];
            }
            None => {
                text.push('<');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    HYPHENS.iter().fold(text, |text, hyphen| text.replace(hyphen, "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_however_the_page_writes_it() {
        for body in [
            "i-0a1b2c3d",
            "I-0A1B2C3D",
            "<b>i-</b>0a1b2c3d",
            "<p>i&#45;0a1b2c3d</p>",
            "1 < 2 <i>i-0a1b2c3d</i>",
            "<td>id</td><td><em>I</em>-0A1b2c3d</td>",
        ] {
            let ids = named(&HeaderMap::new(), body.as_bytes());
            assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["i-0a1b2c3d"], "{body}");
        }
        assert_eq!(named(&HeaderMap::new(), b"wifi-deadbeef 1 < 2 i-0123 <"), BTreeSet::new());
    }

    #[test]
    fn an_answer_without_an_id_is_known_by_its_private_address() {
        let of = |body: &str| named(&HeaderMap::new(), body.as_bytes()).into_iter().collect::<Vec<_>>();
        for body in [
            "Hello from ip-10-0-1-5.ec2.internal",
            "<h1>IP-10-0-1-5</h1>",
            "{\"ip\": \"10.0.1.5\"}",
            "served by 10.0.1.5.",
            "http://10.0.1.5:8000/ is ip&#45;10-0-1-5",
        ] {
            assert_eq!(of(body), ["10.0.1.5"], "{body}");
        }
        assert_eq!(of("ip-100-64-3-9"), ["100.64.3.9"], "the host names of EC2 are those of its own addresses");
        assert_eq!(of("10.0.1.5 is i-0a1b2c3d"), ["i-0a1b2c3d"]);
        assert_eq!(of("10.0.1.5 asked by 10.0.2.6"), ["10.0.1.5", "10.0.2.6"]);
        for body in
            ["10.0.0.0/16", "Chrome/120.0.0.0", "8.8.8.8", "1.10.0.1.5", "10.0.1.5.7", "10.0.1.500", "ship-10-0-1-5"]
        {
            assert_eq!(of(body), Vec::<String>::new(), "{body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("x-served-by", "ip-10-0-1-5".parse().unwrap());
        assert_eq!(named(&headers, b"hello").into_iter().collect::<Vec<_>>(), ["10.0.1.5"]);
    }
}
