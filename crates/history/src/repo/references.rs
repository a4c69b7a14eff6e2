//! Which references are read of a repository that has more than anyone made: each costs a file and a look.

use std::panic::{AssertUnwindSafe, catch_unwind};

use git2::RemoteHead;
use sha2::{Digest, Sha256};

/// More are not read all. The largest courses' repositories have some hundreds.
pub(super) const MAX_REFERENCES: usize = 5_000;

const ALL: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// Names of the references that can be graded: the branch or tag that the roster names, the default branch, the usual ones.
pub(super) fn gradable(default: Option<&str>, wanted: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> =
        default.filter(|name| name.starts_with("refs/heads/")).map(str::to_owned).into_iter().collect();
    let wanted = wanted.map(|name| name.trim().trim_start_matches("refs/heads/").trim_start_matches("refs/tags/"));
    for name in wanted.into_iter().filter(|name| git2::Reference::is_valid_name(&format!("refs/heads/{name}"))) {
        names.extend([format!("refs/heads/{name}"), format!("refs/tags/{name}")]);
    }
    names.extend(["refs/heads/main", "refs/heads/master"].map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// What to fetch of a remote that offers so many references.
pub(super) fn refspecs(count: usize, default: Option<&str>, wanted: Option<&str>) -> Vec<String> {
    if count <= MAX_REFERENCES {
        return ALL.map(str::to_owned).to_vec();
    }
    gradable(default, wanted).into_iter().map(|name| format!("+{name}:{name}")).collect()
}

/// What is said where not all were read.
pub(super) fn note(count: usize) -> Option<String> {
    (count > MAX_REFERENCES).then(|| {
        format!(
            "the repository has {count} references, more than the cap of {MAX_REFERENCES}: only its default branch, main, \
             master and the branch that the roster names were read"
        )
    })
}

/// A hash of what a remote offers of all that is fetched: its branches and tags with what they lead to, and its default branch.
/// `None` where not all of it is fetched, or a name cannot be read.
pub(super) fn offered(heads: &[RemoteHead<'_>], default: Option<&str>) -> Option<String> {
    if heads.len() > MAX_REFERENCES {
        return None;
    }
    let mut lines = vec![format!("HEAD {}\n", default.unwrap_or_default())];
    for head in heads {
        // git2 panics over a name that is not UTF-8.
        let name = catch_unwind(AssertUnwindSafe(|| head.name().to_owned())).ok()?;
        if ["refs/heads/", "refs/tags/"].iter().any(|kind| name.starts_with(kind)) {
            lines.push(format!("{name} {}\n", head.oid()));
        }
    }
    lines.sort_unstable();
    Some(Sha256::digest(lines.concat()).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_read_all_and_of_many_those_that_are_graded() {
        assert_eq!(refspecs(12, None, None), ALL);
        assert_eq!(note(12), None);
        let few = refspecs(200_000, Some("refs/heads/trunk"), Some("hand-in"));
        let names = ["heads/hand-in", "heads/main", "heads/master", "heads/trunk", "tags/hand-in"];
        assert_eq!(few, names.map(|name| format!("+refs/{name}:refs/{name}")));
        assert!(note(200_000).unwrap().contains("200000 references"));
        assert_eq!(gradable(None, Some("no such..name")), ["refs/heads/main", "refs/heads/master"]);
    }
}
