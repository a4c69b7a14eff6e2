//! Which files are none of a team's own work by what they begin with, whatever their names say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::classify::is_written;

/// How much of a file's beginning [`crate::classify::why_excluded`] wants to see: enough to know a large text from a
/// small one.
pub const HEAD_BYTES: usize = 64 << 10;

/// Where a NUL byte makes a file binary, as for git.
const BINARY_BYTES: usize = 8_000;

/// Lines at the top in which a generator signs its output.
const MARKER_LINES: usize = 6;

/// What Git LFS leaves in place of a file.
const LFS_POINTER_START: &[u8] = b"version https://git-lfs.github.com/spec/";
/// A pointer is three or four short lines.
const LFS_POINTER_BYTES: usize = 1024;

/// Why a pointer of Git LFS does not count: the file is elsewhere.
pub const LFS_POINTER: &str = "Git LFS pointer";
/// Why a file named like text does not count that holds no text in an encoding that is read.
pub const UNDECODABLE: &str = "undecodable text";

/// Why a file does not count that comes word for word from elsewhere and that nearly every repository has: licences, ignore
/// lists and settings that a forge or a tool offers as a template.
pub const BOILERPLATE: &str = "boilerplate";

/// Lines with text at the top of a licence in which it says that it is one.
const LICENCE_LINES: usize = 12;

/// Whether a content is what Git LFS leaves in place of a file.
pub fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() <= LFS_POINTER_BYTES && content.starts_with(LFS_POINTER_START)
}

/// The size that such a pointer names.
pub fn size_in_pointer(pointer: &[u8]) -> Option<u64> {
    String::from_utf8_lossy(pointer).lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok())
}

/// Why a file does not count whose path does not speak against it; `head` as for [`crate::classify::why_excluded`].
pub fn why_excluded_by_content(path: &str, head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    if is_lfs_pointer(head) {
        return Some(LFS_POINTER);
    }
    if head[..head.len().min(BINARY_BYTES)].contains(&0) {
        return Some(if is_written(path) { UNDECODABLE } else { "binary" });
    }
    let start = String::from_utf8_lossy(head);
    let lower = path.to_ascii_lowercase();
    if is_signed_by_a_generator(&lower, &start) {
        return Some("generated");
    }
    if is_licence(&lower, &start) {
        return Some(BOILERPLATE);
    }
    if is_page_of_a_tool(&lower, &start) {
        return Some("generated");
    }
    let is_json = lower.ends_with(".json");
    if is_json && is_declaration(&start) {
        return None;
    }
    if is_json && is_in_a_data_folder(&lower) {
        return Some("data");
    }
    if head.len() == HEAD_BYTES && [".txt", ".json", ".xml", ".crdownload"].iter().any(|end| lower.ends_with(end)) {
        return Some("data");
    }
    if (lower.ends_with(".txt") && is_table_of_numbers(&start)) || (is_json && is_data_json(&start)) {
        return Some("data");
    }
    (may_hold_measurements(&lower) && is_measurements(&start, is_json)).then_some("data")
}

/// A licence's own words as the beginning of a line near the top. Sources quote them in a comment, and a README may end
/// with them, below what the team wrote.
fn is_licence(lower_path: &str, text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "permission is hereby granted",
        "permission to use, copy, modify, and",
        "redistribution and use in source and binary forms",
        "everyone is permitted to copy and distribute",
        "terms and conditions for use, reproduction, and distribution",
        "this is free and unencumbered software",
        "mozilla public license version",
        "mozilla public license, version",
        "eclipse public license - v",
        "creative commons legal code",
        "boost software license - version",
    ];
    let name = lower_path.rsplit('/').next().unwrap_or(lower_path);
    let is_prose = [".txt", ".md", ".rst", ".adoc"].iter().any(|end| name.ends_with(end));
    let is_bare = !name.contains('.') && !is_written(lower_path);
    if !(is_prose || is_bare) || name.starts_with("readme") {
        return false;
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LICENCE_LINES);
    lines.map(str::to_lowercase).any(|line| {
        // Of a heading or a quotation in prose; elsewhere a sign before the words makes them a comment.
        let line = line.trim_start_matches(|c: char| is_prose && !c.is_alphanumeric());
        WORDS.iter().any(|words| line.starts_with(words))
    })
}

/// A page that a tool for loads or tests writes, by its title.
fn is_page_of_a_tool(lower_path: &str, text: &str) -> bool {
    const TITLES: [&str; 5] = ["locust", "test report for ", "apache jmeter", "pytest", "lighthouse report"];
    if ![".html", ".htm"].iter().any(|end| lower_path.ends_with(end)) {
        return false;
    }
    let lower = text.to_lowercase();
    let title = lower.split_once("<title>").map(|(_, rest)| rest.trim_start());
    title.is_some_and(|title| TITLES.iter().any(|start| title.starts_with(start)))
}

