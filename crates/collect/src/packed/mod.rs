//! What archives hold, by their lists: names, sizes and checksums. Nothing in them is unpacked to be looked at.
//!
//! An archive is hostile input. A list is read within caps on entries, on names and on what a compressed tar file unpacks to on
//! the way from header to header. One that is longer, broken, encrypted or of another format gives no list at all: a part of
//! it would pass for the whole.

mod committed;
mod lists;
mod tar;
mod zip;

pub use committed::Committed;
use flate2::Crc;
use flate2::read::MultiGzDecoder;
pub use lists::Lists;

/// More files are packed by no team.
const MOST_ENTRIES: usize = 20_000;
/// Bytes of all names in one archive.
const MOST_NAMES: usize = 2 << 20;
/// Bytes to which the compressed tar files of one repository may unpack together.
pub const MOST_UNPACKED: u64 = 64 << 20;
/// All archives of one repository are read up to this many of the largest that is read.
const MOST_READ: u64 = 8;

/// A file in an archive, as its list says; folders and links are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path, `/` between its parts, control characters replaced.
    pub name: String,
    /// Bytes when unpacked.
    pub size: u64,
    /// CRC-32 of the content; a tar file has none.
    pub checksum: Option<u32>,
}

impl Entry {
    /// Whether it is what macOS and git keep beside the files.
    pub fn is_of_a_tool(&self) -> bool {
        let mut parts = self.name.split('/');
        parts.any(|part| part.starts_with("._") || matches!(part, "__MACOSX" | ".git"))
    }
}

/// The files in a zip, tar or gzipped tar file; `None` where the list cannot be read whole.
///
/// `allowance` is what may still be unpacked, of [`MOST_UNPACKED`] to begin with.
pub fn list(content: &[u8], allowance: &mut u64) -> Option<Vec<Entry>> {
    if content.starts_with(&[0x1f, 0x8b]) {
        return tar::list(MultiGzDecoder::new(content), allowance);
    }
    // A tar file may end with a zip file that it holds, and begins like none.
    let mut stored = content.len() as u64;
    tar::list(content, &mut stored).or_else(|| zip::list(content))
}

/// CRC-32, as zip files have it.
pub fn checksum(content: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(content);
    sum.sum()
}

/// A list on its way, within the caps.
#[derive(Default)]
struct Entries {
    found: Vec<Entry>,
    /// All entries, folders and links among them.
    seen: usize,
    names: usize,
}

impl Entries {
    /// Counts an entry, whatever it is; `None` where there are too many.
    fn see(&mut self, name_bytes: usize) -> Option<()> {
        self.seen += 1;
        self.names += name_bytes;
        (self.seen <= MOST_ENTRIES && self.names <= MOST_NAMES).then_some(())
    }

    fn add(&mut self, name: &[u8], size: u64, checksum: Option<u32>) {
        let name = readable(name);
        if !name.is_empty() && !name.ends_with('/') {
            self.found.push(Entry { name, size, checksum });
        }
    }
}

/// A path from an archive: separators of Windows turned, signs that steer a terminal replaced.
fn readable(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let text: String = text
        .chars()
        .map(|sign| match sign {
            '\\' => '/',
            // Those that turn the direction of writing, and those of no width, steer a reader.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            _ if sign.is_control() => '\u{fffd}',
            _ => sign,
        })
        .collect();
    text.trim_start_matches("./").trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::tar::tests::{tar, tar_entry};
    use super::zip::tests::{Packed, zip};
    use super::*;

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    }

    fn listed(content: &[u8]) -> Option<Vec<Entry>> {
        let mut allowance = MOST_UNPACKED;
        list(content, &mut allowance)
    }

    fn names(content: &[u8]) -> Vec<String> {
        listed(content).expect("a list").into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn zip_tar_and_gzipped_tar_files_are_listed() {
        let zipped = zip(&[Packed::of("Lab1/", b""), Packed::of("Lab1/main.py", b"import boto3\n")]);
        let expected = Entry { name: "Lab1/main.py".to_owned(), size: 13, checksum: Some(checksum(b"import boto3\n")) };
        assert_eq!(listed(&zipped), Some(vec![expected.clone()]));
        let packed = tar(&[tar_entry("./Lab1/", b'5', b""), tar_entry("./Lab1/main.py", b'0', b"import boto3\n")]);
        let without_sum = vec![Entry { checksum: None, ..expected }];
        assert_eq!(listed(&packed), Some(without_sum.clone()));
        assert_eq!(listed(&gzipped(&packed)), Some(without_sum));
    }

    #[test]
    fn the_checksum_is_that_of_zip_files() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_is_no_such_archive_gives_no_list() {
        let zipped = zip(&[Packed::of("main.py", b"x = 1\n")]);
        for other in [
            &b""[..],
            b"PK\x03\x04\0\0",
            b"7z\xbc\xaf\x27\x1c\0\x04",
            b"Rar!\x1a\x07\x01\0",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            &zipped[..zipped.len() - 1],
            &gzipped(b"not a tar file")[..],
            b"\x1f\x8b\x08 broken",
        ] {
            assert_eq!(listed(other), None, "{:?}", String::from_utf8_lossy(&other[..other.len().min(12)]));
        }
    }

    #[test]
    fn a_tar_file_that_holds_a_zip_file_is_listed_by_its_own_entries() {
        let inner = zip(&[Packed::of("inner.py", b"x = 1\n")]);
        assert_eq!(names(&tar(&[tar_entry("outer.zip", b'0', &inner)])), ["outer.zip"]);
    }

    #[test]
    fn names_that_steer_a_terminal_or_leave_the_folder_are_only_text() {
        let held = ["../../etc/cron.d/x.py", "C:\\TP\\main.py", "a\u{1b}[2Jb.py", "\u{202e}yp.exe", "/srv/x.sh"];
        let zipped = zip(&held.map(|name| Packed::of(name, b"x")));
        let told = ["../../etc/cron.d/x.py", "C:/TP/main.py", "a\u{fffd}[2Jb.py", "\u{fffd}yp.exe", "srv/x.sh"];
        assert_eq!(names(&zipped), told);
    }

    #[test]
    fn more_entries_or_longer_names_than_a_team_packs_give_no_list() {
        let many: Vec<String> = (0..=MOST_ENTRIES).map(|number| number.to_string()).collect();
        let many: Vec<Packed> = many.iter().map(|name| Packed::of(name, b"")).collect();
        assert_eq!(listed(&zip(&many)), None);
        assert_eq!(listed(&zip(&many[1..])).map(|found| found.len()), Some(MOST_ENTRIES));
        let name = "n".repeat(60_000);
        let long: Vec<Packed> = (0..40).map(|_| Packed::of(&name, b"")).collect();
        assert_eq!(listed(&zip(&long)), None);
        let folders: Vec<Vec<u8>> = (0..=MOST_ENTRIES).map(|_| tar_entry("a/", b'5', b"")).collect();
        assert_eq!(listed(&tar(&folders)), None, "folders count as well");
    }

    #[test]
    fn a_compressed_tar_file_unpacks_no_further_than_allowed() {
        let zeros = vec![0; 4 << 20];
        let bomb = gzipped(&tar(&[tar_entry("zeros", b'0', &zeros), tar_entry("main.py", b'0', b"x = 1\n")]));
        let mut allowance = 6 << 20;
        assert_eq!(list(&bomb, &mut allowance).map(|found| found.len()), Some(2));
        assert!(allowance < 2 << 20, "{allowance} left");
        assert_eq!(list(&bomb, &mut allowance), None, "the second one has what the first one left");
    }
}
