//! Which of the candidates is the report.

use std::collections::BTreeMap;

use git2::Repository;

use super::candidates::{ByName, Candidate, Tier, by_name, statement_phrases};
use super::document::{self, Content};
use super::{members, parts, reader, sha256};
use crate::collect::Limits;
use crate::collect::classify::why_excluded;
use crate::collect::code::text::{decode, folded_words};
use crate::collect::tree::{self, TreeFile};
use crate::evidence::report::Part;
use crate::evidence::{Cause, Team, Unreadable};

/// The best by name are opened, no more: a repository may hold thousands of Markdown files.
const MAX_OPENED: usize = 24;
const MAX_OTHERS: usize = 20;
/// A README with fewer words is no report.
const README_WORDS: u64 = 200;
/// A document whose name does not speak for it needs this much to be taken for the report.
const OTHER_WORDS: u64 = 200;
const OTHER_PARTS: u64 = 3;
const LIKELY_WORDS: u64 = 40;
const STATEMENT_PHRASES: usize = 4;
/// Fewer words a page, over so many pages, are slides.
const SLIDE_WORDS: u64 = 60;
const SLIDE_PAGES: u64 = 5;

/// The document taken for the report.
pub(super) struct Chosen {
    pub(super) path: String,
    pub(super) bytes_sha256: String,
    pub(super) content: Content,
    pub(super) parts: BTreeMap<String, Part>,
    pub(super) because: String,
    pub(super) others: Vec<String>,
}

pub(super) enum Choice {
    Found(Box<Chosen>),
    /// What is the report by its name cannot be read.
    Unreadable(Unreadable),
    /// Nothing is; the note says what was looked for.
    None(String),
}

/// A candidate that was opened.
struct Read<'a> {
    file: &'a TreeFile,
    tier: Tier,
    sha256: String,
    content: Content,
    parts: BTreeMap<String, Part>,
    points: i64,
    why: String,
}

pub(super) fn choose(repo: &Repository, files: &[TreeFile], team: &Team, limits: &Limits) -> Choice {
    let mut others: Vec<String> = Vec::new();
    let mut candidates: Vec<(&TreeFile, Candidate)> = Vec::new();
    for file in files.iter().filter(|file| !file.link) {
        let excluded = why_excluded(&file.path, None);
        if excluded == Some("vendored") {
            continue;
        }
        match by_name(&file.path) {
            // LaTeX is often built into a folder for generated files; other documents there are nobody's work.
            ByName::Candidate(candidate) if excluded == Some("generated") && candidate.tier < Tier::Strong => {}
            ByName::Candidate(candidate) => candidates.push((file, candidate)),
            ByName::Something(kind) => others.push(format!("{}: {kind}", file.path)),
            ByName::NoDocument => {}
        }
    }
    // A README further down is about that folder, and often some tool's own.
    let depth = |file: &TreeFile| file.path.matches('/').count();
    let top = candidates.iter().filter(|(_, c)| c.tier == Tier::Readme).map(|(file, _)| depth(file)).min();
    candidates.retain(|(file, candidate)| candidate.tier != Tier::Readme || Some(depth(file)) == top);
    candidates.sort_by_key(|(file, candidate)| {
        (
            std::cmp::Reverse((candidate.tier, candidate.in_report_folder)),
            file.path.matches('/').count(),
            file.path.clone(),
        )
    });
    for (file, _) in candidates.drain(candidates.len().min(MAX_OPENED)..) {
        others.push(format!("{}: not opened, as {MAX_OPENED} others come first by name", file.path));
    }

    let mut read: Vec<Read<'_>> = Vec::new();
    let mut failed: Vec<(Tier, Unreadable)> = Vec::new();
    for (file, candidate) in candidates {
        match open(repo, files, file, &candidate, team, limits) {
            Opened::Read(document) => read.push(*document),
            Opened::Rejected(why) => others.push(format!("{}: {why}", file.path)),
            Opened::Failed(failure) => {
                others.push(failure.detail.clone());
                failed.push((candidate.tier, failure));
            }
        }
    }
    read.sort_by(|a, b| (b.tier, b.points).cmp(&(a.tier, a.points)).then_with(|| a.file.path.cmp(&b.file.path)));

    // The report's own name on a file that does not open: another document would be graded in its place.
    let best = read.first().map(|document| document.tier);
    if let Some((_, failure)) = failed.into_iter().find(|(tier, _)| *tier >= Tier::Likely && Some(*tier) > best) {
        return Choice::Unreadable(failure);
    }
    let mut read = read.into_iter();
    let Some(chosen) = read.next() else {
        return Choice::None(nothing_found(&others));
    };
    others.extend(read.map(|document| format!("{}: {}", document.file.path, document.why)));
    others.sort();
    others.truncate(MAX_OTHERS);
    Choice::Found(Box::new(Chosen {
        path: chosen.file.path.clone(),
        bytes_sha256: chosen.sha256,
        because: format!("{}: {}", chosen.tier.in_words(), chosen.why),
        content: chosen.content,
        parts: chosen.parts,
        others,
    }))
}

