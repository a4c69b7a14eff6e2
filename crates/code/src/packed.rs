//! What of a team's archives is not in the tree as well, and which readings it could change by its names.
//!
//! A `Lab1.zip` beside the files that it holds says nothing new. Of what it alone holds nobody knows the content, so that a
//! search that found nothing is left to a person, if such a file could have held what was looked for.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_collect::Limits;
use stackmark_collect::classify::{is_archive, is_archive_of_work};
use stackmark_collect::counting::{Counting, FOLDER_NAME, IGNORED};
use stackmark_collect::packed::{Committed, Entry, Lists};
use stackmark_collect::redact::redact;
use stackmark_collect::tree::{BlobId, Blobs, TreeFile};
use stackmark_evidence::infrastructure::PackedFile;
use stackmark_evidence::unread::WhyUnread;
use tokei::LanguageType;

use super::names::{is_notebook, is_prose, language_by_name};
use super::source::{file_name, is_documented_in_comments};

/// Names of readings of the code.
pub(super) type Readings = &'static [&'static str];

/// Of what may hold anything.
const OF_ANYTHING: Readings = &[];
const OF_PROGRAM: Readings = &[
    "files",
    "documentation",
    "cloud_calls",
    "declared",
    "variables",
    "calls",
    "credentials",
    "user_data",
    "services",
];
const OF_RECIPE: Readings = &["files", "documentation", "cloud_calls", "calls", "credentials", "services", "images"];
const OF_JSON: Readings = &["cloud_calls", "declared", "variables", "credentials", "user_data"];
const OF_SETTINGS: Readings = &["variables", "credentials"];
const OF_UNIT: Readings = &["services"];
const OF_NOTE: Readings = &["short_texts"];
const OF_README: Readings = &["readme"];

/// Nobody types more: larger files are data.
const LARGEST: u64 = 1 << 20;
/// Larger texts are no answers to a question.
const LARGEST_NOTE: u64 = 1_024;
/// Letters of a packed file's path that are shown.
const SHOWN: usize = 100;
/// Bytes and folders of the path of a file of an installed package, at most.
const LONGEST_PATH: usize = 1_024;
const MOST_FOLDERS: usize = 64;
/// Files of archives that are listed by their names.
const MOST_LISTED: usize = 2_000;

/// What nobody read, and could have changed a reading.
pub(super) struct Unseen {
    pub(super) why: WhyUnread,
    /// For readers: `Lab1.zip: src/main.py`.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Empty where anything may be in it.
    pub(super) readings: Readings,
}

/// What the archives of a tree hold by name, for who looks for names: at most [`MOST_LISTED`] files. An archive that cannot be
/// listed, or has more, is closed; of those, as many are named, and the others are counted in one word. Those among the `given` contents, the course's own, are left alone.
pub(super) fn names(
    blobs: &dyn Blobs,
    tree: &[TreeFile],
    given: &BTreeSet<BlobId>,
    limits: &Limits,
) -> (Vec<PackedFile>, Vec<String>) {
    let mut lists = Lists::of(blobs, limits.file_bytes);
    let (mut packed, mut closed) = (Vec::new(), Vec::new());
    for archive in tree.iter().filter(|file| !file.link && is_archive(&file.path) && !given.contains(&file.id)) {
        if matches!(archive.aside, Some("vendored" | IGNORED)) {
            continue;
        }
        let Ok(entries) = lists.list(archive) else {
            closed.push(&archive.path);
            continue;
        };
        let paths: Vec<&str> = (entries.iter())
            .filter(|entry| entry.size > 0 && !entry.is_of_a_tool())
            .map(|entry| entry.name.as_str())
            .collect();
        // Who unpacks it may keep the folder around all of it, or not.
        let folder = folder_of_all(&paths);
        let within: Vec<&str> = paths.iter().filter_map(|path| path.strip_prefix(folder?)?.strip_prefix('/')).collect();
        if packed.len() + paths.len() + within.len() > MOST_LISTED {
            closed.push(&archive.path);
            continue;
        }
        let file = |path: &str| PackedFile { archive: archive.path.clone(), path: path.to_owned() };
        packed.extend(paths.into_iter().chain(within).map(file));
    }
    let more = closed.len().saturating_sub(MOST_LISTED);
    let named = closed.into_iter().take(MOST_LISTED).cloned();
    let closed = named.chain((more > 0).then(|| format!("further archives: {more}"))).collect();
    (packed, closed)
}

