//! Whether a secret that was found is a leak: a question of the mark alone. What is redacted does not ask it.
//!
//! A key whose form its maker publishes is a leak wherever it is. A password is none where it opens nothing that anybody
//! else can reach: in a test, in an example to copy, in a container that runs on the developer's own machine.

use std::ops::Range;

use super::SecretHit;

/// What a secret opens, going by its kind, its value and what is beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// A key or a token of a known form: whatever its maker lets it open.
    Account,
    /// A password or a random value: what it opens depends on where it is.
    Something,
    /// The password with which everybody starts a database on their own machine: `postgres`, or the user's name again.
    Local,
    /// No password: `pass = "met"`, or one that `localhost` takes.
    Nothing,
}

impl Opens {
    /// Of a kind alone, where the value is not at hand.
    pub fn of_kind(kind: &str) -> Self {
        if GENERIC.contains(&kind) { Self::Something } else { Self::Account }
    }

    /// Of the value that is at a place of a text.
    pub(super) fn of(kind: &str, text: &str, value: Range<usize>) -> Self {
        if kind != PASSWORD {
            return Self::of_kind(kind);
        }
        let written = &text[value.clone()];
        let around = around(text, &value);
        if is_verdict(text, &value, &around) {
            return Self::Nothing;
        }
        if !is_default(written) && !is_name_beside(written, &around) {
            return Self::Something;
        }
        let host = text[value.end..].strip_prefix('@').unwrap_or_default();
        let is_here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| host.starts_with(here));
        if is_here { Self::Nothing } else { Self::Local }
    }

    /// Whether it is a leak in the file of that path.
    pub fn is_leak_in(self, path: &str) -> bool {
        let place = Place::of(path);
        match self {
            Self::Account => true,
            Self::Something => !matches!(place, Place::Test | Place::Example),
            Self::Local => place == Place::Anywhere,
            Self::Nothing => false,
        }
    }
}

impl SecretHit {
    /// Whether it is a leak in the file of that path. It is redacted there in any case.
    pub fn is_leak_in(&self, path: &str) -> bool {
        self.opens.is_leak_in(path)
    }
}

const PASSWORD: &str = "password";
/// Kinds that people write themselves; every other one is known by its form.
const GENERIC: [&str; 4] = [PASSWORD, "password hash", "basic credentials", "key or token"];

/// What a file is for, going by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Test,
    /// To be copied and filled in.
    Example,
    /// It starts containers for the developer or for one run of CI.
    Container,
    Anywhere,
}

impl Place {
    fn of(path: &str) -> Self {
        const TESTS: [&str; 15] = [
            "test",
            "tests",
            "__tests__",
            "testing",
            "spec",
            "specs",
            "fixture",
            "fixtures",
            "__fixtures__",
            "testdata",
            "test-data",
            "test_data",
            "e2e",
            "mocks",
            "__mocks__",
        ];
        const EXAMPLES: [&str; 4] = ["example", "examples", "sample", "samples"];
        let lower = path.to_lowercase();
        let mut folders: Vec<&str> = lower.split('/').collect();
        let name = folders.pop().unwrap_or_default();
        let within = |names: &[&str]| folders.iter().any(|folder| names.contains(folder));
        let words: Vec<&str> = name.split(['.', '-', '_']).filter(|word| !word.is_empty()).collect();
        let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        // `envs/test/` is deployed.
        let is_environment = folders.iter().any(|folder| folder.starts_with("env"));
        if (within(&TESTS) && !is_environment) || is_test(path, &words) {
            return Self::Test;
        }
        if within(&EXAMPLES) || says(&EXAMPLES) || is_to_fill_in(name, &words) {
            return Self::Example;
        }
        let is_yaml = matches!(words.last(), Some(&("yml" | "yaml")));
        let is_compose = is_yaml && says(&["compose"]) && !says(&["prod", "production", "deploy", "staging", "live"]);
        if is_compose && says(&["dev", "development", "local", "override", "test", "tests", "testing", "ci"]) {
            return Self::Test;
        }
        let is_of_ci = is_yaml && (within(&["workflows"]) || matches!(name, ".gitlab-ci.yml" | ".travis.yml"));
        if is_compose || is_of_ci || within(&[".devcontainer"]) { Self::Container } else { Self::Anywhere }
    }
}

