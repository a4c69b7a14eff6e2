//! A process of our own that reads what a team wrote: it has bounds on memory, processor time, time and output, and what
//! it reads can end that process and nothing else.
//!
//! A thread would not do: it cannot be ended, its memory has no bound, and a full stack or a failed allocation takes the
//! whole program with it.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use self::died::why_it_died;
pub use self::died::{LACKS, say_lack};
use crate::{SharedProgress, stop};

mod died;

/// What is kept of the child's last words, in bytes.
const MAX_WORDS: usize = 4 << 10;
/// What is said of what a machine lacks, in characters.
const MAX_LACK: usize = 200;
/// A longer line of the child's is read in parts.
const MAX_LINE: u64 = 8 << 10;
/// A line on the child's standard error that starts so tells how far it is.
const STEP: char = '\u{1}';
/// One that starts so tells what the machine had no more of; see [`say_lack`].
const LACK: char = '\u{2}';
/// Names the process that started a child, in the child's environment.
const PARENT: &str = "STACKMARK_PARENT";
/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(50);

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of memory: what the child takes for itself, files that it maps aside.
    pub memory: u64,
    /// Bytes of address space, files that it maps included.
    pub address_space: u64,
    /// Processor time of all its threads together.
    pub processor: Duration,
    /// Time by the clock.
    pub clock: Duration,
    /// Bytes of its answer.
    pub answer: u64,
}

/// Why a child gave no answer.
#[derive(Debug)]
pub enum Ended {
    /// It could not be started.
    NotStarted(std::io::Error),
    /// Its answer is longer than the bound.
    TooLong,
    /// It used up its processor time.
    Processor,
    /// It used up its memory.
    Memory,
    /// It used up its stack.
    Stack,
    /// It did not end in time, though it had processor time left: this machine is busy, or what it waited for is.
    Clock,
    /// The system ended it.
    Killed,
    /// The user wants to stop.
    Stopped,
    /// This machine had no thread, descriptor or room on its disk left for it; its words say which.
    Lack(String),
    /// Anything else, with how it ended and its last words.
    Died(ExitStatus, String),
}

impl Ended {
    /// Whether what was read is the reason, so that reading it again would end the same way.
    pub fn is_of_its_input(&self) -> bool {
        matches!(self, Self::TooLong | Self::Processor | Self::Memory | Self::Stack | Self::Died(..))
    }
}

/// Starts `command`, gives it `input`, and waits for its answer within `bounds`; `progress` is told its steps.
///
/// The bounds on time and output are kept here; those on memory and processor time the child sets itself, with
/// [`give_up_rights`], before it reads anything. The child is gone when this returns.
///
/// # Errors
/// Why there is no answer.
pub fn ask(
    command: &mut Command,
    input: Vec<u8>,
    bounds: &Bounds,
    progress: Option<SharedProgress>,
) -> Result<Vec<u8>, Ended> {
    let begun = Instant::now();
    // Keys that stop this program do not reach it: it is ended here, and what it leaves is removed.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command
        // A failed allocation that wants to print where it was waits for itself.
        .env("RUST_BACKTRACE", "0")
        .env(PARENT, std::process::id().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Ended::NotStarted)?;
    let (answer, words) = match listen(&mut child, input, bounds, progress) {
        Ok(listening) => listening,
        // No thread is left to listen with: that is this machine's lack, as if the child had not been started.
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Ended::NotStarted(error));
        }
    };
    let (answer, status) = wait(&mut child, begun, bounds, &answer)?;
    if status.success() {
        return Ok(answer);
    }
    let words = words.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    Err(why_it_died(status, words))
}

/// Gives the child its input, and hears its answer and its words, each in a thread.
///
/// # Errors
/// The system has no thread left.
fn listen(
    child: &mut Child,
    input: Vec<u8>,
    bounds: &Bounds,
    progress: Option<SharedProgress>,
) -> std::io::Result<(Receiver<Vec<u8>>, Receiver<String>)> {
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early closes its end: what it says tells why.
        start(move || drop(stdin.write_all(&input)))?;
    }
    let answer = collected(child.stdout.take(), bounds.answer.saturating_add(1))?;
    Ok((answer, heard(child.stderr.take(), progress)?))
}

