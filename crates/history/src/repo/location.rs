//! What an address is, and how it is printed.

use std::io::Read;
use std::path::{Path, PathBuf};

use stackmark_evidence::files::{lack_of, named};
use stackmark_evidence::{Cause, Unreadable};

/// How a repository is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// `https`, `http` or `ssh`.
    Remote,
    /// A directory on this machine.
    Local(PathBuf),
    /// A git bundle file on this machine.
    Bundle(PathBuf),
}

/// Tells the kinds of address apart; looks at the disk where the address is a path.
///
/// # Errors
/// `Refused` for another scheme, `Unreachable` where a path does not exist.
pub(super) fn kind_of(location: &str) -> Result<Kind, Unreadable> {
    if location.trim().is_empty() {
        return Err(Unreadable::new(Cause::Unreachable, "no repository address is given; add one to the roster"));
    }
    if location.starts_with('-') || location.chars().any(char::is_control) {
        return Err(Unreadable::new(Cause::Refused, "the repository address is not an address or a path"));
    }
    if let Some((scheme, rest)) = location.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "https" | "http" | "ssh" => Ok(Kind::Remote),
            "file" => local(Path::new(rest), location),
            _ => Err(Unreadable::new(
                Cause::Refused,
                format!("{}: {scheme}:// is not supported; use https, ssh, a path or a bundle", printable(location)),
            )),
        };
    }
    // A colon before any slash is ssh's short form, unless such a path exists.
    match location.split_once(':') {
        Some((_, rest)) if rest.starts_with(':') => Err(Unreadable::new(
            Cause::Refused,
            format!("{}: transport helpers are not supported", printable(location)),
        )),
        Some((host, _)) if host.len() > 1 && !host.contains('/') && !Path::new(location).exists() => Ok(Kind::Remote),
        _ => local(Path::new(location), location),
    }
}

fn local(path: &Path, location: &str) -> Result<Kind, Unreadable> {
    let missing = |why: String| Unreadable::new(Cause::Unreachable, format!("{}: {why}", printable(location)));
    let unreadable = |error: std::io::Error| {
        let detail = named(Path::new(&printable(location)), &error).to_string();
        Unreadable::new(Cause::Unreachable, detail).lacking(lack_of(&error))
    };
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing("no such file or directory; correct the path in the roster".to_owned()),
        _ => unreadable(error),
    })?;
    // Without the slash at its end, behind which a link is the folder that it leads to.
    let bare: PathBuf = path.components().collect();
    if std::fs::symlink_metadata(&bare).is_ok_and(|metadata| metadata.file_type().is_symlink()) {
        let detail = format!(
            "{}: it is a link, which may lead to another team's work; name the folder or bundle itself in the roster, or hand in \
             a copy",
            printable(location)
        );
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    let absolute = path.canonicalize().map_err(unreadable)?;
    if metadata.is_dir() {
        return Ok(Kind::Local(absolute));
    }
    let mut start = [0_u8; 5];
    let read = std::fs::File::open(&absolute).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    if metadata.is_file() && read >= 4 && start.starts_with(b"# v") {
        Ok(Kind::Bundle(absolute))
    } else {
        Err(Unreadable::new(
            Cause::Malformed,
            format!(
                "{}: neither a repository nor a git bundle; make one with `git bundle create`",
                printable(location)
            ),
        ))
    }
}

fn printable(location: &str) -> String {
    without_credentials(location)
}

/// The address without user name, password, query and fragment: the form in which it may be stored and printed.
///
/// `git@host:path` keeps its `git`, which is no credential.
pub fn without_credentials(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else {
        return location.to_owned();
    };
    if scheme.eq_ignore_ascii_case("file") {
        return location.to_owned();
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// Takes the address's credentials out of a message of libgit2's, which may repeat the address.
pub(super) fn scrub(message: &str, location: &str) -> String {
    let mut scrubbed = message.replace(location, &without_credentials(location));
    let userinfo = location
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next())
        .and_then(|authority| authority.rsplit_once('@'));
    if let Some((userinfo, _)) = userinfo {
        for part in std::iter::once(userinfo).chain(userinfo.split(':')).filter(|part| part.len() > 3) {
            scrubbed = scrubbed.replace(part, "…");
        }
    }
    scrubbed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_never_reach_the_printed_address() {
        for (location, printed) in [
            (concat!("https://ana:", "hunter2@forge.example/team/repo.git"), "https://forge.example/team/repo.git"),
            ("https://tok@en:x@forge.example/r?access_token=abc#frag", "https://forge.example/r"),
            ("ssh://git@forge.example:2222/r", "ssh://forge.example:2222/r"),
            ("git@forge.example:team/repo.git", "git@forge.example:team/repo.git"),
            ("/srv/repos/a@b", "/srv/repos/a@b"),
        ] {
            assert_eq!(without_credentials(location), printed);
        }
        let location = concat!("https://ana:", "hunter2@h/r");
        let message = scrub(&format!("cannot read '{location}': hunter2 refused"), location);
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn kinds_of_address_are_told_apart() {
        assert_eq!(kind_of("https://forge.example/r"), Ok(Kind::Remote));
        assert_eq!(kind_of("git@forge.example:team/r.git"), Ok(Kind::Remote));
        assert_eq!(kind_of("ext::sh -c touch% x").map_err(|e| e.cause), Err(Cause::Refused));
        assert_eq!(kind_of("git://forge.example/r").map_err(|e| e.cause), Err(Cause::Refused));
        assert_eq!(kind_of("--upload-pack=x").map_err(|e| e.cause), Err(Cause::Refused));
        let missing = kind_of("/no/such/place").expect_err("does not exist");
        assert_eq!(missing.cause, Cause::Unreachable);
        assert!(missing.detail.contains("/no/such/place: no such file"), "{missing}");
    }
}
