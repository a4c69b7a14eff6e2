//! Repositories that are large, cut, partial or damaged: what cannot be counted is reported, never counted wrong.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::history::History;
use crate::support::people::{ANA, lines, member, team_of};
use git2::Repository;
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_evidence::git::{GitEvidence, Head};
use stackmark_evidence::{Cause, Reading, Team};
use stackmark_history::RepositorySource;
use stackmark_history::measure;
use stackmark_history::repo::{choose_head, obtain};

fn team() -> Team {
    team_of(vec![member("ana", ANA)])
}

fn source(path: &Path) -> RepositorySource {
    RepositorySource { location: path.to_string_lossy().into_owned(), in_place: true, ..RepositorySource::default() }
}

fn head_of(repository: &Repository) -> Head {
    choose_head(repository, &source(repository.path())).value().expect("a head").clone()
}

/// Git itself, without anybody's configuration.
fn git(directory: &Path, arguments: &[&str], input: &[u8]) {
    let mut child = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "core.fsync=none"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("git reads");
    let output = child.wait_with_output().expect("git ends");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A few commits by one member, with a branch, a merge that settles a conflict, data and a secret that was removed.
fn small() -> History {
    let history = History::new();
    history.write("a.py", lines("a", 40)).write("data/users.csv", lines("user", 60)).commit("Add a");
    history.write("secret.py", format!("K = '{}Q3EGRIPT7LM2ZW4X'\n", "AKIA")).commit("Add the key");
    history.write("both.py", lines("both", 12)).commit("Begin what both change");
    let both = lines("both", 12);
    history.switch("alb").write("alb/main.py", lines("alb", 30));
    history.write("both.py", both.replace("both_3 ", "port ")).commit("Add the balancer");
    history.switch("main").write("a.py", lines("a", 60)).remove("secret.py");
    history.write("both.py", both.replace("both_9 ", "zone ")).commit("Extend a");
    let settled = both.replace("both_3 ", "port ").replace("both_9 ", "zone ");
    history.merge_into("alb", "Merge branch 'alb'", &[("both.py", &settled)]);
    history.switch("left").write("left.py", lines("left", 5)).commit("Begin the rest");
    history.switch("main");
    history
}

/// Whether a reading is as it was, or says that it could not be read.
fn as_it_was_or_unread<T: PartialEq>(now: &Reading<T>, before: &Reading<T>) -> bool {
    now == before || matches!(now, Reading::Unreadable(failure) if failure.cause == Cause::Malformed)
}

/// The names of the readings that are neither.
fn counted_wrong(now: &GitEvidence, before: &GitEvidence) -> Vec<&'static str> {
    let mut now = now.clone();
    // What could not be searched is listed as such.
    let told = now.hygiene.value().is_none_or(|it| !it.not_searched.is_empty() || it.history_unread.is_some());
    if let (true, Reading::Observed { value: now }, Reading::Observed { value: before }) =
        (told, &mut now.hygiene, &before.hygiene)
    {
        now.clone_from(before);
    }
    // The size of a file that does not count stands in its object's header, which nothing proves: it is no figure
    // that is judged, and reading the file itself has told already.
    if let (true, Reading::Observed { value: now }, Reading::Observed { value: before }) =
        (told, &mut now.contribution, &before.contribution)
    {
        now.excluded.clone_from(&before.excluded);
        // The guess from such sizes gives nobody points: it is what a person is asked to look at.
        now.evenness_with_set_aside = before.evenness_with_set_aside;
        for (member, before) in now.members.iter_mut().zip(&before.members) {
            member.set_aside_lines = before.set_aside_lines;
        }
    }
    [
        ("commits", as_it_was_or_unread(&now.commits, &before.commits)),
        ("contribution", as_it_was_or_unread(&now.contribution, &before.contribution)),
        ("atomicity", as_it_was_or_unread(&now.atomicity, &before.atomicity)),
        ("messages", as_it_was_or_unread(&now.messages, &before.messages)),
        ("coordination", as_it_was_or_unread(&now.coordination, &before.coordination)),
        ("outside", as_it_was_or_unread(&now.outside, &before.outside)),
        ("hygiene", as_it_was_or_unread(&now.hygiene, &before.hygiene)),
    ]
    .into_iter()
    .filter_map(|(name, right)| (!right).then_some(name))
    .collect()
}

