//! What a roster names, found in the repository: commits, branches, tags, folders.
//!
//! A name that is written otherwise is taken where only one thing can be meant, and that is said; else the instructor is
//! told what there is. It never becomes the team's loss.

use std::collections::BTreeSet;

use git2::{Commit, ErrorCode, ObjectType, Oid, Repository, Tree};
use stackmark_evidence::{Cause, Unreadable};
use unicode_normalization::UnicodeNormalization;

use crate::lack::unreadable;

/// Names that are listed where none fits.
const SHOWN: usize = 10;
/// Folders that are looked through for one of the right name.
const MOST_FOLDERS: usize = 5_000;
const MOST_DEPTH: usize = 8;

/// The commit of an object id or its beginning; an annotated tag's own id leads to its commit.
pub(crate) fn find_commit<'r>(repo: &'r Repository, id: &str) -> Result<Commit<'r>, git2::Error> {
    repo.find_commit_by_prefix(id).or_else(|error| {
        let tag = repo.find_object_by_prefix(id, Some(ObjectType::Tag));
        tag.and_then(|tag| tag.peel_to_commit()).map_err(|_| error)
    })
}

/// A branch or tag that a roster means.
pub(super) struct Named {
    /// The branch; `None` where it is a tag.
    pub(super) branch: Option<String>,
    pub(super) commit: Oid,
    /// How it is written, where the roster has it otherwise.
    pub(super) note: Option<String>,
}

