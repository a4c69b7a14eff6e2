//! libgit2's errors as causes that name who can mend them.

use git2::{ErrorClass, ErrorCode};

use super::location::{scrub, without_credentials};
use crate::lack::lack_of;
use stackmark_evidence::{Cause, Unreadable};

/// Tells what failed at `location`, and the fix where there is a usual one.
pub(super) fn of_transfer(error: &git2::Error, location: &str) -> Unreadable {
    told(error, location).lacking(lack_of(error))
}

fn told(error: &git2::Error, location: &str) -> Unreadable {
    let printable = without_credentials(location);
    let message = scrub(error.message(), location);
    let over_https = location.starts_with("https://") || location.starts_with("http://");
    match (error.code(), error.class()) {
        (ErrorCode::Owner, _) => Unreadable::new(
            Cause::Denied,
            format!("{printable}: the directory belongs to another user; add it to git's safe.directory"),
        ),
        (ErrorCode::Auth, _) | (_, ErrorClass::Ssh) if over_https => Unreadable::new(
            Cause::Denied,
            format!(
                "{printable}: the repository is private or does not exist, and no credentials were accepted; set {} or a \
                 git credential helper",
                super::credentials::TOKEN_VARIABLE
            ),
        ),
        (ErrorCode::Auth, _) => Unreadable::new(
            Cause::Denied,
            format!("{printable}: no ssh key was accepted; load one with `ssh-add` ({message})"),
        ),
        (ErrorCode::Certificate, _) => {
            Unreadable::new(Cause::Denied, format!("{printable}: the host could not be verified: {message}"))
        }
        (ErrorCode::NotFound, ErrorClass::Repository | ErrorClass::Os) => {
            Unreadable::new(Cause::Unreachable, format!("{printable}: no git repository there; correct the address"))
        }
        (_, ErrorClass::Http) if message.contains("404") => Unreadable::new(
            Cause::Unreachable,
            format!("{printable}: no such repository; correct the address in the roster ({message})"),
        ),
        (_, ErrorClass::Net | ErrorClass::Os | ErrorClass::Http | ErrorClass::Ssl | ErrorClass::Ssh) => {
            Unreadable::new(Cause::Unreachable, format!("{printable}: {message}"))
        }
        _ => Unreadable::new(Cause::Malformed, format!("{printable}: {message}")),
    }
}
