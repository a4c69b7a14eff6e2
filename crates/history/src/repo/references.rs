//! Which references are read of a repository that has more than anyone made: each costs a file and a look.

use std::panic::{AssertUnwindSafe, catch_unwind};

use git2::RemoteHead;
use sha2::{Digest, Sha256};

/// More are not read all. The largest courses' repositories have some hundreds.
pub(super) const MAX_REFERENCES: usize = 5_000;

const ALL: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
/// Of a repository without a branch: the work is at a tag, at what is checked out, or at a name of a server's own.
const WHATEVER_IS_THERE: &str = "+refs/*:refs/*";
/// Where the commit of such a repository's `HEAD` is kept while it is fetched.
pub(super) const CHECKED_OUT: &str = "refs/stackmark/checked-out";

/// Whether one of the names is a branch's.
pub(super) fn any_branch(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with("refs/heads/"))
}

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

/// What to fetch of a remote that offers these references; `None` where they are too many, and none can be graded.
pub(super) fn refspecs(offered: &[String], default: Option<&str>, wanted: Option<&str>) -> Option<Vec<String>> {
    if offered.len() > MAX_REFERENCES {
        let names = gradable(default, wanted);
        let is_any_there = names.iter().any(|name| offered.contains(name));
        return is_any_there.then(|| names.into_iter().map(|name| format!("+{name}:{name}")).collect());
    }
    if offered.is_empty() || any_branch(offered) {
        return Some(ALL.map(str::to_owned).to_vec());
    }
    let head = offered.iter().any(|name| name == "HEAD").then(|| format!("+HEAD:{CHECKED_OUT}"));
    Some([WHATEVER_IS_THERE.to_owned()].into_iter().chain(head).collect())
}

/// What is said where [`refspecs`] has none.
pub(super) fn none_gradable(count: usize) -> String {
    format!(
        "{count} references, more than the cap of {MAX_REFERENCES}, and none of them is the default branch, main, master or \
         the branch that the roster names; name the branch in the roster"
    )
}

/// Names of the references that a remote offers; empty for one that is not UTF-8, over which git2 panics.
pub(super) fn names(heads: &[RemoteHead<'_>]) -> Vec<String> {
    let name = |head: &RemoteHead<'_>| catch_unwind(AssertUnwindSafe(|| head.name().to_owned())).unwrap_or_default();
    heads.iter().map(name).collect()
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

/// A hash of what a remote offers of all that is fetched: its branches and tags with what they lead to, or whatever is there,
/// and its default branch. `None` where not all of it is fetched, or a name cannot be read.
pub(super) fn offered(heads: &[RemoteHead<'_>], names: &[String], default: Option<&str>) -> Option<String> {
    if heads.len() > MAX_REFERENCES || names.iter().any(String::is_empty) {
        return None;
    }
    let is_all_fetched = !any_branch(names);
    let mut lines = vec![format!("HEAD {}\n", default.unwrap_or_default())];
    for (head, name) in heads.iter().zip(names) {
        if is_all_fetched || ["refs/heads/", "refs/tags/"].iter().any(|kind| name.starts_with(kind)) {
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
        let offered = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = Some(offered(&ALL));
        assert_eq!(refspecs(&offered(&["HEAD", "refs/heads/main", "refs/pull/1/head"]), None, None), all);
        assert_eq!(refspecs(&[], None, None), all);
        assert_eq!(note(12), None);
        let mut many: Vec<String> = (0..=MAX_REFERENCES).map(|number| format!("refs/heads/b{number}")).collect();
        assert_eq!(refspecs(&many, Some("refs/heads/trunk"), None), None, "nothing that can be graded is no empty one");
        many.push("refs/heads/trunk".to_owned());
        let few = refspecs(&many, Some("refs/heads/trunk"), Some("hand-in"));
        let names = ["heads/hand-in", "heads/main", "heads/master", "heads/trunk", "tags/hand-in"];
        assert_eq!(few, Some(names.map(|name| format!("+refs/{name}:refs/{name}")).to_vec()));
        assert!(note(200_000).unwrap().contains("200000 references"));
        assert_eq!(gradable(None, Some("no such..name")), ["refs/heads/main", "refs/heads/master"]);
    }

    #[test]
    fn whatever_is_there_is_read_of_a_repository_without_a_branch() {
        let offered = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let tag = refspecs(&offered(&["refs/tags/v1", "refs/tags/v1^{}"]), None, None);
        assert_eq!(tag, Some(offered(&[WHATEVER_IS_THERE])));
        let detached = refspecs(&offered(&["HEAD", "refs/remotes/pull/7/merge"]), None, None);
        assert_eq!(detached, Some(offered(&[WHATEVER_IS_THERE, "+HEAD:refs/stackmark/checked-out"])));
    }
}
