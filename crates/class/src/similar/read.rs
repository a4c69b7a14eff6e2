//! A team's repository into fingerprints. What reads its bytes runs in a process of its own, one a team.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use stackmark_collect::{Limits, Progress, SharedProgress};
use stackmark_evidence::Team;
use stackmark_history as history;
use stackmark_similar::prints::Starter;
use stackmark_similar::{FilePrints, Kind, TeamPrints};

use super::opened::{Opened, text_of};
use super::stored::{self, Stored};
use super::{Asked, FINGERPRINTS, ended};
use crate::job::TeamJob;
use crate::worker::{self, Failed as _, Unread};

/// The part of the hidden command that makes a team's fingerprints.
const PART: &str = "fingerprints";
/// More text of one team is not read.
const MOST_TEXT: usize = 24 << 20;

/// A team's repository, whose fingerprints are made in a process of its own.
pub type FingerprintTask = worker::Task<OfTeam>;

/// What has to be known of a team and of the class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfTeam {
    team: Team,
    /// SHA-256 of the files that were handed out beside the repositories.
    handed_out: String,
    /// Of the fingerprints that are stored: nothing is made if they still are the same.
    known: Option<String>,
    starter: Starter,
    /// Whether `starter` has the files of the team's base commit.
    has_base: bool,
}

/// What the process answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fingerprinted {
    /// `None` if those that are stored are the same.
    stored: Option<Stored>,
    /// What was handed out, the team's base commit included, if all of it could be read here.
    starter: Option<Starter>,
}

/// What was handed out, made once for all teams that have the same base commit.
pub(super) struct Starters {
    handed_out: Arc<Starter>,
    /// SHA-256 of the files that were handed out beside the repositories.
    sha256: String,
    by_commit: Mutex<HashMap<String, Arc<Starter>>>,
}

impl Starters {
    pub(super) fn new(files: &[(String, String)]) -> Self {
        let mut starter = Starter::default();
        for (path, text) in files {
            starter.add(path, text);
        }
        let sha256 = stackmark_render::json::sha256_hex(serde_json::json!(files).to_string().as_bytes());
        Self { handed_out: Arc::new(starter), sha256, by_commit: Mutex::default() }
    }

    /// The starter code of a team, and whether the files of its base commit are in it.
    fn of(&self, base: Option<&str>) -> (Arc<Starter>, bool) {
        let Some(base) = base else { return (Arc::clone(&self.handed_out), true) };
        let by_commit = self.by_commit.lock().unwrap_or_else(PoisonError::into_inner);
        match by_commit.get(base) {
            Some(known) => (Arc::clone(known), true),
            None => (Arc::clone(&self.handed_out), false),
        }
    }

    /// Keeps it for the other teams. An object id names the same files in every repository.
    fn keep(&self, base: Option<&str>, starter: Option<Starter>) {
        if let (Some(base), Some(starter)) = (base, starter) {
            let mut by_commit = self.by_commit.lock().unwrap_or_else(PoisonError::into_inner);
            by_commit.entry(base.to_owned()).or_insert_with(|| Arc::new(starter));
        }
    }
}

/// The fingerprints of a team: the stored ones where everything that they depend on is the same.
pub(super) fn team(
    asked: &Asked<'_>,
    job: &TeamJob,
    starters: &Starters,
    progress: SharedProgress,
) -> Result<Stored, String> {
    let path = asked.results.team(&job.team.id, FINGERPRINTS);
    let before = stored::read(&path).filter(|_| !asked.fresh);
    let source = &job.repository;
    if let (Some(before), Some(commit)) = (&before, &source.commit)
        && before.key == stored::key(source, job.team.folder.as_deref(), commit, &starters.sha256)
    {
        return Ok(before.clone());
    }
    let base = source.base_commit.as_deref();
    let (starter, has_base) = starters.of(base);
    let question = OfTeam {
        team: job.team.clone(),
        handed_out: starters.sha256.clone(),
        known: before.as_ref().map(|before| before.key.clone()),
        starter: (*starter).clone(),
        has_base,
    };
    let task = FingerprintTask { source: source.clone(), limits: asked.limits.clone(), question };
    let answer: Option<Result<Fingerprinted, Unread>> = ended::ask(asked, job, PART, &task, progress.clone())?;
    let Fingerprinted { stored: made, starter } = answer.unwrap_or_else(|| fingerprints(&task, progress.as_ref()))?;
    starters.keep(base, starter);
    match (made, before) {
        (Some(made), _) => {
            stored::write(&path, &made)?;
            Ok(made)
        }
        (None, Some(before)) => Ok(before),
        (None, None) => Err("what reads it gave no fingerprints".to_owned()),
    }
}

