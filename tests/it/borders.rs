//! What a team's repository may lead the grader to: nowhere. The counts are printed by
//! `cargo test --test it borders:: -- --nocapture`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use stackmark_collect::{Limits, Silent};
use stackmark_evidence::{Cause, Unreadable};
use stackmark_history::RepositorySource;
use stackmark_history::repo::obtain;

use crate::support::history::History;

/// A server that answers each request with the same head, and tells what it was asked.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                head.push(byte[0]);
            }
            let first = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            // The proxy's own wake-up call says nothing.
            if !first.is_empty() {
                seen.lock().unwrap().push(first.clone());
                let _ = stream.write_all(answer(&first).as_bytes());
            }
        }
    });
    (address, asked)
}

fn clone_of(location: String, allow_private: bool) -> Result<(), Unreadable> {
    let source = RepositorySource { location, allow_private, ..RepositorySource::default() };
    obtain(&source, &Limits::default(), &Silent).map(|_| ())
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

const PATH: &str = "admin?x=/info/refs?service=git-upload-pack";

#[test]
fn a_redirect_leads_to_no_address_inside() {
    let (inside, asked) = serve(|_| "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx".to_owned());
    let port = inside.port();
    let targets = [
        format!("http://127.0.0.1:{port}/{PATH}"),
        format!("http://localhost:{port}/{PATH}"),
        format!("http://0.0.0.0:{port}/{PATH}"),
        format!("http://[::ffff:127.0.0.1]:{port}/{PATH}"),
        format!("http://2130706433:{port}/{PATH}"),
        format!("http://127.1:{port}/{PATH}"),
        format!("http://10.0.0.1:{port}/{PATH}"),
        format!("http://169.254.169.254/{PATH}"),
        format!("http://[fd00:ec2::254]/{PATH}"),
    ];
    let mut refused = 0;
    for target in &targets {
        let to = target.clone();
        let (forge, _) = serve(move |_| redirect(&to));
        let failure = clone_of(format!("http://{forge}/team.git"), false).unwrap_err();
        assert!(matches!(failure.cause, Cause::Refused | Cause::Unreachable), "{target}: {failure}");
        refused += usize::from(failure.cause == Cause::Refused);
    }
    assert_eq!(*asked.lock().unwrap(), [""; 0]);
    println!("{refused} of {} redirects refused by the guard, none arrived", targets.len());
    assert!(refused >= targets.len() - 2, "{refused}: all but forms that this machine does not resolve");
}

#[test]
fn each_hop_is_looked_at_and_consent_lifts_all_but_metadata() {
    let (inside, asked) =
        serve(|_| "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned());
    let chain = move |first: &str| match first.contains("/moved/") {
        false => redirect("/moved/info/refs?service=git-upload-pack"),
        true => redirect(&format!("http://{inside}/{PATH}")),
    };
    let (forge, hops) = serve(chain);
    let failure = clone_of(format!("http://{forge}/team.git"), false).unwrap_err();
    assert_eq!(failure.cause, Cause::Refused, "{failure}");
    assert!(failure.detail.contains("--allow-private"), "{failure}");
    assert!(hops.lock().unwrap().len() >= 2 && asked.lock().unwrap().is_empty());

    let (forge, _) = serve(chain);
    let failure = clone_of(format!("http://{forge}/team.git"), true).unwrap_err();
    assert_ne!(failure.cause, Cause::Refused, "{failure}");
    assert_eq!(asked.lock().unwrap().len(), 1);

    let (forge, _) = serve(|_| redirect("http://169.254.169.254/info/refs?service=git-upload-pack"));
    let failure = clone_of(format!("http://{forge}/team.git"), true).unwrap_err();
    assert!(failure.cause == Cause::Refused && failure.detail.contains("metadata"), "{failure}");
}

/// A folder with a `.git` of its own, of a commit by somebody else.
fn handed_in() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = History::new();
    own.as_author("Mal", "mal@uni.example").write("m.py", "m = 1\n").commit("Add m");
    copy(own.path(), &folder.path().join(".git"));
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to)
        } else {
            drop(std::fs::copy(entry.path(), to))
        }
    }
}