/// The folder at the top that holds all of these paths.
fn folder_of_all<'n>(paths: &[&'n str]) -> Option<&'n str> {
    let (folder, _) = paths.first()?.split_once('/')?;
    let is_in = |path: &&str| path.split_once('/').is_some_and(|(first, _)| first == folder);
    paths.iter().all(is_in).then_some(folder)
}

/// Looks into the archives of one tree.
pub(super) struct Archives<'a> {
    lists: Lists<'a>,
    committed: Committed<'a>,
    has_readme: bool,
}

impl<'a> Archives<'a> {
    pub(super) fn of(blobs: &'a dyn Blobs, tree: &'a [TreeFile], limits: &Limits) -> Self {
        let committed = Committed::of(blobs, tree, limits.file_bytes);
        let has_readme = committed.names().any(is_readme);
        Self { lists: Lists::of(blobs, limits.file_bytes), committed, has_readme }
    }

    /// What is in an archive alone; the archive itself where it cannot be looked into.
    pub(super) fn look(&mut self, archive: &TreeFile) -> Vec<Unseen> {
        let entries = match self.lists.list(archive) {
            Ok(entries) => entries,
            Err(_) if !is_archive_of_work(&archive.path) => return Vec::new(),
            Err(bytes) => {
                let path = archive.path.clone();
                return vec![Unseen { why: WhyUnread::Archive, path, bytes, readings: OF_ANYTHING }];
            }
        };
        let counting = Counting::default().with_tree(entries.iter().map(|entry| entry.name.as_str()), "", None);
        let installed = Installed::of(&entries);
        let mut unseen = Vec::new();
        for entry in entries.iter().filter(|entry| entry.size > 0 && !entry.is_of_a_tool()) {
            let (why, readings) = match counting.why_excluded(&entry.name, None).filter(|why| *why != FOLDER_NAME) {
                Some("binary") if is_archive_of_work(&entry.name) => (WhyUnread::Archive, OF_ANYTHING),
                Some(_) => continue,
                None => match self.could_change(entry) {
                    Some(readings) => (WhyUnread::OnlyInArchive, readings),
                    None => continue,
                },
            };
            if !installed.hold(&entry.name) && !self.committed.has(entry) {
                let path = format!("{}: {}", archive.path, shortened(&entry.name));
                unseen.push(Unseen { why, path, bytes: entry.size, readings });
            }
        }
        unseen
    }

    /// The readings for which a file of such a name is looked into.
    fn could_change(&self, entry: &Entry) -> Option<Readings> {
        let name = entry.name.as_str();
        let is_at_the_top = name.matches('/').count() <= 1;
        if is_at_the_top && !self.has_readme && is_readme(file_name(name)) {
            return Some(OF_README);
        }
        if is_notebook(name) {
            return Some(OF_PROGRAM);
        }
        let language = language_by_name(name);
        if entry.size > LARGEST {
            return None;
        }
        if language == Some(LanguageType::Dockerfile) {
            return Some(OF_RECIPE);
        }
        // Some endings are those of rare languages as well.
        if let Some(readings) = by_ending(name) {
            return Some(readings);
        }
        match language {
            Some(LanguageType::Json) => Some(OF_JSON),
            Some(LanguageType::Toml | LanguageType::Ini) => Some(OF_SETTINGS),
            Some(LanguageType::Sql | LanguageType::Sass | LanguageType::Less) => None,
            Some(language) if is_prose(language) => (entry.size <= LARGEST_NOTE).then_some(OF_NOTE),
            Some(language) => is_documented_in_comments(language).then_some(OF_PROGRAM),
            None => None,
        }
    }
}

fn is_readme(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "readme" || name.starts_with("readme.")
}

/// Of settings, units and templates, whatever their language.
fn by_ending(name: &str) -> Option<Readings> {
    let name = file_name(name).to_ascii_lowercase();
    match name.rsplit_once('.').map_or(name.as_str(), |(_, ending)| ending) {
        "env" | "properties" | "cfg" | "conf" | "config" | "pem" | "key" | "ppk" => Some(OF_SETTINGS),
        "service" | "timer" | "socket" => Some(OF_UNIT),
        "template" | "tpl" | "tftpl" => Some(OF_PROGRAM),
        _ => None,
    }
}

