//! What is looked into of the pairs that are alike: regions, their lines, when they first appeared, commits of both.

use std::collections::BTreeMap;

use rayon::prelude::*;
use stackmark_collect::Limits;
use stackmark_collect::tree::BlobId;
use stackmark_history::{Version, versions};
use stackmark_similar::appearance;
use stackmark_similar::compare::{Class, Comparison};
use stackmark_similar::findings::{CommitRef, PairFinding, RegionFinding, SharedCommit, SideFinding};
use stackmark_similar::regions::{Region, Side, regions};
use stackmark_similar::{Channel, FilePrints};

use super::Asked;
use super::read::{Opened, text_of};
use crate::job::TeamJob;
use crate::voice::Voice;

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

/// A side of a region that waits for its repository to be read.
struct Wanted<'r> {
    pair: usize,
    region: usize,
    is_a: bool,
    side: &'r Side,
    hashes: &'r [u64],
}

/// What one repository says of one side.
struct Answer {
    pair: usize,
    region: usize,
    is_a: bool,
    text: Option<String>,
    appeared: Option<CommitRef>,
}

/// Fills in the regions and commits of `found`, whose teams are at `places`.
pub(super) fn fill(
    asked: &Asked<'_>,
    jobs: &[TeamJob],
    class: &Class<'_>,
    compared: &[(Channel, Comparison, f64)],
    places: &[(usize, usize)],
    found: &mut [PairFinding],
    voice: &dyn Voice,
) {
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
    let mut wanted: BTreeMap<usize, Vec<Wanted<'_>>> = BTreeMap::new();
    for (pair, ((a, b), regions)) in places.iter().zip(&all).enumerate() {
        for (team, is_a) in [(*a, true), (*b, false)] {
            let of_team = wanted.entry(team).or_default();
            for (region, (_, it)) in regions.iter().enumerate() {
                let side = if is_a { &it.a } else { &it.b };
                of_team.push(Wanted { pair, region, is_a, side, hashes: &it.hashes });
            }
        }
    }
    // Of a past class there are fingerprints only.
    wanted.retain(|team, _| *team < jobs.len());
    let wanted: Vec<(usize, Vec<Wanted<'_>>)> = wanted.into_iter().collect();
    type Read = Result<(Vec<Answer>, Vec<Version>), String>;
    let read: Vec<(usize, Read)> = wanted
        .par_iter()
        .map(|(team, sides)| {
            let (progress, ended) = voice.line(&jobs[*team].team.id);
            let answers = answers(&jobs[*team], sides, &asked.limits, progress.as_ref());
            drop(ended);
            (*team, answers)
        })
        .collect();
    let mut histories: BTreeMap<usize, Vec<Version>> = BTreeMap::new();
    for (team, answers) in read {
        match answers {
            Ok((answers, history)) => {
                for answer in answers {
                    put(found, answer);
                }
                histories.insert(team, history);
            }
            Err(why) => voice.note(&format!("team {}: regions without lines and dates: {why}", jobs[team].team.id)),
        }
    }
    for (finding, (a, b)) in found.iter_mut().zip(places) {
        if let (Some(a), Some(b)) = (histories.get(a), histories.get(b)) {
            finding.commits = commits_of_both(a, b);
        }
    }
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

fn put(found: &mut [PairFinding], answer: Answer) {
    let region = found.get_mut(answer.pair).and_then(|pair| pair.regions.get_mut(answer.region));
    if let Some(region) = region {
        let side = if answer.is_a { &mut region.a } else { &mut region.b };
        side.text = answer.text;
        side.appeared = answer.appeared;
    }
}

/// Reads one repository for all regions that it has a side of.
fn answers(
    job: &TeamJob,
    sides: &[Wanted<'_>],
    limits: &Limits,
    progress: &dyn stackmark_collect::Progress,
) -> Result<(Vec<Answer>, Vec<Version>), String> {
    let opened = Opened::of(job, limits, progress)?;
    let texts = texts(&opened, sides)?;
    let base = job.repository.base_commit.as_deref();
    let repository = &opened.obtained.repository;
    let history = versions(repository, &opened.head, base, opened.folder.as_deref(), &opened.counting);
    // A cut history still has lines to show.
    let history = history.unwrap_or_default();
    // Where a part is not known, nothing can be said of what was first.
    let known = if history.unread == 0 { history.versions } else { Vec::new() };
    let hashes = hashes_of(&opened, &known);
    let answers = sides.iter().map(|wanted| {
        let lines =
            texts.get(wanted.side.path.as_str()).filter(|_| wanted.region < MOST_SHOWN && wanted.pair < MOST_PAIRS);
        let text = lines.map(|text| lines_of(text, wanted.side.first, wanted.side.last));
        let first = appearance::first(hashes.iter().map(Vec::as_slice), wanted.hashes);
        // A document that is no text has its first commit all the same.
        let first = first.or_else(|| {
            known.iter().position(|version| version.changed.iter().any(|file| file.path == wanted.side.path))
        });
        let appeared = first.map(|at| commit_of(&known[at]));
        Answer { pair: wanted.pair, region: wanted.region, is_a: wanted.is_a, text, appeared }
    });
    let answers: Vec<Answer> = answers.collect();
    Ok((answers, known))
}

/// The texts of the files that the sides are in, by path.
fn texts(opened: &Opened, sides: &[Wanted<'_>]) -> Result<BTreeMap<String, String>, String> {
    let mut texts = BTreeMap::new();
    for file in opened.files()? {
        if sides.iter().any(|wanted| wanted.side.path == file.path)
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
fn commits_of_both(a: &[Version], b: &[Version]) -> Vec<SharedCommit> {
    let mut by_patch: BTreeMap<&str, &Version> = BTreeMap::new();
    for version in b.iter().rev() {
        if let Some(patch) = &version.patch {
            by_patch.insert(patch, version);
        }
    }
    let by_id: BTreeMap<&str, &Version> = b.iter().map(|version| (version.commit.as_str(), version)).collect();
    let pairs = a.iter().filter_map(|version| {
        let same = by_id.get(version.commit.as_str());
        let other = same.or_else(|| by_patch.get(version.patch.as_deref()?))?;
        Some(SharedCommit { a: commit_of(version), b: commit_of(other), same_commit: same.is_some() })
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
