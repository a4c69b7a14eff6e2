//! The list at the end of a zip file. What stands at the places that it names is not looked at, so that entries over one
//! another and sizes that lie cost nothing.

use super::{Entries, Entry};

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const FILE: u32 = 0x0201_4b50;

const END_BYTES: usize = 22;
const END_64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
const FILE_BYTES: usize = 46;
/// Longest comment behind the end.
const LONGEST_COMMENT: usize = 0xffff;
/// An archive of more bytes than this holds something, whatever its list says.
const EMPTY_BYTES: usize = 1_024;

/// Flags of an entry: its content is encrypted; its name is masked as well.
const ENCRYPTED: u16 = 1;
const MASKED: u16 = 1 << 13;

/// Where a list begins, where it ends, and how many entries it says it has.
struct Place {
    start: usize,
    end: usize,
    entries: u64,
}

/// The files in it; `None` where it is no zip file, is cut or split, or hides its list.
pub(super) fn list(content: &[u8]) -> Option<Vec<Entry>> {
    let Place { start, end, entries } = place(content)?;
    let directory = content.get(start..end)?;
    let mut found = Entries::default();
    let mut at = 0;
    while at < directory.len() {
        if word(directory, at)? != u64::from(FILE) {
            return None;
        }
        let flags = half(directory, at + 8)?;
        if flags & MASKED != 0 {
            return None;
        }
        let lengths = [28, 30, 32].map(|field| half(directory, at + field).map(usize::from));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        found.see(name)?;
        let name_end = at + FILE_BYTES + name;
        let name = directory.get(at + FILE_BYTES..name_end)?;
        let extra = directory.get(name_end..name_end + extra)?;
        let size = match word(directory, at + 24)? {
            0xffff_ffff => size_64(extra)?,
            size => size,
        };
        let sum = word(directory, at + 16)? as u32;
        // Some ways of encryption leave the checksum out.
        let is_known = flags & ENCRYPTED == 0 || sum != 0;
        found.add(name, size, is_known.then_some(sum));
        at = name_end + extra.len() + comment;
    }
    let is_whole = at == directory.len() && found.seen as u64 == entries;
    let hides = found.found.is_empty() && content.len() > EMPTY_BYTES;
    (is_whole && !hides).then_some(found.found)
}

/// The end stands last, but for a comment. The list stands before it, whatever stands before the list.
fn place(content: &[u8]) -> Option<Place> {
    let last = content.len().checked_sub(END_BYTES)?;
    let is_end = |at: &usize| {
        word(content, *at) == Some(u64::from(END))
            && half(content, at + 20).is_some_and(|comment| at + END_BYTES + usize::from(comment) == content.len())
    };
    let end = (last.saturating_sub(LONGEST_COMMENT)..=last).rev().find(is_end)?;
    let (entries, bytes) = (u64::from(half(content, end + 10)?), word(content, end + 12)?);
    let offset = word(content, end + 16)?;
    // One of several files has only a part of the list.
    let is_whole = half(content, end + 4)? == half(content, end + 6)?;
    if !is_whole {
        return None;
    }
    if entries != 0xffff && bytes != 0xffff_ffff && offset != 0xffff_ffff {
        return Some(Place { start: end.checked_sub(usize::try_from(bytes).ok()?)?, end, entries });
    }
    let locator = end.checked_sub(LOCATOR_BYTES)?;
    if word(content, locator)? != u64::from(LOCATOR_64) {
        // Without a longer end, the numbers are what they say.
        return Some(Place { start: end.checked_sub(usize::try_from(bytes).ok()?)?, end, entries });
    }
    let end = locator.checked_sub(END_64_BYTES)?;
    if word(content, end)? != u64::from(END_64) {
        return None;
    }
    let (entries, bytes) = (long(content, end + 32)?, long(content, end + 40)?);
    Some(Place { start: end.checked_sub(usize::try_from(bytes).ok()?)?, end, entries })
}

