//! Why a child ended: by its status and by its last words.

use std::io::Write as _;
use std::process::ExitStatus;

use super::{Ended, LACK, MAX_LACK};

/// How systems say that they have no more of something, which is nobody's input.
pub const LACKS: [&str; 6] = [
    "Resource temporarily unavailable",
    "Too many open files",
    "No space left on device",
    "Disk quota exceeded",
    "Cannot allocate memory",
    "Read-only file system",
];

/// Whether a system says that it has no more of something, in the last words of a process that it ended or did not let begin:
/// behind all else, or as Rust has it. The same words elsewhere in a line are a name or a text that the process read.
fn is_of_the_system(line: &str) -> bool {
    LACKS.iter().any(|lack| {
        line.ends_with(&format!(": {lack}"))
            || line.contains(&format!("{lack} (os error "))
            || line.contains(&format!("message: \"{lack}\" }}"))
    })
}

/// Says in the last words of this child that the machine had no more of something: it is known there by what the error is.
pub fn say_lack(words: &str) {
    let words = words.replace('\n', " ");
    // A parent that has gone hears nothing more.
    let _ = writeln!(std::io::stderr().lock(), "{LACK}{words}");
}

pub(super) fn why_it_died(status: ExitStatus, words: String) -> Ended {
    let said = words.lines().find_map(|line| line.strip_prefix(LACK));
    if let Some(line) = said.or_else(|| words.lines().find(|line| is_of_the_system(line))) {
        return Ended::Lack(line.chars().take(MAX_LACK).collect());
    }
    if words.contains("memory allocation of") || words.contains("failed to spawn thread") {
        return Ended::Memory;
    }
    if words.contains("overflowed its stack") {
        return Ended::Stack;
    }
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        if signal == Some(Signal::XCPU.as_raw()) {
            return Ended::Processor;
        }
        if signal == Some(Signal::KILL.as_raw()) {
            return Ended::Killed;
        }
        // The cap of a clone ends it long before its own limit would: this one is the machine's.
        if signal == Some(Signal::XFSZ.as_raw()) {
            return Ended::Lack("a file grew beyond what is allowed here, ulimit -f".to_owned());
        }
        if [Signal::INT, Signal::TERM, Signal::HUP].iter().any(|asked| signal == Some(asked.as_raw())) {
            return Ended::Stopped;
        }
    }
    Ended::Died(status, words)
}
