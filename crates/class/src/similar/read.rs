//! A team's repository into fingerprints.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stackmark_code::text::{decode, is_utf16};
use stackmark_collect::classify::{HEAD_BYTES, LFS_POINTER, UNDECODABLE, why_excluded_by_content};
use stackmark_collect::counting::Counting;
use stackmark_collect::notebook;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_collect::{Limits, Progress};
use stackmark_evidence::git::Head;
use stackmark_evidence::{Reading, Team};
use stackmark_history as history;
use stackmark_history::repo::{self, Obtained};
use stackmark_history::tree::ObjectDatabase;
use stackmark_similar::prints::Starter;
use stackmark_similar::{FilePrints, Kind, TeamPrints};

use super::stored::{self, Stored};
use super::{Asked, FINGERPRINTS};
use crate::job::TeamJob;

/// Nobody writes a megabyte of source by hand.
const MOST_BYTES: u64 = 1 << 20;
/// More text of one team is not read.
const MOST_TEXT: usize = 24 << 20;

/// A repository at the commit to compare.
pub(super) struct Opened {
    pub(super) obtained: Obtained,
    pub(super) head: Head,
    /// As the repository has it.
    pub(super) folder: Option<String>,
    pub(super) counting: Counting,
}

impl Opened {
    /// What could not be read, in words.
    pub(super) fn of(job: &TeamJob, limits: &Limits, progress: &dyn Progress) -> Result<Self, String> {
        let obtained = repo::obtain(&job.repository, limits, progress).map_err(|failure| failure.to_string())?;
        let head = match repo::choose_head(&obtained.repository, &job.repository) {
            Reading::Observed { value } => value,
            Reading::Absent { note } => return Err(note),
            Reading::Unreadable(failure) => return Err(failure.to_string()),
        };
        let folder = match &job.team.folder {
            Some(wanted) => {
                let found = repo::find_folder(&obtained.repository, &head.commit, wanted);
                found.map_err(|failure| failure.to_string())?.path
            }
            None => None,
        };
        let counting = history::counting(&obtained.repository, &head, folder.as_deref(), &job.repository);
        Ok(Self { obtained, head, folder, counting })
    }

    /// The files of the graded folder.
    pub(super) fn files(&self) -> Result<Vec<TreeFile>, String> {
        let repository = &self.obtained.repository;
        let files = history::tree::files(repository, &self.head.commit, self.folder.as_deref());
        let mut files = files.map_err(|failure| failure.to_string())?;
        self.counting.mark(&mut files);
        Ok(files)
    }

    /// The contents of the files.
    pub(super) fn blobs(&self) -> ObjectDatabase<'_> {
        ObjectDatabase(&self.obtained.repository)
    }
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

    /// The starter code of a team. An object id names the same files in every repository.
    fn of(&self, opened: &Opened, base: Option<&str>) -> Result<Arc<Starter>, String> {
        let Some(base) = base else { return Ok(Arc::clone(&self.handed_out)) };
        let known = self.by_commit.lock().unwrap_or_else(PoisonError::into_inner).get(base).map(Arc::clone);
        if let Some(known) = known {
            return Ok(known);
        }
        let mut starter = (*self.handed_out).clone();
        let files = history::tree::files(&opened.obtained.repository, base, None);
        for file in files.map_err(|failure| format!("starter code: {failure}"))? {
            if let Ok(Some(text)) = text_of(&opened.blobs(), &file) {
                starter.add(&file.path, &text);
            }
        }
        let starter = Arc::new(starter);
        let mut by_commit = self.by_commit.lock().unwrap_or_else(PoisonError::into_inner);
        by_commit.insert(base.to_owned(), Arc::clone(&starter));
        Ok(starter)
    }
}

/// The fingerprints of a team: the stored ones where everything that they depend on is the same.
pub(super) fn team(
    asked: &Asked<'_>,
    job: &TeamJob,
    starters: &Starters,
    progress: &dyn Progress,
) -> Result<Stored, String> {
    let path = asked.results.team(&job.team.id, FINGERPRINTS);
    let before = stored::read(&path);
    if let (Some(before), Some(commit)) = (&before, &job.repository.commit)
        && before.key == stored::key(job, commit, &starters.sha256)
    {
        return Ok(before.clone());
    }
    let opened = Opened::of(job, &asked.limits, progress)?;
    let key = stored::key(job, &opened.head.commit, &starters.sha256);
    if let Some(before) = before.filter(|before| before.key == key) {
        return Ok(before);
    }
    progress.step("fingerprints");
    let starter = starters.of(&opened, job.repository.base_commit.as_deref())?;
    let (mut prints, unread) = prints(&opened, job, &asked.limits)?;
    if !starter.is_empty() {
        starter.remove_from(&mut prints);
    }
    let stored = Stored { key, commit: opened.head.commit.clone(), prints, unread };
    stored::write(&path, &stored)?;
    Ok(stored)
}

fn prints(opened: &Opened, job: &TeamJob, limits: &Limits) -> Result<(TeamPrints, Vec<String>), String> {
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
            Err(why) => unread.push(why),
        }
    }
    let team = Team { folder: opened.folder.clone(), ..job.team.clone() };
    let report = stackmark_report::text(&blobs, &files, job.repository.report.as_deref(), &team, limits);
    if let Some((path, text)) = report
        && !prints.files.iter().any(|file| file.path == path)
    {
        prints.files.push(FilePrints::read_as(Kind::Prose, &path, &text));
    }
    prints.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((prints, unread))
}

/// The text of a file that is compared; `Ok(None)` if it is none, and an error in words if it may be one.
pub(super) fn text_of(blobs: &dyn Blobs, file: &TreeFile) -> Result<Option<String>, String> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let may_be = Kind::of(&file.path, "").is_some() || !name.contains('.');
    if file.link || file.aside.is_some() || !may_be {
        return Ok(None);
    }
    let is_notebook = notebook::is_notebook(&file.path);
    if file.size > if is_notebook { notebook::MAX_BYTES } else { MOST_BYTES } {
        return Err(format!("{}: {} bytes are more than anyone writes by hand", file.path, file.size));
    }
    let bytes = blobs.read(file).map_err(|failure| failure.to_string())?;
    if is_notebook {
        let cells = notebook::cells(&bytes);
        return cells.map(Some).ok_or_else(|| format!("{}: {}", file.path, notebook::UNREADABLE));
    }
    let text = decode(&bytes);
    // UTF-16 is half NUL bytes: binary to git, text to those who wrote it.
    let content = if is_utf16(&bytes) { text.as_bytes() } else { &bytes };
    match why_excluded_by_content(&file.path, &content[..content.len().min(HEAD_BYTES)]) {
        Some(why) if why == LFS_POINTER || why == UNDECODABLE => Err(format!("{}: {why}", file.path)),
        Some(_) => Ok(None),
        None => Ok(Some(text)),
    }
}
