//! What the readings of the code did not look into, and how large a part of the files that is.

use std::collections::BTreeMap;

use stackmark_collect::classify::{LFS_POINTER, UNDECODABLE};
use stackmark_collect::counting::FOLDER_NAME;
use stackmark_collect::notebook;
use stackmark_evidence::code::{CodeEvidence, LeftOut};
use stackmark_evidence::{SetAside, SetAsideKind};

const EXAMPLES: usize = 5;

/// Readings over all source files.
const READINGS: [&str; 7] = ["files", "documentation", "cloud_calls", "declared", "variables", "calls", "user_data"];

/// Reasons for which a file is left out that may be the team's own, and what is said of them.
const DOUBTFUL: [(&str, SetAsideKind, &str); 3] = [
    (FOLDER_NAME, SetAsideKind::ExcludedPath, "in folders named for generated files or libraries"),
    (LFS_POINTER, SetAsideKind::LfsPointer, "in Git LFS, of which only a pointer is here"),
    (UNDECODABLE, SetAsideKind::Undecodable, "that hold no readable text"),
];

/// By reading, what it did not look into; `links` are the paths that hold another repository.
pub fn set_aside(code: &CodeEvidence, links: &[String]) -> BTreeMap<String, Vec<SetAside>> {
    let counted = code.files.value().map_or(0, |files| files.len() as u64);
    let nothing = BTreeMap::new();
    let left_out = code.left_out.value().unwrap_or(&nothing);
    let mut of_all: Vec<SetAside> = (DOUBTFUL.iter())
        .filter_map(|(reason, kind, what)| Some(of_files(left_out.get(*reason)?, *kind, what, counted)))
        .collect();
    if !links.is_empty() {
        let noun = if links.len() == 1 { "link" } else { "links" };
        of_all.push(SetAside {
            kind: SetAsideKind::OtherRepository,
            what: format!("{} {noun} to another repository, whose files are not here", links.len()),
            files: links.len() as u64,
            commits: 0,
            lines: None,
            share: None,
            examples: links.iter().take(EXAMPLES).cloned().collect(),
        });
    }
    let mut by_reading: BTreeMap<String, Vec<SetAside>> = BTreeMap::new();
    for reading in READINGS.iter().filter(|_| !of_all.is_empty()) {
        by_reading.insert((*reading).to_owned(), of_all.clone());
    }
    if let Some(notebooks) = undocumented_notebooks(code) {
        by_reading.entry("documentation".to_owned()).or_default().push(notebooks);
    }
    by_reading
}

fn of_files(left_out: &LeftOut, kind: SetAsideKind, what: &str, counted: u64) -> SetAside {
    let files = left_out.files;
    let noun = if files == 1 { "file" } else { "files" };
    // How large a file is that is elsewhere, nobody knows.
    let share = (kind != SetAsideKind::LfsPointer).then(|| part(files, files + counted));
    SetAside {
        kind,
        what: format!("{files} {noun} {what}"),
        files,
        commits: 0,
        lines: None,
        share,
        examples: left_out.examples.clone(),
    }
}

/// Comments and docstrings are read of programs and configuration, not of a notebook's cells.
fn undocumented_notebooks(code: &CodeEvidence) -> Option<SetAside> {
    let files = code.files.value()?;
    let (mut lines, mut all, mut paths) = (0, 0, Vec::new());
    for file in files {
        let written = file.code + file.comments;
        all += written;
        if notebook::is_notebook(&file.path) {
            lines += written;
            paths.push(file.path.clone());
        }
    }
    let noun = if paths.len() == 1 { "notebook" } else { "notebooks" };
    (!paths.is_empty()).then(|| SetAside {
        kind: SetAsideKind::Notebook,
        what: format!("{} {noun}, whose comments are not counted", paths.len()),
        files: paths.len() as u64,
        commits: 0,
        lines: Some(lines),
        share: Some(part(lines, all)),
        examples: paths.into_iter().take(EXAMPLES).collect(),
    })
}

/// To four decimals; nothing of nothing is all of it.
fn part(part: u64, all: u64) -> f64 {
    if all == 0 { 1.0 } else { (part as f64 / all as f64 * 1e4).round() / 1e4 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::Reading;
    use stackmark_evidence::code::SourceFile;

    fn code(paths: &[&str], left_out: &[(&str, u64)]) -> CodeEvidence {
        let file = |path: &&str| SourceFile {
            path: (*path).to_owned(),
            language: "Python".to_owned(),
            code: 10,
            comments: 0,
            commented_out: 0,
            blanks: 0,
        };
        let left_out = left_out.iter().map(|(reason, files)| {
            let left_out = LeftOut { files: *files, examples: vec!["build/a.py".to_owned()] };
            ((*reason).to_owned(), left_out)
        });
        CodeEvidence {
            files: Reading::observed(paths.iter().map(file).collect()),
            left_out: Reading::observed(left_out.collect()),
            ..CodeEvidence::default()
        }
    }

    #[test]
    fn what_may_be_the_teams_own_is_carried_by_every_reading_of_files() {
        let found = set_aside(&code(&["a.py"], &[(FOLDER_NAME, 3), ("vendored", 900)]), &[]);
        assert_eq!(found.len(), READINGS.len());
        assert_eq!(found["documentation"][0].share, Some(0.75));
        assert!(found["declared"][0].is_doubtful());
        assert!(set_aside(&code(&["a.py"], &[("vendored", 900), ("binary", 3)]), &[]).is_empty());
    }

    #[test]
    fn another_repository_is_of_unknown_size() {
        let found = set_aside(&code(&["a.py"], &[]), &["src".to_owned()]);
        assert_eq!((found["files"][0].kind, found["files"][0].share), (SetAsideKind::OtherRepository, None));
    }

    #[test]
    fn comments_of_notebooks_are_not_counted_and_that_is_said() {
        let found = set_aside(&code(&["a.py", "b.ipynb"], &[]), &[]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["documentation"]);
        assert_eq!(found["documentation"][0].share, Some(0.5));
    }
}