/// `std::thread::spawn` panics where the system has no thread left.
fn start(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().spawn(work).map(drop)
}

/// All that comes out of a pipe, up to `longest` bytes, once it is closed.
fn collected(pipe: Option<impl Read + Send + 'static>, longest: u64) -> std::io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = channel();
    start(move || {
        let mut all = Vec::new();
        if let Some(pipe) = pipe {
            // What was read until it broke is what there is.
            let _ = pipe.take(longest).read_to_end(&mut all);
        }
        // Nobody listens any more once the time is over.
        let _ = sender.send(all);
    })?;
    Ok(receiver)
}

/// The beginning of what a child says on its standard error, its steps aside, once it is closed.
fn heard(
    pipe: Option<impl Read + Send + 'static>,
    progress: Option<SharedProgress>,
) -> std::io::Result<Receiver<String>> {
    let (sender, receiver) = channel();
    start(move || {
        let mut words = String::new();
        if let Some(pipe) = pipe {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            // Read to its end in any case: a child must not wait for a full pipe.
            while pipe.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line);
                match (text.strip_prefix(STEP), &progress) {
                    (Some(step), Some(progress)) => progress.step(step.trim_end()),
                    (Some(_), None) => {}
                    (None, _) if words.len() < MAX_WORDS => words.push_str(&text),
                    (None, _) => {}
                }
                line.clear();
            }
        }
        let _ = sender.send(words);
    })?;
    Ok(receiver)
}

/// The child's answer and how it ended. The child is gone afterwards in any case.
fn wait(
    child: &mut Child,
    begun: Instant,
    bounds: &Bounds,
    answer: &Receiver<Vec<u8>>,
) -> Result<(Vec<u8>, ExitStatus), Ended> {
    let mut all = None;
    let why = loop {
        if stop::is_asked() {
            break Ended::Stopped;
        }
        if begun.elapsed() >= bounds.clock {
            break Ended::Clock;
        }
        if all.is_none() {
            match answer.recv_timeout(LOOK) {
                Ok(answer) if answer.len() as u64 > bounds.answer => break Ended::TooLong,
                Ok(answer) => all = Some(answer),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => all = Some(Vec::new()),
            }
        }
        // Its output is closed: it is about to end, or has been ended.
        match child.try_wait() {
            Ok(Some(status)) => return Ok((all.unwrap_or_default(), status)),
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
            Err(error) => break Ended::NotStarted(error),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Err(why)
}

/// Tells the parent how far this child is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToParent;

impl crate::Progress for ToParent {
    fn step(&self, what: &str) {
        let what = what.replace('\n', " ");
        // A parent that has gone hears nothing more.
        let _ = writeln!(std::io::stderr().lock(), "{STEP}{what}");
    }
}

/// What a child gives up before it reads anything; see [`give_up_rights`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of address space.
    pub address_space: u64,
    /// Seconds of processor time.
    pub seconds: u64,
    /// Bytes of one file that it writes.
    pub file: u64,
    /// Whether it may open files and connections.
    pub may_open: bool,
}

/// Gives up what this process does not need, for good; where the system has no such limit, those of the parent remain. It
/// ends with its parent.
///
/// # Errors
/// The system refuses a limit that it knows, or the parent is gone already.
#[cfg(unix)]
pub fn give_up_rights(rights: &Rights) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    #[cfg(target_os = "linux")]
    end_with_the_parent()?;
    let mut limits = vec![
        (Resource::As, rights.address_space),
        (Resource::Data, rights.memory),
        (Resource::Cpu, rights.seconds),
        (Resource::Core, 0),
        (Resource::Fsize, rights.file),
    ];
    if !rights.may_open {
        limits.push((Resource::Nofile, 0));
    }
    for (resource, most) in limits {
        // Whoever started us may have set a lower one, which is not ours to raise.
        let before = getrlimit(resource).maximum;
        let most = before.map_or(most, |before| before.min(most));
        // The hard limit of processor time ends a process without a word; a second later than the soft one.
        let hard =
            if resource == Resource::Cpu { before.map_or(most + 1, |before| before.min(most + 1)) } else { most };
        match setrlimit(resource, Rlimit { current: Some(most), maximum: Some(hard) }) {
            // macOS knows no limit of the address space.
            Err(_) if matches!(resource, Resource::As | Resource::Data) && cfg!(not(target_os = "linux")) => {}
            result => result?,
        }
    }
    Ok(())
}