/// The end of a long path. Its secrets are taken out before it is cut: half of one is told by nothing any more.
fn shortened(name: &str) -> String {
    let name = redact(name).0;
    let letters = name.chars().count();
    if letters <= SHOWN {
        return name;
    }
    let end: String = name.chars().skip(letters - SHOWN).collect();
    format!("…{end}")
}

/// Packages that pip put beside the team's own files, as into the archive of a function: it says so in folders named
/// `*.dist-info`.
struct Installed<'n> {
    /// Packages by the folder into which they were put.
    by_folder: BTreeMap<&'n str, BTreeSet<String>>,
}

impl<'n> Installed<'n> {
    fn of(entries: &'n [Entry]) -> Self {
        let mut by_folder: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for entry in entries {
            let Some((before, _)) = entry.name.split_once(".dist-info/") else { continue };
            let (folder, package) = before.rsplit_once('/').unwrap_or(("", before));
            let package = package.split('-').next().unwrap_or_default().to_ascii_lowercase();
            by_folder.entry(folder).or_default().insert(package);
        }
        Self { by_folder }
    }

    /// Whether a file is a package's: in a folder beside such a one, or a module of the package's name. Longer paths than
    /// packages have are none's.
    fn hold(&self, name: &str) -> bool {
        if name.len() > LONGEST_PATH || name.matches('/').count() > MOST_FOLDERS {
            return false;
        }
        let is_package = |folder: &str, rest: &str| {
            let Some(packages) = self.by_folder.get(folder) else { return false };
            let module = rest.split('.').next().unwrap_or_default().to_ascii_lowercase();
            rest.contains('/') || packages.contains(&module)
        };
        let mut folders = name.match_indices('/').map(|(at, _)| (&name[..at], &name[at + 1..]));
        is_package("", name) || folders.any(|(folder, rest)| is_package(folder, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_collect::packed::checksum;
    use stackmark_evidence::{Cause, Unreadable};

    struct Memory(Vec<(&'static str, Vec<u8>)>);

    impl Blobs for Memory {
        fn read(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
            let found = self.0.iter().find(|(path, _)| *path == file.path).map(|(_, content)| content.clone());
            found.ok_or_else(|| Unreadable::new(Cause::Malformed, "not there"))
        }
    }

    fn tree(files: &Memory) -> Vec<TreeFile> {
        let file = |(number, (path, content)): (usize, &(&'static str, Vec<u8>))| TreeFile {
            path: (*path).to_owned(),
            id: [number as u8; 20],
            size: content.len() as u64,
            link: false,
            missing: false,
            aside: None,
        };
        files.0.iter().enumerate().map(file).collect()
    }

    /// A zip file as far as its list goes.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (name, content) in files {
            archive.extend(b"PK\x01\x02");
            archive.extend([0u8; 12]);
            archive.extend(checksum(content).to_le_bytes());
            archive.extend([0u8; 4]);
            archive.extend((content.len() as u32).to_le_bytes());
            archive.extend((name.len() as u16).to_le_bytes());
            archive.extend([0u8; 16]);
            archive.extend(name.as_bytes());
        }
        let bytes = archive.len() as u32;
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([files.len() as u16; 2].map(u16::to_le_bytes).concat());
        archive.extend(bytes.to_le_bytes());
        archive.extend([0u8; 6]);
        archive
    }

    fn unseen(
        name: &'static str,
        archive: Vec<u8>,
        beside: &[(&'static str, &str)],
    ) -> Vec<(WhyUnread, String, Readings)> {
        let mut files = Memory(vec![(name, archive)]);
        files.0.extend(beside.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())));
        let tree = tree(&files);
        let found = Archives::of(&files, &tree, &Limits::default()).look(&tree[0]);
        found.into_iter().map(|it| (it.why, it.path, it.readings)).collect()
    }

    #[test]
    fn what_is_committed_as_well_opens_nothing() {
        let code = "import boto3\nprint(1)\n";
        let archive =
            || zip(&[("Lab1/main.py", code.as_bytes()), ("__MACOSX/._main.py", b"x"), (".git/hooks/a.sh", b"x")]);
        for committed in ["main.py", "src/app.py"] {
            assert!(unseen("Lab1.zip", archive(), &[(committed, code)]).is_empty(), "{committed}");
        }
        let windows = code.replace('\n', "\r\n");
        assert!(unseen("Lab1.zip", archive(), &[("main.py", windows.as_str())]).is_empty());
        let packed = zip(&[("main.py", windows.as_bytes())]);
        assert!(unseen("Lab1.zip", packed, &[("main.py", code)]).is_empty());
        let other = unseen("Lab1.zip", archive(), &[("main.py", "import boto3\nprint(2)\n")]);
        assert_eq!(other, [(WhyUnread::OnlyInArchive, "Lab1.zip: Lab1/main.py".to_owned(), OF_PROGRAM)]);
    }

    #[test]
    fn names_tell_what_could_be_in_a_file() {
        for (name, readings) in [
            ("infra/main.tf", Some(OF_PROGRAM)),
            ("stack.yaml", Some(OF_PROGRAM)),
            ("lab.ipynb", Some(OF_PROGRAM)),
            ("stack.json", Some(OF_JSON)),
            ("app/Dockerfile", Some(OF_RECIPE)),
            ("prod.env", Some(OF_SETTINGS)),
            ("setup.cfg", Some(OF_SETTINGS)),
            ("user-data.tpl", Some(OF_PROGRAM)),
            ("stack.yaml.template", Some(OF_PROGRAM)),
            ("Dockerfile.template", Some(OF_RECIPE)),
            ("gunicorn.service", Some(OF_UNIT)),
            ("answer.txt", Some(OF_NOTE)),
            ("lab/README.md", Some(OF_README)),
            ("a/b/README.md", Some(OF_NOTE)),
            ("photo.png", None),
            ("rapport.pdf", None),
            ("rapport.docx", None),
            ("results.csv", None),
            ("index.html", None),
            ("style.css", None),
            ("node_modules/x/package.json", None),
            ("target/classes/App.class", None),
        ] {
            let found: Vec<Readings> =
                unseen("tp.zip", zip(&[(name, b"x\n")]), &[]).into_iter().map(|(_, _, readings)| readings).collect();
            assert_eq!(found, readings.into_iter().collect::<Vec<_>>(), "{name}");
        }
        let readme = zip(&[("README.md", &[b'x'; 3_000])]);
        assert!(unseen("tp.zip", readme, &[("docs/README.md", "# Lab\n")]).is_empty(), "the tree has one");
    }

    #[test]
    fn installed_packages_are_nobodys_work() {
        let archive = zip(&[
            ("lambda_function.py", b"import six\n"),
            ("six.py", b"x\n"),
            ("six-1.16.0.dist-info/METADATA", b"x\n"),
            ("yaml/loader.py", b"x\n"),
        ]);
        let found: Vec<String> = unseen("function.zip", archive, &[]).into_iter().map(|(_, path, _)| path).collect();
        assert_eq!(found, ["function.zip: lambda_function.py"]);
    }

    #[test]
    fn no_package_has_paths_as_long_as_a_bomb_has() {
        let entry = |name: &str| Entry { name: name.to_owned(), size: 1, checksum: None };
        let entries = [entry("six-1.16.0.dist-info/METADATA")];
        let installed = Installed::of(&entries);
        let deep = |folders: usize| format!("{}a.py", "f/".repeat(folders));
        assert!(installed.hold(&deep(MOST_FOLDERS)) && !installed.hold(&deep(MOST_FOLDERS + 1)));
        let long = |bytes: usize| format!("f/{}", "a".repeat(bytes - 2));
        assert!(installed.hold(&long(LONGEST_PATH)) && !installed.hold(&long(LONGEST_PATH + 1)));
    }

    #[test]
    fn what_cannot_be_listed_is_told_as_a_whole() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3000\n".to_vec();
        for (name, content) in
            [("tp1.7z", b"7z\xbc\xaf\x27\x1c".to_vec()), ("tp1.rar", vec![1; 90]), ("tp1.zip", pointer)]
        {
            assert_eq!(unseen(name, content, &[]), [(WhyUnread::Archive, name.to_owned(), OF_ANYTHING)]);
        }
        assert!(unseen("rapport.rar", vec![1; 90], &[]).is_empty(), "a report by its name");
        let nested = unseen("rapport.zip", zip(&[("tp/src.rar", b"x"), ("figures.zip", b"x")]), &[]);
        assert_eq!(nested, [(WhyUnread::Archive, "rapport.zip: tp/src.rar".to_owned(), OF_ANYTHING)]);
    }

    #[test]
    fn names_are_listed_but_for_the_courses_and_of_libraries() {
        let content: &[u8] = b"x\n";
        let library = zip(&[("a.py", content)]);
        let files = Memory(vec![
            ("tp/Lab1.zip", zip(&[("Lab1/run.sh", content), ("rapport.pdf", content), ("__MACOSX/._a", content)])),
            ("run.sh", content.to_vec()),
            ("rapport.rar", vec![1; 90]),
            ("given.zip", library.clone()),
            ("node_modules/b.zip", library),
        ]);
        let mut tree = tree(&files);
        tree[4].aside = Some("vendored");
        let (packed, closed) = names(&files, &tree, &BTreeSet::from([tree[3].id]), &Limits::default());
        let packed: Vec<&str> = packed.iter().map(|file| file.path.as_str()).collect();
        assert_eq!((packed, closed), (vec!["Lab1/run.sh", "rapport.pdf"], vec!["rapport.rar".to_owned()]));
    }

    #[test]
    fn a_folder_around_all_of_an_archive_may_be_left_out() {
        let files = Memory(vec![("Lab1.zip", zip(&[("Lab1/a/run.sh", b"x"), ("Lab1/b.py", b"x")]))]);
        let (packed, _) = names(&files, &tree(&files), &BTreeSet::new(), &Limits::default());
        let packed: Vec<&str> = packed.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(packed, ["Lab1/a/run.sh", "Lab1/b.py", "a/run.sh", "b.py"]);
    }

    #[test]
    fn an_archive_of_more_files_than_are_listed_is_closed() {
        fn of(names: &[String]) -> Vec<(&str, &[u8])> {
            names.iter().map(|name| (name.as_str(), &b"x"[..])).collect()
        }
        let names_of: Vec<String> = (0..=MOST_LISTED).map(|number| format!("{number}.py")).collect();
        let files = Memory(vec![("all.zip", zip(&of(&names_of))), ("most.zip", zip(&of(&names_of[1..])))]);
        let (packed, closed) = names(&files, &tree(&files), &BTreeSet::new(), &Limits::default());
        assert_eq!((packed.len(), closed), (MOST_LISTED, vec!["all.zip".to_owned()]));
    }

    #[test]
    fn closed_archives_are_named_up_to_a_number() {
        let mut tree = tree(&Memory(vec![("a.rar", vec![1; 90])]));
        tree =
            (0..MOST_LISTED + 3).map(|number| TreeFile { path: format!("{number}.rar"), ..tree[0].clone() }).collect();
        let (_, closed) = names(&Memory(Vec::new()), &tree, &BTreeSet::new(), &Limits::default());
        assert_eq!((closed.len(), closed.last().map(String::as_str)), (MOST_LISTED + 1, Some("further archives: 3")));
        let (_, closed) = names(&Memory(Vec::new()), &tree[..MOST_LISTED], &BTreeSet::new(), &Limits::default());
        assert_eq!((closed.len(), closed.last()), (MOST_LISTED, Some(&tree[MOST_LISTED - 1].path)));
    }

    #[test]
    fn archives_are_read_as_far_as_all_of_them_may_be() {
        let files = Memory(vec![("a.zip", zip(&[("a.py", b"x")]))]);
        let tree = tree(&files);
        let size = tree[0].size;
        let mut archives = Archives::of(&files, &tree, &Limits { file_bytes: size, ..Limits::default() });
        let why: Vec<WhyUnread> = (0..9).flat_map(|_| archives.look(&tree[0])).map(|it| it.why).collect();
        assert_eq!((why[7], why[8]), (WhyUnread::OnlyInArchive, WhyUnread::Archive));
    }

    #[test]
    fn long_paths_show_their_end() {
        let name = format!("{}/main.py", "é".repeat(300));
        let shown = shortened(&name);
        assert!(shown.starts_with('…') && shown.ends_with("/main.py") && shown.chars().count() == SHOWN + 1);
    }

    #[test]
    fn no_half_of_a_secret_is_left_of_a_long_path() {
        let secret = ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat();
        for letters in 60..SHOWN {
            let shown = shortened(&format!("{secret}/{}/main.py", "a".repeat(letters)));
            assert!(!shown.contains("XiR2N"), "{letters}: {shown}");
        }
    }
}
