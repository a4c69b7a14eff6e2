//! Which merge brought a commit in.
//!
//! A merge brings in what its other parents hold and what came before it does not. Along the first parents of the graded
//! commit, and then along those of each branch that was merged into it, every commit comes in once: at the merge nearest
//! to it. A branch that was brought up to date from the line that it later joins brought nothing in by that.
//!
//! Source: the same walk as `git log --first-parent`, done for every line at once; each commit and each parent is looked
//! at once, however many merges there are.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use super::super::record::Node;
use super::super::regex;

static MERGED_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^Merge(?:d)? (?:remote-tracking )?branch(?:es)? '([^']+)'(?: of \S+)?(?: into '?([^'\s]+)'?)?|^Merge pull request #\d+ from [^/\s]+/(\S+)|^Merged in (\S+) \(pull request #\d+\)|^Merge commit '([^']+)'",
    )
});

/// Names of branches that a merge's subject gives: what was merged, then where into.
pub(super) fn branches_in(subject: &str) -> Vec<String> {
    let found = MERGED_BRANCH.captures(subject);
    let names = found.iter().flat_map(|names| names.iter().skip(1).flatten());
    names.map(|name| name.as_str().trim_start_matches("origin/").to_owned()).collect()
}

/// Whether a merge only brought a branch up to date: the same branch from elsewhere, or the main line into another.
///
/// `git pull` writes such merges, and who pulls has looked at nothing.
pub(super) fn is_update(subject: &str, graded_branch: Option<&str>) -> bool {
    let Some(found) = MERGED_BRANCH.captures(subject) else { return false };
    let name = |group: usize| found.get(group).map(|name| name.as_str().trim_start_matches("origin/"));
    let (Some(merged), into) = (name(1), name(2)) else { return false };
    let main = |branch: &str| matches!(branch, "main" | "master") || Some(branch) == graded_branch;
    into == Some(merged) || (main(merged) && !into.is_some_and(main))
}

/// For each commit, the place of the merge that brought it in; `None` on the line of the graded commit's first parents.
///
/// `lineage` has children before parents, the graded commit first.
pub(super) fn brought_in_by(lineage: &[Node]) -> Vec<Option<usize>> {
    let mut merge_of: Vec<Option<usize>> = vec![None; lineage.len()];
    let mut seen = vec![false; lineage.len()];
    let mut lines: Vec<(usize, Option<usize>)> = if lineage.is_empty() { Vec::new() } else { vec![(0, None)] };
    while let Some((tip, merge)) = lines.pop() {
        let mut next = Some(tip);
        while let Some(place) = next.filter(|place| !seen[*place]) {
            seen[place] = true;
            merge_of[place] = merge;
            let parents = &lineage[place].parents;
            // Newest first, so that the oldest merge of the line is the next to be popped, with all that is below it:
            // by the time that a merge's turn comes, everything before it has been seen.
            lines.extend(parents.iter().skip(1).rev().flatten().map(|other| (*other, Some(place))));
            next = parents.first().copied().flatten();
        }
    }
    merge_of
}

/// For each merge that is graded, by its place among the commits, the members (`None`: somebody else) whose commits it
/// brought in, merges aside.
pub(super) fn authors_brought_in(
    lineage: &[Node],
    authors_of: impl Fn(usize) -> BTreeSet<Option<usize>>,
) -> HashMap<usize, BTreeSet<Option<usize>>> {
    let merge_of = brought_in_by(lineage);
    let mut brought: Vec<BTreeSet<Option<usize>>> = vec![BTreeSet::new(); lineage.len()];
    // Oldest first: what a merge within a branch brought is known before the merge that brings the branch is asked.
    for (place, node) in lineage.iter().enumerate().rev() {
        let Some(merge) = merge_of[place] else { continue };
        let authors = if node.parents.len() > 1 {
            brought[place].clone()
        } else {
            // What is outside the graded folder is nobody's here.
            node.record.map(&authors_of).unwrap_or_default()
        };
        brought[merge].extend(authors);
    }
    lineage.iter().zip(brought).filter_map(|(node, authors)| Some((node.record?, authors))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a: b c` is a commit a with the parents b and c.
    fn lineage(text: &str) -> Vec<Node> {
        let lines: Vec<(&str, &str)> = text.lines().filter_map(|line| line.trim().split_once(':')).collect();
        let places: HashMap<&str, usize> = lines.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
        let parents = |names: &str| names.split_whitespace().map(|name| places.get(name).copied()).collect();
        lines.iter().map(|(_, names)| Node { parents: parents(names), record: None }).collect()
    }

    #[test]
    fn each_commit_comes_in_once_and_at_the_nearest_merge() {
        // m3 merges the branch b, which merged the branch c (m2) and was brought up to date from the main line (u).
        let graph = lineage("m3: a2 u\nu: m2 a2\na2: a1\nm2: b2 c1\nc1: b1\nb2: b1\nb1: a1\na1:");
        let of = brought_in_by(&graph);
        let names = ["m3", "u", "a2", "m2", "c1", "b2", "b1", "a1"];
        let by: Vec<(&str, Option<&str>)> =
            names.iter().copied().zip(of.iter().map(|at| at.map(|at| names[at]))).collect();
        let m3 = Some("m3");
        assert_eq!(
            by,
            [
                ("m3", None),
                ("u", m3),
                ("a2", None),
                ("m2", m3),
                ("c1", Some("m2")),
                ("b2", m3),
                ("b1", m3),
                ("a1", None)
            ]
        );
    }

    #[test]
    fn ten_thousand_merges_take_no_time() {
        // Each branch begins at the root: a walk for each merge would look at everything before it.
        let mut text = String::new();
        for n in (1..10_000).rev() {
            text.push_str(&format!("m{n}: m{} b{n}\nb{n}: m0\n", n - 1));
        }
        text.push_str("m0:");
        let graph = lineage(&text);
        let start = std::time::Instant::now();
        let of = brought_in_by(&graph);
        assert!(of.iter().flatten().count() == 9_999 && start.elapsed().as_secs() < 2);
    }

    #[test]
    fn branch_names_are_read_from_merge_messages() {
        assert_eq!(branches_in("Merge branch 'alb' into main"), ["alb", "main"]);
        assert_eq!(branches_in("Merge branch 'main' of https://forge.example/t/r"), ["main"]);
        assert_eq!(branches_in("Merge pull request #7 from team/feature/alb"), ["feature/alb"]);
        assert_eq!(branches_in("Merge remote-tracking branch 'origin/dev'"), ["dev"]);
        assert!(branches_in("Merge the two scripts").is_empty());
    }

    #[test]
    fn pulls_are_told_from_merges_of_a_branch() {
        for (subject, is) in [
            ("Merge branch 'main' of https://forge.example/t/r", true),
            ("Merge branch 'main' of forge.example:t/r into main", true),
            ("Merge branch 'alb' of https://forge.example/t/r into alb", true),
            ("Merge remote-tracking branch 'origin/main'", true),
            ("Merge branch 'main' into alb", true),
            ("Merge branch 'release' into alb", true),
            ("Merge branch 'main' into release", false),
            ("Merge branch 'alb'", false),
            ("Merge branch 'alb' into main", false),
            ("Merge remote-tracking branch 'origin/alb'", false),
            ("Merge pull request #7 from team/main", false),
        ] {
            assert_eq!(is_update(subject, Some("release")), is, "{subject}");
        }
    }
}
