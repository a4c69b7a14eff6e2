//! The class of `stackmark demo`: three teams whose repositories are made on the spot, the same on every machine.
//!
//! `examples/demo/<team>/` holds a team's files and its history; all people in them are invented. **falcon** is a good
//! team, **heron** a lopsided one, **osprey** stands between the two.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, Oid, Repository, RepositoryInitOptions, Signature, Time};
use include_dir::{Dir, include_dir};

use super::history::{History, State, Step, merge, seconds};
use stackmark_course::problem::SourceText;
use stackmark_course::roster::Roster;
use stackmark_evidence::Member;

static FALCON: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/demo/falcon");
static HERON: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/demo/heron");
static OSPREY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/demo/osprey");
static ROSTER: &str = include_str!("../../examples/demo/roster.toml.j2");

/// Stands in a file for an access key. The key is put together here, so that no scanner of secrets takes this
/// project's own files for a leak.
const KEY_PLACEHOLDER: &str = "{{ made up access key }}";
const KEY_HALVES: [&str; 2] = ["AKIA", "NOTAREALKEYATALL"];

/// One team of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoTeam {
    /// As in the roster.
    pub id: String,
    /// As printed.
    pub name: Option<String>,
    /// Who is graded.
    pub members: Vec<Member>,
    /// The bare repository that was made.
    pub repository: PathBuf,
}

/// Why the class could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClassError {
    /// git could not write.
    #[error("cannot write the repository of {team}")]
    Git {
        /// Its id.
        team: String,
        /// What git says.
        source: git2::Error,
    },
    /// The embedded files of a team contradict each other; never so in a released binary.
    #[error("the history of {team} is damaged: {problem}")]
    History {
        /// Its id.
        team: String,
        /// What is wrong.
        problem: String,
    },
    /// The embedded roster cannot be filled in or read.
    #[error("the demo's roster is damaged: {0}")]
    Roster(String),
}

/// Makes `<folder>/<team>.git`, a bare repository, for each team of the class, in the roster's order.
///
/// The commits are the same on every machine and in every run; neither the clock nor git's configuration is asked.
///
/// # Errors
/// A repository is already there, or cannot be written.
pub fn make(folder: &Path) -> Result<Vec<DemoTeam>, ClassError> {
    let text = roster(folder, &BTreeMap::new())?;
    let (parsed, _) = Roster::parse(&SourceText::new("roster of the demo", text));
    let parsed = parsed.ok_or_else(|| ClassError::Roster("it does not hold a class".to_owned()))?;
    parsed
        .teams
        .into_iter()
        .map(|team| {
            let repository = folder.join(format!("{}.git", team.id));
            make_repository(&team.id, &repository)?;
            Ok(DemoTeam { id: team.id, name: team.name, members: team.members, repository })
        })
        .collect()
}

/// The class's `roster.toml`, for repositories that [`make`] has put into `folder`.
///
/// `endpoints` gives for a team's id the URL that every AWS service of that team is asked at; a team without one gets
/// no `endpoint_url`.
///
/// # Errors
/// The embedded template cannot be filled in; never so in a released binary.
pub fn roster(folder: &Path, endpoints: &BTreeMap<String, String>) -> Result<String, ClassError> {
    let damaged = |error: minijinja::Error| ClassError::Roster(error.to_string());
    let mut environment = minijinja::Environment::new();
    // A TOML string takes the same escapes as a JSON string.
    environment.add_filter("quote", |text: &str| serde_json::Value::from(text).to_string());
    let folder = folder.to_string_lossy();
    environment.render_str(ROSTER, minijinja::context! { folder, endpoints }).map_err(damaged)
}

fn make_repository(team: &str, path: &Path) -> Result<(), ClassError> {
    let damaged = |problem| ClassError::History { team: team.to_owned(), problem };
    let source = match team {
        "falcon" => &FALCON,
        "heron" => &HERON,
        "osprey" => &OSPREY,
        _ => return Err(damaged("nothing is known of this team".to_owned())),
    };
    let text = source.get_file("history.toml").and_then(|file| file.contents_utf8());
    let history = History::parse(text.unwrap_or_default()).map_err(damaged)?;
    let files = files_of(source, &history).map_err(damaged)?;
    Writer::create(path, &history, &files).and_then(Writer::write).map_err(|failure| match failure {
        Failure::Git(source) => ClassError::Git { team: team.to_owned(), source },
        Failure::History(problem) => damaged(problem),
    })
}

