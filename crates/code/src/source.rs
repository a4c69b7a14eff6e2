//! Which files are source, in which language.

use std::collections::BTreeMap;

use tokei::LanguageType;

use super::text;
use stackmark_collect::Limits;
use stackmark_collect::classify::{HEAD_BYTES, LFS_POINTER, why_excluded_by_content};
use stackmark_collect::notebook::{MAX_BYTES, is_notebook};
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::Unreadable;
use stackmark_evidence::code::LeftOut;

/// Nobody writes a megabyte of source by hand.
const MAX_SOURCE_BYTES: u64 = 1 << 20;
const MAX_EXAMPLES: usize = 5;

/// One file's text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) language: LanguageType,
    /// Decoded, lines ended by `\n`.
    pub(super) text: String,
}

/// All source files, sorted by path, and what was left out.
pub(super) struct Sources {
    pub(super) files: Vec<Source>,
    pub(super) left_out: BTreeMap<String, LeftOut>,
}

impl Sources {
    /// # Errors
    /// `Malformed` where a blob is missing or damaged.
    pub(super) fn gather(blobs: &dyn Blobs, tree: &[TreeFile], limits: &Limits) -> Result<Self, Unreadable> {
        let mut sources = Self { files: Vec::new(), left_out: BTreeMap::new() };
        for file in tree {
            match source(blobs, file, limits)? {
                Ok(source) => sources.files.push(source),
                Err(why) => {
                    let left_out = sources.left_out.entry(why.to_owned()).or_default();
                    left_out.files += 1;
                    if left_out.examples.len() < MAX_EXAMPLES {
                        left_out.examples.push(file.path.clone());
                    }
                }
            }
        }
        sources.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(sources)
    }
}

/// The file's text, or why it is no source.
fn source(blobs: &dyn Blobs, file: &TreeFile, limits: &Limits) -> Result<Result<Source, &'static str>, Unreadable> {
    if file.link {
        return Ok(Err("symbolic link"));
    }
    if let Some(why) = file.aside {
        return Ok(Err(why));
    }
    let by_name = language_by_name(&file.path);
    if by_name.is_some_and(is_prose) {
        return Ok(Err("prose"));
    }
    let has_extension = file_name(&file.path).trim_start_matches('.').contains('.');
    if by_name.is_none() && has_extension {
        return Ok(Err("not a programming language"));
    }
    // What a notebook printed is no part of what somebody wrote.
    let most = if is_notebook(&file.path) { MAX_BYTES } else { MAX_SOURCE_BYTES };
    if file.size > most.min(limits.file_bytes) {
        return Ok(Err("too large to be written by hand"));
    }
    let bytes = blobs.read(file)?;
    let text = text::decode(&bytes);
    // UTF-16 is half NUL bytes: binary to git, text to those who wrote it.
    let content = if text::is_utf16(&bytes) { text.as_bytes() } else { &bytes };
    let head = &content[..content.len().min(HEAD_BYTES)];
    // The outputs of a notebook may look like anything.
    let by_content = why_excluded_by_content(&file.path, head);
    if let Some(why) = by_content.filter(|why| *why == LFS_POINTER || !is_notebook(&file.path)) {
        return Ok(Err(why));
    }
    let Some(language) = by_name.or_else(|| language_by_shebang(&text)) else {
        return Ok(Err("not a programming language"));
    };
    Ok(Ok(Source { path: file.path.clone(), language, text }))
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The library's own detection by path would open the file on disk.
fn language_by_name(path: &str) -> Option<LanguageType> {
    let name = file_name(path).to_ascii_lowercase();
    match name.as_str() {
        "dockerfile" | "containerfile" => return Some(LanguageType::Dockerfile),
        "makefile" | "gnumakefile" => return Some(LanguageType::Makefile),
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
        "tf" | "tfvars" | "hcl" => Some(LanguageType::Hcl),
        "template" if stem.ends_with(".yaml") || stem.ends_with(".yml") => Some(LanguageType::Yaml),
        _ => LanguageType::from_file_extension(extension),
    }
}

fn language_by_shebang(text: &str) -> Option<LanguageType> {
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
fn is_prose(language: LanguageType) -> bool {
    use LanguageType as L;
    matches!(
        language,
        L::Markdown | L::Text | L::ReStructuredText | L::AsciiDoc | L::Org | L::Tex | L::Djot | L::Typst | L::Mdx
    )
}

/// Formats in which nobody writes comments.
pub(super) fn is_documented_in_comments(language: LanguageType) -> bool {
    use LanguageType as L;
    !matches!(language, L::Json | L::Html | L::Xml | L::Svg | L::Css | L::Jupyter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_name_or_shebang() {
        assert_eq!(language_by_name("a/Dockerfile"), Some(LanguageType::Dockerfile));
        assert_eq!(language_by_name("infra/main.tf"), Some(LanguageType::Hcl));
        assert_eq!(language_by_name("RUN.SH"), Some(LanguageType::Sh));
        assert_eq!(language_by_name(".gitignore"), None);
        assert_eq!(language_by_shebang("#!/usr/bin/env python3.11\n"), Some(LanguageType::Python));
        assert_eq!(language_by_shebang("#!/bin/bash -e\n"), Some(LanguageType::Bash));
        assert_eq!(language_by_shebang("plain words\n"), None);
    }
}
