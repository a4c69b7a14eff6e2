//! How a file is read, by its name and its first line.

use serde::{Deserialize, Serialize};

/// What a file is compared with: code with code, prose with prose; each is weighed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Programs and scripts.
    Code,
    /// Infrastructure: Terraform, YAML, Dockerfiles. A copied stack beside a program of one's own stays a copied stack.
    Infrastructure,
    /// Reports and other text for people.
    Prose,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Python, the cells of a notebook with it.
    Python,
    /// Terraform.
    Hcl,
    /// Shell scripts.
    Shell,
    /// JavaScript, and TypeScript with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// YAML.
    Yaml,
    /// Dockerfiles.
    Dockerfile,
    /// Rust.
    Rust,
    /// Any other language, by its words and signs.
    Plain,
    /// Text for people.
    Prose,
}

/// Endings of languages that no grammar is at hand for.
const PLAIN: &[&str] = &[
    "java", "kt", "scala", "go", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php", "pl", "lua", "swift", "r", "sql",
    "ps1", "groovy", "ex", "exs", "dart", "vue", "svelte", "css", "scss", "html", "jinja", "j2", "conf", "nginx",
    "bicep",
];

impl Kind {
    /// How the file at `path` is read that begins with `text`; `None` if it is not compared.
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        if name == "dockerfile" || name == "containerfile" || name.starts_with("dockerfile.") {
            return Some(Self::Dockerfile);
        }
        if matches!(name.as_str(), "makefile" | "jenkinsfile" | "vagrantfile") {
            return Some(Self::Plain);
        }
        let extension = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension,
            _ => return of_shebang(text),
        };
        Some(match extension {
            "py" | "pyw" | "ipynb" => Self::Python,
            "tf" | "tfvars" | "hcl" => Self::Hcl,
            "sh" | "bash" | "zsh" => Self::Shell,
            "js" | "jsx" | "mjs" | "cjs" | "tsx" => Self::JavaScript,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "yaml" | "yml" => Self::Yaml,
            "rs" => Self::Rust,
            "md" | "markdown" | "rst" | "adoc" | "tex" | "typ" => Self::Prose,
            _ if PLAIN.contains(&extension) => Self::Plain,
            _ => return None,
        })
    }

    /// What it is compared with.
    pub fn channel(self) -> Channel {
        match self {
            Self::Prose => Channel::Prose,
            Self::Hcl | Self::Yaml | Self::Dockerfile => Channel::Infrastructure,
            Self::Python | Self::Shell | Self::JavaScript | Self::TypeScript | Self::Rust | Self::Plain => {
                Channel::Code
            }
        }
    }
}

fn of_shebang(text: &str) -> Option<Kind> {
    let line = text.lines().next()?.strip_prefix("#!")?;
    if line.contains("python") {
        return Some(Kind::Python);
    }
    if line.contains("node") {
        return Some(Kind::JavaScript);
    }
    let is_shell = line.split(['/', ' ']).any(|word| matches!(word, "sh" | "bash" | "dash" | "zsh" | "ksh"));
    is_shell.then_some(Kind::Shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_by_their_names() {
        for (path, kind) in [
            ("src/main.PY", Some(Kind::Python)),
            ("infra/main.tf", Some(Kind::Hcl)),
            ("a/Dockerfile.prod", Some(Kind::Dockerfile)),
            ("docs/report.md", Some(Kind::Prose)),
            ("App.java", Some(Kind::Plain)),
            ("data.csv", None),
            (".gitignore", None),
        ] {
            assert_eq!(Kind::of(path, ""), kind, "{path}");
        }
        assert_eq!(Kind::of("deploy", "#!/usr/bin/env bash\n"), Some(Kind::Shell));
        assert_eq!(Kind::of("run", "#!/usr/bin/python3\n"), Some(Kind::Python));
        assert_eq!(Kind::of("LICENSE", "MIT"), None);
    }
}
