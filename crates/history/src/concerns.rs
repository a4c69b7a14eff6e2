//! Which concerns a commit touches, by the paths of its files and by what changed in them.

use std::sync::LazyLock;

use regex::Regex;

use super::regex;
use super::units::Unit;

/// Concerns as the evidence has them; the reports' languages have a word for each.
pub(super) const CONCERNS: [&str; 9] = [
    "application",
    "infrastructure",
    "deployment",
    "interface",
    "database",
    "tests",
    "documentation",
    "configuration",
    "formatting",
];

/// A concern below this part of the changed lines is a companion of the others.
const MIN_SHARE: f64 = 0.02;

/// First that fits; paths in lower case.
static BY_PATH: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("tests", r"(^|/)(tests?|specs?|__tests__|testing|test_data|testdata|fixtures)(/|$)|(^|/)test_[^/]*$|[._-](test|spec)s?\.[a-z]+$|conftest\.py$"),
        ("deployment", r"(^|/)\.(github|circleci|gitlab)|jenkinsfile|travis|azure-pipelines|(^|/)(docker|container)file|docker-compose|(^|/)compose\.ya?ml$|\.dockerfile$|(^|/)(k8s|kubernetes|helm|ansible)/|\.(sh|bash|ps1|bat)$"),
        ("infrastructure", r"\.(tf|tfvars|hcl|bicep)$|(^|/)(terraform|infra|infrastructure|cloudformation|cdk)(/|$)|user[-_]?data"),
        ("documentation", r"\.(md|rst|txt|adoc|tex)$|(^|/)docs?/|changelog|(^|/)(changes|news|authors|license|readme)"),
        ("database", r"\.sql$|(^|/)migrations?/"),
        ("interface", r"\.(html?|css|s[ac]ss|less|jinja2?|j2|njk|ejs|hbs|twig|vue|svelte|jsx|tsx)$"),
        ("configuration", r"(^|/)(setup\.py|requirements[^/]*|pipfile|makefile|\.[^/]*)$|\.(toml|ini|cfg|ya?ml|json|conf|env|properties|xml)$"),
    ]
    .into_iter()
    .map(|(concern, pattern)| (concern, regex(pattern)))
    .collect()
});

/// Of the file at `path`.
fn of_path(path: &str) -> &'static str {
    let path = path.to_lowercase();
    if path.ends_with("requirements.txt") {
        return "configuration";
    }
    BY_PATH.iter().find(|(_, pattern)| pattern.is_match(&path)).map_or("application", |(concern, _)| *concern)
}

/// The concerns of a commit, the one with the most lines first; equal ones in the order of [`CONCERNS`].
pub(super) fn of(units: &[Unit]) -> Vec<String> {
    let mut lines = [0_u64; CONCERNS.len()];
    for unit in units {
        let concern = if unit.formatting { "formatting" } else { of_path(&unit.path) };
        if let Some(index) = CONCERNS.iter().position(|known| *known == concern) {
            lines[index] += unit.lines;
        }
    }
    let total: u64 = lines.iter().sum();
    let mut found: Vec<(u64, &str)> = (lines.into_iter().zip(CONCERNS))
        .filter(|(lines, _)| *lines > 0 && *lines as f64 >= MIN_SHARE * total as f64)
        .collect();
    found.sort_by_key(|(lines, _)| std::cmp::Reverse(*lines));
    found.into_iter().map(|(_, concern)| concern.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_concern() {
        for (path, concern) in [
            ("src/app.py", "application"),
            ("infra/main.tf", "infrastructure"),
            ("scripts/deploy.sh", "deployment"),
            ("Dockerfile", "deployment"),
            (".github/workflows/ci.yml", "deployment"),
            ("templates/index.html", "interface"),
            ("db/schema.sql", "database"),
            ("tests/test_app.py", "tests"),
            ("README.md", "documentation"),
            ("requirements.txt", "configuration"),
            ("app/settings.yaml", "configuration"),
        ] {
            assert_eq!(of_path(path), concern, "{path}");
            assert!(CONCERNS.contains(&concern));
        }
    }
}
