//! The same work in several teams, and in past years: reads the repositories, compares, and looks into what is alike.
//!
//! Fingerprints are made when a class is compared, not when a team is graded: a class is compared once or twice, `grade`
//! needs no file twice, and a new kind of fingerprint asks for no new evidence. They are kept beside the evidence, so
//! that only a team whose commit changed is read again.

mod detail;
mod ended;
mod opened;
mod page;
mod read;
mod stored;

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use stackmark_collect::Limits;
use stackmark_course::Roster;
use stackmark_course::roster::TeamEntry;
use stackmark_history::Mailmap;
use stackmark_similar::compare::{Class, Comparison, Entry, Pair, compare};
use stackmark_similar::findings::{ChannelFindings, Findings, NotCompared, PairFinding, Part, SCHEMA, Team};
use stackmark_similar::index::Index;
use stackmark_similar::{Channel, TeamPrints, clusters, cut};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::{Given, TeamJob};
use crate::store::Results;
use crate::stored::read_evidence;
use crate::voice::Voice;

pub use detail::{DetailTask, Details, OfSides, details};
pub use ended::ENDED;
pub use page::{DATA, PAGE, read as read_findings, store};
pub use read::{FingerprintTask, Fingerprinted, OfTeam, fingerprints};
pub use stored::{FINGERPRINTS, handed_out, read_index};

/// Columns of the distribution.
const BINS: usize = 40;
/// Pairs below the cut that are shown as well: a cut is a suggestion.
const BELOW_CUT: usize = 10;
/// Pairs that are looked into; beyond them the numbers alone are given.
const MOST_DETAILED: usize = 200;
const CHANNELS: [Channel; 3] = [Channel::Code, Channel::Infrastructure, Channel::Prose];

/// What to compare.
pub struct Asked<'a> {
    /// Where evidence and fingerprints are.
    pub results: &'a Results,
    /// The teams, with the commit to read where it is known.
    pub jobs: Vec<TeamJob>,
    /// Past classes.
    pub past: Vec<Index>,
    /// Files that were handed out, beside those of the teams' base commits: path and text.
    pub handed_out: Vec<(String, String)>,
    /// Caps.
    pub limits: Limits,
    /// Read every repository again, whatever was kept of it and whatever it did to the process that read it.
    pub fresh: bool,
    /// RFC 3339.
    pub now: String,
}

impl<'a> Asked<'a> {
    /// For the teams of a roster, each at the commit that was graded where it was; `base` is the roster's folder.
    pub fn of_roster(results: &'a Results, roster: &Roster, base: &Path, limits: Limits, now: String) -> Self {
        let job = |entry: &TeamEntry| {
            let mut job = TeamJob::of_entry(entry, base, &Mailmap::default(), &Given::default()).seen_in(results);
            if job.repository.commit.is_none()
                && let Ok(stored) = read_evidence(results, &entry.id)
                && let Some(head) = stored.evidence.git.head.value()
            {
                job.repository.commit = Some(head.commit.clone());
            }
            job
        };
        let jobs = roster.teams.iter().map(job).collect();
        Self { results, jobs, past: Vec::new(), handed_out: Vec::new(), limits, fresh: false, now }
    }
}

/// What is known of the class before anything is compared.
pub struct Gathered {
    /// Ids and fingerprints, in the order of the jobs.
    pub teams: Vec<(String, TeamPrints)>,
    /// Teams that could not be read, or only in part.
    pub not_compared: Vec<NotCompared>,
    /// The jobs of the teams that were read.
    jobs: Vec<TeamJob>,
}

/// Reads the fingerprints of all teams, on all processors: stored ones where the team's commit is still the same.
pub fn gather(asked: &Asked<'_>, voice: &dyn Voice) -> Gathered {
    let starters = read::Starters::new(&asked.handed_out);
    let read: Vec<(&TeamJob, Result<stored::Stored, String>)> = asked
        .jobs
        .par_iter()
        .map(|job| {
            let (progress, ended) = voice.line(&job.team.id);
            let stored = read::team(asked, job, &starters, progress);
            drop(ended);
            (job, stored)
        })
        .collect();
    let mut gathered = Gathered { teams: Vec::new(), not_compared: Vec::new(), jobs: Vec::new() };
    for (job, stored) in read {
        let team = job.team.id.clone();
        match stored {
            Ok(stored) => {
                if !stored.unread.is_empty() {
                    let why = format!("compared without {}", stored.unread.join("; "));
                    gathered.not_compared.push(NotCompared { team: team.clone(), why });
                }
                gathered.teams.push((team, stored.prints));
                gathered.jobs.push(job.clone());
            }
            Err(why) => gathered.not_compared.push(NotCompared { team, why }),
        }
    }
    gathered
}

/// An index of the class for later years: no text, no path, and neither starter code nor what most of the class has.
pub fn index(gathered: &Gathered, label: &str, numbered: bool) -> Index {
    let class = Class { entries: gathered.teams.iter().map(|(_, prints)| Entry { prints, past: false }).collect() };
    let mut common: Vec<u64> = CHANNELS.iter().flat_map(|channel| compare(&class, *channel).common_hashes).collect();
    common.sort_unstable();
    let teams = gathered.teams.iter().map(|(id, prints)| (id.as_str(), prints));
    Index::of(label, teams, |hash| common.binary_search(&hash).is_ok(), numbered)
}