/// Prose, in which a heading or a list speaks about generated files more often than it is one.
const PROSE: [&str; 6] = [".md", ".markdown", ".rst", ".txt", ".adoc", ".tex"];

/// Whether a generator claims the file in its first lines: `Code generated by protoc. DO NOT EDIT.` and its kin, as a
/// comment's claim and not a sentence about it.
fn is_signed_by_a_generator(lower_path: &str, text: &str) -> bool {
    const COMMENTS: [char; 10] = ['#', '/', '*', '<', ';', '-', '"', '\'', '%', '('];
    let prose = PROSE.iter().any(|end| lower_path.ends_with(end));
    let head: Vec<String> = (text.lines().take(MARKER_LINES))
        .map(|line| line.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase())
        .filter(
            |line| {
                if prose { line.starts_with("<!--") || line.starts_with('%') } else { line.starts_with(COMMENTS) }
            },
        )
        .collect();
    // The claim and the warning may stand on two lines.
    let warns = head.iter().any(|line| is_do_not_edit(line));
    head.iter().any(|line| is_generator_mark(line) || (warns && names_a_generator(line)) || is_bare_do_not_edit(line))
}

/// What generators write of themselves, in lower case: as a line's beginning, since "the key is generated by AWS" is said
/// of something else.
fn is_generator_mark(line: &str) -> bool {
    const CLAIMS: [&str; 16] = [
        "code generated by",
        "this file is generated",
        "this file was generated",
        "this file has been generated",
        "this file is automatically generated",
        "this file was automatically generated",
        "this file is auto-generated",
        "this file was auto-generated",
        "this file is autogenerated",
        "this code was generated",
        "this class was generated",
        "file generated by",
        "generated by django",
        "generated by the protocol buffer compiler",
        "mysql dump",
        "postgresql database dump",
    ];
    let claim = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    // What an assistant wrote is a fact about the work, no reason to leave it out.
    !names_an_assistant(line)
        && (line.contains("@generated")
            || is_compiled_template(line)
            || CLAIMS.iter().any(|words| claim.starts_with(words))
            || says_generated(claim))
}

/// `Auto-generated by …`, `Generated code, do not touch`, and not "auto-generated passwords are read from SSM", which is
/// about something else than the file.
fn says_generated(claim: &str) -> bool {
    const WORDS: [&str; 5] =
        ["generated code", "automatically generated", "auto-generated", "auto generated", "autogenerated"];
    const HOW: [&str; 8] = ["by", "from", "with", "using", "on", "at", "do", "don't"];
    const WHAT: [&str; 12] = [
        "file",
        "code",
        "source",
        "documentation",
        "types",
        "bindings",
        "stubs",
        "client",
        "schema",
        "module",
        "header",
        "wrapper",
    ];
    WORDS.iter().filter_map(|words| claim.strip_prefix(words)).any(|rest| {
        let is_told_apart = rest.starts_with(|c: char| !c.is_whitespace() && !c.is_alphanumeric());
        let mut words = rest.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let first = words.next().unwrap_or_default();
        let is_how = first.is_empty() || HOW.contains(&first);
        is_told_apart || is_how || WHAT.contains(&first) || words.any(|word| WHAT.contains(&word))
    })
}

/// `/* Smarty version 3.1.33, created on 2021-04-06 10:11:12`.
fn is_compiled_template(line: &str) -> bool {
    line.contains("smarty version") && line.contains("created on")
}

fn names_a_generator(line: &str) -> bool {
    const WORDS: [&str; 6] = ["generated", "autogen", "compiled from", "compiled by", "created by", "exported by"];
    const BY_PEOPLE: [&str; 3] = ["generated by hand", "created by hand", "generated manually"];
    !names_an_assistant(line)
        && !BY_PEOPLE.iter().any(|words| line.contains(words))
        && WORDS.iter().any(|word| line.contains(word))
}

fn names_an_assistant(line: &str) -> bool {
    ["chatgpt", "copilot", "claude", "gemini", "codex", "cursor", "openai", "gpt-"]
        .iter()
        .any(|name| line.contains(name))
}

fn is_do_not_edit(line: &str) -> bool {
    [
        "do not edit",
        "don't edit",
        "do not modify",
        "do not change",
        "ne pas modifier",
        "ne pas éditer",
        "non modificare",
    ]
    .iter()
    .any(|warning| line.contains(warning))
}

