//! Documents are read in a process of their own, which is given bytes and a time: a hostile file can end that process, and
//! nothing else.
//!
//! [`read`] starts this very program again; [`serve`] is what runs there. A thread would not do: it cannot be ended, its
//! memory has no bound, and a full stack or a failed allocation takes the whole program with it.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::document::{self, Content};
use stackmark_collect::DocumentLimits;
use stackmark_evidence::{Cause, Unreadable};

/// The hidden command that reads a document.
pub const COMMAND: &str = "read-document";
/// Longest answer, in bytes; the text of a long report has some hundred kilobytes.
const MAX_ANSWER: u64 = 32 << 20;
/// What is kept of the child's last words, in bytes.
const MAX_WORDS: u64 = 4 << 10;
/// Bytes of Markdown or plain text that are read right here.
pub(super) const SHORT: usize = 128 << 10;
/// On a busy machine a process waits for its turn: the clock may run so many times as long as the processor works for it.
/// Where the system does not count the processor's time, the clock's is all there is.
const PATIENCE: u32 = if cfg!(unix) { 10 } else { 1 };
/// What a reader of the report can do about all of this.
const SAVE_ANEW: &str = "save it anew, or print it to a PDF, and commit that";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Read(Content),
    Unreadable(Unreadable),
}

/// Reads `bytes` as the format that a path's `extension` (lower case) tells.
///
/// Markdown and plain text are read right here where they are short: what reads them takes little time and memory for each
/// byte. Where no process can be started, long ones are as well; they have a longest length.
///
/// # Errors
/// Those of [`document::read`]; `Timeout` where the time is up, the processor's or the clock's, which is said; `Refused`
/// where the memory is, the text is too long, or no process can be started; `Malformed` where the process dies of the
/// document. The detail does not name the file.
pub(super) fn read(extension: &str, bytes: Vec<u8>, limits: &DocumentLimits) -> Result<Content, Unreadable> {
    let is_plain = document::is_plain(extension);
    if is_plain && (bytes.len() <= SHORT || bytes.len() > document::MAX_TEXT_BYTES || limits.program.is_none()) {
        return document::read(extension, bytes);
    }
    match &limits.program {
        Some(program) => in_a_child(program, extension, bytes, limits),
        // Unit tests have no program to start; a panic there is theirs.
        None if cfg!(test) => document::read(extension, bytes),
        None => {
            Err(Unreadable::new(Cause::Refused, "no program was named that reads documents in a process of its own"))
        }
    }
}

fn in_a_child(program: &Path, extension: &str, bytes: Vec<u8>, limits: &DocumentLimits) -> Result<Content, Unreadable> {
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args([COMMAND, extension])
        .args(["--memory", &limits.memory.to_string(), "--seconds", &limits.time.as_secs().max(1).to_string()])
        .env_clear()
        // The C library's reserves for threads count as memory in use.
        .env("MALLOC_ARENA_MAX", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            let detail = format!("{} could not be started to read it: {error}", program.display());
            Unreadable::new(Cause::Refused, detail)
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early closes its end: what it says tells why.
        std::thread::spawn(move || drop(stdin.write_all(&bytes)));
    }
    let answer = collected(child.stdout.take(), MAX_ANSWER + 1);
    let words = collected(child.stderr.take(), MAX_WORDS);
    let patience = limits.time.saturating_mul(PATIENCE);
    let status = wait(&mut child, begun, patience, &answer);
    let (answer, status) = match status {
        Some((answer, status)) if answer.len() as u64 <= MAX_ANSWER => (answer, status),
        Some(_) => {
            let detail = format!("its text takes more than {} MiB", MAX_ANSWER >> 20);
            return Err(Unreadable::new(Cause::Refused, detail));
        }
        None if PATIENCE == 1 => return Err(too_slow(limits.time)),
        None => return Err(waited_for(patience, limits.time)),
    };
    match serde_json::from_slice(&answer) {
        Ok(Answer::Read(content)) if status.success() => Ok(content),
        Ok(Answer::Unreadable(failure)) if status.success() => Err(failure),
        _ => {
            let words = words.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
            Err(why_it_died(status, &String::from_utf8_lossy(&words), limits))
        }
    }
}