/// The size in an entry's extra fields, where four bytes do not hold it: it stands first.
fn size_64(mut extra: &[u8]) -> Option<u64> {
    while !extra.is_empty() {
        let (kind, length) = (half(extra, 0)?, usize::from(half(extra, 2)?));
        if kind == 1 {
            return long(extra.get(..4 + length)?, 4);
        }
        extra = extra.get(4 + length..)?;
    }
    None
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(|bytes| u64::from(u32::from_le_bytes(bytes)))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::checksum;
    use super::*;

    /// What is packed, and what its entry says of it.
    #[derive(Clone)]
    pub(in super::super) struct Packed {
        name: Vec<u8>,
        size: u32,
        sum: u32,
        flags: u16,
        extra: Vec<u8>,
    }

    impl Packed {
        pub(in super::super) fn of(name: &str, content: &[u8]) -> Self {
            let (size, sum) = (content.len() as u32, checksum(content));
            Self { name: name.as_bytes().to_vec(), size, sum, flags: 0, extra: Vec::new() }
        }
    }

    fn directory(files: &[Packed]) -> Vec<u8> {
        let mut list = Vec::new();
        for file in files {
            list.extend(FILE.to_le_bytes());
            list.extend([20u8, 0, 20, 0]);
            list.extend(file.flags.to_le_bytes());
            list.extend([0u8; 6]);
            list.extend(file.sum.to_le_bytes());
            // All of them claim the same place: nothing looks there.
            list.extend(9u32.to_le_bytes());
            list.extend(file.size.to_le_bytes());
            list.extend((file.name.len() as u16).to_le_bytes());
            list.extend((file.extra.len() as u16).to_le_bytes());
            list.extend([0u8; 14]);
            list.extend(&file.name);
            list.extend(&file.extra);
        }
        list
    }

    fn end(entries: u16, bytes: u32, comment: &[u8]) -> Vec<u8> {
        let mut end = END.to_le_bytes().to_vec();
        end.extend([0u8; 4]);
        end.extend(entries.to_le_bytes());
        end.extend(entries.to_le_bytes());
        end.extend(bytes.to_le_bytes());
        end.extend(0u32.to_le_bytes());
        end.extend((comment.len() as u16).to_le_bytes());
        end.extend(comment);
        end
    }

    pub(in super::super) fn zip(files: &[Packed]) -> Vec<u8> {
        let list = directory(files);
        let end = end(files.len() as u16, list.len() as u32, b"");
        [b"PK\x03\x04 the contents".to_vec(), list, end].concat()
    }

    fn zip_64(files: &[Packed], entries: u64, bytes: u64) -> Vec<u8> {
        let mut longer = END_64.to_le_bytes().to_vec();
        longer.extend(44u64.to_le_bytes());
        longer.extend([45u8, 0, 45, 0]);
        longer.extend([0u8; 8]);
        longer.extend(entries.to_le_bytes());
        longer.extend(entries.to_le_bytes());
        longer.extend(bytes.to_le_bytes());
        longer.extend([0u8; 8]);
        longer.extend(LOCATOR_64.to_le_bytes());
        longer.extend([0u8; 16]);
        [b"PK\x03\x04 the contents".to_vec(), directory(files), longer, end(0xffff, 0xffff_ffff, b"")].concat()
    }

    fn sizes(content: &[u8]) -> Option<Vec<u64>> {
        list(content).map(|found| found.iter().map(|entry| entry.size).collect())
    }

    #[test]
    fn comments_and_what_stands_before_the_archive_change_nothing() {
        let files = [Packed::of("a.py", b"x = 1\n"), Packed::of("b.py", b"x")];
        let list = directory(&files);
        let comment = [b"made by PK\x05\x06 ".to_vec(), vec![b'c'; 300]].concat();
        let archive = [vec![7; 4_000], list.clone(), end(2, list.len() as u32, &comment)].concat();
        assert_eq!(sizes(&archive), Some(vec![6, 1]));
    }

    #[test]
    fn larger_archives_have_longer_numbers() {
        let mut large = Packed::of("disk.img", b"");
        (large.size, large.extra) =
            (u32::MAX, [&[9, 0, 1, 0, 5][..], &[1, 0, 8, 0], &(5u64 << 30).to_le_bytes()].concat());
        let files = [large.clone(), Packed::of("a.py", b"x = 1\n")];
        let bytes = directory(&files).len() as u64;
        assert_eq!(sizes(&zip_64(&files, 2, bytes)), Some(vec![5 << 30, 6]));
        for (entries, bytes) in [(3, bytes), (2, bytes + 1), (2, u64::MAX), (u64::MAX, bytes), (1_000_000, bytes)] {
            assert_eq!(sizes(&zip_64(&files, entries, bytes)), None, "{entries} {bytes}");
        }
        large.extra = vec![1, 0, 0xff, 0xff];
        assert_eq!(sizes(&zip(&[large])), None, "an extra field that ends behind the list");
    }

    #[test]
    fn a_list_that_lies_or_hides_is_none() {
        let files = [Packed::of("a.py", b"x = 1\n"), Packed::of("b.py", b"x")];
        let list = directory(&files);
        let with = |entries: u16, bytes: usize| [list.clone(), end(entries, bytes as u32, b"")].concat();
        assert_eq!(sizes(&with(2, list.len())), Some(vec![6, 1]));
        assert_eq!(sizes(&with(1, list.len())), None, "fewer than there are");
        assert_eq!(sizes(&with(0xfffe, list.len())), None, "more than there are");
        assert_eq!(sizes(&with(2, list.len() - 1)), None);
        assert_eq!(sizes(&with(2, list.len() + 1)), None, "it begins before the file");
        let nothing = [vec![7; 4_000], end(0, 0, b"")].concat();
        assert_eq!(sizes(&nothing), None, "much, and no list of it");
        assert_eq!(sizes(&end(0, 0, b"")), Some(Vec::new()), "an empty archive");
        let mut masked = files;
        masked[1].flags = MASKED | ENCRYPTED;
        assert_eq!(sizes(&zip(&masked)), None);
    }

    #[test]
    fn what_is_encrypted_has_its_name_and_may_have_no_checksum() {
        let mut secret = Packed::of("a.py", b"x = 1\n");
        (secret.flags, secret.sum) = (ENCRYPTED, 0);
        let sums: Vec<Option<u32>> = list(&zip(&[secret])).unwrap().iter().map(|entry| entry.checksum).collect();
        assert_eq!(sums, [None]);
    }
}