/// The branch of that name, else the tag, else the only one of both that differs in case, in what stands between words or in
/// the zeros that end a version; a prefix of git's is passed over.
///
/// # Errors
/// Where a reference cannot be read.
pub(super) fn find_branch(repo: &Repository, wanted: &str, branches: &[String]) -> Result<Option<Named>, git2::Error> {
    let bare = ["refs/heads/", "heads/", "refs/remotes/origin/", "remotes/origin/", "origin/"]
        .iter()
        .find_map(|prefix| wanted.trim().strip_prefix(prefix))
        .unwrap_or(wanted.trim());
    for name in [wanted, bare] {
        if let Some(commit) = tip_of(repo, name)? {
            let note = (name != wanted).then(|| format!("branch \"{wanted}\" is \"{name}\""));
            return Ok(Some(Named { branch: Some(name.to_owned()), commit, note }));
        }
    }
    let tag = wanted.trim().trim_start_matches("refs/").trim_start_matches("tags/");
    if let Some(commit) = commit_of(repo, &format!("refs/tags/{tag}"))? {
        let note = format!("\"{wanted}\" is a tag, not a branch");
        return Ok(Some(Named { branch: None, commit, note: Some(note) }));
    }
    // The strictest likeness that anything has decides, and there only one thing can be meant.
    let tags = tag_names(repo)?;
    for alike in [is_same_but_for_case, is_same_but_for_signs] {
        let of_branches: Vec<&String> = branches.iter().filter(|name| alike(name, bare)).collect();
        let of_tags: Vec<&String> = tags.iter().filter(|name| alike(name, tag)).collect();
        match (of_branches.as_slice(), of_tags.as_slice()) {
            ([], []) => {}
            ([name], []) => {
                let Some(commit) = tip_of(repo, name)? else { return Ok(None) };
                let note = format!("branch \"{wanted}\" is \"{name}\"");
                return Ok(Some(Named { branch: Some((*name).clone()), commit, note: Some(note) }));
            }
            ([], [name]) => {
                let Some(commit) = commit_of(repo, &format!("refs/tags/{name}"))? else { return Ok(None) };
                let note = format!("\"{wanted}\" is the tag \"{name}\", not a branch");
                return Ok(Some(Named { branch: None, commit, note: Some(note) }));
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Tags that lead to a commit.
pub(super) fn tag_names(repo: &Repository) -> Result<Vec<String>, git2::Error> {
    let mut names = Vec::new();
    for reference in repo.references_glob("refs/tags/*")? {
        let reference = reference?;
        if reference.peel_to_commit().is_ok() {
            let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
            names.push(name.trim_start_matches("refs/tags/").to_owned());
        }
    }
    Ok(names)
}

fn is_same_but_for_case(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// `rendu_tp1` and `rendu-tp1`, `v1.0` and `v1.0.0` or `1.0`.
fn is_same_but_for_signs(a: &str, b: &str) -> bool {
    let version = |name: &str| -> Option<Vec<u64>> {
        let name = folded(name);
        let numbers = name.strip_prefix('v').unwrap_or(&name).split('.');
        let mut numbers: Vec<u64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(numbers)
    };
    match (version(a), version(b)) {
        (Some(a), Some(b)) => a == b,
        _ => loosely(a) == loosely(b),
    }
}

/// The commit of a local branch, or of one of `origin`.
pub(super) fn tip_of(repo: &Repository, branch: &str) -> Result<Option<Oid>, git2::Error> {
    for name in [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")] {
        if let Some(commit) = commit_of(repo, &name)? {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

/// What leads anywhere in a repository without a branch.
pub(super) struct Others {
    /// Names of the references without `refs/`, in git's order.
    pub(super) names: Vec<String>,
    /// The only commit that they lead to; `None` where there are several, or one cannot be found.
    pub(super) only: Option<Oid>,
}

/// All references but symbolic ones and notes, which are no work.
///
/// # Errors
/// Where a reference cannot be read.
pub(super) fn others(repo: &Repository) -> Result<Others, git2::Error> {
    let (mut names, mut commits) = (Vec::new(), BTreeSet::new());
    for reference in repo.references()? {
        let reference = reference?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        if reference.symbolic_target_bytes().is_some() || name.starts_with("refs/notes/") {
            continue;
        }
        commits.insert(reference.peel_to_commit().ok().map(|commit| commit.id()));
        names.push(name.strip_prefix("refs/").unwrap_or(&name).to_owned());
    }
    let only = if commits.len() == 1 { commits.pop_first().flatten() } else { None };
    Ok(Others { names, only })
}

/// The commit that a reference leads to, past annotated tags.
fn commit_of(repo: &Repository, reference: &str) -> Result<Option<Oid>, git2::Error> {
    if !git2::Reference::is_valid_name(reference) {
        return Ok(None);
    }
    match repo.find_reference(reference) {
        Ok(found) => match found.peel_to_commit() {
            Ok(commit) => Ok(Some(commit.id())),
            // A tag of a folder or a file.
            Err(error) if matches!(error.code(), ErrorCode::Peel | ErrorCode::InvalidSpec) => {
                let what = reference.trim_start_matches("refs/").replacen("tags/", "tag ", 1);
                Err(git2::Error::from_str(&format!("{what} leads to no commit: correct it in the roster")))
            }
            Err(error) => Err(error),
        },
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// `it has main, dev`, those most like `wanted` first; `what` is the word for several of them.
pub(super) fn those_that_exist(wanted: &str, names: &[String], what: &str) -> String {
    if names.is_empty() {
        return format!("it has no {what} at all");
    }
    let names = nearest(wanted, names);
    match names.len() {
        count if count > SHOWN => format!("it has {} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        _ => format!("it has {}", names.join(", ")),
    }
}

/// Those that are like `wanted` first, the others in their order.
fn nearest(wanted: &str, names: &[String]) -> Vec<String> {
    const ALIKE: f64 = 0.8;
    let likeness = |name: &str| strsim::jaro_winkler(&folded(wanted), &folded(name));
    let (mut alike, others): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| likeness(name) >= ALIKE);
    alike.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    alike.into_iter().chain(others).cloned().collect()
}

/// Without regard to case and to how accents are encoded.
fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

/// As [`folded`], without what stands between words or before a number: `TP-1`, `tp_01` and `TP 1` are one name. Between
/// two numbers it stays, for `lab1-2` is not `lab12`.
fn loosely(name: &str) -> String {
    let mut plain = String::new();
    let name = folded(name);
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let before = plain.ends_with(|c: char| c.is_ascii_digit());
        let after = rest.peek().is_some_and(char::is_ascii_digit);
        let between = matches!(c, '-' | '_' | ' ') && !(before && after);
        let leads_a_number = c == '0' && !before && after;
        if !(between || leads_a_number) {
            plain.push(c);
        }
    }
    plain
}

/// A folder of the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// As the repository has it, without slashes at its ends; `None` is the whole repository.
    pub path: Option<String>,
    /// How it is written, where the roster has it otherwise.
    pub note: Option<String>,
}

/// Finds the folder that `wanted` names at a commit: `TP1`, `./TP1`, `TP1/`, and `tp1` or `TP-01` where only one can be
/// meant.
///
/// # Errors
/// `Unreachable` where there is none, with those that there are; `Malformed` where a tree is missing or damaged.
pub fn find_folder(repo: &Repository, commit: &str, wanted: &str) -> Result<Folder, Unreadable> {
    let damaged =
        |error: git2::Error| unreadable(Cause::Malformed, format!("tree of {commit}: {}", error.message()), &error);
    let plain = wanted.replace('\\', "/");
    let parts: Vec<&str> = plain.split('/').map(str::trim).filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() {
        return Ok(Folder::default());
    }
    let root = Oid::from_str(commit).and_then(|id| repo.find_commit(id)?.tree()).map_err(damaged)?;
    let mut tree = root.clone();
    let mut path: Vec<String> = Vec::new();
    for part in &parts {
        let names = folders_of(&tree);
        let only = |form: fn(&str) -> String| {
            let mut alike = names.iter().filter(|name| form(name) == form(part));
            alike.next().filter(|_| alike.next().is_none())
        };
        let found = names.iter().find(|name| name == part).or_else(|| only(folded)).or_else(|| only(loosely));
        let Some(name) = found else {
            return Err(missing(repo, commit, wanted, &root, &tree, &path.join("/"), part));
        };
        let id = tree.get_name(name).map(|entry| entry.id());
        let Some(id) = id else { return Err(missing(repo, commit, wanted, &root, &tree, &path.join("/"), part)) };
        path.push(name.clone());
        tree = repo.find_tree(id).map_err(damaged)?;
    }
    let path = path.join("/");
    let note = (path != parts.join("/")).then(|| format!("folder \"{wanted}\" is \"{path}\""));
    Ok(Folder { path: Some(path), note })
}

/// Names of the folders in a tree, in its order.
fn folders_of(tree: &Tree<'_>) -> Vec<String> {
    let folders = tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Tree));
    folders.map(|entry| String::from_utf8_lossy(entry.name_bytes()).into_owned()).collect()
}

fn missing(
    repo: &Repository,
    commit: &str,
    wanted: &str,
    root: &Tree<'_>,
    tree: &Tree<'_>,
    within: &str,
    part: &str,
) -> Unreadable {
    let commit: String = commit.chars().take(10).collect();
    let is_link = tree.iter().any(|entry| {
        entry.kind() == Some(ObjectType::Commit) && folded(&String::from_utf8_lossy(entry.name_bytes())) == folded(part)
    });
    if is_link {
        let detail = format!(
            "folder \"{wanted}\" of commit {commit} is a link to another repository, whose files are not here; commit the \
             files themselves"
        );
        return Unreadable::new(Cause::Unreachable, detail);
    }
    let mut deeper = Vec::new();
    same_name(repo, root, "", part, 0, &mut 0, &mut deeper);
    let there = match (deeper.is_empty(), within) {
        (false, _) => format!("did you mean {}?", deeper.join(", ")),
        (true, "") => those_that_exist(part, &folders_of(tree), "folders"),
        (true, within) => format!("in {within} {}", those_that_exist(part, &folders_of(tree), "folders")),
    };
    let fix = "correct the folder in the roster (or --folder), or commit it";
    let detail = format!("commit {commit} has no folder \"{wanted}\"; {there}; {fix}");
    Unreadable::new(Cause::Unreachable, detail)
}

/// Folders anywhere whose last part is `part`, without regard to case.
fn same_name(
    repo: &Repository,
    tree: &Tree<'_>,
    within: &str,
    part: &str,
    depth: usize,
    seen: &mut usize,
    found: &mut Vec<String>,
) {
    for name in folders_of(tree) {
        *seen += 1;
        if depth > MOST_DEPTH || *seen > MOST_FOLDERS || found.len() >= SHOWN {
            return;
        }
        let path = if within.is_empty() { name.clone() } else { format!("{within}/{name}") };
        if folded(&name) == folded(part) {
            found.push(path.clone());
        }
        if let Some(below) = tree.get_name(&name).and_then(|entry| repo.find_tree(entry.id()).ok()) {
            same_name(repo, &below, &path, part, depth + 1, seen, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository whose only commit holds empty files at `paths`, each in one folder or none.
    fn with_files(paths: &[&str]) -> (tempfile::TempDir, Repository, String) {
        let directory = tempfile::tempdir().expect("a directory");
        let repo = Repository::init_bare(directory.path()).expect("a repository");
        let id = {
            let blob = repo.blob(b"x\n").expect("a blob");
            let mut root = repo.treebuilder(None).expect("a builder");
            for path in paths {
                let (name, id, mode) = match path.split_once('/') {
                    Some((folder, file)) => {
                        let mut below = repo.treebuilder(None).expect("a builder");
                        match file.split_once('/') {
                            Some((folder, file)) => {
                                let mut last = repo.treebuilder(None).expect("a builder");
                                last.insert(file, blob, 0o100_644).expect("a file");
                                below.insert(folder, last.write().expect("a tree"), 0o040_000).expect("a folder");
                            }
                            None => drop(below.insert(file, blob, 0o100_644).expect("a file")),
                        }
                        (folder, below.write().expect("a tree"), 0o040_000)
                    }
                    None => (*path, blob, 0o100_644),
                };
                root.insert(name, id, mode).expect("an entry");
            }
            let tree = repo.find_tree(root.write().expect("a tree")).expect("the tree");
            let sign = git2::Signature::new("Ana", "ana@uni.example", &git2::Time::new(0, 0)).expect("a signature");
            repo.commit(Some("refs/heads/main"), &sign, &sign, "Add files", &tree, &[]).expect("a commit")
        };
        (directory, repo, id.to_string())
    }

    #[test]
    fn a_folder_written_otherwise_is_found_where_it_is_plain() {
        let (_directory, repo, commit) = with_files(&["TP1/a.py", "Été/b.py", "README.md"]);
        for (wanted, path, said) in [
            ("TP1", Some("TP1"), false),
            ("TP1/", Some("TP1"), false),
            ("./TP1", Some("TP1"), false),
            ("\\TP1\\", Some("TP1"), false),
            ("tp1", Some("TP1"), true),
            (" Tp1 ", Some("TP1"), true),
            ("e\u{301}te\u{301}", Some("Été"), true),
            (".", None, false),
            ("./", None, false),
        ] {
            let found = find_folder(&repo, &commit, wanted).unwrap_or_else(|error| panic!("{wanted}: {error}"));
            assert_eq!((found.path.as_deref(), found.note.is_some()), (path, said), "{wanted}");
        }
    }

    #[test]
    fn a_folder_with_other_separators_is_found_where_only_one_can_be_meant() {
        let (_directory, repo, commit) = with_files(&["TP-01/a.py", "lab1-2/b.py", "lab 3/c.py", "lab_03/d.py"]);
        for wanted in ["TP1", "tp_1", "TP 01"] {
            let found = find_folder(&repo, &commit, wanted).unwrap_or_else(|error| panic!("{wanted}: {error}"));
            assert_eq!((found.path.as_deref(), found.note.is_some()), (Some("TP-01"), true), "{wanted}");
        }
        for wanted in ["lab12", "lab1_2", "lab3", "TP10"] {
            assert!(find_folder(&repo, &commit, wanted).is_err(), "{wanted}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_the_rosters_error_with_its_near_misses() {
        let (_directory, repo, commit) = with_files(&["tp1/a.py", "TP1/a.py", "labs/TP4/a.py", "docs/b.md"]);
        for (wanted, told) in [
            ("Tp1", "did you mean TP1, tp1?"),
            ("TP4", "did you mean labs/TP4?"),
            ("TP2", "it has "),
            ("labs/TP9", "in labs it has TP4"),
            ("README.md", "no folder"),
            ("../TP1", "no folder"),
        ] {
            let failure = find_folder(&repo, &commit, wanted).expect_err(wanted);
            assert_eq!(failure.cause, Cause::Unreachable);
            assert!(failure.detail.contains(told), "{failure}");
        }
    }

    #[test]
    fn branches_and_tags_are_found_however_they_are_written() {
        let (_directory, repo, commit) = with_files(&["a.py"]);
        let tip = repo.find_commit(Oid::from_str(&commit).expect("an id")).expect("a commit");
        repo.branch("Dev", &tip, false).expect("a branch");
        let tag = repo.tag("v1", tip.as_object(), &tip.author(), "First", false).expect("a tag");
        let branches = vec!["Dev".to_owned(), "main".to_owned()];
        for (wanted, branch, said) in [
            ("main", Some("main"), false),
            ("origin/main", Some("main"), true),
            ("refs/heads/main", Some("main"), true),
            ("dev", Some("Dev"), true),
            ("v1", None, true),
            ("refs/tags/v1", None, true),
        ] {
            let found = find_branch(&repo, wanted, &branches).expect("readable").expect(wanted);
            assert_eq!((found.branch.as_deref(), found.note.is_some()), (branch, said), "{wanted}");
            assert_eq!(found.commit, tip.id(), "{wanted}: an annotated tag leads to its commit");
        }
        repo.tag_lightweight("Rendu-TP1", tip.as_object(), false).expect("a tag");
        repo.tag_lightweight("v2.0.0", tip.as_object(), false).expect("a tag");
        repo.branch("final-version", &tip, false).expect("a branch");
        let branches = vec!["Dev".to_owned(), "final-version".to_owned(), "main".to_owned()];
        for (wanted, branch) in [
            ("V1", None),
            ("v1.0", None),
            ("1", None),
            ("rendu-tp1", None),
            ("rendu_tp1", None),
            ("v2.0", None),
            ("final_version", Some("final-version")),
        ] {
            let found = find_branch(&repo, wanted, &branches).expect("readable").expect(wanted);
            assert_eq!((found.branch.as_deref(), found.note.is_some()), (branch, true), "{wanted}");
        }
        repo.tag_lightweight("V2", tip.as_object(), false).expect("a tag");
        assert!(find_branch(&repo, "v2.0", &branches).expect("readable").is_none(), "two tags may be meant");
        let branches = vec!["Dev".to_owned(), "main".to_owned()];
        for wanted in ["release", "v1.0.1", "v3", "rendu-tp2"] {
            assert!(find_branch(&repo, wanted, &branches).expect("readable").is_none(), "{wanted}");
        }
        let tree = tip.tree().expect("a tree");
        repo.tag_lightweight("folder", tree.as_object(), false).expect("a tag");
        let told = find_branch(&repo, "folder", &branches).err().map(|error| error.message().to_owned());
        assert_eq!(told.as_deref(), Some("tag folder leads to no commit: correct it in the roster"));
        assert!(!tag_names(&repo).expect("readable").contains(&"folder".to_owned()));
        assert_eq!(find_commit(&repo, &tag.to_string()).expect("the tag's commit").id(), tip.id());
        assert_eq!(those_that_exist("man", &branches, "branches"), "it has main, Dev");
        assert_eq!(those_that_exist("man", &[], "branches"), "it has no branches at all");
    }
}
