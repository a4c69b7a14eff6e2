//! EC2 instance ids in an answer: one reader for single requests and for loads.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::Regex;
use reqwest::header::HeaderMap;

/// Every id that the headers and the body name, each once.
pub(super) fn named<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> BTreeSet<&'a str> {
    #[allow(clippy::unwrap_used, reason = "a constant that a test compiles")]
    static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("i-[0-9a-f]{8,17}").unwrap());
    let joined_to = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    headers
        .values()
        .map(|value| value.as_bytes())
        .chain(std::iter::once(body))
        .flat_map(|bytes| {
            ID.find_iter(bytes).filter(move |found| {
                let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
                !joined_to(before) && !joined_to(bytes.get(found.end()))
            })
        })
        .filter_map(|found| std::str::from_utf8(found.as_bytes()).ok())
        .collect()
}
