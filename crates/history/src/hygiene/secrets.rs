//! Secrets of the graded tree and of every commit, each once, with the commit that brought it.
//!
//! Of files that count, the lines that a commit added are searched, as the walk has them at hand; of a merge, those that
//! stand in none of its parents. Generated files, data and notebooks are set aside there; they are searched here, whole, and
//! each content once, however often it was committed: a Terraform state or a notebook's output gives keys away as well as
//! code does. Other people's libraries and lock files are not searched. A password that opens nothing where it is, as in a
//! test, is none: each place of it is asked for itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use git2::{Oid, Repository, Tree};
use rayon::prelude::*;

use super::super::contents::Contents;
use super::super::dates::rfc3339;
use super::super::diff::{CommitDiff, MAX_FILE_BYTES, OUTSIDE};
use super::super::diff::{ExcludedFile, Status};
use super::super::hunk::LineKind;
use super::super::lines::line_hash;
use super::super::merge::MergedFile;
use super::super::paths;
use super::super::printed::{EXAMPLES, printable};
use super::super::record::{Record, Sighting};
use crate::tree::id_of;
use stackmark_collect::classify::{LOCK_FILE, why_excluded};
use stackmark_collect::counting::Counting;
use stackmark_collect::redact::{SecretHit, find_secrets};
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::closed::WhyNotSearched;
use stackmark_evidence::git::{NotSearched, Place, Secret};
use stackmark_evidence::{Cause, Unreadable};

/// Where a NUL byte makes a file binary, as for git.
const BINARY_BYTES: usize = 8_000;
/// Contents beyond this many bytes are not searched: small packs can hold terabytes of zeros.
const MAX_SEARCHED_BYTES: u64 = 1 << 30;
const MAX_PLACES: usize = 5;

/// Secrets on the lines that a commit added to files that count.
pub(in super::super) fn added_secrets(diff: &CommitDiff) -> Vec<Sighting> {
    let mut found = Vec::new();
    let mut text = String::new();
    for file in &diff.files {
        for hunk in &file.hunks {
            // Lines around are searched along: a secret may be known by its neighbour, and begin above what changed.
            text.clear();
            let mut added = Vec::new();
            for line in hunk.lines.iter().filter(|line| line.kind != LineKind::Deleted) {
                added.push(line.kind == LineKind::Added);
                text.push_str(line.text);
                text.push('\n');
            }
            if !added.contains(&true) {
                continue;
            }
            for mut hit in find_secrets(&text).into_iter().filter(|hit| hit.is_leak_in(&file.path)) {
                let lines = hit.line as usize - 1..(hit.last_line as usize).min(added.len());
                if added[lines].contains(&true) {
                    hit.line += hunk.start.max(1) - 1;
                    found.push(Sighting { path: file.path.clone(), hit });
                }
            }
        }
    }
    found
}

/// Secrets on lines that a merge wrote itself: of each file, those that stand in no parent's version.
///
/// # Errors
/// Where a content is missing or damaged.
pub(in super::super) fn merged_secrets(
    repo: &Repository,
    contents: &mut Contents<'_>,
    tree: &Tree<'_>,
    merged: &[MergedFile],
) -> Result<Vec<Sighting>, git2::Error> {
    let mut found = Vec::new();
    for file in merged {
        let (Some(own), Some(id)) = (file.own_lines(), paths::blob(repo, tree, &file.path)) else { continue };
        let own: HashSet<u64> = own.lines.iter().filter(|line| !line.is_blank()).map(|line| line.hash()).collect();
        let content = contents.read(id)?;
        let is_own: Vec<bool> =
            content.content().split(|byte| *byte == b'\n').map(|line| own.contains(&line_hash(line))).collect();
        let hits = find_secrets(&String::from_utf8_lossy(content.content()));
        let hits = hits.into_iter().filter(|hit| hit.is_leak_in(&file.path)).filter(|hit| {
            let lines = hit.line as usize - 1..(hit.last_line as usize).min(is_own.len());
            is_own.get(lines).is_some_and(|lines| lines.contains(&true))
        });
        found.extend(hits.map(|hit| Sighting { path: file.path.clone(), hit }));
    }
    Ok(found)
}

