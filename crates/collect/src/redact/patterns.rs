//! Where the secrets stand in a text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexSet};
use serde::Deserialize;

const SECRET_KEY: &str = "aws secret key";
const SESSION_TOKEN: &str = "aws session token";
const PRIVATE_KEY: &str = "private key";
const PASSWORD: &str = "password";
const TOKEN: &str = "key or token";

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

/// The kinds that are known by their form.
const KINDS: &str = include_str!("kinds.toml");

/// An entry of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    pattern: String,
    telling: String,
    #[serde(default)]
    before: Beside,
    #[serde(default)]
    after: Beside,
    #[serde(default)]
    accept: Accept,
    unless: Option<String>,
}

#[derive(Deserialize)]
struct List {
    kind: Vec<Written>,
}

/// Characters that must not stand beside a value: a longer run is something else.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum Beside {
    #[default]
    Nothing,
    Alphanumeric,
    Word,
    Base64,
}

impl Beside {
    fn has(self, c: char) -> bool {
        match self {
            Self::Nothing => false,
            Self::Alphanumeric => c.is_ascii_alphanumeric(),
            Self::Word => c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
            Self::Base64 => base64(c),
        }
    }
}

/// What is looked at in a value beside its form.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum Accept {
    Any,
    #[default]
    Varied,
    AccessKey,
    SecretKey,
    Mixed,
    Random,
    Password,
    BarePassword,
    Basic,
}

impl Accept {
    fn takes(self, value: &str) -> bool {
        match self {
            Self::Any => !value.contains("[redacted "),
            Self::Varied => varied(value),
            Self::AccessKey => is_access_key(value),
            Self::SecretKey => is_secret_key(value),
            Self::Mixed => varied(value) && has(value, |c| c.is_ascii_digit()) && has(value, char::is_alphabetic),
            Self::Random => is_random(value),
            Self::Password => is_password(value),
            Self::BarePassword => is_bare_password(value),
            Self::Basic => is_basic(value),
        }
    }
}

/// A regular expression that is made once it is needed: a text calls for few of them, and a process reads one repository.
struct Late {
    pattern: String,
    made: OnceLock<Option<Regex>>,
}

impl Late {
    fn of(pattern: String) -> Self {
        Self { pattern, made: OnceLock::new() }
    }

    /// A test holds that all of them can be made.
    fn get(&self) -> Option<&Regex> {
        self.made.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
}

/// A pattern whose group `value` is the secret, once its surroundings and its characters were looked at.
struct Rule {
    kind: String,
    regex: Late,
    before: Beside,
    after: Beside,
    accept: Accept,
    unless: Option<Regex>,
}

/// All rules, and what each has in it: one pass over a text tells which are worth a look.
struct Rules {
    rules: Vec<Rule>,
    telling: Option<RegexSet>,
}

fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// Between a name and its value: quotes, escaped ones and percent-encoded ones too, and an assignment.
const ASSIGNED: &str = r#"(?:\\?["'`]|%2[27])?\]?\s{0,8}(?::\s?[Ss]tr(?:ing)?\s{0,4})?(?::=|=>|=|:|,|%3[AaDd])\s{0,8}[bru]?(?:\\?["'`]|%2[27])?"#;

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    // A test holds that all of it can be read.
    let list: List = toml::from_str(KINDS).unwrap_or(List { kind: Vec::new() });
    let mut telling = Vec::new();
    let mut rules = Vec::new();
    for written in list.kind {
        let regex = Late::of(written.pattern.replace("{assigned}", ASSIGNED));
        let unless = written.unless.as_deref().and_then(|unless| Regex::new(unless).ok());
        let Written { name: kind, before, after, accept, .. } = written;
        telling.push(written.telling);
        rules.push(Rule { kind, regex, before, after, accept, unless });
    }
    Rules { rules, telling: RegexSet::new(telling).ok() }
});

static PEM_BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----").ok());

/// All secrets of `text`, in order, none overlapping another.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = plain(text);
    found.extend(encoded(text));
    merge(found)
}

/// Those that stand there as they are.
fn plain(text: &str) -> Vec<Found> {
    let mut found = if text.contains("PRIVATE KEY") { private_keys(text) } else { Vec::new() };
    let Rules { rules, telling } = &*RULES;
    let Some(telling) = telling else { return found };
    for index in telling.matches(text) {
        let rule = &rules[index];
        let Some(regex) = rule.regex.get() else { continue };
        for captures in regex.captures_iter(text) {
            let Some(value) = captures.name("value").or_else(|| captures.name("single")) else { continue };
            let before = text[..value.start()].chars().next_back();
            let after = text[value.end()..].chars().next();
            let is_other = |unless: &Regex| captures.name("name").is_some_and(|name| unless.is_match(name.as_str()));
            if before.is_some_and(|c| rule.before.has(c))
                || after.is_some_and(|c| rule.after.has(c))
                || !rule.accept.takes(value.as_str())
                || rule.unless.as_ref().is_some_and(is_other)
            {
                continue;
            }
            let prefix = captures.name("prefix").map(|prefix| prefix.as_str().to_owned()).unwrap_or_default();
            found.push(Found { start: value.start(), end: value.end(), kind: &rule.kind, prefix });
        }
    }
    found
}

/// Shorter runs hold no key, longer ones are pictures.
const ENCODED: std::ops::RangeInclusive<usize> = 40..=8192;
/// Runs of one text that are decoded.
const MOST_ENCODED: usize = 200;

