//! Where the secrets stand in a text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

pub(super) const ACCESS_KEY: &str = "aws access key";
pub(super) const SECRET_KEY: &str = "aws secret key";
pub(super) const SESSION_TOKEN: &str = "aws session token";
pub(super) const SIGNATURE: &str = "aws signature";
pub(super) const PRIVATE_KEY: &str = "private key";
pub(super) const GITHUB_TOKEN: &str = "github token";
pub(super) const GITLAB_TOKEN: &str = "gitlab token";
pub(super) const SLACK_TOKEN: &str = "slack token";
pub(super) const PASSWORD: &str = "password";
pub(super) const TOKEN: &str = "key or token";

/// A secret's place, in bytes of the text.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: &'static str,
    /// The part of the secret that tells only its type: `AKIA`, `ghp_`.
    prefix: String,
}

impl Found {
    pub(super) fn replacement(&self) -> String {
        marker(&self.prefix, self.kind)
    }
}

/// What stands where a secret stood.
pub(super) fn marker(prefix: &str, kind: &str) -> String {
    format!("{prefix}…[redacted {kind}]")
}

/// A pattern whose group `value` is the secret, once `accept` has looked at it.
struct Rule {
    kind: &'static str,
    regex: Regex,
    /// Characters that must not stand before the value: a longer run is something else.
    not_before: fn(char) -> bool,
    /// Characters that must not stand after it.
    not_after: fn(char) -> bool,
    accept: fn(&str) -> bool,
}

/// A rule as it is written down: its fields in order, the pattern not yet compiled.
type Written<'a> = (&'static str, &'a str, fn(char) -> bool, fn(char) -> bool, fn(&str) -> bool);

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

fn never(_: char) -> bool {
    false
}

/// Between a name and its value: quotes, escaped ones too, and an assignment.
const ASSIGNED: &str = r#"\\?["'`]?\]?\s{0,8}(?::\s?[Ss]tr(?:ing)?\s{0,4})?(?::=|=>|=|:|,)\s{0,8}[bru]?\\?["'`]?"#;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let secret_name = r"(?i:secret[_\- ]?(?:access)?[_\- ]?key|aws[_\-]?secret|secret[_\-]?id)";
    let token_name = r"(?i:(?:session|security)[_\-]?token)";
    let password_name = r"(?i:password|passwd|passphrase|pwd)";
    let rules: [Written<'_>; 18] = [
        (ACCESS_KEY, r"(?P<value>(?P<prefix>AKIA|ASIA)[A-Z0-9]{16})", alphanumeric, alphanumeric, is_access_key),
        (SECRET_KEY, &format!("{secret_name}{ASSIGNED}(?P<value>[A-Za-z0-9/+]{{40}})"), never, base64, is_secret_key),
        // Positional arguments and the console's CSV file: the secret follows its key within the same or the next line.
        (
            SECRET_KEY,
            r"(?:AKIA|ASIA)[A-Z0-9]{16}(?:[^A-Za-z0-9\n][^\n]{0,80}?)?(?:\n[^\n]{0,40}?)?[^A-Za-z0-9/+_](?P<value>[A-Za-z0-9/+]{40})",
            never,
            base64,
            is_secret_key,
        ),
        (
            SESSION_TOKEN,
            r"(?P<value>(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]{60,})",
            never,
            never,
            varied,
        ),
        (SESSION_TOKEN, &format!("{token_name}{ASSIGNED}(?P<value>[A-Za-z0-9/+=%]{{80,}})"), never, never, varied),
        (
            SIGNATURE,
            r#"(?i)X-Amz-(?:Signature|Credential)["']?\s?[=:]\s?["']?(?P<value>[A-Za-z0-9/%+_.\-]{16,})"#,
            never,
            never,
            varied,
        ),
        (SIGNATURE, r"\bSignature=(?P<value>[0-9a-f]{64})", never, alphanumeric, varied),
        // Version 2, as older defaults of the SDKs sign URLs: Base64 of 20 bytes in a query.
        (SIGNATURE, r"(?:[?&;]|\\u0026)Signature=(?P<value>[A-Za-z0-9+/%]{27,64})", never, never, varied),
        (GITHUB_TOKEN, r"(?P<value>(?P<prefix>gh[pousr]_)[A-Za-z0-9]{36,})", alphanumeric, never, varied),
        (GITHUB_TOKEN, r"(?P<value>(?P<prefix>github_pat_)[A-Za-z0-9_]{22,})", alphanumeric, never, varied),
        (
            GITLAB_TOKEN,
            r"(?P<value>(?P<prefix>gl(?:pat|dt|rt|cbt|ptt|ft)-)[A-Za-z0-9_\-]{20,})",
            alphanumeric,
            never,
            varied,
        ),
        (SLACK_TOKEN, r"(?P<value>(?P<prefix>xox[abeoprs]-)[A-Za-z0-9\-]{10,})", alphanumeric, never, varied),
        (
            SLACK_TOKEN,
            r"https://hooks\.slack\.com/services/(?P<value>T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{12,})",
            never,
            never,
            varied,
        ),
        (
            PASSWORD,
            &format!(
                r#"{password_name}\\?["']?\]?[ \t]{{0,8}}(?::[ \t]?[Ss]tr(?:ing)?[ \t]{{0,4}})?(?::=|=>|=|:)[ \t]{{0,8}}[bru]?\\?(?:"(?P<value>[^"\\\s]{{3,128}})\\?"|'(?P<single>[^'\\\s]{{3,128}})\\?')"#
            ),
            never,
            never,
            is_password,
        ),
        // Environment files, Dockerfiles and Compose files: capitals, and no code on the right.
        (
            PASSWORD,
            r"(?m)^[ \t]*(?:export[ \t]+|ENV[ \t]+|-[ \t]+)?[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE)(?:=|:[ \t]+)(?P<value>[^\s\x22'`(){}\[\],;]{3,128})[ \t]*\r?$",
            never,
            never,
            is_password,
        ),
        // INI and YAML: a bare word may as well be a variable, so it needs a digit.
        (
            PASSWORD,
            r"(?m)^[ \t]*(?:-[ \t]+)?[a-z0-9_\-]*(?:password|passwd|passphrase)[ \t]*[=:][ \t]*(?P<value>[^\s\x22'`(){}\[\],;.]{3,128})[ \t]*\r?$",
            never,
            never,
            is_bare_password,
        ),
        (PASSWORD, r"--(?:password|passwd)[= ](?P<value>[^\s\x22'`(){}\[\],;]{3,128})", never, never, is_bare_password),
        (
            PASSWORD,
            r"[a-z][a-z0-9+]{1,20}://[^\s:@/\x22'`<>]{1,64}:(?P<value>[^\s:@/\x22'`<>]{3,128})@[A-Za-z0-9\[]",
            never,
            never,
            is_password,
        ),
    ];
    rules
        .into_iter()
        .filter_map(|(kind, regex, not_before, not_after, accept)| {
            Regex::new(regex).ok().map(|regex| Rule { kind, regex, not_before, not_after, accept })
        })
        .collect()
});