/// Path in the repository → text.
fn files_of(source: &'static Dir<'static>, history: &History) -> Result<BTreeMap<String, String>, String> {
    let root = source.path().join("files");
    let mut files = BTreeMap::new();
    let mut waiting: Vec<&Dir<'_>> = source.get_dir(&root).into_iter().collect();
    while let Some(folder) = waiting.pop() {
        waiting.extend(folder.dirs());
        for file in folder.files() {
            let name = file.path().strip_prefix(&root).unwrap_or(file.path()).to_string_lossy().replace('\\', "/");
            let text = file.contents_utf8().ok_or_else(|| format!("{name} is not text"))?;
            let path = history.stored_as.get(&name).unwrap_or(&name);
            files.insert(path.clone(), text.replace(KEY_PLACEHOLDER, &KEY_HALVES.concat()));
        }
    }
    Ok(files)
}

enum Failure {
    Git(git2::Error),
    History(String),
}

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Self {
        Self::Git(error)
    }
}

/// Writes one history.
struct Writer<'a> {
    repository: Repository,
    history: &'a History,
    files: &'a BTreeMap<String, String>,
    branches: BTreeMap<String, Oid>,
    states: BTreeMap<Oid, State>,
}

impl<'a> Writer<'a> {
    fn create(path: &Path, history: &'a History, files: &'a BTreeMap<String, String>) -> Result<Self, Failure> {
        let mut options = RepositoryInitOptions::new();
        // The user's templates could bring hooks along.
        options.bare(true).no_reinit(true).mkpath(true).external_template(false).initial_head("main");
        let repository = Repository::init_opts(path, &options)?;
        Ok(Self { repository, history, files, branches: BTreeMap::new(), states: BTreeMap::new() })
    }

    fn write(mut self) -> Result<(), Failure> {
        for step in &self.history.commit {
            self.commit(step)?;
        }
        let end = self.branches.get("main").and_then(|tip| self.states.get(tip)).cloned().unwrap_or_default();
        self.history.check_end(&end, self.files).map_err(Failure::History)?;
        for (name, tip) in &self.branches {
            self.repository.reference(&format!("refs/heads/{name}"), *tip, false, "made by the demo")?;
        }
        Ok(())
    }

    fn commit(&mut self, step: &Step) -> Result<(), Failure> {
        let tip = self.branches.get(&step.on).or_else(|| self.branches.get("main")).copied();
        let mut parents: Vec<Oid> = tip.into_iter().collect();
        let mut state = tip.and_then(|tip| self.states.get(&tip)).cloned().unwrap_or_default();
        if let Some(name) = &step.merges {
            let missing = || Failure::History(format!("{}: there is no branch {name} to merge", step.when));
            let (theirs, ours) = (self.branches.remove(name).ok_or_else(missing)?, tip.ok_or_else(missing)?);
            let base = self.repository.merge_base(ours, theirs)?;
            let of = |id: &Oid| self.states.get(id).cloned().unwrap_or_default();
            state = merge(&of(&base), state, of(&theirs))
                .map_err(|problem| Failure::History(format!("{}: {problem}", step.when)))?;
            parents.push(theirs);
        }
        let state = self.history.apply(step, state, self.files).map_err(Failure::History)?;

        let tree = self.tree(&state)?;
        let author = &self.history.authors[&step.by];
        let (time, offset) = seconds(&step.when).map_err(Failure::History)?;
        let signature = Signature::new(&author.name, &author.email, &Time::new(time, offset))?;
        let tree = self.repository.find_tree(tree)?;
        let parents: Vec<_> = parents.iter().map(|id| self.repository.find_commit(*id)).collect::<Result<_, _>>()?;
        let parents: Vec<_> = parents.iter().collect();
        let message = format!("{}\n", step.message.trim());
        let id = self.repository.commit(None, &signature, &signature, &message, &tree, &parents)?;
        self.states.insert(id, state);
        self.branches.insert(step.on.clone(), id);
        Ok(())
    }

    fn tree(&self, state: &State) -> Result<Oid, Failure> {
        let empty = self.repository.find_tree(self.repository.treebuilder(None)?.write()?)?;
        let mut tree = TreeUpdateBuilder::new();
        for path in state.lines.keys() {
            let content = self.history.content(path, state, self.files).unwrap_or_default();
            let mode = if path.ends_with(".sh") { FileMode::BlobExecutable } else { FileMode::Blob };
            tree.upsert(path.as_str(), self.repository.blob(content.as_bytes())?, mode);
        }
        Ok(tree.create_updated(&self.repository, &empty)?)
    }
}
