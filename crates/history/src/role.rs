//! What a file is for.

use std::sync::LazyLock;

use regex::Regex;

use super::regex;

/// What a file is for, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Test,
    Doc,
    /// Build, packaging and settings.
    Config,
    Other,
}

static TEST_PATH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(^|/)(tests?|spec|specs|__tests__|testing|test_data|testdata|fixtures)(/|$)|(^|/)test_[^/]*$|[._-](test|spec)s?\.[a-z]+$|conftest\.py$",
    )
});
static DOC_PATH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\.(md|rst|txt|adoc)$|(^|/)docs?/|changelog|changes|news|authors|license|readme"));
static CI_PATH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(^|/)\.(github|circleci|gitlab)|jenkinsfile|travis|appveyor|azure-pipelines|tox\.ini|dockerfile|docker-compose",
    )
});
static CONFIG_PATH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(^|/)(package\.json|cargo\.toml|setup\.py|setup\.cfg|pyproject\.toml|requirements[^/]*|pipfile|makefile|\.[^/]*)$|\.(toml|ini|cfg|yml|yaml|json|lock|conf|env)$",
    )
});

/// What tells tools which files to leave alone; it changes with whatever work is at hand.
pub(super) fn is_ignore_list(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [".gitignore", ".dockerignore", ".npmignore", ".gitkeep", ".gitattributes"].contains(&name)
}

impl Role {
    /// Of the file at `path`.
    pub(super) fn of(path: &str) -> Self {
        let path = path.to_lowercase();
        if TEST_PATH.is_match(&path) {
            Self::Test
        } else if DOC_PATH.is_match(&path) {
            Self::Doc
        } else if !CI_PATH.is_match(&path) && CONFIG_PATH.is_match(&path) {
            Self::Config
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_go_by_path() {
        for (path, role) in [
            ("tests/test_api.py", Role::Test),
            ("src/api.spec.ts", Role::Test),
            ("README.md", Role::Doc),
            ("docs/setup.html", Role::Doc),
            ("pyproject.toml", Role::Config),
            (".github/workflows/ci.yml", Role::Other),
            ("src/main.py", Role::Other),
        ] {
            assert_eq!(Role::of(path), role, "{path}");
        }
    }
}