/// Makes a team's fingerprints within this process.
///
/// # Errors
/// What could not be read, in words.
pub fn fingerprints(task: &FingerprintTask, progress: &dyn Progress) -> Result<Fingerprinted, Unread> {
    let FingerprintTask { source, limits, question } = task;
    let OfTeam { team, handed_out, known, starter, has_base } = question;
    let opened = Opened::of(source, team.folder.as_deref(), limits, progress)?;
    let key = stored::key(source, team.folder.as_deref(), &opened.head.commit, handed_out);
    if known.as_ref() == Some(&key) {
        return Ok(Fingerprinted { stored: None, starter: None });
    }
    progress.step("fingerprints");
    let (mut starter, mut whole) = (starter.clone(), false);
    if let (Some(base), false) = (source.base_commit.as_deref(), *has_base) {
        whole = add_base(&mut starter, &opened, base)?;
    }
    let (mut prints, unread) = prints(&opened, team, source.report.as_deref(), limits)?;
    if !starter.is_empty() {
        starter.remove_from(&mut prints);
    }
    let stored = Stored { key, commit: opened.head.commit.clone(), prints, unread };
    Ok(Fingerprinted { stored: Some(stored), starter: whole.then_some(starter) })
}

/// Adds the files of the base commit; whether all of them could be read.
fn add_base(starter: &mut Starter, opened: &Opened, base: &str) -> Result<bool, Unread> {
    let files = history::tree::files(&opened.obtained.repository, base, None);
    let mut whole = true;
    for file in files.map_err(|failure| Unread::from(failure).of("starter code"))? {
        match text_of(&opened.blobs(), &file) {
            Ok(Some(text)) => starter.add(&file.path, &text),
            Ok(None) => {}
            Err(why) if why.for_lack_of().is_some() => return Err(why),
            Err(_) => whole = false,
        }
    }
    Ok(whole)
}

fn prints(
    opened: &Opened,
    team: &Team,
    report: Option<&str>,
    limits: &Limits,
) -> Result<(TeamPrints, Vec<String>), Unread> {
    let files = opened.files()?;
    let blobs = opened.blobs();
    let (mut prints, mut unread, mut total) = (TeamPrints::default(), Vec::new(), 0);
    for file in &files {
        match text_of(&blobs, file) {
            Ok(Some(text)) if total + text.len() > MOST_TEXT => {
                unread.push(format!("{} and what follows: more than {} MB of text", file.path, MOST_TEXT >> 20));
                break;
            }
            Ok(Some(text)) => {
                total += text.len();
                prints.files.extend(FilePrints::of(&file.path, &text));
            }
            Ok(None) => {}
            // With more memory it may be read: nothing is said of the file.
            Err(why) if why.for_lack_of().is_some() => return Err(why),
            Err(why) => unread.push(why.into()),
        }
    }
    let team = Team { folder: opened.folder.clone(), ..team.clone() };
    let report = stackmark_report::text(&blobs, &files, report, &team, limits);
    if let Some((path, text)) = report
        && !prints.files.iter().any(|file| file.path == path)
    {
        prints.files.push(FilePrints::read_as(Kind::Prose, &path, &text));
    }
    prints.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((prints, unread))
}
