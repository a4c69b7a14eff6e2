//! What a repository alone tells: history, code and report of the commit that is graded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::git::GitEvidence;
use stackmark_evidence::report::ReportEvidence;
use stackmark_evidence::{Cause, MembersFrom, Reading, Team, Unreadable};

use stackmark_code as code;
use stackmark_collect::counting::Counting;
use stackmark_collect::{Limits, Progress};
use stackmark_history::tree::ObjectDatabase;
use stackmark_history::{self as history, RepositorySource, Walked, repo};
use stackmark_report as report;

use crate::gap::Gap;

/// What the repository alone tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FromRepository {
    pub(crate) git: GitEvidence,
    pub(crate) code: CodeEvidence,
    pub(crate) report: ReportEvidence,
    /// With its members, where the history names them, and its folder as the repository writes it.
    pub(crate) team: Team,
}

/// Reads a repository within this process.
pub(crate) fn from_repository(
    source: &RepositorySource,
    team: Team,
    wanted: &BTreeSet<String>,
    limits: &Limits,
    progress: &dyn Progress,
) -> FromRepository {
    from_obtained(repo::obtain(source, limits, progress), source, team, wanted, limits, progress)
}

/// The same, once it is obtained.
pub(crate) fn from_obtained(
    obtained: Result<repo::Obtained, Unreadable>,
    source: &RepositorySource,
    mut team: Team,
    wanted: &BTreeSet<String>,
    limits: &Limits,
    progress: &dyn Progress,
) -> FromRepository {
    let obtained = match obtained {
        Ok(obtained) => obtained,
        Err(failure) => return unreadable_repository(team, &failure),
    };
    let repository = &obtained.repository;
    let head = repo::choose_head(repository, source);
    let origin = Reading::observed(obtained.source.clone());
    let mut commit = match &head {
        Reading::Observed { value } => {
            let mut commit = value.clone();
            commit.notes.extend(obtained.notes.iter().cloned());
            commit
        }
        Reading::Absent { note } => {
            let mut read = unreadable_repository(team, &Unreadable::new(Cause::NotCollected, ""));
            let gap = Gap::Absent(note.clone());
            read.git = gap.git();
            read.code = gap.code();
            read.report = gap.report();
            read.git.source = origin;
            return read;
        }
        Reading::Unreadable(failure) => {
            let mut read = unreadable_repository(team, failure);
            read.git.source = origin;
            return read;
        }
    };
    if let Some(wanted) = team.folder.take() {
        match repo::find_folder(repository, &commit.commit, &wanted) {
            Ok(folder) => {
                team.folder = folder.path;
                commit.notes.extend(folder.note);
            }
            Err(failure) => {
                team.folder = Some(wanted);
                let mut read = unreadable_repository(team, &failure);
                (read.git.source, read.git.head) = (origin, head);
                return read;
            }
        }
    }
    let (base, folder) = (source.base_commit.as_deref(), team.folder.clone());
    let counting = history::counting(repository, &commit, folder.as_deref(), source);
    if let Some(failure) = history::slip(repository, &commit, &team, &counting, source) {
        let mut read = unreadable_repository(team, &failure);
        (read.git.source, read.git.head) = (origin, head);
        return read;
    }
    progress.step("reading the history");
    // Who grades without a roster reads the history for its people first, and measures what was read.
    let (mut walked, mut members_unknown) = (None, None);
    if team.members_from == MembersFrom::History && team.members.is_empty() {
        let read = Walked::read(repository, &commit, base, folder.as_deref(), &counting, progress);
        match read.members(&source.mailmap) {
            Ok(members) => team.members = members,
            Err(failure) => members_unknown = Some(failure),
        }
        walked = Some(read);
    }
    let graded = commit.commit.clone();
    let files = Files {
        graded: &graded,
        base,
        named: source.report.as_deref(),
        team: &team,
        counting: &counting,
        wanted,
        limits,
    };
    // Another handle: one is not shared between threads.
    let another = repo::opened_again(repository).ok();
    let (mut git, (code, mut report)) = std::thread::scope(|scope| {
        let files = &files;
        // Neither needs anything of the other. Where the machine gives no thread, the files come after the history.
        let beside = another.and_then(|another| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, move || files.read(ObjectDatabase(&another))).ok()
        });
        let read = || Walked::read(repository, &commit, base, folder.as_deref(), &counting, progress);
        let git = walked.unwrap_or_else(read).measure(&team, &source.mailmap, progress);
        progress.step("reading the files and the report");
        let read = match beside {
            Some(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            None => files.read(ObjectDatabase(repository)),
        };
        (git, read)
    });
    commit.set_aside.extend(git.set_aside.remove("head").unwrap_or_default());
    git.source = origin;
    git.head = Reading::observed(commit);
    if let Some(failure) = members_unknown
        && report.document.value().is_some()
    {
        // The history's own measures say the same; the report was read, and whom it has to name is not known.
        report.members_named = Reading::Unreadable(failure.clone());
        report.contributions = Reading::Unreadable(failure);
    }
    FromRepository { git, code, report, team }
}

