//! What is looked into of the pairs that are alike: regions, their lines, when they first appeared, commits of both. What
//! reads a repository for it runs in a process of its own, one a team.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use stackmark_collect::tree::BlobId;
use stackmark_collect::{Progress, SharedProgress};
use stackmark_history::{Version, versions};
use stackmark_similar::appearance;
use stackmark_similar::compare::{Class, Comparison};
use stackmark_similar::findings::{CommitRef, NotCompared, PairFinding, RegionFinding, SharedCommit, SideFinding};
use stackmark_similar::regions::{Region, Side, regions};
use stackmark_similar::{Channel, FilePrints};

use super::opened::{Opened, text_of};
use super::{Asked, ended};
use crate::job::TeamJob;
use crate::voice::Voice;
use crate::worker::{self, Unread};

/// The part of the hidden command that looks into a team's side of the regions.
const PART: &str = "details";
/// Lines of a region that the page shows.
const MOST_LINES: usize = 80;
/// Regions of a pair whose lines are shown.
const MOST_SHOWN: usize = 8;
/// Pairs whose lines are shown: a page of some megabytes at most.
const MOST_PAIRS: usize = 60;
/// Contents of one history that are looked into.
const MOST_CONTENTS: usize = 4_000;
/// Commits of a pair that are listed.
const MOST_COMMITS: usize = 50;

/// A team's repository, to be looked into in a process of its own.
pub type DetailTask = worker::Task<OfSides>;

/// The graded folder, and the team's sides of all regions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfSides {
    folder: Option<String>,
    sides: Vec<Wanted>,
}

/// A side of a region that waits for its repository to be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wanted {
    path: String,
    first: u32,
    last: u32,
    hashes: Vec<u64>,
    /// Whether the page shows its lines.
    shown: bool,
}

/// Where the side is.
#[derive(Debug, Clone, Copy)]
struct Place {
    pair: usize,
    region: usize,
    is_a: bool,
}

/// What the process answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Details {
    /// Of each side, in their order.
    sides: Vec<Answer>,
    /// Oldest first; none if a part of the history is not known.
    history: Vec<Told>,
}

/// What a repository says of one side.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    text: Option<String>,
    appeared: Option<CommitRef>,
}

/// A commit, and the change that it is, whatever it was made on.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    commit: CommitRef,
    patch: Option<String>,
}

/// Fills in the regions and commits of `found`, whose teams are at `places`; gives the teams that could not be read for it.
pub(super) fn fill(
    asked: &Asked<'_>,
    jobs: &[TeamJob],
    class: &Class<'_>,
    compared: &[(Channel, Comparison, f64)],
    places: &[(usize, usize)],
    found: &mut [PairFinding],
    voice: &dyn Voice,
) -> Vec<NotCompared> {
    let all: Vec<Vec<(Channel, Region)>> = places
        .par_iter()
        .map(|(a, b)| {
            let (a, b) = (class.entries[*a].prints, class.entries[*b].prints);
            let of_channel = |(channel, comparison, _): &(Channel, Comparison, f64)| {
                let found = regions(a, b, *channel, comparison).into_iter();
                found.map(|region| (*channel, region)).collect::<Vec<_>>()
            };
            compared.iter().flat_map(of_channel).collect()
        })
        .collect();
    for (finding, regions) in found.iter_mut().zip(&all) {
        finding.regions = regions.iter().map(|(channel, region)| finding_of(*channel, region)).collect();
    }
    let mut wanted: BTreeMap<usize, (Vec<Place>, Vec<Wanted>)> = BTreeMap::new();
    for (pair, ((a, b), regions)) in places.iter().zip(&all).enumerate() {
        // Of a past class there are fingerprints only.
        for (team, is_a) in [(*a, true), (*b, false)].into_iter().filter(|(team, _)| *team < jobs.len()) {
            let (of_team, sides) = wanted.entry(team).or_default();
            for (region, (_, it)) in regions.iter().enumerate() {
                let side = if is_a { &it.a } else { &it.b };
                of_team.push(Place { pair, region, is_a });
                sides.push(Wanted {
                    path: side.path.clone(),
                    first: side.first,
                    last: side.last,
                    hashes: it.hashes.clone(),
                    shown: region < MOST_SHOWN && pair < MOST_PAIRS,
                });
            }
        }
    }
    let wanted = wanted.into_iter().collect::<Vec<_>>();
    let read: Vec<(usize, Vec<Place>, Result<Details, String>)> = wanted
        .into_par_iter()
        .map(|(team, (places, sides))| {
            let (progress, ended) = voice.line(&jobs[team].team.id);
            let details = of_team(asked, &jobs[team], sides, progress);
            drop(ended);
            (team, places, details)
        })
        .collect();
    let mut histories: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
    let mut unread = Vec::new();
    for (team, of_team, details) in read {
        match details {
            Ok(details) => {
                for (place, answer) in of_team.into_iter().zip(details.sides) {
                    put(found, place, answer);
                }
                histories.insert(team, details.history);
            }
            Err(why) => unread.push(NotCompared {
                team: jobs[team].team.id.clone(),
                why: format!("compared, but without lines, dates and commits: {why}"),
            }),
        }
    }
    for (finding, (a, b)) in found.iter_mut().zip(places) {
        if let (Some(a), Some(b)) = (histories.get(a), histories.get(b)) {
            finding.commits = commits_of_both(a, b);
        }
    }
    unread
}

fn finding_of(channel: Channel, region: &Region) -> RegionFinding {
    let side = |side: &Side| SideFinding {
        path: side.path.clone(),
        first: side.first,
        last: side.last,
        appeared: None,
        text: None,
    };
    let (a, b) = (side(&region.a), side(&region.b));
    RegionFinding { channel, lines: region.lines(), prints: region.prints, a, b }
}

