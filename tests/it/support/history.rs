//! Scripted git histories: made with libgit2 alone, at fixed dates, without the user's configuration or templates.
//!
//! ```ignore
//! let history = History::new();
//! history.as_author("Ana", "ana@uni.example").write("a.py", "x = 1\n").commit("Add a");
//! ```

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use git2::{ObjectType, Oid, Repository, Signature, Time};
use tempfile::TempDir;

/// 2024-09-02 08:00:00 UTC, a Monday: when the first commit is made. Each later one is an hour after the one before.
pub(crate) const START: i64 = 1_725_264_000;

/// A signature as GitHub puts it below what it commits: it names GitHub's key, and signs nothing.
const BY_GITHUB: &str = "wh0EAAEIABAFAmWm8AAJELVpDu67lSGUAAASNAAI/w==";
/// The same with another key's id.
pub(crate) const BY_ANOTHER: &str = "wh0EAAEIABAFAmWm8AAJEBEiM0RVZneIAAASNAAI/w==";

/// A bare repository that a test writes commit by commit.
pub(crate) struct History {
    directory: TempDir,
    repository: Repository,
    files: RefCell<BTreeMap<String, (Vec<u8>, i32)>>,
    branch: RefCell<String>,
    author: RefCell<(String, String)>,
    committer: RefCell<Option<(String, String, i64)>>,
    signature: RefCell<Option<String>>,
    clock: Cell<i64>,
    offset_minutes: Cell<i32>,
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

impl History {
    /// An empty repository with `HEAD` on `main`.
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("main");
        let repository = Repository::init_opts(directory.path(), &options).expect("a repository");
        Self {
            directory,
            repository,
            files: RefCell::default(),
            branch: RefCell::new("main".to_owned()),
            author: RefCell::new(("Ana García".to_owned(), "ana@uni.example".to_owned())),
            committer: RefCell::default(),
            signature: RefCell::default(),
            clock: Cell::new(START),
            offset_minutes: Cell::new(0),
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The repository itself.
    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Who makes the next commits.
    pub(crate) fn as_author(&self, name: &str, email: &str) -> &Self {
        self.author.replace((name.to_owned(), email.to_owned()));
        self
    }

    /// Who else than its author commits the next commit, and when, in seconds since the epoch.
    pub(crate) fn committed_by(&self, name: &str, email: &str, seconds: i64) -> &Self {
        self.committer.replace(Some((name.to_owned(), email.to_owned(), seconds)));
        self
    }

    /// GitHub makes the next commit, and signs it.
    pub(crate) fn committed_by_github(&self, seconds: i64) -> &Self {
        self.signed_with(BY_GITHUB).committed_by("GitHub", "noreply@github.com", seconds)
    }

    /// The next commit carries this OpenPGP signature, in base64.
    pub(crate) fn signed_with(&self, packet: &str) -> &Self {
        self.signature.replace(Some(packet.to_owned()));
        self
    }

    /// When the next commit is made, seconds since the epoch, and in which offset from then on.
    pub(crate) fn at(&self, seconds: i64, offset_minutes: i32) -> &Self {
        self.clock.set(seconds);
        self.offset_minutes.set(offset_minutes);
        self
    }

    /// Puts a file into the next commit.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        self.files.borrow_mut().insert(path.to_owned(), (content.as_ref().to_vec(), 0o100_644));
        self
    }

    /// Makes a file executable in the next commit.
    pub(crate) fn executable(&self, path: &str) -> &Self {
        self.files.borrow_mut().get_mut(path).expect("the file is there").1 = 0o100_755;
        self
    }

    /// Puts a symbolic link into the next commit.
    pub(crate) fn link(&self, path: &str, target: &str) -> &Self {
        self.files.borrow_mut().insert(path.to_owned(), (target.as_bytes().to_vec(), 0o120_000));
        self
    }

    /// Puts a link to a commit of another repository into the next commit, as `git add` makes one of a clone.
    pub(crate) fn gitlink(&self, path: &str, commit: &str) -> &Self {
        self.files.borrow_mut().insert(path.to_owned(), (commit.as_bytes().to_vec(), 0o160_000));
        self
    }

    /// Takes a file out of the next commit.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        assert!(self.files.borrow_mut().remove(path).is_some(), "{path} is there");
        self
    }

    /// Moves a file in the next commit.
    pub(crate) fn rename(&self, from: &str, to: &str) -> &Self {
        let file = self.files.borrow_mut().remove(from).expect("the file is there");
        self.files.borrow_mut().insert(to.to_owned(), file);
        self
    }

    /// Commits the files as they stand on the current branch.
    pub(crate) fn commit(&self, message: &str) -> Oid {
        let parents: Vec<Oid> = self.tip().into_iter().collect();
        self.commit_onto(message, &parents)
    }

    /// Goes on on another branch, which begins here if it is new.
    pub(crate) fn switch(&self, branch: &str) -> &Self {
        let name = format!("refs/heads/{branch}");
        match self.repository.refname_to_id(&name) {
            Ok(tip) => self.load(tip),
            Err(_) => {
                let tip = self.tip().expect("a commit to begin at");
                self.repository.reference(&name, tip, false, "test").expect("a branch");
            }
        }
        self.branch.replace(branch.to_owned());
        self
    }