/// The system ends this process when its parent ends. A parent that was killed before this was said sends no signal: then
/// this process belongs to another one by now.
#[cfg(target_os = "linux")]
fn end_with_the_parent() -> std::io::Result<()> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let Some(parent) = std::env::var(PARENT).ok().and_then(|id| id.parse::<i32>().ok()) else { return Ok(()) };
    if getppid().is_some_and(|now| now.as_raw_nonzero().get() == parent) {
        return Ok(());
    }
    Err(std::io::Error::other("the process that started this one is gone"))
}

/// The system has no such limits: those of the parent remain.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same everywhere")]
pub fn give_up_rights(_rights: &Rights) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        memory: 1 << 30,
        address_space: 1 << 32,
        processor: Duration::from_secs(5),
        clock: Duration::from_secs(5),
        answer: 1 << 10,
    };

    fn shell(script: &str, bounds: &Bounds) -> Result<Vec<u8>, Ended> {
        ask(Command::new("sh").args(["-c", script]), b"input".to_vec(), bounds, None)
    }

    #[test]
    fn an_answer_comes_back_whole() {
        assert_eq!(shell("cat; printf ' and more'", &BOUNDS).unwrap(), b"input and more");
    }

    #[test]
    fn each_way_to_end_has_its_name() {
        let short = Bounds { clock: Duration::from_millis(200), ..BOUNDS };
        assert!(matches!(shell("sleep 9", &short), Err(Ended::Clock)));
        assert!(matches!(shell("yes", &BOUNDS), Err(Ended::TooLong)));
        assert!(matches!(shell("kill -XCPU $$", &BOUNDS), Err(Ended::Processor)));
        assert!(matches!(shell("kill -KILL $$", &BOUNDS), Err(Ended::Killed)));
        assert!(matches!(shell("kill -XFSZ $$", &BOUNDS), Err(Ended::Lack(words)) if words.contains("ulimit -f")));
        assert!(matches!(shell("echo memory allocation of 9 bytes failed >&2; exit 1", &BOUNDS), Err(Ended::Memory)));
        assert!(matches!(shell("echo has overflowed its stack >&2; exit 1", &BOUNDS), Err(Ended::Stack)));
        for lack in [
            "sh: 1: Cannot fork: Resource temporarily unavailable",
            "error: Too many open files (os error 24)",
            r#"failed: Os { code: 28, kind: StorageFull, message: "No space left on device" }"#,
        ] {
            let ended = shell(&format!("echo '{lack}' >&2; exit 101"), &BOUNDS);
            assert!(matches!(&ended, Err(Ended::Lack(words)) if words.contains(lack)), "{ended:?}");
            assert!(!ended.unwrap_err().is_of_its_input(), "{lack}");
        }
        let died = shell("echo no luck >&2; exit 3", &BOUNDS);
        assert!(matches!(&died, Err(Ended::Died(_, words)) if words == "no luck\n"), "{died:?}");
    }

    #[test]
    fn what_a_child_read_is_no_lack_and_what_it_says_of_the_machine_is() {
        for words in ["folder \"No space left on device\" is not there", "inside of `a: No space left on device`"] {
            let ended = shell(&format!("echo '{words}' >&2; exit 101"), &BOUNDS);
            assert!(matches!(&ended, Err(Ended::Died(..))), "{ended:?}");
        }
        let said = shell("printf 'noise\\n\\002no room in the folder\\nerror: more\\n' >&2; exit 1", &BOUNDS);
        assert!(matches!(&said, Err(Ended::Lack(words)) if words == "no room in the folder"), "{said:?}");
    }

    #[test]
    fn much_noise_does_not_hold_a_child_up() {
        assert_eq!(shell("head -c 3000000 /dev/zero >&2; printf done", &BOUNDS).unwrap(), b"done");
    }
}
