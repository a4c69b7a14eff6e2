//! Threads that something else starts, which panics where the system has none left.

use std::any::Any;
use std::io::{Error, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What to do where this machine gives no thread.
pub const REMEDY: &str = "raise the limits of processes and memory (ulimit -u, -v), or use fewer jobs";
/// What tokio and the standard library say then.
const NONE_LEFT: [&str; 2] = ["OS can't spawn worker thread", "failed to spawn thread"];

/// Runs `start`, as `tokio::task::spawn_blocking`, which may have to start a thread. Any other panic of it goes on.
///
/// # Errors
/// This machine gives none: the message names the limits to raise.
pub fn or_none_left<T>(start: impl FnOnce() -> T) -> Result<T, Error> {
    let lack = || Error::new(ErrorKind::WouldBlock, format!("no thread could be started: {REMEDY}"));
    catch_unwind(AssertUnwindSafe(start)).map_err(|panic| {
        if is_none_left(panic.as_ref()) {
            return lack();
        }
        resume_unwind(panic)
    })
}

fn is_none_left(panic: &(dyn Any + Send)) -> bool {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    words.is_some_and(|words| NONE_LEFT.iter().any(|start| words.starts_with(start)))
}

#[cfg(test)]
#[test]
fn a_panic_over_threads_is_an_error_that_names_the_limits() {
    assert_eq!(or_none_left(|| 1).unwrap(), 1);
    let lack = or_none_left(|| -> u8 { panic!("OS can't spawn worker thread") }).unwrap_err();
    assert!(lack.to_string().contains("ulimit -u"), "{lack}");
    let said = format!("failed to spawn thread: {}", Error::from(ErrorKind::WouldBlock));
    assert!(or_none_left(|| -> u8 { panic!("{said}") }).is_err(), "a text that was put together");
    let other = catch_unwind(|| or_none_left(|| -> u8 { panic!("a mistake of ours") }));
    assert!(other.is_err_and(|panic| !is_none_left(panic.as_ref())), "it is no lack of the machine's");
}
