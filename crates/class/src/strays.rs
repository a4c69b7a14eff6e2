//! What lies in a results folder where nobody reads it: decisions outside of a team's folder, and folders of teams that the
//! roster does not have.

use std::path::Path;

use crate::store::Results;

/// What decisions are read from.
const DECISIONS: &str = "overrides.toml";

/// Files that somebody may have meant for a team's `overrides.toml`, by their paths.
pub(crate) fn near_overrides(folder: &Path) -> Vec<String> {
    let is_near = |name: &str| {
        let lower = name.to_lowercase();
        name != DECISIONS && (lower.starts_with("override") || lower.starts_with("overide"))
    };
    paths(folder, is_near)
}

/// What is not read of these results, where these are all the teams, in words.
pub(crate) fn told(results: &Results, teams: &[&str]) -> Vec<String> {
    let is_decisions = |name: &str| name == DECISIONS;
    let folder = results.root().join("teams");
    let outside = [results.root(), folder.as_path()].into_iter().flat_map(|place| paths(place, is_decisions));
    let mut told: Vec<String> =
        outside.map(|path| format!("{path}: not read; decisions are read from teams/<id>/{DECISIONS}")).collect();
    for name in folders(&folder).into_iter().filter(|name| !teams.contains(&name.as_str())) {
        let of_nobody = paths(&folder.join(&name), is_decisions);
        let fix = "move it into the folder of the team that it is for";
        told.extend(of_nobody.iter().map(|path| format!("{path}: not read, as there is no team \"{name}\"; {fix}")));
    }
    told
}

/// Teams with stored evidence that the roster does not have, in words: `report` judges these again.
pub(crate) fn gone(results: &Results, teams: &[&str]) -> Option<String> {
    let mut stored = results.teams().unwrap_or_default();
    stored.retain(|id| !teams.contains(&id.as_str()));
    (!stored.is_empty()).then(|| {
        format!(
            "not in the roster, with evidence in {}: {}; `stackmark report` judges them too, so remove their folders if they \
             are no teams any more",
            results.root().join("teams").display(),
            stored.join(", ")
        )
    })
}

fn folders(folder: &Path) -> Vec<String> {
    names(folder, |kind| kind.is_dir())
}

/// The files in a folder whose names are so.
fn paths(folder: &Path, is: impl Fn(&str) -> bool) -> Vec<String> {
    let files = names(folder, |kind| !kind.is_dir()).into_iter().filter(|name| is(name));
    files.map(|name| folder.join(name).display().to_string()).collect()
}

/// Names in a folder, sorted; none if there is no such folder.
fn names(folder: &Path, is: impl Fn(std::fs::FileType) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let wanted = entries.filter(|entry| entry.file_type().is_ok_and(&is));
    let mut names: Vec<String> = wanted.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_that_nobody_reads_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        let results = Results::at(folder.path());
        assert!(told(&results, &["a"]).is_empty() && gone(&results, &["a"]).is_none(), "there are no results yet");
        ["a", "b"].iter().for_each(|team| write(&format!("teams/{team}/evidence.json")));
        write("teams/a/overrides.toml");
        assert!(told(&results, &["a", "b"]).is_empty() && gone(&results, &["a", "b"]).is_none());
        for (path, said) in [
            ("overrides.toml", "decisions are read from teams/<id>/overrides.toml"),
            ("teams/overrides.toml", "decisions are read from teams/<id>/overrides.toml"),
            ("teams/old/overrides.toml", "there is no team \"old\""),
        ] {
            write(path);
            let all = told(&results, &["a", "b"]);
            let path = folder.path().join(path).display().to_string();
            assert!(all.iter().any(|line| line.starts_with(&path) && line.contains(said)), "{path}: {all:?}");
        }
        // An id that was changed in the roster.
        let told = told(&results, &["a", "c"]);
        assert_eq!(told.len(), 3, "b has none: {told:?}");
        assert!(gone(&results, &["a", "c"]).is_some_and(|gone| gone.contains(": b; `stackmark report`")));
        assert_eq!(near_overrides(&folder.path().join("teams/a")), Vec::<String>::new());
        write("teams/a/override.toml");
        assert_eq!(near_overrides(&folder.path().join("teams/a")).len(), 1);
    }
}
