//! Files of the code that were there and were not read: they are never absent.

use serde::{Deserialize, Serialize};

/// Files that were not read for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnreadFiles {
    /// The reason.
    pub kind: WhyUnread,
    /// How many files.
    pub files: u64,
    /// Their bytes, as far as known: a pointer to Git LFS counts with the size that it names.
    pub bytes: u64,
    /// Up to five paths.
    pub examples: Vec<String>,
    /// Names of the readings of the code that they could change (`declared`); empty: all that the reason can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
}

/// Why files were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnread {
    /// The repository has a pointer to Git LFS in place of the content.
    LfsPointer,
    /// Larger than what is read.
    TooLarge,
    /// A source file by its name whose content is no text, or a notebook that is no JSON.
    Undecodable,
    /// In a folder that mostly holds what a tool wrote: `build`, `dist`, `out`, `target`, `vendor`.
    Folder,
    /// An archive whose list cannot be read, and which may hold code: zip, tar, 7z, rar.
    Archive,
    /// By the list of an archive in it and nowhere else in the tree.
    OnlyInArchive,
    /// Infrastructure in a tool or language that nothing here reads.
    UnknownTool,
    /// A container image that is built without a Dockerfile of its own: by Jib, buildpacks, ko, or from a script.
    OtherBuilder,
    /// A submodule or an embedded repository, each counted as one file.
    OtherRepository,
}

/// All that was set aside of the code.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CodeSetAside {
    /// How much of all source could not be counted, 0..1: by bytes, each file with 64 KiB at most.
    pub share: f64,
    /// By reason.
    pub groups: Vec<UnreadFiles>,
}

/// Below this share, a measure over all files stands.
const SMALL_SHARE: f64 = 0.1;
/// From this part of the code on, what was not read is most of it.
const LARGE_SHARE: f64 = 0.5;

impl WhyUnread {
    /// As reports say it, after a number of files.
    pub fn words(self) -> &'static str {
        match self {
            Self::LfsPointer => "in Git LFS, of which the repository holds only pointers",
            Self::TooLarge => "too large to be read",
            Self::Undecodable => "whose content is no text",
            Self::Archive => "packed as an archive whose list cannot be read",
            Self::OnlyInArchive => "in an archive and nowhere else",
            Self::Folder => "in folders that mostly hold generated or foreign code",
            Self::UnknownTool => "declaring infrastructure in a way that is not read",
            Self::OtherBuilder => "building a container image without a Dockerfile in the repository",
            Self::OtherRepository => "naming another repository, whose content is not in this one",
        }
    }
}

/// Readings that list what was found in the code by searching it, folders of doubtful origin with it.
fn lists_found(path: &str) -> bool {
    matches!(
        path,
        "code.cloud_calls"
            | "code.declared"
            | "code.variables"
            | "code.calls"
            | "code.credentials"
            | "code.user_data"
            | "code.services"
            | "code.short_texts"
            | "code.images"
    )
}

impl CodeSetAside {
    /// The groups that could change what any of these readings holds, each once.
    ///
    /// Where something is searched for, the list of files only says beside it what was searched.
    pub fn of_readings<'p>(&self, paths: impl Iterator<Item = &'p str> + Clone) -> Vec<&UnreadFiles> {
        let searches = paths.clone().any(lists_found);
        let mut found: Vec<&UnreadFiles> = Vec::new();
        for path in paths {
            let is_searched = |group: &UnreadFiles| searches && path == "code.files" && group.kind == WhyUnread::Folder;
            for group in self.of_reading(path).into_iter().filter(|group| !is_searched(group)) {
                if !found.contains(&group) {
                    found.push(group);
                }
            }
        }
        found
    }

    /// The groups that could change what the reading at `path` (`code.documentation`) holds.
    pub fn of_reading(&self, path: &str) -> Vec<&UnreadFiles> {
        let counts_all = matches!(path, "code.documentation" | "code.files");
        let lists_found = lists_found(path);
        let touches = |group: &UnreadFiles| match group.kind {
            WhyUnread::LfsPointer | WhyUnread::TooLarge | WhyUnread::Undecodable => {
                lists_found || (counts_all && self.share >= SMALL_SHARE)
            }
            // An archive is a copy of what is committed, or others' data, more often than all of the code.
            WhyUnread::Archive => {
                (lists_found && self.share >= SMALL_SHARE) || (counts_all && self.share >= LARGE_SHARE)
            }
            WhyUnread::OnlyInArchive => {
                let could_hold = group.readings.iter().any(|name| path.strip_prefix("code.") == Some(name.as_str()));
                could_hold && (!counts_all || self.share >= LARGE_SHARE)
            }
            // Read, and not counted: whether a team wrote it is not known.
            WhyUnread::Folder => counts_all && self.share >= SMALL_SHARE,
            WhyUnread::UnknownTool => {
                matches!(path, "code.cloud_calls" | "code.declared" | "code.variables" | "code.user_data")
            }
            WhyUnread::OtherBuilder => path == "code.images",
            WhyUnread::OtherRepository => counts_all || lists_found || matches!(path, "code.readme" | "code.tree"),
        };
        self.groups.iter().filter(|group| touches(group)).collect()
    }
}

