//! What the course gave: files and lines of the base commit, which neither lose nor earn.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_collect::Limits;
use stackmark_collect::tree::{BlobId, Blobs, TreeFile};
use stackmark_evidence::code::Starter;
use stackmark_evidence::{Reading, Unreadable};

use super::definitions::{self, Definition, Kind};
use super::gather::Sources;
use super::source::{Source, file_name};

/// The files that are graded, and those that the course gave.
#[derive(Debug, Clone)]
pub struct Graded<'a> {
    /// The graded tree.
    pub files: &'a [TreeFile],
    /// Paths of submodules and embedded repositories: what is in them is not among `files`.
    pub elsewhere: &'a [String],
    /// The tree of the base commit, below the same folder. Empty where the course gave nothing; where it cannot be read,
    /// whatever tells the team's words from the course's is unreadable as well.
    pub starter: Result<&'a [TreeFile], Unreadable>,
}

impl<'a> Graded<'a> {
    /// A tree of which the course gave nothing.
    pub fn all_own(files: &'a [TreeFile]) -> Self {
        Self { files, elsewhere: &[], starter: Ok(&[]) }
    }
}

/// The files of the base commit, by what leads to them.
#[derive(Default)]
pub(super) struct Given<'a> {
    by_id: BTreeMap<BlobId, &'a TreeFile>,
    by_path: BTreeMap<&'a str, &'a TreeFile>,
    /// `None` where there are several of a name.
    by_name: BTreeMap<&'a str, Option<&'a TreeFile>>,
}

impl<'a> Given<'a> {
    pub(super) fn new(files: &'a [TreeFile]) -> Self {
        let mut given = Self::default();
        for file in files.iter().filter(|file| !file.link) {
            given.by_id.insert(file.id, file);
            given.by_path.insert(&file.path, file);
            given.by_name.entry(file_name(&file.path)).and_modify(|known| *known = None).or_insert(Some(file));
        }
        given
    }

    /// Whether a file is the course's to the last byte, wherever it was moved to.
    pub(super) fn is_unchanged(&self, file: &TreeFile) -> bool {
        let same_place = self.by_path.get(file.path.as_str()).is_some_and(|given| given.id == file.id);
        // Empty files are all alike.
        same_place || (file.size > 0 && self.by_id.contains_key(&file.id))
    }

    /// The course's version of a file that the team changed: of the same path, or the only one of its name.
    pub(super) fn version_of(&self, path: &str) -> Option<&'a TreeFile> {
        let same_place = self.by_path.get(path).copied();
        same_place.or_else(|| self.by_name.get(file_name(path)).copied().flatten())
    }

    /// Which of `files` are as they were given, and which the team changed.
    pub(super) fn list(&self, files: &[TreeFile]) -> Starter {
        let mut starter = Starter::default();
        for file in files.iter().filter(|file| !file.link) {
            if self.is_unchanged(file) {
                starter.unchanged.push(file.path.clone());
            } else if self.by_path.contains_key(file.path.as_str()) {
                starter.changed.push(file.path.clone());
            }
        }
        starter.unchanged.sort();
        starter.changed.sort();
        starter
    }
}

/// The reading of it.
pub(super) fn read(graded: &Graded<'_>) -> Reading<Starter> {
    match &graded.starter {
        Ok(starter) => Reading::observed(Given::new(starter).list(graded.files)),
        Err(failure) => Reading::Unreadable(failure.clone()),
    }
}

/// Contents that are the course's to the last byte; none where the course's files cannot be read.
pub(super) fn unchanged(graded: &Graded<'_>) -> BTreeSet<BlobId> {
    let starter: &[TreeFile] = match &graded.starter {
        Ok(starter) => starter,
        Err(_) => &[],
    };
    let given = Given::new(starter);
    graded.files.iter().filter(|file| given.is_unchanged(file)).map(|file| file.id).collect()
}

/// What of one source file the course gave.
pub(super) enum Part {
    Nothing,
    Everything,
    /// The course's version, and those of its lines that still stand.
    Some {
        version: Source,
        kept: Source,
    },
}