static PEM_BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----").ok());

/// What every pattern above has in it: one pass over a text without it is all that most texts need.
static TELLING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let parts = [
        "AKIA|ASIA|PRIVATE KEY|IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|Signature=",
        r"gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft)-|xox[abeoprs]-|hooks\.slack\.com",
        r"(?i:secret|(?:session|security)[_\-]?token|X-Amz-|passw|passphrase|pwd)",
        r"://[^\s/]*@",
    ];
    Regex::new(&parts.join("|")).ok()
});

/// All secrets of `text`, in order, none overlapping another.
pub(super) fn find(text: &str) -> Vec<Found> {
    if TELLING.as_ref().is_some_and(|telling| !telling.is_match(text)) {
        return Vec::new();
    }
    let mut found = private_keys(text);
    for rule in RULES.iter() {
        for captures in rule.regex.captures_iter(text) {
            let Some(value) = captures.name("value").or_else(|| captures.name("single")) else { continue };
            let before = text[..value.start()].chars().next_back();
            let after = text[value.end()..].chars().next();
            if before.is_some_and(rule.not_before)
                || after.is_some_and(rule.not_after)
                || !(rule.accept)(value.as_str())
            {
                continue;
            }
            let prefix = captures.name("prefix").map(|prefix| prefix.as_str().to_owned()).unwrap_or_default();
            found.push(Found { start: value.start(), end: value.end(), kind: rule.kind, prefix });
        }
    }
    merge(found)
}

/// Overlapping finds become one, which takes the kind of the first.
fn merge(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|secret| secret.start);
    let mut merged: Vec<Found> = Vec::with_capacity(found.len());
    for secret in found {
        match merged.last_mut() {
            Some(last) if secret.start < last.end => last.end = last.end.max(secret.end),
            _ => merged.push(secret),
        }
    }
    merged
}

/// PEM blocks, and blocks that were cut off before their end. A bare header, as in code that looks for one, is not a key.
fn private_keys(text: &str) -> Vec<Found> {
    const LONGEST: usize = 16 << 10;
    let Some(begin) = PEM_BEGIN.as_ref() else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    for header in begin.find_iter(text) {
        if found.last().is_some_and(|last| header.start() < last.end) {
            continue;
        }
        let mut limit = text.len().min(header.end() + LONGEST);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let rest = &text[header.end()..limit];
        let body = rest.find("-----END ").map_or_else(|| key_characters(rest), |end| &rest[..end]);
        let longest_run = body.split(|c: char| !base64(c)).map(str::len).max().unwrap_or(0);
        if longest_run < 40 {
            continue;
        }
        let after = &rest[body.len()..];
        let footer = after
            .strip_prefix("-----END ")
            .and_then(|tail| tail.find("-----"))
            .filter(|&length| length < 64)
            .map_or(0, |length| "-----END ".len() + length + "-----".len());
        let end = header.end() + body.len() + footer;
        found.push(Found { start: header.start(), end, kind: PRIVATE_KEY, prefix: String::new() });
    }
    found
}