/// All that comes out of a pipe, up to `longest` bytes, once it is closed.
fn collected(pipe: Option<impl Read + Send + 'static>, longest: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(pipe) = pipe {
            // What was read until it broke is what there is.
            let _ = pipe.take(longest).read_to_end(&mut all);
        }
        // Nobody listens any more once the time is over.
        let _ = sender.send(all);
    });
    receiver
}

/// The child's answer and how it ended; `None` where the time was up. The child is gone afterwards in any case.
fn wait(
    child: &mut Child,
    begun: Instant,
    time: Duration,
    answer: &Receiver<Vec<u8>>,
) -> Option<(Vec<u8>, ExitStatus)> {
    let answer = answer.recv_timeout(time.saturating_sub(begun.elapsed()));
    if answer.as_ref().is_ok_and(|answer| answer.len() as u64 <= MAX_ANSWER) {
        // Its output is closed: it is about to end, or has been ended.
        while begun.elapsed() < time {
            match child.try_wait() {
                Ok(Some(status)) => return answer.ok().map(|answer| (answer, status)),
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Err(_) => break,
            }
        }
    }
    let _ = child.kill();
    let status = child.wait();
    answer.ok().zip(status.ok()).filter(|(answer, _)| answer.len() as u64 > MAX_ANSWER)
}

/// It used up the time that one document has.
fn too_slow(time: Duration) -> Unreadable {
    let detail = format!("reading it takes more than {} s of processor time; {SAVE_ANEW}", time.as_secs());
    Unreadable::new(Cause::Timeout, detail)
}

/// It did not come to its end, nor to the end of its processor time: this machine had none left for it.
fn waited_for(patience: Duration, time: Duration) -> Unreadable {
    let detail = format!(
        "reading it did not end within {} s, though it had not used its {} s of processor time: this machine is busy; grade \
         this team again with fewer jobs",
        patience.as_secs(),
        time.as_secs()
    );
    Unreadable::new(Cause::Timeout, detail)
}

fn why_it_died(status: ExitStatus, words: &str, limits: &DocumentLimits) -> Unreadable {
    if words.contains("memory allocation of") || words.contains("failed to spawn thread") {
        let detail = format!("reading it takes more than {} MiB of memory; {SAVE_ANEW}", limits.memory >> 20);
        return Unreadable::new(Cause::Refused, detail);
    }
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(rustix::process::Signal::XCPU.as_raw()) {
        return too_slow(limits.time);
    }
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(rustix::process::Signal::KILL.as_raw()) {
        let detail =
            "the system ended what reads it, for want of memory or of time: grade this team again with fewer jobs";
        return Unreadable::new(Cause::Timeout, detail);
    }
    if words.contains("overflowed its stack") {
        return Unreadable::new(Cause::Malformed, format!("it is nested too deeply to be read; {SAVE_ANEW}"));
    }
    Unreadable::new(Cause::Malformed, format!("the file is damaged, and what reads it ended ({status}); {SAVE_ANEW}"))
}

/// Reads a document from `input` and writes what it says to `output`: the body of the hidden command.
///
/// The process first gives up what it does not need: memory above `memory` bytes, time on the processor above `seconds`,
/// and opening any file or connection. Where the system has no such limits, those of `read` remain.
///
/// # Errors
/// `input` or `output` breaks.
pub fn serve(
    extension: &str,
    memory: u64,
    seconds: u64,
    mut input: impl Read,
    mut output: impl Write,
) -> std::io::Result<()> {
    give_up_rights(memory, seconds)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let answer = match document::read(extension, bytes) {
        Ok(content) => Answer::Read(content),
        Err(failure) => Answer::Unreadable(failure),
    };
    match serde_json::to_writer(&mut output, &answer).map_err(std::io::Error::from).and_then(|()| output.flush()) {
        // The one who asked has gone, or has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(unix)]
fn give_up_rights(memory: u64, seconds: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limits = [
        (Resource::As, memory),
        (Resource::Cpu, seconds),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 0),
    ];
    for (resource, most) in limits {
        // The hard limit of processor time ends a process without a word; a second later than the soft one.
        let hard = if resource == Resource::Cpu { most + 1 } else { most };
        match setrlimit(resource, Rlimit { current: Some(most), maximum: Some(hard) }) {
            // macOS knows no limit of the address space.
            Err(_) if resource == Resource::As && cfg!(not(target_os = "linux")) => {}
            result => result?,
        }
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same everywhere")]
fn give_up_rights(_memory: u64, _seconds: u64) -> std::io::Result<()> {
    Ok(())
}
