//! Caps of ours, told apart from damage by what an error is and not by its words.
//!
//! They are met deep within functions that return libgit2's errors. Such an error has a kind of its own: libgit2 gives it
//! only where a callback of ours stopped it, and none of them stops anything that is read here.

use std::fmt::Display;

use git2::{Error, ErrorClass, ErrorCode};
use stackmark_evidence::Cause;

const CODE: ErrorCode = ErrorCode::User;
const CLASS: ErrorClass = ErrorClass::Callback;

/// An error that says which cap was met: `its tree stands for more than`, 300000, `files`.
pub(crate) fn over_cap(what: &str, cap: impl Display, unit: &str) -> Error {
    let message = format!("{what} the cap of {cap} {unit}");
    Error::new(CODE, CLASS, message.trim_end())
}

/// Whether a cap of ours was met; else something is missing or damaged.
pub(crate) fn is_over_cap(error: &Error) -> bool {
    error.code() == CODE && error.class() == CLASS
}

/// What an error of a repository says of what could not be read: a cap refused it, or it is damaged.
pub(crate) fn cause_of(error: &Error) -> Cause {
    if is_over_cap(error) { Cause::Refused } else { Cause::Malformed }
}

/// The same error once more, for whatever else it keeps from being read.
pub(crate) fn again(error: &Error) -> Error {
    Error::new(error.code(), error.class(), error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_told_by_its_kind_and_not_by_its_words() {
        let cap = over_cap("it has more than", 100, "parents");
        assert_eq!(cap.message(), "it has more than the cap of 100 parents");
        assert_eq!(
            over_cap("its folders are nested deeper than", 9, "").message(),
            "its folders are nested deeper than the cap of 9"
        );
        assert_eq!((cause_of(&cap), cause_of(&again(&cap))), (Cause::Refused, Cause::Refused));
        let damage = Error::from_str("blob named 'the cap of the hill' is missing");
        assert_eq!(cause_of(&damage), Cause::Malformed);
    }
}