/// Compares the class with itself and with the past, and looks into what is alike; with whether all teams could be read.
///
/// # Errors
/// Two past classes of one label: their teams could not be told apart.
pub fn findings(asked: &Asked<'_>, gathered: Gathered, voice: &dyn Voice) -> Result<(Findings, Exit), Failure> {
    let mut labels: Vec<&str> = asked.past.iter().map(|past| past.label.as_str()).collect();
    labels.sort_unstable();
    if let Some(twice) = labels.windows(2).find(|two| two[0] == two[1]) {
        return Err(Failure::usage(format!("two indices have the label \"{}\": make one of them again", twice[0])));
    }
    let Gathered { teams, mut not_compared, jobs } = gathered;
    let mut names: Vec<Team> = teams.iter().map(|(id, _)| Team { id: id.clone(), past: None }).collect();
    let mut entries: Vec<Entry<'_>> = teams.iter().map(|(_, prints)| Entry { prints, past: false }).collect();
    for past in &asked.past {
        for team in &past.teams {
            names.push(Team { id: team.team.clone(), past: Some(past.label.clone()) });
            entries.push(Entry { prints: &team.prints, past: true });
        }
    }
    let class = Class { entries };
    let compared: Vec<(Channel, Comparison, f64)> = CHANNELS
        .iter()
        .map(|channel| {
            let found = compare(&class, *channel);
            let scores: Vec<f64> = found.pairs.iter().map(Pair::score).collect();
            let cut = cut::suggested(&scores, found.compared);
            (*channel, found, cut)
        })
        .collect();
    for team in (0..jobs.len()).filter(|team| compared.iter().all(|(_, found, _)| found.is_too_small(*team))) {
        let why = "too little of its own to compare, once starter code and what most of the class has are out";
        not_compared.push(NotCompared { team: names[team].id.clone(), why: why.to_owned() });
    }
    let pairs = worth_showing(&compared);
    let above: Vec<(usize, usize)> = pairs.iter().filter(|pair| pair.above_cut).map(|pair| (pair.a, pair.b)).collect();
    let clusters = clusters::clusters(names.len(), above);
    let clusters = clusters.iter().map(|group| group.iter().map(|team| names[*team].name()).collect()).collect();
    let mut found: Vec<PairFinding> = pairs.iter().map(|pair| pair.finding(&names)).collect();
    let places: Vec<(usize, usize)> = pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    let detailed = found.len().min(MOST_DETAILED);
    let unread = detail::fill(asked, &jobs, &class, &compared, &places[..detailed], &mut found[..detailed], voice);
    let exit = if jobs.len() < asked.jobs.len() || !unread.is_empty() { Exit::Unreadable } else { Exit::Graded };
    not_compared.extend(unread);
    not_compared.sort();
    let channels = compared.iter().map(|(channel, found, cut)| {
        let scores: Vec<f64> = found.pairs.iter().map(Pair::score).collect();
        let distribution = cut::distribution(&scores, found.compared, BINS);
        ChannelFindings { channel: *channel, compared: found.compared, cut: *cut, distribution }
    });
    let findings = Findings {
        schema: SCHEMA.to_owned(),
        made_at: asked.now.clone(),
        channels: channels.collect(),
        pairs: found,
        clusters,
        not_compared,
        past: asked.past.iter().map(|past| past.label.clone()).collect(),
    };
    Ok((findings, exit))
}

/// A pair in all channels.
#[derive(Debug, Clone, Copy)]
struct Both {
    a: usize,
    b: usize,
    code: Option<Part>,
    infrastructure: Option<Part>,
    prose: Option<Part>,
    above_cut: bool,
    /// How far it is above or below the cut of its channel, the farthest of them.
    margin: f64,
}

impl Both {
    fn finding(&self, names: &[Team]) -> PairFinding {
        let (a, b) = (names[self.a].clone(), names[self.b].clone());
        PairFinding {
            id: format!("{}--{}", a.name(), b.name()),
            a,
            b,
            code: self.code,
            infrastructure: self.infrastructure,
            prose: self.prose,
            above_cut: self.above_cut,
            regions: Vec::new(),
            commits: Vec::new(),
        }
    }
}

/// The pairs above the cut and the nearest below, the most alike first.
fn worth_showing(compared: &[(Channel, Comparison, f64)]) -> Vec<Both> {
    let mut pairs: BTreeMap<(usize, usize), Both> = BTreeMap::new();
    for (channel, found, cut) in compared {
        for pair in &found.pairs {
            let margin = pair.score() - cut;
            let both = pairs.entry((pair.a, pair.b)).or_insert(Both {
                a: pair.a,
                b: pair.b,
                code: None,
                infrastructure: None,
                prose: None,
                above_cut: false,
                margin,
            });
            let part = Some(Part { of_a: pair.of_a, of_b: pair.of_b, shared: pair.shared });
            match channel {
                Channel::Code => both.code = part,
                Channel::Infrastructure => both.infrastructure = part,
                Channel::Prose => both.prose = part,
            }
            both.above_cut |= margin >= 0.0;
            both.margin = both.margin.max(margin);
        }
    }
    let mut pairs: Vec<Both> = pairs.into_values().collect();
    pairs.sort_by(|one, other| other.margin.total_cmp(&one.margin).then((one.a, one.b).cmp(&(other.a, other.b))));
    let above = pairs.iter().filter(|pair| pair.above_cut).count();
    pairs.truncate(above + BELOW_CUT);
    pairs
}
