//! Fetches all branches and tags into a bare repository, within the caps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use git2::{AutotagOption, Direction, FetchOptions, ProxyOptions, RemoteCallbacks, RemoteRedirect, Repository};

use super::credentials::{Offers, token};
use super::location::without_credentials;
use super::obtained::{Obtained, branch_names, new_bare, temporary_directory};
use super::proxy::{Failed, Proxy};
use super::{failure, references};
use crate::RepositorySource;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_evidence::closed::SourceKind;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Lack, Unreadable};

/// How often a slow transfer is shown.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// What the transfer tells the waiting caller.
enum News {
    Transfer(Received),
    Done(Result<Outcome, Unreadable>),
}

/// How a transfer ended.
enum Outcome {
    /// The remote offers the references that were seen before; nothing was fetched.
    Same,
    /// With what has to be said of it, and a hash of the references that were offered, where that was asked for.
    Fetched { notes: Vec<String>, offered: Option<String> },
}

/// How much has come so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) objects: u64,
    pub(super) of_objects: u64,
    pub(super) bytes: u64,
}

impl Received {
    pub(super) fn of(progress: &git2::Progress<'_>) -> Self {
        Self {
            objects: progress.received_objects() as u64,
            of_objects: progress.total_objects() as u64,
            bytes: progress.received_bytes() as u64,
        }
    }

    /// The cap that is exceeded, if any, in words.
    pub(super) fn over(&self, limits: &Limits) -> Option<String> {
        if self.bytes > limits.clone_bytes {
            Some(format!("more than the cap of {} (clone_bytes)", in_bytes(limits.clone_bytes)))
        } else if self.of_objects.max(self.objects) > limits.clone_objects {
            Some(format!(
                "{} objects, more than the cap of {} (clone_objects)",
                grouped(self.of_objects.max(self.objects)),
                grouped(limits.clone_objects)
            ))
        } else {
            None
        }
    }

    /// `cloning: 1,204 of 3,310 objects, 2.1 MB`.
    pub(super) fn line(&self) -> String {
        format!("cloning: {} of {} objects, {}", grouped(self.objects), grouped(self.of_objects), in_bytes(self.bytes))
    }
}

