//! Which files are source, in which language.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_collect::Limits;
use stackmark_collect::classify::{
    HEAD_BYTES, UNDECODABLE, is_archive, is_lfs_pointer, size_in_pointer, why_excluded_by_content,
};
use stackmark_collect::counting::FOLDER_NAME;
use stackmark_collect::tree::{BlobId, Blobs, TreeFile};
use stackmark_evidence::Unreadable;
use stackmark_evidence::code::LeftOut;
use stackmark_evidence::unread::{CodeSetAside, UnreadFiles, WhyUnread};
use tokei::LanguageType;

use super::names::{is_notebook, is_prose, language_by_name, language_by_shebang};
use super::notebook::Script;
use super::packed::Archives;
use super::source::{Source, file_name, is_documented_in_comments};
use super::syntax::is_nested_too_deep;
use super::{builders, text, unread};

/// Nobody writes a megabyte of source by hand.
const MAX_SOURCE_BYTES: u64 = 1 << 20;
const MAX_EXAMPLES: usize = 5;
/// What one file weighs at most among all source, in bytes.
const HEAVIEST: u64 = 64 << 10;
/// To how many times its size a packed file unpacks, at a guess: text does.
const UNPACKED: u64 = 4;

/// All source files, and what was left out.
pub(super) struct Sources {
    /// Sorted by path within each part: first those that count, then those of which it is not known whose they are.
    pub(super) files: Vec<Source>,
    /// How many of `files` count.
    pub(super) counted: usize,
    pub(super) left_out: BTreeMap<String, LeftOut>,
    pub(super) set_aside: CodeSetAside,
}