fn put(found: &mut [PairFinding], place: Place, answer: Answer) {
    let region = found.get_mut(place.pair).and_then(|pair| pair.regions.get_mut(place.region));
    if let Some(region) = region {
        let side = if place.is_a { &mut region.a } else { &mut region.b };
        side.text = answer.text;
        side.appeared = answer.appeared;
    }
}

/// Has one repository read for all regions that it has a side of.
fn of_team(asked: &Asked<'_>, job: &TeamJob, sides: Vec<Wanted>, progress: SharedProgress) -> Result<Details, String> {
    let question = OfSides { folder: job.team.folder.clone(), sides };
    let task = DetailTask { source: job.repository.clone(), limits: asked.limits.clone(), question };
    let answer: Option<Result<Details, Unread>> = ended::ask(asked, job, PART, &task, progress.clone())?;
    Ok(answer.unwrap_or_else(|| details(&task, progress.as_ref()))?)
}

/// Reads one repository for all regions that it has a side of, within this process.
///
/// # Errors
/// What could not be read, in words.
pub fn details(task: &DetailTask, progress: &dyn Progress) -> Result<Details, Unread> {
    let DetailTask { source, limits, question: OfSides { folder, sides } } = task;
    let opened = Opened::of(source, folder.as_deref(), limits, progress)?;
    let texts = texts(&opened, sides)?;
    let base = source.base_commit.as_deref();
    let repository = &opened.obtained.repository;
    let history = versions(repository, &opened.head, base, opened.folder.as_deref(), &opened.counting);
    // A cut history still has lines to show.
    let history = history.unwrap_or_default();
    // Where a part is not known, nothing can be said of what was first.
    let known = if history.unread == 0 { history.versions } else { Vec::new() };
    let hashes = hashes_of(&opened, &known);
    let answers = sides.iter().map(|wanted| {
        let lines = texts.get(&wanted.path).filter(|_| wanted.shown);
        let text = lines.map(|text| lines_of(text, wanted.first, wanted.last));
        let first = appearance::first(hashes.iter().map(Vec::as_slice), &wanted.hashes);
        // A document that is no text has its first commit all the same.
        let first = first
            .or_else(|| known.iter().position(|version| version.changed.iter().any(|file| file.path == wanted.path)));
        Answer { text, appeared: first.map(|at| commit_of(&known[at])) }
    });
    let sides = answers.collect();
    let told = |version: Version| Told { commit: commit_of(&version), patch: version.patch };
    Ok(Details { sides, history: known.into_iter().map(told).collect() })
}

/// The texts of the files that the sides are in, by path.
fn texts(opened: &Opened, sides: &[Wanted]) -> Result<BTreeMap<String, String>, Unread> {
    let mut texts = BTreeMap::new();
    for file in opened.files()? {
        if sides.iter().any(|wanted| wanted.path == file.path)
            && let Ok(Some(text)) = text_of(&opened.blobs(), &file)
        {
            texts.insert(file.path, text);
        }
    }
    Ok(texts)
}

fn lines_of(text: &str, first: u32, last: u32) -> String {
    let (first, last) = (first.max(1) as usize, last as usize);
    let lines: Vec<&str> =
        text.lines().skip(first - 1).take((last + 1 - first.min(last + 1)).min(MOST_LINES)).collect();
    lines.join("\n")
}

/// The fingerprints of what each commit brought, sorted; each content is read once.
fn hashes_of(opened: &Opened, history: &[Version]) -> Vec<Vec<u64>> {
    let mut by_content: BTreeMap<BlobId, Vec<u64>> = BTreeMap::new();
    let blobs = opened.blobs();
    let of_version = |version: &Version| {
        let mut hashes: Vec<u64> = Vec::new();
        for file in &version.changed {
            if !by_content.contains_key(&file.id) && by_content.len() < MOST_CONTENTS {
                let text = text_of(&blobs, file).ok().flatten();
                let prints = text.and_then(|text| FilePrints::of(&file.path, &text));
                let prints = prints.map_or_else(Vec::new, |file| file.prints);
                by_content.insert(file.id, prints.iter().map(|print| print.hash).collect());
            }
            hashes.extend(by_content.get(&file.id).into_iter().flatten());
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    };
    history.iter().map(of_version).collect()
}

fn commit_of(version: &Version) -> CommitRef {
    CommitRef {
        commit: version.commit.clone(),
        author: version.author.name.clone(),
        at: version.authored_at.clone(),
        subject: version.subject.clone(),
    }
}

/// The commits that are in both histories, as they are or by what they change, in the order of the one.
fn commits_of_both(a: &[Told], b: &[Told]) -> Vec<SharedCommit> {
    let mut by_patch: BTreeMap<&str, &Told> = BTreeMap::new();
    for told in b.iter().rev() {
        if let Some(patch) = &told.patch {
            by_patch.insert(patch, told);
        }
    }
    let by_id: BTreeMap<&str, &Told> = b.iter().map(|told| (told.commit.commit.as_str(), told)).collect();
    let pairs = a.iter().filter_map(|told| {
        let same = by_id.get(told.commit.commit.as_str());
        let other = same.or_else(|| by_patch.get(told.patch.as_deref()?))?;
        Some(SharedCommit { a: told.commit.clone(), b: other.commit.clone(), same_commit: same.is_some() })
    });
    pairs.take(MOST_COMMITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_out_of_a_text() {
        assert_eq!(lines_of("a\nb\nc\nd", 2, 3), "b\nc");
        assert_eq!(lines_of("a\nb", 2, 9), "b");
        assert_eq!(lines_of("a\nb", 5, 4), "");
    }
}
