//! What a roster may have to say of a repository, told by the names in it alone: a person decides.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{ByName, Tier, assignment_of, by_name};
use stackmark_collect::tree::TreeFile;

/// Folders at the root that are named after different assignments (`TP1`, `lab-2`): one of them is likely the graded one.
/// Empty where fewer than two assignments are named.
#[must_use]
pub fn assignment_folders(files: &[TreeFile]) -> Vec<String> {
    let folders: BTreeSet<&str> = files.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    let numbered: Vec<(&str, u32)> =
        folders.into_iter().filter_map(|name| Some((name, assignment_of(name)?))).collect();
    let numbers: BTreeSet<u32> = numbered.iter().map(|(_, number)| *number).collect();
    if numbers.len() < 2 {
        return Vec::new();
    }
    numbered.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Files whose names say that they are the report, one for each document: a PDF and what it was made from are one. Empty
/// where fewer than two documents are.
#[must_use]
pub fn report_files(files: &[TreeFile]) -> Vec<String> {
    let mut documents: BTreeMap<&str, &str> = BTreeMap::new();
    for file in files.iter().filter(|file| file.may_be_a_document()) {
        let is_report = match by_name(&file.path) {
            ByName::Candidate(candidate) => candidate.tier == Tier::Strong,
            ByName::NoDocument | ByName::Something(_) => false,
        };
        if let (true, Some((stem, _))) = (is_report, file.path.rsplit_once('.')) {
            let path = documents.entry(stem).or_insert(&file.path);
            // The printed one is what was handed in.
            if file.path.to_lowercase().ends_with(".pdf") {
                *path = &file.path;
            }
        }
    }
    if documents.len() < 2 {
        return Vec::new();
    }
    documents.into_values().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Vec<TreeFile> {
        let file = |path: &&str| TreeFile {
            path: (*path).to_owned(),
            id: [0; 20],
            size: 1,
            link: false,
            missing: false,
            aside: None,
        };
        paths.iter().map(file).collect()
    }

    #[test]
    fn folders_of_two_assignments_are_proposed_and_parts_of_one_are_not() {
        let files = tree(&["README.md", "TP1/main.py", "TP1/src/a.py", "tp-2/main.py", "shared/x.py"]);
        assert_eq!(assignment_folders(&files), ["TP1", "tp-2"]);
        for other in [
            &["TP1/main.py", "src/a.py"][..],
            &["cluster1/main.py", "cluster2/main.py", "instance1/a.py"],
            &["src/tp1/a.py", "src/tp2/a.py"],
            &["lab1.py", "lab2.py"],
            &["lab1/a.py", "labo1/a.py"],
        ] {
            assert!(assignment_folders(&tree(other)).is_empty(), "{other:?}");
        }
    }

    #[test]
    fn several_reports_are_proposed_and_one_in_two_formats_is_one() {
        let files = tree(&["report.pdf", "report.tex", "docs/Rapport final.docx", "README.md", "app.py"]);
        assert_eq!(report_files(&files), ["docs/Rapport final.docx", "report.pdf"]);
        assert!(report_files(&tree(&["report.md", "report.pdf", "notes.md"])).is_empty());
    }
}