/// Bytes of the stack of the thread that reads the files, as many as a process begins with: what is parsed nests.
const STACK: usize = 8 << 20;

/// What of the files is read, and how.
struct Files<'a> {
    /// Id of the graded commit.
    graded: &'a str,
    /// Id of the last commit of the starter code.
    base: Option<&'a str>,
    /// The report's path, where the roster has one.
    named: Option<&'a str>,
    team: &'a Team,
    counting: &'a Counting,
    wanted: &'a BTreeSet<String>,
    limits: &'a Limits,
}

impl Files<'_> {
    /// Code and report of the graded commit.
    fn read(&self, blobs: ObjectDatabase<'_>) -> (CodeEvidence, ReportEvidence) {
        let Self { graded, base, named, team, counting, wanted, limits } = *self;
        let (repository, folder) = (blobs.0, team.folder.as_deref());
        let listed = history::tree::files(repository, graded, folder);
        let links = history::tree::links(repository, graded, folder);
        // What the course gave is nobody's in the code either, wherever a team has moved it.
        let starter: Result<Vec<_>, Unreadable> =
            base.map_or(Ok(Vec::new()), |base| history::tree::files(repository, base, None));
        let (mut code, report) = match listed {
            Ok(files) if files.is_empty() && links.is_empty() && folder.is_some() => {
                let folder = folder.unwrap_or_default();
                let gap = Gap::Absent(format!("the graded commit has no file in folder \"{folder}\""));
                (gap.code(), gap.report())
            }
            Ok(mut files) => {
                counting.mark(&mut files);
                let starter = starter.as_deref().map_err(Clone::clone);
                let tree = code::Graded { files: &files, elsewhere: &links, starter };
                let code = code::read(&blobs, &tree, wanted, limits);
                // A report above the folder is about it as well. Where the rest of the tree is damaged, the folder is read.
                let beside = match folder {
                    Some(folder) => {
                        let prefix = format!("{}/", folder.trim_matches('/'));
                        let mut all = history::tree::files(repository, graded, None).unwrap_or_default();
                        all.retain(|file| !file.path.starts_with(&prefix));
                        all
                    }
                    None => Vec::new(),
                };
                (code, report::read_beside(&blobs, &files, &beside, named, team, limits))
            }
            Err(failure) => {
                let gap = Gap::Unreadable(failure);
                (gap.code(), gap.report())
            }
        };
        if let (Some(folder), Reading::Absent { .. }) = (folder, &code.readme)
            && let Ok(all) = history::tree::files(repository, graded, None)
        {
            let beside = code::readme_beside(&blobs, &all, folder, limits);
            // Where there is none either, what was looked for in the folder is said.
            if !matches!(beside, Reading::Absent { .. }) {
                code.readme = beside;
            }
        }
        (code, report)
    }
}

/// What is said of a team whose repository cannot be read.
pub(crate) fn unreadable_repository(team: Team, failure: &Unreadable) -> FromRepository {
    let gap = Gap::Unreadable(failure.clone());
    FromRepository { git: gap.git(), code: gap.code(), report: gap.report(), team }
}
