//! What a reading did not look into, and how much of the whole that is.

use serde::{Deserialize, Serialize};

/// Why something was not measured.
///
/// A closed set: what is certainly nobody's work (libraries, lock files, pictures, generated files that say so) is not
/// set aside but excluded, and leaves nothing open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SetAsideKind {
    /// Files in a folder named for generated files or libraries, which may be the team's own.
    ExcludedPath,
    /// Jupyter notebooks.
    Notebook,
    /// Links to another repository (submodules, embedded repositories), whose files are not here.
    OtherRepository,
    /// Pointers of Git LFS; the files themselves are not in the repository.
    LfsPointer,
    /// Contents that are no text in an encoding that is read.
    Undecodable,
    /// Archives with files that people write and that are nowhere else, and those that cannot be listed.
    Archive,
    /// Larger or more than is read.
    OverLimit,
    /// Commits on another branch than the graded one.
    OtherBranch,
    /// What lies outside the assignment's folder.
    OutsideFolder,
    /// Commits whose dates leave open whether they were made in time.
    Dates,
    /// Content of another repository that a tool put in, of which the history does not tell who wrote it.
    Imported,
    /// Files that one member packed as an archive and another committed.
    Unpacked,
}

/// Things of one kind that a reading did not look into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SetAside {
    /// Why.
    pub kind: SetAsideKind,
    /// What it is, as the subject of a sentence: `2 files in build/`.
    pub what: String,
    /// How many files; 0 where it is no files.
    pub files: u64,
    /// How many commits hold nothing else that counts.
    pub commits: u64,
    /// Their lines, at a guess by their size; `None` where that cannot be known.
    pub lines: Option<u64>,
    /// Part of the whole that the reading is over, 0..1; `None` where that cannot be known.
    pub share: Option<f64>,
    /// Up to five of them: paths, or commits with their dates.
    pub examples: Vec<String>,
}

impl SetAsideKind {
    /// From this part of the whole on, a loss cannot be told for certain.
    fn doubtful_from(self) -> f64 {
        match self {
            // Trials that nobody merged stand beside most histories, and other assignments beside most folders.
            Self::OtherBranch => 0.5,
            Self::OutsideFolder => 0.25,
            _ => 0.1,
        }
    }

    /// What to do about it.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::ExcludedPath => {
                "Keep code that you write yourself out of such a folder, or ask the instructor to name it under `counts` \
                 in the roster."
            }
            Self::Notebook => "Save the notebook as valid JSON (Jupyter's own format) and commit it again.",
            Self::OtherRepository => {
                "Commit the files themselves: remove the folder's own .git, then git rm --cached FOLDER and git add FOLDER."
            }
            Self::LfsPointer => "Commit source files and documents as they are: git lfs untrack, then add them again.",
            Self::Archive => "Unpack the archive and commit the files themselves.",
            Self::Undecodable => "Save the file as UTF-8 and commit it again.",
            Self::OverLimit => "Split the file, and keep data and generated files out of the repository.",
            Self::OtherBranch => {
                "Merge the work into the graded branch, or ask the instructor to name its branch in the roster."
            }
            Self::OutsideFolder => "Move the assignment's files into its folder.",
            Self::Imported => {
                "Tell the instructor who wrote what came from another repository: an alias of that name in the roster gives it to a \
                 member, and inside a graded folder a person decides."
            }
            Self::Unpacked => "Tell the instructor who wrote the files of the archive.",
            Self::Dates => "Ask the instructor to name the commit to grade in the roster (`commit`).",
        }
    }
}

impl SetAside {
    /// Whether it is enough, or may be enough, to change what is judged of the whole.
    pub fn is_doubtful(&self) -> bool {
        self.share.is_none_or(|share| share >= self.kind.doubtful_from())
    }

    /// A fragment that names it: `2 files in build/ (build/a.py, build/b.py), 31% of the lines`.
    pub fn in_words(&self) -> String {
        let mut words = self.what.clone();
        if !self.examples.is_empty() {
            words.push_str(&format!(" ({})", self.examples.join(", ")));
        }
        let of = match self.kind {
            SetAsideKind::OtherBranch | SetAsideKind::Dates => "commits",
            _ => "work",
        };
        if let Some(share) = self.share {
            words.push_str(&format!(", {:.0}% of the {of}", share * 100.0));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: SetAsideKind, share: Option<f64>) -> SetAside {
        let what = "2 files in build/".to_owned();
        SetAside { kind, what, files: 2, commits: 1, lines: Some(80), share, examples: vec!["build/a.py".to_owned()] }
    }

    #[test]
    fn what_is_not_known_to_be_little_is_a_doubt() {
        assert!(of(SetAsideKind::ExcludedPath, None).is_doubtful());
        assert!(of(SetAsideKind::ExcludedPath, Some(0.1)).is_doubtful());
        assert!(!of(SetAsideKind::ExcludedPath, Some(0.09)).is_doubtful());
        assert!(!of(SetAsideKind::OtherBranch, Some(0.3)).is_doubtful());
    }

    #[test]
    fn it_is_named_with_its_part_of_the_whole() {
        let words = of(SetAsideKind::ExcludedPath, Some(0.314)).in_words();
        assert_eq!(words, "2 files in build/ (build/a.py), 31% of the work");
        assert_eq!(of(SetAsideKind::LfsPointer, None).in_words(), "2 files in build/ (build/a.py)");
    }
}