/// Those that stand there in Base64: a run that decodes to a text with a secret of a known kind.
fn encoded(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut decoded = 0;
    for run in text.split(|c: char| !base64(c)) {
        // What ended the run before is one character long, of one byte or more.
        let begin = start;
        start += run.len() + text[start + run.len()..].chars().next().map_or(0, char::len_utf8);
        if !ENCODED.contains(&run.len()) || decoded == MOST_ENCODED {
            continue;
        }
        // `TOKEN=` before it is a name, not a part of it.
        let name = run.trim_end_matches('=').rfind('=').map_or(0, |at| at + 1);
        let Some(bytes) = decode(&run[name..]) else { continue };
        decoded += 1;
        if let Ok(inner) = std::str::from_utf8(&bytes)
            && let Some(secret) = plain(inner).into_iter().next()
        {
            found.push(Found { start: begin + name, end: begin + run.len(), kind: secret.kind, prefix: String::new() });
        }
    }
    found
}

/// The bytes of a run of Base64; `None` where it is none.
fn decode(run: &str) -> Option<Vec<u8>> {
    let digits = run.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = ((buffer << 6) | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(((buffer >> bits) & 0xff) as u8);
        }
    }
    (digits.len() % 4 != 1).then_some(bytes)
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
    let lower = name.to_lowercase();
    let is_short_name = ["pass", "pwd", "pw"].iter().any(|short| {
        let before = lower.strip_suffix(short);
        // `compass` is none, `dbPass` is one.
        before.is_some_and(|before| before.is_empty() || before.ends_with(['_', '-', '.'])) || name.ends_with("Pass")
    });
    let name: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let forty = value.len() == 40 && value.chars().all(base64);
    if ["secretaccesskey", "secretkey", "awssecret"].iter().any(|end| name.ends_with(end)) && forty {
        return is_secret_key(value).then_some(SECRET_KEY);
    }
    if ["sessiontoken", "securitytoken"].iter().any(|end| name.ends_with(end)) {
        return (value.len() >= 40 && varied(value) && value.chars().all(|c| base64(c) || c == '%'))
            .then_some(SESSION_TOKEN);
    }
    if PASSWORD_NAMES.iter().any(|end| name.ends_with(end)) || is_short_name {
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

/// How the names of passwords end, in the languages of courses.
const PASSWORD_NAMES: [&str; 7] =
    ["password", "passwd", "passphrase", "passwort", "passcode", "motdepasse", "contraseña"];

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

fn has(value: &str, test: impl Fn(char) -> bool) -> bool {
    value.chars().any(test)
}

fn is_access_key(value: &str) -> bool {
    varied(value) && !value.ends_with("EXAMPLE")
}

/// Mixed as random base64 is: forty hexadecimal digits are a commit id, forty letters are a word.
fn is_secret_key(value: &str) -> bool {
    varied(value)
        && has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && (has(value, |c| c.is_ascii_digit()) || has(value, |c| matches!(c, '/' | '+' | '%')))
}

/// Bits of each character that a random value has at least; words and names have less, or change their case less often.
const RANDOM_BITS: f64 = 3.5;

/// No word, name, path, number or hash: capitals, small letters and digits that change places as nobody writes them.
fn is_random(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let class = |c: char| match c {
        'A'..='Z' => 0,
        'a'..='z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let classes: Vec<u8> = value.chars().map(class).collect();
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    varied(value)
        && digits >= 2
        && has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && !value.starts_with(['/', '.'])
        // A path, not Base64: a slash in sixty-four characters is what to expect.
        && value.matches('/').count() * 8 <= value.len()
        && changes * 4 >= value.len()
        && bits(value) >= RANDOM_BITS
}

/// Shannon's entropy, in bits of a character.
fn bits(value: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    value.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let all = value.chars().count() as f64;
    counts.values().map(|count| f64::from(*count) / all).map(|part| -part * part.log2()).sum()
}

/// Base64 of a name, a colon and a password.
fn is_basic(value: &str) -> bool {
    let text = decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        text.split_once(':').is_some_and(|(name, password)| {
            !name.is_empty() && !text.contains(char::is_control) && password.len() >= 3 && is_password(password)
        })
    })
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
fn every_entry_of_the_list_is_in_use() {
    let list: List = toml::from_str(KINDS).expect("the list");
    for written in &list.kind {
        let pattern = Regex::new(&written.pattern.replace("{assigned}", ASSIGNED)).expect(&written.name);
        assert!(pattern.capture_names().flatten().any(|group| group == "value"), "{}", written.name);
        Regex::new(&written.telling).expect(&written.name);
        // With a word's border all of them are searched by simulation as soon as a text has an accent in it.
        assert!(!written.telling.to_lowercase().contains(r"\b"), "{}", written.telling);
        written.unless.iter().for_each(|unless| drop(Regex::new(unless).expect(&written.name)));
    }
    assert_eq!(RULES.rules.len(), list.kind.len());
    assert!(PEM_BEGIN.is_some() && RULES.telling.is_some());
}

#[cfg(test)]
#[test]
fn base64_is_decoded() {
    assert_eq!(decode("aHVudGVyMg==").as_deref(), Some(&b"hunter2"[..]));
    assert_eq!(decode("aHVudGVy").as_deref(), Some(&b"hunter"[..]));
    assert_eq!(decode("aHVudGVyM"), None);
}