    /// Merges `other` into the current branch: the files of both, the other's where they differ.
    pub(crate) fn merge(&self, other: &str, message: &str) -> Oid {
        self.merge_into(other, message, &[])
    }

    /// The same, with other content in some files: how a conflict was settled.
    pub(crate) fn merge_into(&self, other: &str, message: &str, settled: &[(&str, &str)]) -> Oid {
        let ours = self.tip().expect("a commit to merge into");
        let theirs = self.repository.refname_to_id(&format!("refs/heads/{other}")).expect("the branch to merge");
        let kept = self.files.borrow().clone();
        self.load(theirs);
        for (path, file) in kept {
            self.files.borrow_mut().entry(path).or_insert(file);
        }
        for (path, content) in settled {
            self.write(path, content);
        }
        self.commit_onto(message, &[ours, theirs])
    }

    /// Puts another repository's files below `folder`, as `git subtree add --squash` does: a commit without parents that has
    /// them at its root, and a merge.
    pub(crate) fn subtree(&self, folder: &str, files: &[(&str, &str)]) -> Oid {
        let ours = self.tip().expect("a commit to merge into");
        let kept = self.files.replace(BTreeMap::new());
        for (path, content) in files {
            self.write(path, content);
        }
        let branch = self.branch.replace("squashed".to_owned());
        let squashed = self.commit_onto(
            &format!(
                "Squashed '{folder}/' content from commit 0123abc\n\ngit-subtree-dir: {folder}\ngit-subtree-split: 0123abc\n"
            ),
            &[],
        );
        self.branch.replace(branch);
        let mut made = self.repository.find_reference("refs/heads/squashed").expect("a branch");
        made.delete().expect("no branch any more");
        self.files.replace(kept);
        for (path, content) in files {
            self.write(&format!("{folder}/{path}"), content);
        }
        self.commit_onto(&format!("Merge commit '{squashed}' as '{folder}'"), &[ours, squashed])
    }

    /// The tip of the current branch.
    pub(crate) fn tip(&self) -> Option<Oid> {
        self.repository.refname_to_id(&format!("refs/heads/{}", self.branch.borrow())).ok()
    }

    fn commit_onto(&self, message: &str, parents: &[Oid]) -> Oid {
        let now = self.clock.get();
        self.clock.set(now + 3_600);
        let (name, email) = self.author.borrow().clone();
        let time = Time::new(now, self.offset_minutes.get());
        let signature = Signature::new(&name, &email, &time).expect("a signature");
        let committer = self.committer.borrow_mut().take().map_or_else(
            || signature.clone(),
            |(name, email, seconds)| {
                let time = Time::new(seconds, self.offset_minutes.get());
                Signature::new(&name, &email, &time).expect("a signature")
            },
        );
        let tree = self.repository.find_tree(self.write_tree("")).expect("the tree");
        let parents: Vec<_> =
            parents.iter().map(|parent| self.repository.find_commit(*parent).expect("a parent")).collect();
        let parents: Vec<_> = parents.iter().collect();
        let reference = format!("refs/heads/{}", self.branch.borrow());
        let Some(packet) = self.signature.take() else {
            let made = self.repository.commit(Some(&reference), &signature, &committer, message, &tree, &parents);
            return made.expect("a commit");
        };
        let content = self.repository.commit_create_buffer(&signature, &committer, message, &tree, &parents);
        let content = content.expect("a commit");
        let pgp = format!("-----BEGIN PGP SIGNATURE-----\n\n{packet}\n=abcd\n-----END PGP SIGNATURE-----\n");
        let id = self.repository.commit_signed(content.as_str().expect("text"), &pgp, None).expect("a signed commit");
        self.repository.reference(&reference, id, true, "test").expect("a branch");
        id
    }

    fn write_tree(&self, folder: &str) -> Oid {
        let files = self.files.borrow();
        let mut builder = self.repository.treebuilder(None).expect("a tree builder");
        let mut below = std::collections::BTreeSet::new();
        for (path, (content, mode)) in files.iter() {
            let Some(rest) = path.strip_prefix(folder) else { continue };
            match rest.split_once('/') {
                Some((name, _)) => drop(below.insert(name.to_owned())),
                None if *mode == 0o160_000 => {
                    let id = std::str::from_utf8(content).ok().and_then(|id| Oid::from_str(id).ok());
                    builder.insert(rest, id.expect("an id"), *mode).expect("an entry");
                }
                None => {
                    let id = self.repository.odb().expect("an odb").write(ObjectType::Blob, content).expect("a blob");
                    builder.insert(rest, id, *mode).expect("an entry");
                }
            }
        }
        for name in below {
            let tree = self.write_tree(&format!("{folder}{name}/"));
            builder.insert(name, tree, 0o040_000).expect("an entry");
        }
        builder.write().expect("a tree")
    }

    fn load(&self, commit: Oid) {
        let mut files = BTreeMap::new();
        let tree = self.repository.find_commit(commit).and_then(|commit| commit.tree()).expect("a tree");
        tree.walk(git2::TreeWalkMode::PreOrder, |root, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                let blob = self.repository.find_blob(entry.id()).expect("a blob");
                let path = format!("{root}{}", String::from_utf8_lossy(entry.name_bytes()));
                files.insert(path, (blob.content().to_vec(), entry.filemode()));
            }
            git2::TreeWalkResult::Ok
        })
        .expect("a walk");
        self.files.replace(files);
    }
}