/// For each of `sources`, in order.
///
/// # Errors
/// `Malformed` where a blob is missing or damaged.
pub(super) fn parts(
    blobs: &dyn Blobs,
    graded: &Graded<'_>,
    sources: &[Source],
    limits: &Limits,
) -> Result<Vec<Part>, Unreadable> {
    let given = Given::new(graded.starter.clone()?);
    let files: BTreeMap<&str, &TreeFile> = graded.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut parts = Vec::with_capacity(sources.len());
    for source in sources {
        let Some(file) = files.get(source.path.as_str()) else {
            parts.push(Part::Nothing);
            continue;
        };
        if given.is_unchanged(file) {
            parts.push(Part::Everything);
            continue;
        }
        let version = match given.version_of(&source.path) {
            Some(version) => {
                let version = std::slice::from_ref(version);
                Sources::gather(blobs, version, &BTreeSet::new(), limits)?.files.pop()
            }
            None => None,
        };
        parts.push(match version.filter(|version| version.language == source.language) {
            Some(version) => {
                let kept = kept(&source.text, &version.text);
                Part::Some {
                    kept: Source { path: source.path.clone(), language: source.language, text: kept },
                    version,
                }
            }
            None => Part::Nothing,
        });
    }
    Ok(parts)
}

/// The lines of `text` that `given` has as well, each of those as often as it stands there. Order does not matter: a
/// line that was moved is still the course's.
pub(super) fn kept(text: &str, given: &str) -> String {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in given.lines() {
        *left.entry(line.trim_end()).or_default() += 1;
    }
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(count) = left.get_mut(line.trim_end()).filter(|count| **count > 0) {
            *count -= 1;
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Takes the course's definitions out of `found`, those of a file that the team changed. What the team documented, or
/// wrote for the most part, is the team's.
pub(super) fn without_given(found: &mut Vec<Definition>, source: &Source, version: &Source) {
    let given = definitions::of(version);
    let lines: Vec<&str> = source.text.lines().collect();
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in version.text.lines() {
        *left.entry(line.trim()).or_default() += 1;
    }
    found.retain(|definition| {
        let same = |known: &&Definition| known.kind == definition.kind && known.name == definition.name;
        let Some(known) = given.iter().find(same) else { return true };
        if definition.is_documented() {
            return !known.is_documented() || known.words != definition.words;
        }
        if known.is_documented() || definition.kind == Kind::File {
            return definition.kind != Kind::File;
        }
        let (first, span) = ((definition.line as usize).saturating_sub(1), definition.lines as usize);
        let body = lines.iter().skip(first).take(span).map(|line| line.trim()).filter(|line| !line.is_empty());
        let (mut all, mut own) = (0, 0);
        for line in body {
            all += 1;
            own += usize::from(!left.contains_key(line));
        }
        own * 2 > all
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokei::LanguageType;

    fn file(path: &str, id: u8, size: u64) -> TreeFile {
        TreeFile { path: path.into(), id: [id; 20], size, link: false, missing: false, aside: None }
    }

    #[test]
    fn files_of_the_course_are_known_wherever_they_are() {
        let starter = [file("a.py", 1, 9), file("lib/b.py", 2, 9), file("empty", 3, 0)];
        let given = Given::new(&starter);
        assert!(given.is_unchanged(&file("moved/a.py", 1, 9)));
        assert!(!given.is_unchanged(&file("a.py", 7, 9)));
        assert!(!given.is_unchanged(&file("mine/__init__.py", 3, 0)), "empty files are all alike");
        assert_eq!(given.version_of("src/b.py").map(|file| file.path.as_str()), Some("lib/b.py"));
        let listed = given.list(&[file("a.py", 7, 9), file("lib/b.py", 2, 9), file("own.py", 8, 9)]);
        assert_eq!((listed.unchanged, listed.changed), (vec!["lib/b.py".to_owned()], vec!["a.py".to_owned()]));
    }

    #[test]
    fn lines_are_kept_as_often_as_they_were_given() {
        assert_eq!(kept("a\nb\na\nc\n", "a\nc\nd\n"), "a\nc\n");
    }

    #[test]
    fn definitions_of_the_course_neither_lose_nor_earn() {
        let source = |text: &str| Source { path: "a.py".into(), language: LanguageType::Python, text: text.into() };
        let version = source(
            "def given():\n    return 1\n\n\ndef told():\n    \"\"\"Say it.\"\"\"\n    return 2\n\n\ndef stub():\n    pass\n",
        );
        let graded = source(
            "def given():\n    \"\"\"The constant that the course fixes, in seconds.\"\"\"\n    return 1\n\n\ndef told():\n    \"\"\"Say it.\"\"\"\n    return 2\n\n\n\
             def stub():\n    a = 1\n    b = 2\n    return a + b\n\n\ndef own():\n    return 3\n",
        );
        let mut found = definitions::of(&graded);
        without_given(&mut found, &graded, &version);
        let told: Vec<(&str, bool)> =
            found.iter().map(|definition| (definition.name.as_str(), definition.is_documented())).collect();
        assert_eq!(told, [("given", true), ("stub", false), ("own", false)]);
    }
}
