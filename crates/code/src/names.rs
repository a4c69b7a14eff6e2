//! What the name of a file tells of its language, and its first line where the name says nothing.

use tokei::LanguageType;

use super::source::file_name;

/// Of a notebook, the cells are what counts.
pub(super) fn is_notebook(path: &str) -> bool {
    path.ends_with(".ipynb") && !path.contains(".ipynb_checkpoints/")
}

/// The library's own detection by path would open the file on disk.
pub(super) fn language_by_name(path: &str) -> Option<LanguageType> {
    let name = file_name(path).to_ascii_lowercase();
    match name.as_str() {
        "dockerfile" | "containerfile" => return Some(LanguageType::Dockerfile),
        // The recipes of `just` are written as those of `make`.
        "makefile" | "gnumakefile" | "justfile" | ".justfile" => return Some(LanguageType::Makefile),
        "cmakelists.txt" => return Some(LanguageType::CMake),
        "rakefile" | "gemfile" | "vagrantfile" => return Some(LanguageType::Ruby),
        "jenkinsfile" => return Some(LanguageType::Groovy),
        _ if name.starts_with("dockerfile.") => return Some(LanguageType::Dockerfile),
        _ => {}
    }
    let (stem, extension) = name.rsplit_once('.')?;
    if stem.is_empty() {
        return None;
    }
    match extension {
        "just" => Some(LanguageType::Makefile),
        "tf" | "tofu" | "tfvars" | "hcl" => Some(LanguageType::Hcl),
        "template" if stem.ends_with(".yaml") || stem.ends_with(".yml") => Some(LanguageType::Yaml),
        _ => LanguageType::from_file_extension(extension),
    }
}

pub(super) fn language_by_shebang(text: &str) -> Option<LanguageType> {
    let line = text.lines().next()?.strip_prefix("#!")?;
    let mut words = line.split_whitespace();
    let mut program = file_name(words.next()?);
    if program == "env" {
        program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    }
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match program {
        "sh" | "dash" | "ash" | "ksh" => Some(LanguageType::Sh),
        "bash" => Some(LanguageType::Bash),
        "zsh" => Some(LanguageType::Zsh),
        "python" => Some(LanguageType::Python),
        "node" => Some(LanguageType::JavaScript),
        "ruby" => Some(LanguageType::Ruby),
        "perl" => Some(LanguageType::Perl),
        _ => None,
    }
}

/// Written for people: the README's and the report's readings see to it.
pub(crate) fn is_prose(language: LanguageType) -> bool {
    use LanguageType as L;
    matches!(
        language,
        L::Markdown | L::Text | L::ReStructuredText | L::AsciiDoc | L::Org | L::Tex | L::Djot | L::Typst | L::Mdx
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_name_or_shebang() {
        assert_eq!(language_by_name("a/Dockerfile"), Some(LanguageType::Dockerfile));
        assert_eq!(language_by_name("infra/main.tf"), Some(LanguageType::Hcl));
        assert_eq!(language_by_name("RUN.SH"), Some(LanguageType::Sh));
        assert_eq!(language_by_name("Justfile"), Some(LanguageType::Makefile));
        assert_eq!(language_by_name("ci/aws.just"), Some(LanguageType::Makefile));
        assert_eq!(language_by_name(".gitignore"), None);
        assert_eq!(language_by_shebang("#!/usr/bin/env python3.11\n"), Some(LanguageType::Python));
        assert_eq!(language_by_shebang("#!/bin/bash -e\n"), Some(LanguageType::Bash));
        assert_eq!(language_by_shebang("plain words\n"), None);
    }
}
