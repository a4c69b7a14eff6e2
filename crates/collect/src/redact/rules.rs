//! The kinds that are known by their form: a list, and what each of its words means.

use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexSet};
use serde::Deserialize;

use super::base64::base64;
use super::passwords::{is_bare_password, is_strong_password, is_type_name, is_written_password};
use super::values::{has, is_access_key, is_basic, is_hexadecimal, is_random, is_secret_key, varied};

/// The kinds that are known by their form. Those that a maker marks come first: the others are less sure of what they are.
const KINDS: [&str; 3] = [include_str!("services.toml"), include_str!("kinds.toml"), include_str!("passwords.toml")];

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
pub(super) enum Beside {
    #[default]
    Nothing,
    Alphanumeric,
    Word,
    Base64,
}

impl Beside {
    pub(super) fn has(self, c: char) -> bool {
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
pub(super) enum Accept {
    Any,
    #[default]
    Varied,
    AccessKey,
    SecretKey,
    Mixed,
    Random,
    Hexadecimal,
    Password,
    BarePassword,
    StrongPassword,
    ProsePassword,
    Basic,
}

impl Accept {
    pub(super) fn takes(self, value: &str) -> bool {
        match self {
            Self::Any => !value.contains("[redacted "),
            Self::Varied => varied(value),
            Self::AccessKey => is_access_key(value),
            Self::SecretKey => is_secret_key(value),
            Self::Mixed => varied(value) && has(value, |c| c.is_ascii_digit()) && has(value, char::is_alphabetic),
            Self::Random => is_random(value),
            Self::Hexadecimal => is_hexadecimal(value),
            Self::Password => is_written_password(value),
            Self::BarePassword => is_bare_password(value),
            Self::StrongPassword => is_strong_password(value),
            Self::ProsePassword => is_strong_password(value) && !is_type_name(value),
            Self::Basic => is_basic(value),
        }
    }
}

/// A regular expression that is made once it is needed: a text calls for few of them, and a process reads one repository.
pub(super) struct Late {
    pattern: String,
    made: OnceLock<Option<Regex>>,
}

impl Late {
    fn of(pattern: String) -> Self {
        Self { pattern, made: OnceLock::new() }
    }

    /// A test holds that all of them can be made.
    pub(super) fn get(&self) -> Option<&Regex> {
        self.made.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
}

/// A pattern whose group `value` is the secret, once its surroundings and its characters were looked at.
pub(super) struct Rule {
    pub(super) kind: String,
    pub(super) regex: Late,
    pub(super) before: Beside,
    pub(super) after: Beside,
    pub(super) accept: Accept,
    pub(super) unless: Option<Regex>,
}

/// All rules, and what each has in it: one pass over a text tells which are worth a look.
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) telling: Option<RegexSet>,
}

/// Between a name and its value: quotes, escaped ones and percent-encoded ones too, and an assignment; the same in a
/// Markdown that has the name in bold, in a row of a table or in an element of XML.
const ASSIGNED: &str = r#"(?:\\?["'`]|%2[27]|&quot;)?\]?\*{0,2}\s{0,8}(?::\s?[Ss]tr(?:ing)?\s{0,4})?(?::=|=>|=|＝|:|,|\||>|%3[AaDd])\*{0,2}\s{0,8}[bru]?\(?(?:\\?["'`]|%2[27]|&quot;)?"#;
/// No more than a blank, as in `aws configure set NAME VALUE`: for a name and a value that leave no doubt.
const BLANK: &str = r#"["'`]?\s{1,8}["'`]?"#;

/// A password's name, whole: `DB_PASSWORD`, `db.password`, `/app/db/password`, `dbPass`. Where it is used, case is not looked at.
const PASSWORD: &str = r"(?:[a-z0-9_.\-/]{0,60}(?:password|passwd|passphrase|passwort|passcode|mot_?de_?passe|contrase[nñ]a|parola_?(?:chiave|segreta)|pwd)|(?:[a-z0-9_.\-/]{1,60}[_\-./])?(?:pass|pw)|[a-z0-9]{1,40}(?-i:Pass))";

/// The pattern of an entry, with what its words stand for.
fn pattern_of(written: &str) -> String {
    written
        .replace("{beside}", &format!("(?:{{assigned}}|{BLANK})"))
        .replace("{assigned}", ASSIGNED)
        .replace("{password}", PASSWORD)
}

fn kinds() -> Result<Vec<Written>, toml::de::Error> {
    let lists: Result<Vec<List>, _> = KINDS.into_iter().map(toml::from_str).collect();
    Ok(lists?.into_iter().flat_map(|list: List| list.kind).collect())
}

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    // A test holds that all of it can be read.
    let list = kinds().unwrap_or_default();
    let mut telling = Vec::new();
    let mut rules = Vec::new();
    for written in list {
        let regex = Late::of(pattern_of(&written.pattern));
        let unless = written.unless.as_deref().and_then(|unless| Regex::new(unless).ok());
        let Written { name: kind, before, after, accept, .. } = written;
        telling.push(written.telling);
        rules.push(Rule { kind, regex, before, after, accept, unless });
    }
    Rules { rules, telling: RegexSet::new(telling).ok() }
});

#[cfg(test)]
#[test]
fn every_entry_of_the_list_is_in_use() {
    let list = kinds().expect("the lists");
    for written in &list {
        let pattern = Regex::new(&pattern_of(&written.pattern)).expect(&written.name);
        assert!(pattern.capture_names().flatten().any(|group| group == "value"), "{}", written.name);
        Regex::new(&written.telling).expect(&written.name);
        // With a word's border all of them are searched by simulation as soon as a text has an accent in it.
        assert!(!written.telling.to_lowercase().contains(r"\b"), "{}", written.telling);
        written.unless.iter().for_each(|unless| drop(Regex::new(unless).expect(&written.name)));
    }
    assert_eq!(RULES.rules.len(), list.len());
    assert!(RULES.telling.is_some());
}