/// The warning alone, said of the whole file: `# DO NOT EDIT`, and not `# do not edit below this line`.
fn is_bare_do_not_edit(line: &str) -> bool {
    let words = line.trim_matches(|c: char| !c.is_alphanumeric());
    [
        "do not edit",
        "do not edit this file",
        "do not edit manually",
        "do not edit by hand",
        "do not edit this file manually",
        "do not edit this file by hand",
        "do not edit this file directly",
        "do not modify this file",
    ]
    .contains(&words)
}

/// Files that a program may have written its measurements to: text without a format of its own, and JSON.
fn may_hold_measurements(lower_path: &str) -> bool {
    const ENDS: [&str; 10] =
        [".txt", ".text", ".json", ".res", ".result", ".results", ".trace", ".stats", ".perf", ".bench"];
    let name = lower_path.rsplit('/').next().unwrap_or(lower_path);
    let numbered = name.rsplit_once('.').is_some_and(|(_, end)| end.bytes().all(|byte| byte.is_ascii_digit()));
    // A name without an end is Hadoop's `part-00000`, and `Dockerfile`, whose lines are not alike.
    !name.contains('.') || numbered || ENDS.iter().any(|end| name.ends_with(end))
}

/// Nearly all lines are a few forms again and again, numbers aside: `power=1.0 mW` twenty times is a log of
/// measurements, whatever its size. A format with brackets and keys, as JSON, needs more of them.
fn is_measurements(text: &str, structured: bool) -> bool {
    const TIMES: usize = 20;
    let mut forms: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        lines += 1;
        *forms.entry(without_numbers(line)).or_default() += 1;
    }
    let repeated = || forms.iter().filter(|(_, times)| **times >= TIMES);
    let covered: usize = repeated().map(|(_, times)| times).sum();
    let with_numbers: usize = repeated().filter(|(form, _)| form.contains('#')).map(|(_, times)| times).sum();
    let (share, of_numbers) = if structured { (9, 3) } else { (8, 2) };
    lines >= TIMES && covered * 10 >= lines * share && with_numbers * of_numbers >= lines
}

/// The line with `#` for each word that holds a digit, and for a row of such words.
fn without_numbers(line: &str) -> String {
    let mut form = String::with_capacity(line.len());
    let mut word = String::new();
    // What stands between two numbers, and nothing but separators.
    let mut gap: Option<String> = None;
    for c in line.trim().chars().chain(std::iter::once('\n')) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            if gap.take().is_none() {
                form.push('#');
            }
            gap = Some(String::new());
        } else if !word.is_empty() {
            form.push_str(&gap.take().unwrap_or_default());
            form.push_str(&word);
        }
        word.clear();
        if (c.is_whitespace() || ",;|.:-+/".contains(c))
            && let Some(gap) = &mut gap
        {
            gap.push(c);
        } else {
            form.push_str(&gap.take().unwrap_or_default());
            form.push(c);
        }
    }
    form
}

/// Most lines hold no letter: a graph's edges, a matrix, measurements.
fn is_table_of_numbers(text: &str) -> bool {
    const ENOUGH: usize = 20;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let numeric = lines.iter().filter(|line| !line.chars().any(char::is_alphabetic)).count();
    lines.len() >= ENOUGH && numeric * 10 >= lines.len() * 9
}

/// Whether JSON declares something: a template of CloudFormation, a policy, an interface, a task. Forty instances are as alike
/// as forty measurements.
fn is_declaration(text: &str) -> bool {
    static SIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r#""(?:AWSTemplateFormatVersion|openapi|swagger|containerDefinitions|mainSteps|StartAt)"\s*:"#,
            r#"|"Type"\s*:\s*"AWS::|"Statement"\s*:\s*[\[{]"#
        ))
        .ok()
    });
    SIGNS.as_ref().is_some_and(|signs| signs.is_match(text))
}

fn is_in_a_data_folder(lower_path: &str) -> bool {
    let folders = lower_path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| matches!(folder, "data" | "dataset" | "datasets"))
}

/// A list of records, or everything on one long line: no configuration is written so.
fn is_data_json(text: &str) -> bool {
    const LONG: usize = 4_000;
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default();
    first.len() >= LONG || (text.starts_with('[') && text.len() >= LONG)
}

#[cfg(test)]
#[test]
fn lines_that_differ_in_their_numbers_have_one_form() {
    assert_eq!(without_numbers("(4, [13, 16, 19])"), without_numbers("(9, [1])"));
    assert_ne!(without_numbers("launch 4 nodes"), without_numbers("stop 4 nodes"));
}
