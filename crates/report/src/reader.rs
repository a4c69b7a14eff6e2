//! Documents are read in a process of their own, which is given bytes and a time: a hostile file can end that process, and
//! nothing else.
//!
//! [`read`] starts this very program again; [`serve`] is what runs there.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::document::{self, Content, Raw};
use stackmark_collect::DocumentLimits;
use stackmark_collect::child::{self, Bounds, Ended, Rights};
use stackmark_evidence::{Cause, Unreadable};

/// The hidden command that reads a document.
pub const COMMAND: &str = "read-document";
/// Longest answer, in bytes; the text of a long report has some hundred kilobytes.
const MAX_ANSWER: u64 = 32 << 20;
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
    Read(Box<Raw>),
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
        return document::read(extension, bytes).map(Raw::clean);
    }
    match &limits.program {
        Some(program) => in_a_child(program, extension, bytes, limits),
        // Unit tests have no program to start; a panic there is theirs.
        None if cfg!(test) => document::read(extension, bytes).map(Raw::clean),
        None => {
            Err(Unreadable::new(Cause::Refused, "no program was named that reads documents in a process of its own"))
        }
    }
}

fn in_a_child(program: &Path, extension: &str, bytes: Vec<u8>, limits: &DocumentLimits) -> Result<Content, Unreadable> {
    let mut command = Command::new(program);
    command
        .args([COMMAND, extension])
        .args(["--memory", &limits.memory.to_string(), "--seconds", &limits.time.as_secs().max(1).to_string()])
        .env_clear()
        // The C library's reserves for threads count as memory in use.
        .env("MALLOC_ARENA_MAX", "1");
    let bounds = Bounds {
        memory: limits.memory,
        address_space: limits.memory,
        processor: limits.time,
        clock: limits.time.saturating_mul(PATIENCE),
        answer: MAX_ANSWER,
    };
    let answer = child::ask(&mut command, bytes, &bounds, None).map_err(|ended| why(ended, program, limits))?;
    match serde_json::from_slice(&answer) {
        Ok(Answer::Read(raw)) => Ok(raw.clean()),
        Ok(Answer::Unreadable(failure)) => Err(failure),
        Err(error) => {
            let detail =
                format!("the file is damaged, and what reads it answered what is no answer ({error}); {SAVE_ANEW}");
            Err(Unreadable::new(Cause::Malformed, detail))
        }
    }
}

/// Why there is nothing to read, and what to do about it.
fn why(ended: Ended, program: &Path, limits: &DocumentLimits) -> Unreadable {
    let of = |cause, detail: String| Unreadable::new(cause, detail);
    match ended {
        Ended::NotStarted(error) => {
            of(Cause::Refused, format!("{} could not be started to read it: {error}", program.display()))
        }
        Ended::TooLong => of(Cause::Refused, format!("its text takes more than {} MiB", MAX_ANSWER >> 20)),
        Ended::Processor => too_slow(limits.time),
        Ended::Clock if PATIENCE == 1 => too_slow(limits.time),
        Ended::Clock => waited_for(limits.time.saturating_mul(PATIENCE), limits.time),
        Ended::Memory => {
            let detail = format!("reading it takes more than {} MiB of memory; {SAVE_ANEW}", limits.memory >> 20);
            of(Cause::Refused, detail)
        }
        Ended::Killed => of(
            Cause::Timeout,
            "the system ended what reads it, for want of memory or of time: grade this team again with fewer jobs"
                .to_owned(),
        ),
        Ended::Lack(words) => of(
            Cause::Timeout,
            format!(
                "this machine had too little for what reads it ({words}): raise its limits, and grade this team again"
            ),
        ),
        Ended::Stopped => of(Cause::Timeout, "reading it was stopped".to_owned()),
        Ended::Stack => of(Cause::Malformed, format!("it is nested too deeply to be read; {SAVE_ANEW}")),
        Ended::Died(status, _) => {
            of(Cause::Malformed, format!("the file is damaged, and what reads it ended ({status}); {SAVE_ANEW}"))
        }
    }
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

/// Reads a document within this very process: for fuzzing, which wants to see a panic. A program that grades starts a
/// process for it.
pub fn read_within(extension: &str, bytes: Vec<u8>) {
    drop(document::read(extension, bytes));
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
    child::give_up_rights(&Rights { memory, address_space: memory, seconds, file: 0, may_open: false })?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let answer = match document::read(extension, bytes) {
        Ok(raw) => Answer::Read(Box::new(raw)),
        Err(failure) => Answer::Unreadable(failure),
    };
    match serde_json::to_writer(&mut output, &answer).map_err(std::io::Error::from).and_then(|()| output.flush()) {
        // The one who asked has gone, or has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