#[test]
fn a_damaged_pack_changes_no_figure_in_silence() {
    let history = small();
    git(history.path(), &["repack", "-adq"], b"");
    let head = head_of(history.repository());
    let whole = measure(history.repository(), &head, &team(), None, &Silent);
    assert!(whole.hygiene.value().is_some_and(|hygiene| hygiene.secrets.len() == 1), "{:?}", whole.hygiene);
    let pack = std::fs::read_dir(history.path().join("objects/pack")).expect("packs").flatten();
    let pack = pack.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "pack"));
    let pack = pack.expect("a pack");
    let bytes = std::fs::read(&pack).expect("the pack");
    let mut permissions = std::fs::metadata(&pack).expect("the pack").permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test's own")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&pack, permissions).expect("it may be written");
    let mut damaged = 0;
    for at in (12..bytes.len() - 20).step_by(5) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x15;
        std::fs::write(&pack, &broken).expect("a damaged pack");
        let repository = Repository::open(history.path()).expect("a repository");
        let now = measure(&repository, &head, &team(), None, &Silent);
        assert_eq!(counted_wrong(&now, &whole), [""; 0], "byte {at} of {}", bytes.len());
        damaged += usize::from(now.commits.failure().is_some());
    }
    assert!(damaged > 20, "only {damaged} of the damages were noticed");
}

#[test]
fn any_missing_object_is_missed() {
    let history = small();
    let head = head_of(history.repository());
    let whole = measure(history.repository(), &head, &team(), None, &Silent);
    let mut missed = 0;
    for folder in std::fs::read_dir(history.path().join("objects")).expect("objects").flatten() {
        for object in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
            let bytes = std::fs::read(object.path()).expect("an object");
            std::fs::remove_file(object.path()).expect("removed");
            let repository = Repository::open(history.path()).expect("a repository");
            let now = measure(&repository, &head, &team(), None, &Silent);
            assert_eq!(counted_wrong(&now, &whole), [""; 0], "without {}", object.path().display());
            missed += usize::from(now != whole);
            std::fs::write(object.path(), bytes).expect("put back");
        }
    }
    let mut objects = 0;
    let odb = history.repository().odb().expect("an odb");
    odb.foreach(|_| {
        objects += 1;
        true
    })
    .expect("objects");
    // Of a commit outside the graded history, the tree and the file are not asked for.
    assert_eq!(missed, objects - 2, "all other objects are needed for something");
}

#[test]
fn a_partial_clone_is_not_graded_and_says_why() {
    let history = small();
    history.repository().config().and_then(|mut config| config.set_bool("uploadpack.allowFilter", true)).expect("set");
    let directory = tempfile::tempdir().expect("a directory");
    let from = format!("file://{}", history.path().display());
    git(directory.path(), &["clone", "-q", "--bare", "--filter=blob:none", &from, "partial"], b"");
    let partial = directory.path().join("partial");
    for in_place in [true, false] {
        let source = RepositorySource { in_place, ..source(&partial) };
        let obtained = match obtain(&source, &Limits::default(), &Silent) {
            Ok(obtained) => obtained,
            Err(refused) => {
                assert!(refused.cause == Cause::Malformed && !in_place, "{refused}");
                continue;
            }
        };
        let evidence = measure(&obtained.repository, &head_of(&obtained.repository), &team(), None, &Silent);
        for failure in [evidence.commits.failure(), evidence.contribution.failure(), evidence.coordination.failure()] {
            let failure = failure.expect("it lacks every file");
            assert_eq!(failure.cause, Cause::Malformed);
            assert!(!in_place || failure.detail.contains("without --filter"), "{failure}");
        }
        assert!(evidence.hygiene.failure().is_some(), "{:?}", evidence.hygiene);
    }
}

