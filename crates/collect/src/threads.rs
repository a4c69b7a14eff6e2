//! Threads that something else starts, which panics where the system has none left.

use std::io::{Error, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `start`, as `tokio::task::spawn_blocking`, which may have to start a thread.
///
/// # Errors
/// This machine gives none: the message names the limits to raise.
pub fn or_none_left<T>(start: impl FnOnce() -> T) -> Result<T, Error> {
    let lack =
        "no thread could be started: raise the limits of processes and memory (ulimit -u, -v), or use fewer jobs";
    catch_unwind(AssertUnwindSafe(start)).map_err(|_| Error::new(ErrorKind::WouldBlock, lack))
}

#[cfg(test)]
#[test]
fn a_panic_over_threads_is_an_error_that_names_the_limits() {
    assert_eq!(or_none_left(|| 1).unwrap(), 1);
    let lack = or_none_left(|| -> u8 { panic!("OS can't spawn worker thread") }).unwrap_err();
    assert!(lack.to_string().contains("ulimit -u"), "{lack}");
}
