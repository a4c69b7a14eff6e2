//! URLs as evidence shows them, and how long a presigned one holds.

use std::time::{SystemTime, UNIX_EPOCH};

use url::Url;

use stackmark_collect::redact;

/// Names of query values that let whoever has them in: AWS's both ways to sign, Google's and Azure's, and the usual ones.
const SECRETS: [&str; 18] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "signature",
    "awsaccesskeyid",
    "x-goog-signature",
    "x-goog-credential",
    "googleaccessid",
    "policy",
    "key-pair-id",
    "sig",
    "token",
    "access_token",
    "id_token",
    "api_key",
    "apikey",
    "password",
    "secret",
];

/// `text`, an URL or a part of one, without what lets in whoever has it.
pub(super) fn shown(text: &str) -> String {
    let Some((before, query)) = text.split_once('?') else { return redact::redact(text).0 };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if SECRETS.contains(&name.to_ascii_lowercase().as_str()) => format!("{name}=…"),
            _ => pair.to_owned(),
        })
        .collect();
    redact::redact(&format!("{before}?{}", pairs.join("&"))).0
}

/// Words in the name of a value that lets in whoever has it.
const SECRET_WORDS: [&str; 17] = [
    "token",
    "jwt",
    "bearer",
    "secret",
    "password",
    "passwd",
    "cookie",
    "cookies",
    "session",
    "sessionid",
    "sid",
    "auth",
    "authorization",
    "apikey",
    "key",
    "credential",
    "credentials",
];

/// Whether a value of this name lets in whoever has it: a session's cookie, a token, a key. An `author` does not.
pub(super) fn is_secret_name(name: &str) -> bool {
    name.to_ascii_lowercase().split(['_', '-']).any(|word| SECRET_WORDS.contains(&word))
}

/// What stands where a captured secret stood.
pub(super) const HIDDEN: &str = "…[redacted captured value]";

/// Replaces every one of `secrets` in all texts of `json`, names of fields included.
pub(super) fn hide(json: &mut serde_json::Value, secrets: &[String]) {
    let clean = |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN));
    match json {
        serde_json::Value::String(text) => *text = clean(text),
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(|element| hide(element, secrets)),
        serde_json::Value::Object(fields) => {
            for (name, mut value) in std::mem::take(fields) {
                hide(&mut value, secrets);
                fields.insert(clean(&name), value);
            }
        }
        _ => {}
    }
}

/// Seconds that a presigned URL holds, from `now` where it names the moment at which it ends; `None` where it names
/// neither.
pub(super) fn expires_seconds(url: &str, now: i64) -> Option<i64> {
    let url = Url::parse(url).ok()?;
    let value = |wanted: &str| {
        let found = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.and_then(|(_, value)| value.parse::<i64>().ok())
    };
    // Signature version 4 has a duration, version 2 the moment, in seconds since the epoch.
    value("X-Amz-Expires")
        .or_else(|| value("X-Goog-Expires"))
        .or_else(|| value("Expires").map(|end| end.saturating_sub(now)))
}

/// When an answer was made, by its `Date`, or else by this machine's clock; seconds since the epoch.
pub(super) fn moment(date: Option<&str>) -> i64 {
    let told = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()).map(|zoned| zoned.timestamp().as_second());
    told.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "https://b.s3.amazonaws.com/a.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
        X-Amz-Credential=ASIAEXAMPLE%2F20261120%2Fus-east-1&X-Amz-Date=20261120T100000Z&X-Amz-Expires=120&\
        X-Amz-Security-Token=IQoJb3Jp&X-Amz-Signature=0123abcd";
    const V2: &str =
        "https://b.s3.amazonaws.com/a.csv?AWSAccessKeyId=ASIAEXAMPLE&Signature=c2lnbmVk%3D&Expires=1795169000";

    #[test]
    fn signatures_credentials_and_tokens_are_not_shown() {
        assert_eq!(
            shown(V4),
            "https://b.s3.amazonaws.com/a.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…&\
             X-Amz-Date=20261120T100000Z&X-Amz-Expires=120&X-Amz-Security-Token=…&X-Amz-Signature=…"
        );
        assert_eq!(shown(V2), "https://b.s3.amazonaws.com/a.csv?AWSAccessKeyId=…&Signature=…&Expires=1795169000");
        assert_eq!(shown("/cluster1?x=1&page=2"), "/cluster1?x=1&page=2");
    }

    #[test]
    fn values_that_let_somebody_in_are_known_by_their_name() {
        for name in ["token", "csrf_token", "set-cookie", "X-Auth-Token", "session", "api_key"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["author", "id", "url", "next", "keyboard", "location", ""] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn both_ways_to_sign_tell_how_long_the_url_holds() {
        assert_eq!(expires_seconds(V4, 0), Some(120));
        assert_eq!(expires_seconds(V2, 1_795_168_880), Some(120));
        assert_eq!(expires_seconds("https://b.s3.amazonaws.com/a.csv", 0), None);
        assert_eq!(moment(Some("Fri, 20 Nov 2026 10:00:00 GMT")), 1_795_168_800);
    }
}