/// A content that is to be searched.
struct Content<'h> {
    id: Oid,
    bytes: u64,
    path: &'h str,
    /// Index of the oldest commit that holds it; `None` for one of the graded tree.
    commit: Option<usize>,
}

/// Where a secret was first, and where it is.
#[derive(Default)]
struct Seen {
    /// Index of the commit, path and hit; the oldest commit has the highest index.
    first: Option<(usize, String, SecretHit)>,
    now: BTreeSet<(String, u64)>,
    /// Any place of it says that it is invented.
    marked: bool,
    hit_now: Option<(String, SecretHit)>,
}

/// All secrets, those that are still there first, and what could not be searched.
///
/// # Errors
/// `Malformed` where a file of the graded tree cannot be read.
pub(super) fn find(
    repo: &Repository,
    commits: &[&Record],
    graded: &[TreeFile],
    counting: &Counting,
) -> Result<(Vec<Secret>, Vec<NotSearched>), Unreadable> {
    let mut left_out: BTreeMap<WhyNotSearched, BTreeSet<&str>> = BTreeMap::new();
    let mut contents: Vec<Content<'_>> = Vec::new();
    for file in graded.iter().filter(|file| !file.link && !is_of_others(counting.why_excluded(&file.path, None))) {
        if file.size > MAX_FILE_BYTES {
            left_out.entry(WhyNotSearched::TooLarge).or_default().insert(&file.path);
        } else {
            contents.push(Content { id: id_of(file), bytes: file.size, path: &file.path, commit: None });
        }
    }
    contents.extend(of_history(commits, counting, &mut left_out));
    let mut total = 0_u64;
    let mut known = BTreeSet::new();
    contents.retain(|content| {
        total = total.saturating_add(if known.insert(content.id) { content.bytes } else { 0 });
        if total > MAX_SEARCHED_BYTES {
            left_out.entry(WhyNotSearched::PastLimit).or_default().insert(content.path);
        }
        total <= MAX_SEARCHED_BYTES
    });

    let hits = search(repo, &contents);
    let mut seen: BTreeMap<u64, Seen> = BTreeMap::new();
    for content in &contents {
        let found = match (hits.get(&content.id), content.commit) {
            (Some(Ok(found)), _) => found,
            (Some(Err(error)), None) => {
                return Err(Unreadable::new(Cause::Malformed, format!("{}: {error}", content.path)));
            }
            _ => {
                left_out.entry(WhyNotSearched::Unreadable).or_default().insert(content.path);
                continue;
            }
        };
        for hit in found.iter().filter(|hit| hit.is_leak_in(content.path)) {
            let seen = seen.entry(hit.fingerprint).or_default();
            match content.commit {
                Some(commit) => seen.in_commit(commit, content.path, hit),
                None => seen.in_graded(content.path, hit),
            }
        }
    }
    for (index, commit) in commits.iter().enumerate() {
        for sighting in &commit.change.secrets {
            seen.entry(sighting.hit.fingerprint).or_default().in_commit(index, &sighting.path, &sighting.hit);
        }
    }
    let mut secrets: Vec<Secret> = seen.into_values().filter_map(|seen| seen.told(commits)).collect();
    secrets.sort_by(|a, b| {
        (!a.still_there, &a.path, a.line, &a.kind, &a.redacted).cmp(&(
            !b.still_there,
            &b.path,
            b.line,
            &b.kind,
            &b.redacted,
        ))
    });
    let not_searched = (left_out.into_iter())
        .map(|(reason, paths)| NotSearched {
            reason,
            files: paths.len() as u64,
            examples: paths.iter().take(EXAMPLES).map(|path| printable(path)).collect(),
        })
        .collect();
    Ok((secrets, not_searched))
}

impl Seen {
    fn in_commit(&mut self, commit: usize, path: &str, hit: &SecretHit) {
        self.marked |= hit.marked;
        let earlier = self.first.as_ref().is_none_or(|(first, at, known)| {
            (std::cmp::Reverse(commit), path, hit.line) < (std::cmp::Reverse(*first), at.as_str(), known.line)
        });
        if earlier {
            self.first = Some((commit, path.to_owned(), hit.clone()));
        }
    }

    fn in_graded(&mut self, path: &str, hit: &SecretHit) {
        self.marked |= hit.marked;
        self.now.insert((printable(path), hit.line));
        self.hit_now.get_or_insert_with(|| (path.to_owned(), hit.clone()));
    }

