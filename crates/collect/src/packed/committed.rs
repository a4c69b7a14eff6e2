//! Whether a tree holds what an archive lists.

use std::collections::BTreeMap;

use super::{Entry, MOST_READ, checksum};
use crate::tree::{BlobId, Blobs, TreeFile};

/// Files of the tree that may be the same as a packed one, by name or size; of more, those of its name come first.
const MOST_ALIKE: usize = 200;
/// Of larger texts, the line ends are taken as they are.
const LARGEST_TEXT: usize = 1 << 20;

/// The files of a tree, to be asked for entries of archives.
pub struct Committed<'a> {
    blobs: &'a dyn Blobs,
    largest: u64,
    /// Bytes of files that are still read.
    left: u64,
    by_size: BTreeMap<u64, Vec<&'a TreeFile>>,
    by_name: BTreeMap<&'a str, Vec<&'a TreeFile>>,
    /// Size and checksum of a file, as it is and with its lines ended another way.
    forms: BTreeMap<BlobId, Vec<(u64, u32)>>,
}

impl std::fmt::Debug for Committed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Committed").field("names", &self.by_name.len()).finish_non_exhaustive()
    }
}

impl<'a> Committed<'a> {
    /// Files larger than `largest`, and those for which nothing is left, are taken for nothing that an archive holds.
    pub fn of(blobs: &'a dyn Blobs, tree: &'a [TreeFile], largest: u64) -> Self {
        let mut by_size: BTreeMap<u64, Vec<&TreeFile>> = BTreeMap::new();
        let mut by_name: BTreeMap<&str, Vec<&TreeFile>> = BTreeMap::new();
        for file in tree.iter().filter(|file| !file.link && !file.missing) {
            by_size.entry(file.size).or_default().push(file);
            by_name.entry(file_name(&file.path)).or_default().push(file);
        }
        let left = largest.saturating_mul(MOST_READ);
        Self { blobs, largest, left, by_size, by_name, forms: BTreeMap::new() }
    }

    /// Names of its files, without their folders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().copied()
    }

    /// Whether the tree has a file of the entry's name that is at least as large: another version, which may hold all of it.
    pub fn has_version(&self, entry: &Entry) -> bool {
        self.by_name.get(file_name(&entry.name)).into_iter().flatten().any(|file| file.size >= entry.size)
    }

    /// Whether the tree has the same content; of an entry without a checksum, a file of its name and size.
    pub fn has(&mut self, entry: &Entry) -> bool {
        let named = self.by_name.get(file_name(&entry.name)).into_iter().flatten();
        let sized = self.by_size.get(&entry.size).filter(|_| entry.checksum.is_some()).into_iter().flatten();
        let alike: Vec<&'a TreeFile> = named.chain(sized).take(MOST_ALIKE).copied().collect();
        alike.into_iter().any(|file| {
            let forms = self.forms_of(file);
            forms.iter().any(|(size, sum)| *size == entry.size && entry.checksum.is_none_or(|known| known == *sum))
        })
    }

    fn forms_of(&mut self, file: &TreeFile) -> &[(u64, u32)] {
        let (blobs, largest, left) = (self.blobs, self.largest, &mut self.left);
        self.forms.entry(file.id).or_insert_with(|| {
            if file.size > largest.min(*left) {
                return Vec::new();
            }
            *left -= file.size;
            blobs.read(file).map_or_else(|_| Vec::new(), |content| forms(&content))
        })
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Size and checksum of a content; of a text also with the line ends of Unix and of Windows, between which git converts.
fn forms(content: &[u8]) -> Vec<(u64, u32)> {
    let form = |content: &[u8]| (content.len() as u64, checksum(content));
    let mut forms = vec![form(content)];
    if content.len() <= LARGEST_TEXT && content.contains(&b'\n') && !content.contains(&0) {
        forms.extend([&b"\n"[..], b"\r\n"].map(|end| form(&with_line_ends(content, end))));
    }
    forms
}

fn with_line_ends(content: &[u8], end: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(content.len());
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                text.extend_from_slice(end);
            }
            None => text.extend_from_slice(line),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::Unreadable;

    struct Memory(&'static [u8]);

    impl Blobs for Memory {
        fn read(&self, _: &TreeFile) -> Result<Vec<u8>, Unreadable> {
            Ok(self.0.to_vec())
        }
    }

    fn file(path: &str, size: u64) -> TreeFile {
        TreeFile { path: path.to_owned(), id: [0; 20], size, link: false, missing: false, aside: None }
    }

    fn has(held: &'static [u8], name: &str, size: usize, sum: Option<u32>) -> bool {
        let tree = [file("src/main.py", held.len() as u64)];
        let entry = Entry { name: name.to_owned(), size: size as u64, checksum: sum };
        Committed::of(&Memory(held), &tree, 1_000).has(&entry)
    }

    #[test]
    fn contents_are_known_by_size_and_checksum_and_with_either_line_end() {
        let (unix, windows) = (&b"a\nb\n"[..], &b"a\r\nb\r\n"[..]);
        for (held, packed) in [(unix, unix), (unix, windows), (windows, unix)] {
            assert!(has(held, "Lab1/main.py", packed.len(), Some(checksum(packed))));
            assert!(!has(held, "Lab1/main.py", packed.len(), Some(checksum(packed) ^ 1)));
        }
        assert!(has(unix, "other.py", 4, Some(checksum(unix))), "it was renamed");
        assert!(!has(unix, "other.py", 6, Some(checksum(windows))));
        assert!(has(unix, "main.py", 4, None) && !has(unix, "other.py", 4, None), "of tar, name and size");
    }

    #[test]
    fn a_shorter_file_of_the_same_name_is_no_version_of_it() {
        let tree = [file("src/main.py", 10)];
        let memory = Memory(b"");
        let committed = Committed::of(&memory, &tree, 1_000);
        let has = |name: &str, size, checksum| committed.has_version(&Entry { name: name.to_owned(), size, checksum });
        for checksum in [Some(1), None] {
            assert!(has("Lab1/main.py", 10, checksum) && has("main.py", 1, checksum));
            assert!(!has("Lab1/main.py", 11, checksum) && !has("Lab1/app.py", 10, checksum));
        }
    }

    #[test]
    fn large_files_are_not_looked_into() {
        let held: &'static [u8] = &[b'x'; 2_000];
        assert!(!has(held, "main.py", 2_000, Some(checksum(held))));
    }

    #[test]
    fn files_are_read_as_far_as_all_of_them_may_be() {
        let held: &'static [u8] = &[b'x'; 900];
        let names: Vec<String> = (0..=MOST_READ).map(|number| format!("{number}.py")).collect();
        let named = |(number, name): (u8, &String)| TreeFile { id: [number; 20], ..file(name, 1_000) };
        let tree: Vec<TreeFile> = (0..).zip(&names).map(named).collect();
        let memory = Memory(held);
        let mut committed = Committed::of(&memory, &tree, 1_000);
        let mut has =
            |name: &String| committed.has(&Entry { name: name.clone(), size: 900, checksum: Some(checksum(held)) });
        let (last, others) = names.split_last().expect("some");
        assert!(others.iter().all(&mut has));
        assert!(!has(last), "what all of them may take is spent");
        assert!(has(&names[0]), "it was read before");
    }
}
