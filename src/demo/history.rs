//! A repository's history as it is written down in `examples/demo/<team>/history.toml`: read and checked.
//!
//! The files stand there once, as they are in the end. A commit says how much of each file exists after it, so that a
//! history grows from the top of each file to its bottom; what was different before is an `[[earlier]]` wording that a
//! later commit puts right.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// `history.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct History {
    /// By the key that commits use.
    pub(super) authors: BTreeMap<String, Author>,
    /// Names of files in the folder → their paths in the repository, where the two must differ: a `.gitignore` of a
    /// team's would act on the repository that keeps it.
    #[serde(default)]
    pub(super) stored_as: BTreeMap<String, String>,
    /// Wordings that a commit replaces.
    #[serde(default)]
    pub(super) earlier: Vec<Earlier>,
    /// Oldest first.
    pub(super) commit: Vec<Step>,
}

/// Who commits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) email: String,
}

/// What a file said before a commit put it right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Earlier {
    pub(super) id: String,
    /// Path in the repository.
    pub(super) file: String,
    /// As the file says it in the end, once.
    pub(super) now: String,
    /// As it was.
    pub(super) was: String,
}

/// One commit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// A key of `authors`.
    pub(super) by: String,
    /// Author and committer date, RFC 3339 with its offset.
    pub(super) when: String,
    pub(super) message: String,
    /// The branch; one that is not there starts at the tip of `main`.
    #[serde(default = "main_branch")]
    pub(super) on: String,
    /// The branch that this commit merges; it is gone afterwards.
    pub(super) merges: Option<String>,
    /// Path → `all`, `removed` or `before TEXT`: up to the first line that starts with TEXT, blanks at its ends aside.
    #[serde(default)]
    pub(super) files: BTreeMap<String, String>,
    /// Ids of the earlier wordings that end here.
    #[serde(default)]
    pub(super) fixes: Vec<String>,
}

fn main_branch() -> String {
    "main".to_owned()
}

/// What a commit's tree holds: lines of each file, and which wordings are put right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    /// Path → how many of its first lines there are.
    pub(super) lines: BTreeMap<String, usize>,
    pub(super) fixed: BTreeSet<String>,
}

impl History {
    /// Reads and checks a history.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let history: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut last = None;
        for step in &history.commit {
            let when = seconds(&step.when)?.0;
            if last.is_some_and(|last| when < last) {
                return Err(format!("{} comes before the commit above it", step.when));
            }
            last = Some(when);
            if !history.authors.contains_key(&step.by) {
                return Err(format!("{}: nobody is called `{}`", step.when, step.by));
            }
        }
        Ok(history)
    }

    /// The state after `step` on top of `state`.
    ///
    /// # Errors
    /// A path, a text or a wording that is not there, or that is already as the step makes it.
    pub(super) fn apply(
        &self,
        step: &Step,
        mut state: State,
        files: &BTreeMap<String, String>,
    ) -> Result<State, String> {
        for (path, extent) in &step.files {
            let text = files.get(path).ok_or_else(|| format!("{}: there is no file {path}", step.when))?;
            let before = state.lines.get(path).copied();
            let after = lines_of(text, extent)
                .ok_or_else(|| format!("{}: {path} has nothing that is `{extent}`", step.when))?;
            if before == after {
                return Err(format!("{}: {path} is the same as before", step.when));
            }
            match after {
                Some(lines) => state.lines.insert(path.clone(), lines),
                None => state.lines.remove(path),
            };
        }
        for id in &step.fixes {
            let known = self.earlier.iter().any(|earlier| earlier.id == *id);
            if !known || !state.fixed.insert(id.clone()) {
                return Err(format!("{}: there is no wording `{id}` to put right", step.when));
            }
        }
        Ok(state)
    }

    /// A file as `state` has it; `None` where it does not exist there.
    pub(super) fn content(&self, path: &str, state: &State, files: &BTreeMap<String, String>) -> Option<String> {
        let (text, lines) = (files.get(path)?, *state.lines.get(path)?);
        let mut content: String = text.split_inclusive('\n').take(lines).collect();
        for earlier in self.earlier.iter().filter(|earlier| earlier.file == path && !state.fixed.contains(&earlier.id))
        {
            content = content.replacen(&earlier.now, &earlier.was, 1);
        }
        Some(content)
    }

    /// Says what is not as the files have it when all is done.
    ///
    /// # Errors
    /// The first file that is not whole, or wording that nothing put right or that does not stand once in its file.
    pub(super) fn check_end(&self, end: &State, files: &BTreeMap<String, String>) -> Result<(), String> {
        for (path, text) in files {
            if end.lines.get(path).is_some_and(|lines| *lines != text.lines().count()) {
                return Err(format!("the history ends before {path} is whole"));
            }
            if !end.lines.contains_key(path) && !self.commit.iter().any(|step| step.files.contains_key(path)) {
                return Err(format!("no commit adds {path}"));
            }
        }
        for earlier in &self.earlier {
            if files.get(&earlier.file).is_none_or(|text| text.matches(&earlier.now).count() != 1) {
                return Err(format!("`{}` does not stand once in {}", earlier.now, earlier.file));
            }
            if !end.fixed.contains(&earlier.id) {
                return Err(format!("no commit puts `{}` right", earlier.id));
            }
        }
        Ok(())
    }
}

/// What two branches hold together, each against where they parted.
///
/// # Errors
/// A file that both changed.
pub(super) fn merge(base: &State, ours: State, theirs: State) -> Result<State, String> {
    let mut merged = ours.clone();
    let paths: BTreeSet<&String> = base.lines.keys().chain(ours.lines.keys()).chain(theirs.lines.keys()).collect();
    for path in paths {
        let (before, our, their) = (base.lines.get(path), ours.lines.get(path), theirs.lines.get(path));
        if their == before || their == our {
            continue;
        }
        if our != before {
            return Err(format!("both branches changed {path}"));
        }
        match their {
            Some(lines) => merged.lines.insert(path.clone(), *lines),
            None => merged.lines.remove(path),
        };
    }
    merged.fixed.extend(theirs.fixed);
    Ok(merged)
}

/// Lines of `text` that `extent` means; `Some(None)` is a file that is gone, `None` an extent that is not there.
fn lines_of(text: &str, extent: &str) -> Option<Option<usize>> {
    match extent {
        "all" => Some(Some(text.lines().count())),
        "removed" => Some(None),
        _ => {
            let start = extent.strip_prefix("before ")?;
            let lines: Vec<&str> = text.lines().collect();
            let cut = lines.iter().position(|line| line.trim_start().starts_with(start))?;
            let end = lines[..cut].iter().rposition(|line| !line.trim().is_empty())?;
            Some(Some(end + 1))
        }
    }
}

/// Seconds since the epoch and minutes east of UTC.
///
/// # Errors
/// A date that is none, or that has no offset.
pub(super) fn seconds(when: &str) -> Result<(i64, i32), String> {
    let parsed = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(when).map_err(|error| error.to_string())?;
    let offset = parsed.to_numeric_offset().ok_or_else(|| format!("{when} has no offset"))?;
    let timestamp: jiff::Timestamp = when.parse().map_err(|error: jiff::Error| error.to_string())?;
    Ok((timestamp.as_second(), offset.seconds() / 60))
}