    fn told(self, commits: &[&Record]) -> Option<Secret> {
        let commit = self.first.as_ref().map(|(commit, _, _)| commits[*commit]);
        let (path, hit) = self.first.map(|(_, path, hit)| (path, hit)).or(self.hit_now)?;
        Some(Secret {
            kind: hit.kind.to_owned(),
            path: printable(&path),
            line: hit.line,
            redacted: hit.redacted,
            commit: commit.map(|commit| commit.id.to_string()),
            committed_at: commit.map(|commit| rfc3339(commit.committed)),
            still_there: !self.now.is_empty(),
            marked: self.marked,
            places: self.now.into_iter().take(MAX_PLACES).map(|(path, line)| Place { path, line }).collect(),
        })
    }
}

/// Contents that the walk set aside, each under the oldest commit that holds it; newest commits first.
fn of_history<'h>(
    commits: &[&'h Record],
    counting: &Counting,
    left_out: &mut BTreeMap<WhyNotSearched, BTreeSet<&'h str>>,
) -> Vec<Content<'h>> {
    let mut oldest: BTreeMap<Oid, Content<'h>> = BTreeMap::new();
    for (index, commit) in commits.iter().copied().enumerate() {
        for file in commit.change.excluded.iter().filter(|file| is_searched(file, counting)) {
            match file.bytes {
                None => drop(left_out.entry(WhyNotSearched::Unreadable).or_default().insert(&file.path)),
                Some(bytes) if bytes > MAX_FILE_BYTES => {
                    left_out.entry(WhyNotSearched::TooLarge).or_default().insert(&file.path);
                }
                Some(bytes) => {
                    let content = Content { id: file.id, bytes, path: &file.path, commit: Some(index) };
                    oldest.insert(file.id, content);
                }
            }
        }
    }
    let mut contents: Vec<Content<'h>> = oldest.into_values().collect();
    contents.sort_by_key(|content| (content.commit, content.path));
    contents
}

fn is_of_others(reason: Option<&str>) -> bool {
    matches!(reason, Some("vendored" | LOCK_FILE))
}

/// Whether a file that does not count may hold a secret in text.
fn is_searched(file: &ExcludedFile, counting: &Counting) -> bool {
    let gone =
        file.status == Status::Deleted || matches!(file.reason, "symbolic link" | "submodule") || file.id.is_zero();
    // What is outside of the graded folder was not looked at closer.
    let reason = if file.reason == OUTSIDE { counting.why_excluded(&file.path, None) } else { Some(file.reason) };
    // Pictures and archives are binary by their name; keys and UTF-16 texts are not.
    let picture = reason == Some("binary")
        && why_excluded(&file.path, None) == Some("binary")
        && !file.path.to_ascii_lowercase().ends_with(".key");
    !gone && !picture && !is_of_others(reason)
}

/// What each content holds, on all processors; an error says why it could not be read.
fn search(repo: &Repository, contents: &[Content<'_>]) -> HashMap<Oid, Result<Vec<SecretHit>, String>> {
    let ids: BTreeSet<Oid> = contents.iter().map(|content| content.id).collect();
    let ids: Vec<Oid> = ids.into_iter().collect();
    let path = repo.path();
    let found: Vec<(Oid, Result<Vec<SecretHit>, String>)> = (ids.par_iter())
        .with_min_len(16)
        .map_init(
            || Repository::open(path),
            |handle, id| {
                let found = match handle {
                    Ok(handle) => handle.find_blob(*id).map_err(|error| error.message().to_owned()),
                    Err(error) => Err(error.message().to_owned()),
                };
                (*id, found.map(|blob| text_of(blob.content()).map(|text| find_secrets(&text)).unwrap_or_default()))
            },
        )
        .collect();
    found.into_iter().collect()
}

/// Text in UTF-8, or in UTF-16 with its mark; `None` for anything binary.
fn text_of(content: &[u8]) -> Option<String> {
    match content {
        [0xff, 0xfe, rest @ ..] => Some(from_utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(from_utf16(rest, u16::from_be_bytes)),
        _ if content[..content.len().min(BINARY_BYTES)].contains(&0) => None,
        _ => Some(String::from_utf8_lossy(content).into_owned()),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
