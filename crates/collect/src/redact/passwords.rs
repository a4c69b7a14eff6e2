//! Whether a value is a password that somebody made up, or what people write in place of one.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::values::{has, varied};

/// A password, one of several words too.
pub(super) fn is_written_password(value: &str) -> bool {
    if value.contains(char::is_whitespace) { is_passphrase(value) } else { is_password(value) }
}

pub(super) fn is_bare_password(value: &str) -> bool {
    has(value, |c| c.is_ascii_digit()) && has(value, char::is_alphabetic) && is_password(value)
}

/// What nobody calls anything by: capitals, small letters and digits, and no path.
pub(super) fn is_strong_password(value: &str) -> bool {
    value.len() >= 8
        && has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && !value.contains(['/', ':'])
        && varied(value)
        && is_bare_password(value)
}

/// `Base64Str`, `Password2FA`: in `login(user: string, password: Base64Str)` no sentence names a password, code names a type.
pub(super) fn is_type_name(value: &str) -> bool {
    static TYPE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:[A-Z]+[a-z]+)+[0-9]{1,3}(?:[A-Z]+[a-z]*)*$").ok());
    TYPE.as_ref().is_some_and(|name| name.is_match(value))
}

pub(super) fn is_password(value: &str) -> bool {
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
    const PARTS: [&str; 14] = [
        "changeme",
        "change_me",
        "change-me",
        "placeholder",
        "example",
        "redacted",
        "xxx",
        "environ",
        "getenv",
        "process.env",
        "mypassword",
        "my_password",
        "my-password",
        "...",
    ];
    // Of a placeholder where a word begins with them: `B3yourself!` is a password.
    const BEGINNINGS: [&str; 5] = ["your", "todo", "insert", "replace", "enter"];
    let lower = value.to_lowercase();
    let distinct: BTreeSet<char> = lower.chars().collect();
    distinct.len() >= 2
        && !is_reference(value, &lower)
        && !WORDS.contains(&lower.as_str())
        && !PARTS.iter().any(|part| lower.contains(part))
        && !BEGINNINGS.iter().any(|word| begins_a_word(value, word))
}

/// What stands for a value that is elsewhere. `$` alone is none: `$NAME`, `${NAME}` and `$(command)` are, `$ecret7Word` is not.
fn is_reference(value: &str, lower: &str) -> bool {
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NAMED_REFERENCE).ok());
    let is_enclosed = |open: char, close: char| lower.starts_with(open) && lower.contains(close);
    NAMED.as_ref().is_some_and(|named| named.is_match(value))
        || is_enclosed('<', '>')
        || is_enclosed('{', '}')
        || (lower.starts_with('[') && lower.ends_with(']'))
        || lower.starts_with(['/', '…'])
        || ["${", "{{", "$(", "%(", "#{", "://"].iter().any(|part| lower.contains(part))
        || ["./", "../", "~/", "arn:", "ssm:", "var."].iter().any(|start| lower.starts_with(start))
}

/// `$NAME`, `$name`, `$camelCase`, `$1`; `$this->name`, `$row[name]`, `$env:NAME`; a hash of crypt's; `%s`, `%NAME%`.
const NAMED_REFERENCE: &str = concat!(
    r"^\$(?:[A-Z_][A-Z0-9_]*|[a-z_]+[0-9]*|[a-z]+(?:[A-Z][a-z]+)+[0-9]*|[0-9@*#?!])$",
    r"|^\$[A-Za-z_][A-Za-z0-9_]*(?:->|\[|::|:[A-Za-z])",
    r"|^\$(?:apr1|2[abxy]|5|6|y|1|argon2id?)\$",
    r"|^%(?:[sdr]$|[A-Za-z_][A-Za-z0-9_]*%)",
);

/// `put-your-key`, `YourKey`, `putYourKey`; not `B3yourself`.
fn begins_a_word(value: &str, word: &str) -> bool {
    let characters: Vec<char> = value.chars().collect();
    let wanted: Vec<char> = word.chars().collect();
    let is_word = |window: &[char]| window.iter().zip(&wanted).all(|(c, wanted)| c.to_ascii_lowercase() == *wanted);
    characters.windows(wanted.len()).enumerate().filter(|(_, window)| is_word(window)).any(|(at, _)| {
        let before = at.checked_sub(1).map(|before| characters[before]);
        before
            .is_none_or(|before| !before.is_alphanumeric() || (before.is_lowercase() && characters[at].is_uppercase()))
    })
}

/// Words that make no sentence and no label: `correct horse battery staple`, `hunter2 Winter!`.
fn is_passphrase(value: &str) -> bool {
    /// Of what forms and their messages say beside a password, in the languages of the courses.
    const PROSE: &str = "password passwords passwort passphrase user username users login email please must invalid \
        wrong incorrect required enter least character characters your the and for not with this \
        that missing forgot forgotten reset change new current old confirm field has have are can \
        too short long repeat match matches does used use same set mot passe est votre les des une \
        pas doit utilisateur nouveau oublié non deve della del con per che utente nuova secret";
    let is_plain = |c: char| c.is_alphanumeric() || " \t!@#%&*_-.,?".contains(c);
    let words: Vec<&str> = value.split_whitespace().collect();
    let is_lower = |word: &&str| word.len() >= 3 && word.chars().all(|c| c.is_ascii_lowercase());
    let is_made_up =
        |word: &&str| word.len() >= 6 && has(word, |c| c.is_ascii_digit()) && has(word, char::is_alphabetic);
    words.len() >= 2
        && value.chars().all(is_plain)
        && !words.iter().any(|word| PROSE.split(' ').any(|said| said == word.to_lowercase()))
        && ((3..=10).contains(&words.len()) && words.iter().all(is_lower) || words.iter().any(is_made_up))
        && is_password(value)
}

#[cfg(test)]
#[test]
fn a_reference_is_no_password_and_a_sign_in_front_makes_none() {
    assert!(Regex::new(NAMED_REFERENCE).is_ok());
    for reference in [
        "$PASSWORD",
        "$password",
        "$dbPassword",
        "${X}",
        "$(pass show x)",
        "$1",
        "$env:DB_PASS",
        "$row[pw]",
        "$this->pw",
        "%s",
        "%DB_PASS%",
        "%(pw)s",
        "{password}",
        "{{ pw }}",
        "<your-password>",
        "~/.pw",
        "/run/secrets/pw",
        "YourPassword1",
        "put_your_password",
        "putYourPassword1",
        "[redacted]",
    ] {
        assert!(!is_password(reference), "{reference}");
    }
    for word in ["$ecretTr0ub4dor", "%Winter7", "~hunter2", "{hunter2", "<hunter2", "B3yourself!7", "Center9Kx"] {
        assert!(is_password(word), "{word}");
    }
}

#[cfg(test)]
#[test]
fn words_of_a_label_are_no_passphrase() {
    for phrase in ["correct horse battery staple", "hunter2 Winter!"] {
        assert!(is_written_password(phrase), "{phrase}");
    }
    for label in [
        "Enter your password",
        "wrong username or password",
        "Mot de passe oublié",
        "La password non coincide",
        "at least eight characters",
        "\" + user2name + \"",
        "New password",
    ] {
        assert!(!is_written_password(label), "{label}");
    }
}