/// Fetches `url` into a temporary bare repository; the location of `source` is what the roster says, for the messages. `None`
/// where the references that it offers are those whose hash is `seen`.
///
/// The transfer runs in a thread of its own: a remote that accepts the connection and never answers cannot hold the
/// caller beyond `limits.clone_time`. Such a thread gives up at its next sign of life, or ends with the process.
pub(super) fn fetch(
    source: &RepositorySource,
    url: &str,
    seen: Option<&str>,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Option<Obtained>, Unreadable> {
    let location = source.location.as_str();
    let printable = without_credentials(location);
    progress.step(&format!("cloning: connecting to {printable}"));
    let directory = temporary_directory()?;
    let path = directory.path().to_owned();
    let abandoned = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let transfer = Transfer {
        url: url.to_owned(),
        source: source.clone(),
        seen: seen.map(str::to_owned),
        path: path.clone(),
        limits: limits.clone(),
        abandoned: Arc::clone(&abandoned),
    };
    std::thread::Builder::new()
        .name("clone".to_owned())
        .spawn(move || {
            let result = transfer.run(&sender);
            // Nobody listens once the caller has given up.
            let _ = sender.send(News::Done(result));
        })
        .map_err(|error| not_started(&printable, &error))?;

    let (notes, offered) = match wait(&receiver, limits.clone_time, progress) {
        Some(result) => match result? {
            Outcome::Same => return Ok(None),
            Outcome::Fetched { notes, offered } => (notes, offered),
        },
        None => {
            abandoned.store(true, Ordering::Relaxed);
            return Err(Unreadable::new(
                Cause::Timeout,
                format!("{printable}: not cloned within the cap of {} s (clone_time)", limits.clone_time.as_secs_f64()),
            ));
        }
    };
    let damaged = |error: git2::Error| failure::of_transfer(&error, location);
    let repository = Repository::open_bare(&path).map_err(damaged)?;
    let branches = branch_names(&repository).map_err(damaged)?;
    let source = Source { location: printable, kind: SourceKind::Clone, branches };
    Ok(Some(Obtained { repository, source, notes, offered, _guard: Some(directory) }))
}

/// This machine gave no thread, or no port of its own.
fn not_started(location: &str, error: &std::io::Error) -> Unreadable {
    Unreadable::new(Cause::Refused, format!("{location}: the clone could not be started: {error}"))
        .lacking(Some(Lack::Machine))
}

/// Shows the news until the transfer is done; `None` when the time is up.
fn wait(receiver: &Receiver<News>, time: Duration, progress: &dyn Progress) -> Option<Result<Outcome, Unreadable>> {
    let start = Instant::now();
    loop {
        match receiver.recv_timeout(time.checked_sub(start.elapsed())?) {
            Ok(News::Transfer(received)) => progress.step(&received.line()),
            Ok(News::Done(result)) => return Some(result),
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => {
                return Some(Err(Unreadable::new(Cause::Malformed, "the clone ended without a result")));
            }
        }
    }
}

/// What the cloning thread owns.
struct Transfer {
    url: String,
    source: RepositorySource,
    seen: Option<String>,
    path: std::path::PathBuf,
    limits: Limits,
    abandoned: Arc<AtomicBool>,
}

impl Transfer {
    fn run(&self, sender: &Sender<News>) -> Result<Outcome, Unreadable> {
        let location = without_credentials(&self.source.location);
        let proxy =
            Proxy::start(&self.url, self.source.allow_private).map_err(|error| not_started(&location, &error))?;
        let mut over = None;
        let outcome = self.transfer(sender, proxy.as_ref(), &mut over);
        if let Some(cap) = over {
            return Err(Unreadable::new(Cause::Refused, format!("{location}: not cloned: {cap}")));
        }
        outcome.map_err(|error| match proxy.and_then(|proxy| proxy.failed()) {
            Some(Failed::Refused(why)) => Unreadable::new(Cause::Refused, format!("{location}: not cloned: {why}")),
            Some(Failed::Unreachable(why, lack)) => {
                Unreadable::new(Cause::Unreachable, format!("{location}: {why}")).lacking(lack)
            }
            None => failure::of_transfer(&error, &self.source.location),
        })
    }

    fn transfer(
        &self,
        sender: &Sender<News>,
        proxy: Option<&Proxy>,
        over: &mut Option<String>,
    ) -> Result<Outcome, git2::Error> {
        let repository = new_bare(&self.path)?;
        if self.token().is_some() {
            // A token must not follow a redirect to a host that the roster did not name.
            repository.config()?.set_str("http.followRedirects", "false")?;
        }
        let url = proxy.map_or_else(|| self.url.clone(), |proxy| proxy.through(&self.url));
        let mut remote = repository.remote_anonymous(&url)?;
        let mut connection = remote.connect_auth(Direction::Fetch, Some(self.callbacks()), Some(through(proxy)))?;
        let default = connection.default_branch().ok();
        let default = default.and_then(|name| name.as_str().ok().map(str::to_owned));
        let heads = connection.list()?;
        let names = references::names(heads);
        let count = names.len();
        let offered = self.seen.as_ref().and_then(|_| references::offered(heads, &names, default.as_deref()));
        if offered.is_some() && offered == self.seen {
            return Ok(Outcome::Same);
        }
        let refspecs = references::refspecs(&names, default.as_deref(), self.source.branch.as_deref());
        let Some(refspecs) = refspecs else {
            *over = Some(references::none_gradable(count));
            return Err(git2::Error::from_str("too many references"));
        };

        let mut callbacks = self.callbacks();
        callbacks.sideband_progress(|_| !self.abandoned.load(Ordering::Relaxed));
        let mut shown = None::<Instant>;
        callbacks.transfer_progress(|progress| {
            let received = Received::of(&progress);
            if let Some(cap) = received.over(&self.limits) {
                *over = Some(cap);
                return false;
            }
            if shown.is_none_or(|at| at.elapsed() >= SHOW_EVERY) {
                shown = Some(Instant::now());
                let _ = sender.send(News::Transfer(received));
            }
            !self.abandoned.load(Ordering::Relaxed)
        });
        let mut options = FetchOptions::new();
        options.remote_callbacks(callbacks).download_tags(AutotagOption::None).follow_redirects(self.redirect());
        options.proxy_options(through(proxy));
        // Over the connection that is open.
        connection.remote().fetch(&refspecs, Some(&mut options), None)?;
        drop(options);
        drop(connection);
        if let Some(name) = default.filter(|name| name.starts_with("refs/heads/")) {
            repository.set_head(&name)?;
        }
        if let Ok(mut head) = repository.find_reference(references::CHECKED_OUT) {
            repository.set_head_detached(head.peel_to_commit()?.id())?;
            head.delete()?;
        }
        Ok(Outcome::Fetched { notes: references::note(count).into_iter().collect(), offered })
    }

    fn callbacks(&self) -> RemoteCallbacks<'_> {
        let mut callbacks = RemoteCallbacks::new();
        let mut offers = Offers::new(self.token());
        callbacks.credentials(move |url, user, allowed| offers.next(url, user, allowed));
        callbacks
    }

    fn token(&self) -> Option<String> {
        token().filter(|_| self.url.starts_with("https://"))
    }

    fn redirect(&self) -> RemoteRedirect {
        if self.token().is_some() { RemoteRedirect::None } else { RemoteRedirect::Initial }
    }
}