fn key_characters(rest: &str) -> &str {
    let end = rest
        .find(|c: char| !base64(c) && !c.is_ascii_whitespace() && !matches!(c, '\\' | '"' | '\'' | ',' | '-' | ':'));
    rest[..end.unwrap_or(rest.len())].trim_end()
}

/// The kind of secret that `value` is, going by the name it was given: for structured data, where the two stand apart.
pub(super) fn kind_by_name(name: &str, value: &str) -> Option<&'static str> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let forty = value.len() == 40 && value.chars().all(base64);
    if ["secretaccesskey", "secretkey", "awssecret"].iter().any(|end| name.ends_with(end)) && forty {
        return is_secret_key(value).then_some(SECRET_KEY);
    }
    if ["sessiontoken", "securitytoken"].iter().any(|end| name.ends_with(end)) {
        return (value.len() >= 40 && varied(value) && value.chars().all(|c| base64(c) || c == '%'))
            .then_some(SESSION_TOKEN);
    }
    if ["password", "passwd", "passphrase"].iter().any(|end| name.ends_with(end)) {
        return (value.len() <= 128 && !value.contains(char::is_whitespace) && is_password(value)).then_some(PASSWORD);
    }
    // Of other services: Django's key, an API's, a token.
    if TOKEN_NAMES.iter().any(|end| name.ends_with(end)) {
        let written_out = (12..=4096).contains(&value.len()) && !value.contains(char::is_whitespace);
        let reference = value.starts_with("arn:") || value.contains("{{") || value.contains("${");
        return (written_out && !reference && varied(value) && is_password(value)).then_some(TOKEN);
    }
    None
}

/// How the names end that people give to keys and tokens of services other than AWS.
const TOKEN_NAMES: [&str; 10] = [
    "apikey",
    "apisecret",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "bearertoken",
    "clientsecret",
    "appsecret",
    "secretkey",
    "secretkeybase",
];

fn is_access_key(value: &str) -> bool {
    varied(value) && !value.ends_with("EXAMPLE")
}

/// Mixed as random base64 is: forty hexadecimal digits are a commit id, forty letters are a word.
fn is_secret_key(value: &str) -> bool {
    let has = |test: fn(char) -> bool| value.chars().any(test);
    varied(value)
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && (has(|c| c.is_ascii_digit()) || has(|c| matches!(c, '/' | '+')))
}

/// Not a row of `x`, and not from a documentation page.
fn varied(value: &str) -> bool {
    let distinct: BTreeSet<char> = value.chars().skip(4).collect();
    distinct.len() >= 5 && !value.to_ascii_lowercase().contains("example") && !value.contains("[redacted ")
}

fn is_bare_password(value: &str) -> bool {
    value.contains(|c: char| c.is_ascii_digit()) && value.contains(char::is_alphabetic) && is_password(value)
}

fn is_password(value: &str) -> bool {
    const WORDS: [&str; 22] = [
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "secret",
        "test",
        "dummy",
        "none",
        "null",
        "nil",
        "true",
        "false",
        "str",
        "string",
        "text",
        "value",
        "default",
        "required",
        "undefined",
        "optional",
        "hidden",
    ];
    const PARTS: [&str; 19] = [
        "changeme",
        "change_me",
        "change-me",
        "your",
        "placeholder",
        "example",
        "redacted",
        "todo",
        "xxx",
        "insert",
        "replace",
        "enter",
        "environ",
        "getenv",
        "process.env",
        "mypassword",
        "my_password",
        "my-password",
        "...",
    ];
    let lower = value.to_lowercase();
    let distinct: BTreeSet<char> = lower.chars().collect();
    let reference = ['<', '$', '{', '%', '/', '~', '…'].iter().any(|&sign| lower.starts_with(sign))
        || ["${", "{{", "$(", "%(", "://"].iter().any(|part| lower.contains(part))
        || (lower.starts_with('[') && lower.ends_with(']'))
        || ["./", "../", "arn:", "ssm:", "var."].iter().any(|start| lower.starts_with(start));
    distinct.len() >= 2
        && !reference
        && !WORDS.contains(&lower.as_str())
        && !PARTS.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
#[test]
fn every_pattern_compiles() {
    assert_eq!(RULES.len(), 18);
    assert!(PEM_BEGIN.is_some() && TELLING.is_some());
}