fn nothing_found(others: &[String]) -> String {
    let mut note =
        "no .md, .pdf, .docx, .tex or .txt file looks like a report; put it at report.md or report.pdf".to_owned();
    if !others.is_empty() {
        let mut others = others.to_vec();
        others.sort();
        others.truncate(5);
        note.push_str(&format!(" (looked at {})", others.join("; ")));
    }
    note
}

enum Opened<'a> {
    Read(Box<Read<'a>>),
    Rejected(String),
    Failed(Unreadable),
}

fn open<'a>(
    repo: &Repository,
    files: &[TreeFile],
    file: &'a TreeFile,
    candidate: &Candidate,
    team: &Team,
    limits: &Limits,
) -> Opened<'a> {
    let bytes = match bytes_of(repo, file, limits) {
        Ok(bytes) => bytes,
        Err(failure) => return Opened::Failed(failure),
    };
    let sha256 = sha256(&bytes);
    let content = if candidate.extension == "tex" {
        let source = decode(&bytes);
        if !document::is_main_latex(&source) {
            return Opened::Rejected("a chapter of another LaTeX document".to_owned());
        }
        document::latex(&source, &|path| included(repo, files, &file.path, path, limits))
    } else {
        reader::read(&candidate.extension, bytes, &limits.documents)
    };
    let content = match content {
        Ok(content) => content,
        Err(failure) => {
            let detail = format!("{}: {}", file.path, failure.detail);
            return Opened::Failed(Unreadable::new(failure.cause, detail));
        }
    };
    let parts = parts::find(&content);
    let (in_headings, in_text) = parts::count(&parts);
    if let Some(why) = why_not(candidate.tier, &content, in_headings + in_text) {
        return Opened::Rejected(why);
    }
    let named = members::find(&content, team).named.len();
    let depth = file.path.matches('/').count() as i64;
    let finished = i64::from(matches!(candidate.extension.as_str(), "pdf" | "docx"));
    let points = 8 * in_headings as i64
        + 4 * in_text as i64
        + 5 * named as i64
        + (content.words / 100).min(20) as i64
        + 10 * i64::from(candidate.in_report_folder)
        + 3 * finished
        - 2 * depth;
    let members = if named == 0 { String::new() } else { format!(", {} named", count_of(named as u64, "member")) };
    let why = format!(
        "{points} points ({} of {} parts, {in_headings} of them in headings{members}, {} words)",
        in_headings + in_text,
        parts.len(),
        content.words
    );
    Opened::Read(Box::new(Read { file, tier: candidate.tier, sha256, content, parts, points, why }))
}

fn bytes_of(repo: &Repository, file: &TreeFile, limits: &Limits) -> Result<Vec<u8>, Unreadable> {
    if file.size > limits.file_bytes {
        let detail = format!("{}: {} bytes, more than the {} that are read", file.path, file.size, limits.file_bytes);
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    tree::read(repo, file)
}

/// A file that a LaTeX document includes, relative to the document's folder.
fn included(repo: &Repository, files: &[TreeFile], main: &str, path: &str, limits: &Limits) -> Option<String> {
    let folder = main.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let path = format!("{folder}{}", path.trim().trim_start_matches("./"));
    let with_extension = format!("{path}.tex");
    let file = files.iter().find(|file| !file.link && (file.path == path || file.path == with_extension))?;
    bytes_of(repo, file, limits).ok().map(|bytes| decode(&bytes))
}

fn count_of(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Why a document is not the report, by what it says.
fn why_not(tier: Tier, content: &Content, parts: u64) -> Option<String> {
    let words = content.words;
    match tier {
        Tier::Strong => return None,
        Tier::Readme if words < README_WORDS => return Some(format!("a README of {}", count_of(words, "word"))),
        Tier::Other if words < OTHER_WORDS || parts < OTHER_PARTS => {
            return Some(format!("{}, {} of a report", count_of(words, "word"), count_of(parts, "part")));
        }
        Tier::Likely if words < LIKELY_WORDS => return Some(format!("only {}", count_of(words, "word"))),
        _ => {}
    }
    let all: Vec<String> = content.lines.iter().flat_map(|line| folded_words(&line.text)).collect();
    // A README may well tell its reader what to do.
    let phrases = if tier == Tier::Readme { STATEMENT_PHRASES + 2 } else { STATEMENT_PHRASES };
    if statement_phrases(&all) >= phrases {
        return Some("reads as an assignment statement".to_owned());
    }
    let pages = content.pages.filter(|&pages| pages >= SLIDE_PAGES && words / pages < SLIDE_WORDS)?;
    Some(format!("reads as slides: {words} words on {pages} pages"))
}