/// `test_login.py`, `login_test.go`, `login.spec.ts`, `tests.py`, `LoginTest.java`, `.env.test`. `test.tfvars` is deployed.
fn is_test(path: &str, words: &[&str]) -> bool {
    let Some((kind, stem)) = words.split_last() else { return false };
    let is_of_a_stage = matches!(*kind, "tf" | "tfvars" | "hcl" | "yml" | "yaml");
    let is_env = stem.first() == Some(&"env") && matches!(*kind, "test" | "testing");
    let ends: Vec<&str> = stem.first().into_iter().chain(stem.last()).copied().collect();
    let is_named = ends.iter().any(|word| matches!(*word, "test" | "tests" | "conftest"))
        || (matches!(*kind, "ts" | "tsx" | "js" | "jsx" | "mjs" | "rb" | "py") && ends.contains(&"spec"));
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_capitals = name.split_once('.').is_some_and(|(stem, kind)| {
        let rest = stem.strip_suffix("Tests").or_else(|| stem.strip_suffix("Test"));
        matches!(kind, "java" | "kt" | "cs" | "scala" | "php" | "swift")
            && rest.is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()))
    });
    is_env || in_capitals || (is_named && !is_of_a_stage)
}

/// `.env.template`, `config.dist.php`, `phpunit.xml.dist`. `template.yml` is CloudFormation's, `user_data.sh.tpl` is run.
fn is_to_fill_in(name: &str, words: &[&str]) -> bool {
    let is_config = name.starts_with('.')
        || words.first().is_some_and(|word| matches!(*word, "env" | "config" | "settings" | "secrets" | "credentials"));
    words.contains(&"dist") || (is_config && words.iter().any(|word| matches!(*word, "template" | "tpl" | "defaults")))
}

/// Lines before and after a value that say what it belongs to.
const BESIDE: usize = 4;
/// Bytes before and after it that are looked at: a file can be one line with a thousand passwords.
const NEAR: usize = 600;

/// The lines around a value, its own among them.
fn around<'t>(text: &'t str, value: &Range<usize>) -> Vec<&'t str> {
    let first = text.ceil_char_boundary(value.start.saturating_sub(NEAR));
    let last = text.floor_char_boundary((value.end + NEAR).min(text.len()));
    let own = text[first..value.start].rfind('\n').map_or(first, |at| first + at + 1);
    let end = text[value.end..last].find('\n').map_or(last, |at| value.end + at);
    let mut lines: Vec<&str> = text[first..own].lines().rev().take(BESIDE).collect();
    lines.push(&text[own..end]);
    lines.extend(text[end..last].lines().skip(1).take(BESIDE));
    lines
}

/// `pass = "met"`, `{ pass: "green" }`: a bare `pass` is a password's name beside somebody to log in only, and a word then
/// is a verdict's, a colour's or a label's.
fn is_verdict(text: &str, value: &Range<usize>, around: &[&str]) -> bool {
    const LOGIN: [&str; 9] = ["user", "login", "auth", "host", "smtp", "mail", "account", "database", "connect"];
    let written = &text[value.clone()];
    let is_lower = written.chars().all(|c| c.is_lowercase() || matches!(c, '-' | '_'));
    let is_upper = written.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '_'));
    let before = text[..value.start].trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '\n'));
    let name = before.rsplit(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).next().unwrap_or_default();
    (is_lower || is_upper)
        && name.eq_ignore_ascii_case("pass")
        && !around.iter().map(|line| line.to_lowercase()).any(|line| LOGIN.iter().any(|word| line.contains(word)))
}

/// What databases and their pictures in tutorials start with: `postgres`, `root123`, `devpass`.
fn is_default(value: &str) -> bool {
    const WORDS: [&str; 42] = [
        "postgres",
        "postgresql",
        "root",
        "rootpass",
        "rootpassword",
        "rootpw",
        "admin",
        "administrator",
        "adminpass",
        "user",
        "userpass",
        "userpassword",
        "username",
        "mysql",
        "mysqlpassword",
        "mariadb",
        "mongo",
        "mongodb",
        "redis",
        "redispass",
        "rabbit",
        "rabbitmq",
        "guest",
        "minio",
        "minioadmin",
        "dev",
        "devpass",
        "devpassword",
        "development",
        "local",
        "localpass",
        "localhost",
        "db",
        "dbpass",
        "dbpassword",
        "database",
        "test",
        "testpass",
        "testpassword",
        "password",
        "pass",
        "secret",
    ];
    let lower = value.to_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '@'));
    let word: String = word.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    // `1234` alone is what a person types who means none.
    WORDS.contains(&word.as_str()) || (word.is_empty() && "1234567890".starts_with(lower.as_str()))
}

/// `POSTGRES_USER: shop` beside `POSTGRES_PASSWORD: shop`.
fn is_name_beside(value: &str, around: &[&str]) -> bool {
    around.iter().any(|line| {
        let Some((name, given)) = line.split_once([':', '=']) else { return false };
        let name = name.trim().trim_matches(['"', '\'']).to_lowercase();
        ["user", "username", "_db", "database"].iter().any(|end| name.ends_with(end))
            && given.trim().trim_end_matches(',').trim_matches(['"', '\'']) == value
    })
}

#[cfg(test)]
mod tests;
