//! What a machine lacked, told by what an error of git's is: its words may hold a path that a team chose.

use git2::{Error, ErrorClass};
use stackmark_collect::child::LACKS;
use stackmark_evidence::{Cause, Lack, Unreadable};

/// All that libgit2 says where it gets no memory. In the same class it says that a file or a change is too large.
const NO_MEMORY: &str = "Out of memory";
/// What the machine had no more of, if that is the error.
pub(crate) fn lack_of(error: &Error) -> Option<Lack> {
    match error.class() {
        ErrorClass::NoMemory => (error.message() == NO_MEMORY).then_some(Lack::Memory),
        ErrorClass::Os => {
            // libgit2 puts what the system says behind its own words, and nothing behind it.
            let last = error.message().rsplit(": ").next().unwrap_or_default();
            LACKS.contains(&last).then_some(Lack::Machine)
        }
        _ => None,
    }
}

/// What could not be read for an error of git's.
pub(crate) fn unreadable(cause: Cause, detail: String, error: &Error) -> Unreadable {
    Unreadable::new(cause, detail).lacking(lack_of(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::ErrorCode;

    #[test]
    fn only_what_the_system_says_is_a_lack() {
        let lack = |class, message: &str| lack_of(&Error::new(ErrorCode::GenericError, class, message));
        let full = "could not write pack data: No space left on device";
        assert_eq!(lack(ErrorClass::Os, full), Some(Lack::Machine));
        assert_eq!(lack(ErrorClass::NoMemory, "Out of memory"), Some(Lack::Memory));
        for words in LACKS {
            assert_eq!(lack(ErrorClass::Os, &format!("could not fork: {words}")), Some(Lack::Machine), "{words}");
        }
        for (class, message) in [
            (ErrorClass::Net, "remote error: No space left on device"),
            (ErrorClass::Tree, full),
            (ErrorClass::Os, "could not open 'No space left on device': Permission denied"),
            (ErrorClass::Os, "could not open 'x: No space left on device'"),
            (ErrorClass::NoMemory, "overly large delta"),
            (ErrorClass::Odb, "object not found - no match for id (out of memory)"),
        ] {
            assert_eq!(lack(class, message), None, "{message}");
        }
    }
}