/// The options that lead a connection through the proxy.
fn through(proxy: Option<&Proxy>) -> ProxyOptions<'static> {
    let mut options = ProxyOptions::new();
    if let Some(proxy) = proxy {
        options.url(&proxy.url());
    }
    options
}

/// `3310` as `3,310`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the largest unit that keeps a digit before the point, in powers of ten.
pub(super) fn in_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use git2::{Oid, RepositoryInitOptions, Signature, Time};
    use stackmark_collect::Silent;

    use super::*;

    #[test]
    fn nothing_is_fetched_while_the_references_are_those_that_were_seen() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = RepositoryInitOptions::new();
        let remote = Repository::init_opts(folder.path(), options.bare(true).initial_head("main")).unwrap();
        let who = Signature::new("Ana", "ana@uni.example", &Time::new(1_700_000_000, 0)).unwrap();
        let tree = remote.treebuilder(None).unwrap().write().unwrap();
        let tree = remote.find_tree(tree).unwrap();
        let commit = |message: &str| remote.commit(None, &who, &who, message, &tree, &[]).unwrap();
        let (one, two) = (commit("One"), commit("Two"));
        let set = |name: &str, to: Oid| drop(remote.reference(name, to, true, "").unwrap());
        set("refs/heads/main", one);
        set("refs/heads/other", one);
        let url = folder.path().to_string_lossy().into_owned();
        let source = RepositorySource { location: url.clone(), ..RepositorySource::default() };
        let look = |seen: Option<&str>| fetch(&source, &url, seen, &Limits::default(), &Silent).unwrap();
        assert_eq!(look(None).unwrap().offered, None, "nobody asked");
        let mut seen = look(Some("")).unwrap().offered.unwrap();
        let changes: [(&str, &dyn Fn()); 5] = [
            ("a commit", &|| set("refs/heads/main", two)),
            ("a tag", &|| set("refs/tags/v1", one)),
            ("a name", &|| {
                remote.find_reference("refs/heads/other").unwrap().rename("refs/heads/b", true, "").map(drop).unwrap()
            }),
            ("the default branch", &|| remote.set_head("refs/heads/b").unwrap()),
            ("one less", &|| remote.find_reference("refs/tags/v1").unwrap().delete().unwrap()),
        ];
        for (what, change) in changes {
            assert!(look(Some(&seen)).is_none(), "before {what} nothing has changed");
            change();
            let now = look(Some(&seen)).unwrap_or_else(|| panic!("{what} is a change")).offered.unwrap();
            assert_ne!(now, seen, "{what}");
            seen = now;
        }
        set("refs/pull/1/head", one);
        assert!(look(Some(&seen)).is_none(), "what is not fetched");
        // Without a branch all is fetched.
        remote.find_reference("refs/heads/main").unwrap().delete().unwrap();
        remote.find_reference("refs/heads/b").unwrap().delete().unwrap();
        let seen = look(Some(&seen)).unwrap().offered.unwrap();
        assert!(look(Some(&seen)).is_none());
        set("refs/pull/1/head", two);
        let now = look(Some(&seen)).expect("a change");
        assert_eq!(now.repository.find_reference("refs/pull/1/head").unwrap().target(), Some(two));
    }

    #[test]
    fn progress_reads_as_a_sentence() {
        let received = Received { objects: 1_204, of_objects: 3_310, bytes: 2_100_000 };
        assert_eq!(received.line(), "cloning: 1,204 of 3,310 objects, 2.1 MB");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(in_bytes(2 << 30), "2.1 GB");
    }
}