/// What became of one file.
enum Fate {
    Counts(Source),
    /// In a folder such as `build`: read, and not counted.
    Doubtful(Source, &'static str),
    /// Not a team's source.
    Out(&'static str),
    /// An archive: its list tells what may be the team's.
    Packed(&'static str),
    /// A team's source by all that is known, and not readable.
    Aside(WhyUnread, &'static str, u64),
}

impl Sources {
    /// Archives among the `given` contents, the course's own, are left alone.
    ///
    /// # Errors
    /// `Malformed` where a blob is missing or damaged.
    pub(super) fn gather(
        blobs: &dyn Blobs,
        tree: &[TreeFile],
        given: &BTreeSet<BlobId>,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let (mut counted, mut doubtful, mut packed) = (Vec::new(), Vec::new(), Vec::new());
        let mut left_out: BTreeMap<String, LeftOut> = BTreeMap::new();
        let mut aside = Aside::default();
        let mut leave_out = |why: &str, path: &str| {
            let group = left_out.entry(why.to_owned()).or_default();
            group.files += 1;
            if group.examples.len() < MAX_EXAMPLES {
                group.examples.push(path.to_owned());
            }
        };
        for file in tree {
            match fate(blobs, file, limits)? {
                Fate::Counts(source) => counted.push(source),
                Fate::Doubtful(source, why) => {
                    leave_out(why, &file.path);
                    doubtful.push(source);
                }
                Fate::Out(why) => leave_out(why, &file.path),
                Fate::Packed(why) => {
                    leave_out(why, &file.path);
                    packed.push(file);
                }
                Fate::Aside(kind, why, bytes) => {
                    leave_out(why, &file.path);
                    aside.add(kind, &[], &file.path, bytes);
                }
            }
        }
        packed.retain(|archive| !given.contains(&archive.id));
        if !packed.is_empty() {
            let mut archives = Archives::of(blobs, tree, limits);
            for unseen in packed.into_iter().flat_map(|archive| archives.look(archive)) {
                aside.add(unseen.why, unseen.readings, &unseen.path, unseen.bytes);
            }
        }
        doubtful.retain(|source| !is_made_of(source, &counted));
        for source in doubtful.iter().filter(|source| is_documented_in_comments(source.language)) {
            aside.add(WhyUnread::Folder, &[], &source.path, source.text.len() as u64);
        }
        counted.sort_by(|a, b| a.path.cmp(&b.path));
        doubtful.sort_by(|a, b| a.path.cmp(&b.path));
        let read: u64 = counted.iter().map(|source| (source.text.len() as u64).min(HEAVIEST)).sum();
        // Tools that nothing reads are found in files that count: their share of the lines is nobody's question.
        let share = aside.share(read);
        for source in counted.iter().chain(&doubtful).filter(|source| unread::is_foreign(source)) {
            aside.add(WhyUnread::UnknownTool, &[], &source.path, source.text.len() as u64);
        }
        for source in counted.iter().chain(&doubtful).filter(|source| builders::is_other(source)) {
            aside.add(WhyUnread::OtherBuilder, &[], &source.path, source.text.len() as u64);
        }
        // An application of the CDK whose code is not among what was read.
        let application = tree.iter().find(|file| file_name(&file.path) == "cdk.json" && !file.link);
        if let Some(file) = application.filter(|_| !counted.iter().chain(&doubtful).any(unread::uses_cdk)) {
            aside.add(WhyUnread::UnknownTool, &[], &file.path, file.size);
        }
        let number = counted.len();
        counted.append(&mut doubtful);
        let groups = aside.groups.into_values().collect();
        Ok(Self { files: counted, counted: number, left_out, set_aside: CodeSetAside { share, groups } })
    }
}

#[derive(Default)]
struct Aside {
    /// By the reason, and the readings that they could change.
    groups: BTreeMap<(WhyUnread, &'static [&'static str]), UnreadFiles>,
    /// Weight of all of them.
    weight: u64,
}

impl Aside {
    /// `readings` are those that it could change; all that the reason can where it is empty.
    fn add(&mut self, kind: WhyUnread, readings: &'static [&'static str], path: &str, bytes: u64) {
        let group = self.groups.entry((kind, readings)).or_insert_with(|| UnreadFiles {
            kind,
            files: 0,
            bytes: 0,
            examples: Vec::new(),
            readings: readings.iter().map(|name| (*name).to_owned()).collect(),
        });
        group.files += 1;
        group.bytes += bytes;
        if group.examples.len() < MAX_EXAMPLES {
            group.examples.push(path.to_owned());
        }
        let unpacked = if kind == WhyUnread::Archive { bytes.saturating_mul(UNPACKED) } else { bytes };
        // Settings and notes are no source.
        if readings.is_empty() || readings.contains(&"files") {
            self.weight += unpacked.clamp(1, HEAVIEST);
        }
    }

    /// Among all source, to four decimals.
    fn share(&self, read: u64) -> f64 {
        let all = self.weight + read;
        if all == 0 { 0.0 } else { (self.weight as f64 / all as f64 * 1e4).round() / 1e4 }
    }
}

/// What a tool made of a file that counts, or copied: nobody's work a second time.
fn is_made_of(source: &Source, counted: &[Source]) -> bool {
    let compiles = |language: LanguageType| {
        use LanguageType as L;
        matches!(language, L::JavaScript | L::Jsx | L::TypeScript | L::Tsx)
    };
    counted.iter().any(|known| {
        let compiled = compiles(source.language) && compiles(known.language) && stem(&known.path) == stem(&source.path);
        compiled || known.text == source.text
    })
}

/// Name without extensions, in lower case.
fn stem(path: &str) -> String {
    let name = file_name(path).to_ascii_lowercase();
    name.split('.').find(|part| !part.is_empty()).unwrap_or_default().to_owned()
}

/// Lines as no hand writes them: a bundle, minified.
fn is_minified(text: &str) -> bool {
    let lines = text.lines().count().max(1);
    text.len() / lines > 200 || text.lines().any(|line| line.len() > 2_000)
}

/// Somebody's name and licence at the top: a library. Course work carries neither.
fn is_licensed(text: &str) -> bool {
    let head: String = text.lines().take(12).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    ["copyright", "@license", "licensed under", "spdx-license-identifier", "(c) 20"]
        .iter()
        .any(|mark| head.contains(mark))
}

/// What a file is to the measures.
fn fate(blobs: &dyn Blobs, file: &TreeFile, limits: &Limits) -> Result<Fate, Unreadable> {
    if file.link {
        return Ok(Fate::Out("symbolic link"));
    }
    // What macOS keeps of a file beside it.
    if file_name(&file.path).starts_with("._") {
        return Ok(Fate::Out("OS metadata"));
    }
    let notebook = is_notebook(&file.path);
    // A folder that may be the team's own is searched, and not counted; the history decides the same way.
    let excluded = file.aside;
    if let Some(why) = excluded.filter(|why| *why != FOLDER_NAME) {
        let packed = why == "binary" && is_archive(&file.path);
        return Ok(if packed { Fate::Packed(why) } else { Fate::Out(why) });
    }
    let by_name = language_by_name(&file.path);
    if by_name.is_some_and(is_prose) {
        return Ok(Fate::Out("prose"));
    }
    let has_extension = file_name(&file.path).trim_start_matches('.').contains('.');
    if by_name.is_none() && has_extension {
        return Ok(Fate::Out("not a programming language"));
    }
    // Of a program by its name, not of a table of data.
    let is_code = |language: LanguageType| is_documented_in_comments(language) && language != LanguageType::Sql;
    let is_program = by_name.is_some_and(is_code) || notebook;
    let largest = if notebook { limits.file_bytes } else { MAX_SOURCE_BYTES.min(limits.file_bytes) };
    if file.size > largest {
        let why = "too large to be written by hand";
        let aside = is_program && excluded.is_none();
        return Ok(if aside { Fate::Aside(WhyUnread::TooLarge, why, file.size) } else { Fate::Out(why) });
    }
    let bytes = blobs.read(file)?;
    if is_lfs_pointer(&bytes) {
        let why = "Git LFS pointer";
        let aside = Fate::Aside(WhyUnread::LfsPointer, why, size_in_pointer(&bytes).unwrap_or(file.size));
        return Ok(if is_program && excluded.is_none() { aside } else { Fate::Out(why) });
    }
    let text = text::decode(&bytes);
    // UTF-16 is half NUL bytes: binary to git, text to those who wrote it.
    let content = if text::is_utf16(&bytes) { text.as_bytes() } else { &bytes };
    let head = &content[..content.len().min(HEAD_BYTES)];
    // The folder is known already; what the content says comes on top.
    if let Some(why) = why_excluded_by_content(&file.path, head).filter(|_| !notebook) {
        let undecodable = matches!(why, "binary" | UNDECODABLE) && is_program && excluded.is_none();
        let aside = Fate::Aside(WhyUnread::Undecodable, why, file.size);
        return Ok(if undecodable { aside } else { Fate::Out(why) });
    }
    if let Some(why) = excluded.filter(|_| is_minified(&text) || is_licensed(&text)) {
        return Ok(Fate::Out(why));
    }
    let source = if notebook {
        match Script::parse(&text) {
            Some(script) => Source { path: file.path.clone(), language: script.language, text: script.text },
            None => return Ok(Fate::Aside(WhyUnread::Undecodable, "not a notebook that can be read", file.size)),
        }
    } else {
        let Some(language) = by_name.or_else(|| language_by_shebang(&text)) else {
            return Ok(Fate::Out("not a programming language"));
        };
        Source { path: file.path.clone(), language, text }
    };
    Ok(match excluded {
        Some(why) => Fate::Doubtful(source, why),
        None if is_nested_too_deep(source.language, &source.text) => {
            Fate::Aside(WhyUnread::TooLarge, "nested too deep to be written by hand", file.size)
        }
        None => Fate::Counts(source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_collect::counting::Counting;

    #[test]
    fn what_was_set_aside_says_how_much_and_why() {
        struct Memory(Vec<(&'static str, Vec<u8>)>);
        impl Blobs for Memory {
            fn read(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
                let found = self.0.iter().find(|(path, _)| *path == file.path);
                Ok(found.expect("a file of the tree").1.clone())
            }
        }
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3000\n".to_vec();
        let code = |line: &str| line.repeat(40).into_bytes();
        let files = Memory(vec![
            ("src/app.ts", code("const a = 1;\n")),
            ("dist/app.js", code("var a = 1;\n")),
            ("dist/jquery.js", vec![b'x'; 30_000]),
            ("build/image.py", code("import os\n")),
            ("vendor/lib.js", [b"/*! lib v3 | MIT licensed under x */\n".to_vec(), code("var b = 1;\n")].concat()),
            ("deploy.py", pointer.clone()),
            ("model.bin", pointer),
            ("tp1.zip", b"PK\x03\x04\0\0".to_vec()),
            ("rapport.zip", b"PK\x03\x04\0\0".to_vec()),
            ("junk.py", b"\0\x01\x02\0\0binary".to_vec()),
            ("notes.ipynb", b"{\"cells\": [".to_vec()),
            ("._app.py", b"\0\x05\x16\x07".to_vec()),
        ]);
        let tree: Vec<TreeFile> = files
            .0
            .iter()
            .map(|(path, content)| TreeFile {
                path: (*path).to_owned(),
                id: [0; 20],
                size: content.len() as u64,
                link: false,
                missing: false,
                aside: Counting::default().why_excluded(path, None),
            })
            .collect();
        let sources = Sources::gather(&files, &tree, &BTreeSet::new(), &Limits::default()).expect("all are there");
        let paths: Vec<&str> = sources.files.iter().map(|source| source.path.as_str()).collect();
        assert_eq!((paths, sources.counted), (vec!["src/app.ts", "build/image.py"], 1));
        let told: Vec<String> =
            sources.set_aside.groups.iter().map(|group| format!("{:?} {:?}", group.kind, group.examples)).collect();
        assert_eq!(
            told,
            [
                "LfsPointer [\"deploy.py\"]",
                "Undecodable [\"junk.py\", \"notes.ipynb\"]",
                "Folder [\"build/image.py\"]",
                "Archive [\"tp1.zip\"]",
            ]
        );
        assert_eq!(sources.set_aside.groups[0].bytes, 3_000, "the size that the pointer names");
        assert!(sources.set_aside.share > 0.5);
    }
}