#[cfg(unix)]
#[test]
fn a_handed_in_repository_leads_to_no_other() {
    use std::os::unix::fs::symlink;
    let victim = History::new();
    victim.as_author("Vic", "vic@uni.example").write("v.py", "v = 1\n").commit("Add v");
    let tip = victim.tip().unwrap();
    let theirs = victim.path();
    let remove = |path: &Path| drop(std::fs::remove_dir_all(path).or_else(|_| std::fs::remove_file(path)));
    let point = |git: &Path| std::fs::write(git.join("refs/heads/main"), format!("{tip}\n")).unwrap();
    type Lead<'l> = (&'l str, Box<dyn Fn(&Path) + 'l>);
    let leads: Vec<Lead<'_>> = vec![
        (
            "a gitdir file",
            Box::new(|git: &Path| {
                remove(git);
                std::fs::write(git, format!("gitdir: {}\n", theirs.display())).unwrap();
            }),
        ),
        (
            "a link for .git",
            Box::new(|git: &Path| {
                remove(git);
                symlink(theirs, git).unwrap();
            }),
        ),
        (
            "commondir",
            Box::new(|git: &Path| std::fs::write(git.join("commondir"), format!("{}\n", theirs.display())).unwrap()),
        ),
        (
            "alternates",
            Box::new(|git: &Path| {
                std::fs::create_dir_all(git.join("objects/info")).unwrap();
                std::fs::write(git.join("objects/info/alternates"), format!("{}\n", theirs.join("objects").display()))
                    .unwrap();
                point(git);
            }),
        ),
        (
            "a link for objects",
            Box::new(|git: &Path| {
                remove(&git.join("objects"));
                symlink(theirs.join("objects"), git.join("objects")).unwrap();
                point(git);
            }),
        ),
        (
            "a link for objects/pack",
            Box::new(|git: &Path| {
                remove(&git.join("objects/pack"));
                symlink(theirs.join("objects/pack"), git.join("objects/pack")).unwrap();
            }),
        ),
        (
            "a link for refs",
            Box::new(|git: &Path| {
                remove(&git.join("refs"));
                symlink(theirs.join("refs"), git.join("refs")).unwrap();
            }),
        ),
        (
            "a link for a branch",
            Box::new(|git: &Path| {
                remove(&git.join("refs/heads/main"));
                symlink(theirs.join("refs/heads/main"), git.join("refs/heads/main")).unwrap();
            }),
        ),
        (
            "a link for HEAD",
            Box::new(|git: &Path| {
                remove(&git.join("HEAD"));
                symlink(theirs.join("HEAD"), git.join("HEAD")).unwrap();
            }),
        ),
        (
            "a link for packed-refs",
            Box::new(|git: &Path| {
                remove(&git.join("packed-refs"));
                symlink(theirs.join("HEAD"), git.join("packed-refs")).unwrap();
            }),
        ),
    ];
    for (name, lead) in &leads {
        let folder = handed_in();
        lead(&folder.path().join(".git"));
        let failure = clone_of(folder.path().display().to_string(), false).expect_err(name);
        assert_eq!(failure.cause, Cause::Refused, "{name}: {failure}");
        assert!(failure.detail.contains("nothing outside of the folder"), "{name}: {failure}");
    }
    // The folder itself, with and without the slash that makes a link the folder it leads to.
    let (folder, other) = (tempfile::tempdir().unwrap(), handed_in());
    symlink(other.path(), folder.path().join("team")).unwrap();
    for place in ["team", "team/"] {
        let failure = clone_of(folder.path().join(place).display().to_string(), false).expect_err(place);
        assert_eq!(failure.cause, Cause::Refused, "{place}: {failure}");
        assert!(failure.detail.contains("it is a link"), "{place}: {failure}");
    }
    println!("{} of {} ways to another repository refused", leads.len() + 2, leads.len() + 2);
}

#[test]
fn its_configuration_is_not_obeyed() {
    let folder = handed_in();
    let config = folder.path().join(".git/config");
    let include =
        "[core]\n\tbare = false\n\tworktree = /\n\trepositoryformatversion = 0\n[include]\n\tpath = /dev/zero\n";
    std::fs::write(config, format!("{include}[url \"http://127.0.0.1:1/\"]\n\tinsteadOf = /\n")).unwrap();
    let location = folder.path().display().to_string();
    let source = RepositorySource { location, ..RepositorySource::default() };
    let obtained = obtain(&source, &Limits::default(), &Silent).expect("it is read with a configuration of ours");
    assert_eq!(obtained.source.branches, ["main"]);
    let entries = obtained.repository.config().unwrap();
    assert!(entries.get_string("include.path").is_err());
}