impl std::fmt::Display for UnreadFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = if self.files == 1 { "file" } else { "files" };
        write!(f, "{} {files} {} ({})", self.files, self.kind.words(), self.examples.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aside(share: f64, kinds: &[WhyUnread]) -> CodeSetAside {
        let examples = vec!["a.py".to_owned()];
        let group = |kind: &WhyUnread| UnreadFiles {
            kind: *kind,
            files: 1,
            bytes: 9,
            examples: examples.clone(),
            readings: vec![],
        };
        CodeSetAside { share, groups: kinds.iter().map(group).collect() }
    }

    #[test]
    fn a_total_is_in_doubt_above_a_share_and_a_search_at_once() {
        let little = aside(0.02, &[WhyUnread::LfsPointer, WhyUnread::Folder]);
        assert!(little.of_reading("code.documentation").is_empty());
        assert_eq!(little.of_reading("code.cloud_calls").len(), 1, "what is in a folder was searched");
        let much = aside(0.5, &[WhyUnread::LfsPointer, WhyUnread::Folder]);
        assert_eq!(much.of_reading("code.documentation").len(), 2);
        assert!(much.of_reading("code.tree").is_empty(), "every file is listed");
        let packed = |share| aside(share, &[WhyUnread::Archive]).of_reading("code.documentation").len();
        assert_eq!([packed(0.3), packed(0.6)], [0, 1]);
    }

    #[test]
    fn a_search_has_been_in_folders_of_doubtful_origin() {
        let much = aside(0.5, &[WhyUnread::LfsPointer, WhyUnread::Folder]);
        let of = |paths: &[&str]| much.of_readings(paths.iter().copied()).len();
        assert_eq!(of(&["code.files"]), 2);
        assert_eq!(of(&["code.calls", "code.files"]), 1, "the pointer alone, and once");
        assert_eq!(of(&["code.documentation", "code.files"]), 2);
    }

    #[test]
    fn a_closed_archive_opens_searches_only_if_it_may_hold_much() {
        let packed = |share| aside(share, &[WhyUnread::Archive]).of_reading("code.cloud_calls").len();
        assert_eq!([packed(0.05), packed(0.2)], [0, 1]);
    }

    #[test]
    fn a_listed_archive_opens_what_it_could_hold() {
        let packed = |share: f64| {
            let mut found = aside(share, &[WhyUnread::OnlyInArchive]);
            found.groups[0].readings = vec!["documentation".to_owned(), "images".to_owned()];
            found
        };
        assert_eq!(packed(0.01).of_reading("code.images").len(), 1);
        assert!(packed(0.9).of_reading("code.declared").is_empty());
        assert!(packed(0.9).of_reading("git.images").is_empty());
        assert_eq!([0.3, 0.6].map(|share| packed(share).of_reading("code.documentation").len()), [0, 1]);
        assert_eq!(packed(0.5).groups[0].to_string(), "1 file in an archive and nowhere else (a.py)");
    }

    #[test]
    fn another_repository_may_hold_anything() {
        let submodule = aside(0.0, &[WhyUnread::OtherRepository]);
        for path in ["code.readme", "code.tree", "code.documentation", "code.declared"] {
            assert_eq!(submodule.of_reading(path).len(), 1, "{path}");
        }
        assert!(submodule.of_reading("git.commits").is_empty());
    }

    #[test]
    fn another_builder_opens_what_images_are_built_from() {
        let jib = aside(0.0, &[WhyUnread::OtherBuilder]);
        assert_eq!(jib.of_reading("code.images").len(), 1);
        assert!(jib.of_reading("code.declared").is_empty());
    }

    #[test]
    fn an_unknown_tool_leaves_comments_alone() {
        let pulumi = aside(0.0, &[WhyUnread::UnknownTool]);
        assert_eq!(pulumi.of_reading("code.declared").len(), 1);
        assert!(pulumi.of_reading("code.documentation").is_empty());
    }
}