#[test]
fn tens_of_thousands_of_files_are_counted() {
    const FILES: usize = 20_000;
    let directory = tempfile::tempdir().expect("a directory");
    git(directory.path(), &["init", "-q", "--bare", "--initial-branch=main", "."], b"");
    let mut stream = Vec::new();
    let commit = |stream: &mut Vec<u8>, when: u32, message: &str| {
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ana <ana@uni.example> {when} +0000\ndata {}\n{message}\n",
            message.len()
        )
        .expect("memory");
    };
    commit(&mut stream, 1_725_264_000, "Add everything");
    for n in 0..FILES {
        let text = format!("x = {n}\n");
        write!(stream, "M 100644 inline src/{}/f{n}.py\ndata {}\n{text}\n", n % 500, text.len()).expect("memory");
    }
    commit(&mut stream, 1_725_350_400, "Move everything");
    writeln!(stream, "R src lib").expect("memory");
    git(directory.path(), &["fast-import", "--quiet"], &stream);

    let repository = Repository::open(directory.path()).expect("a repository");
    let evidence = measure(&repository, &head_of(&repository), &team(), None, &Silent);
    let commits = evidence.commits.value().expect("both commits");
    let counts: Vec<(u64, u64, u64)> =
        commits.iter().map(|commit| (commit.files, commit.added, commit.deleted)).collect();
    assert_eq!(counts, [(FILES as u64, 0, 0), (FILES as u64, FILES as u64, 0)]);
    assert_eq!(evidence.hygiene.value().map(|hygiene| hygiene.secrets.len()), Some(0));
}

/// What needs a damaged picture says so; a clone that fails as a whole is no reason to read nothing.
#[test]
fn one_missing_picture_opens_only_what_needs_it() {
    let history = History::new();
    history.write("a.py", lines("a", 20)).write("README.md", "# Lab\n\nIt starts the cluster.\n");
    history.write("logo.png", b"\x89PNG\0\0").commit("Add a");
    let picture = history.repository().revparse_single("main:logo.png").expect("the picture").id().to_string();
    std::fs::remove_file(history.path().join("objects").join(&picture[..2]).join(&picture[2..])).expect("removed");
    for in_place in [true, false] {
        let source = RepositorySource { in_place, ..source(history.path()) };
        let obtained = obtain(&source, &Limits::default(), &Silent).expect("the rest is there");
        let repository = &obtained.repository;
        assert_eq!(obtained.source.branches, ["main"]);
        let head = choose_head(repository, &source).value().expect("a head").clone();
        let evidence = measure(repository, &head, &team(), None, &Silent);
        assert!(evidence.contribution.value().is_some(), "{:?}", evidence.contribution);
        let hygiene = evidence.hygiene.failure().expect("it looks into every file");
        assert!(hygiene.detail.contains("logo.png"), "{hygiene}");
        let files = stackmark_history::tree::files(repository, &head.commit, None).expect("a list");
        let missing: Vec<&str> = files.iter().filter(|file| file.missing).map(|file| file.path.as_str()).collect();
        assert_eq!(missing, ["logo.png"]);
        let wanted = std::collections::BTreeSet::from(["code.tree".to_owned()]);
        let blobs = stackmark_history::tree::ObjectDatabase(repository);
        let code = stackmark_code::read(&blobs, &stackmark_code::Graded::all_own(&files), &wanted, &Limits::default());
        assert!(code.files.value().is_some() && code.readme.value().is_some());
        assert!(code.tree.failure().is_some(), "its size is not known");
    }
}

/// Links and alternates of a damaged repository lead nowhere.
#[cfg(unix)]
#[test]
fn what_is_left_of_a_damaged_repository_is_its_own() {
    let other = small();
    let key = other.repository().revparse_single("main:a.py").expect("a file").id().to_string();
    let history = History::new();
    history.write("a.py", lines("x", 20)).write("logo.png", b"\x89PNG\0\0").commit("Add a");
    let objects = history.path().join("objects");
    let picture = history.repository().revparse_single("main:logo.png").expect("the picture").id().to_string();
    std::fs::remove_file(objects.join(&picture[..2]).join(&picture[2..])).expect("removed");
    let theirs = other.path().join("objects").join(&key[..2]).join(&key[2..]);
    std::fs::create_dir_all(objects.join(&key[..2])).expect("a folder");
    std::os::unix::fs::symlink(theirs, objects.join(&key[..2]).join(&key[2..])).expect("a link");
    let source = source(history.path());
    let obtained =
        obtain(&RepositorySource { in_place: false, ..source }, &Limits::default(), &Silent).expect("the rest");
    let id = git2::Oid::from_str(&key).expect("an id");
    assert!(obtained.repository.find_blob(id).is_err(), "a link is not followed");
}
