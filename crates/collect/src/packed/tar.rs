//! The headers of a tar file, one before each entry; the contents between them are passed over.

use std::io::{self, Read};

use super::{Entries, Entry};

const BLOCK: usize = 512;
/// Longest header of names and attributes that does not fit into a block.
const LONGEST_EXTENSION: u64 = 64 << 10;

/// The files in it; `None` where it is no tar file, is cut, or holds more than `allowance`, of which what was read is taken.
pub(super) fn list(reader: impl Read, allowance: &mut u64) -> Option<Vec<Entry>> {
    let mut tape = Tape { reader, allowance };
    let mut found = Entries::default();
    let (mut name, mut size): (Option<Vec<u8>>, Option<u64>) = (None, None);
    let mut block = [0; BLOCK];
    loop {
        let is_last = !tape.fill(&mut block)? || block.iter().all(|byte| *byte == 0);
        if is_last {
            return (found.seen > 0).then_some(found.found);
        }
        let header = Header::of(&block)?;
        match header.kind {
            b'L' => name = Some(until_nul(&tape.extension(header.size)?).to_vec()),
            b'x' => {
                let extension = tape.extension(header.size)?;
                name = attribute(&extension, b"path").map(<[u8]>::to_vec).or(name);
                let text = attribute(&extension, b"size").map(String::from_utf8_lossy);
                size = text.and_then(|text| text.parse().ok()).or(size);
            }
            b'0' | 0 | b'7' => {
                let (name, size) = (name.take().unwrap_or(header.name), size.take().unwrap_or(header.size));
                found.see(name.len())?;
                found.add(&name, size, None);
                tape.pass(size)?;
            }
            // Folders, links and devices: nothing follows, whatever the size says.
            b'1'..=b'6' => {
                found.see(header.name.len())?;
                (name, size) = (None, None);
            }
            // Only a part of a file with holes is there, and further headers say which.
            b'S' => return None,
            _ => {
                found.see(0)?;
                tape.pass(header.size)?;
            }
        }
    }
}

struct Tape<'a, R> {
    reader: R,
    allowance: &'a mut u64,
}

impl<R: Read> Tape<'_, R> {
    /// The next block; false where the file ends before it.
    fn fill(&mut self, block: &mut [u8; BLOCK]) -> Option<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(&mut block[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        match filled {
            0 => Some(false),
            BLOCK => {
                *self.allowance = self.allowance.checked_sub(BLOCK as u64)?;
                Some(true)
            }
            _ => None,
        }
    }

    /// Passes over a content and what fills its last block.
    fn pass(&mut self, size: u64) -> Option<()> {
        let all = blocks(size)?;
        *self.allowance = self.allowance.checked_sub(all)?;
        let passed = io::copy(&mut self.reader.by_ref().take(all), &mut io::sink()).ok()?;
        (passed == all).then_some(())
    }

    /// What stands in place of a content and belongs to the next header.
    fn extension(&mut self, size: u64) -> Option<Vec<u8>> {
        let all = blocks(size).filter(|_| size <= LONGEST_EXTENSION)?;
        *self.allowance = self.allowance.checked_sub(all)?;
        let mut content = Vec::new();
        self.reader.by_ref().take(all).read_to_end(&mut content).ok()?;
        if content.len() as u64 != all {
            return None;
        }
        content.truncate(size as usize);
        Some(content)
    }
}

/// A size, filled up to whole blocks.
fn blocks(size: u64) -> Option<u64> {
    size.checked_next_multiple_of(BLOCK as u64)
}

struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

impl Header {
    /// `None` where the block is none: its own sum does not hold.
    fn of(block: &[u8; BLOCK]) -> Option<Self> {
        let sum: u64 = block.iter().enumerate().map(|(at, byte)| sum_of(at, *byte)).sum();
        if number(&block[148..156])? != sum {
            return None;
        }
        let mut name = until_nul(&block[..100]).to_vec();
        let folder = until_nul(&block[345..500]);
        // GNU's own format has other things there.
        if &block[257..263] == b"ustar\0" && !folder.is_empty() {
            name = [folder, b"/", &name[..]].concat();
        }
        Some(Self { name, size: number(&block[124..136])?, kind: block[156] })
    }
}

/// What a byte adds to the sum of a header, in which the sum itself counts as blanks.
fn sum_of(at: usize, byte: u8) -> u64 {
    if (148..156).contains(&at) { u64::from(b' ') } else { u64::from(byte) }
}

/// A number in octal digits; a large one has its highest bit set and stands in bytes.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let bytes = [&[first & 0x7f][..], rest].concat();
        let (high, low) = bytes.split_at(bytes.len().checked_sub(8)?);
        let low = low.try_into().ok().map(u64::from_be_bytes)?;
        return high.iter().all(|byte| *byte == 0).then_some(low);
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// An attribute in lines of `length key=value`; each length is the line's own.
fn attribute<'x>(mut lines: &'x [u8], key: &[u8]) -> Option<&'x [u8]> {
    let mut found = None;
    while let Some(blank) = lines.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&lines[..blank]).ok()?.parse().ok()?;
        // The line break at its end is counted.
        let line = lines.get(blank + 1..length.checked_sub(1)?)?;
        if let Some(value) = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(b"=")) {
            found = Some(value);
        }
        lines = lines.get(length..)?;
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn header(name: &[u8], kind: u8, size: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name);
        block[124..124 + size.len()].copy_from_slice(size);
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u64 = block.iter().enumerate().map(|(at, byte)| sum_of(at, *byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }

    /// A header and its content.
    pub(in super::super) fn tar_entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut entry = header(name.as_bytes(), kind, format!("{:011o}", content.len()).as_bytes());
        entry.extend(content);
        entry.resize(entry.len().next_multiple_of(BLOCK), 0);
        entry
    }

    pub(in super::super) fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
        [entries.concat(), vec![0; 2 * BLOCK]].concat()
    }

    fn listed(content: &[u8]) -> Option<Vec<(String, u64)>> {
        let found = list(content, &mut (content.len() as u64))?;
        Some(found.into_iter().map(|entry| (entry.name, entry.size)).collect())
    }

    #[test]
    fn long_names_stand_before_their_entry() {
        let long = format!("{}/main.py", "folder".repeat(30));
        let of_gnu = tar(&[tar_entry("././@LongLink", b'L', long.as_bytes()), tar_entry("cut", b'0', b"x = 1\n")]);
        assert_eq!(listed(&of_gnu), Some(vec![(long.clone(), 6)]));
        let line = format!("{} path={long}\n", long.len() + 10);
        assert_eq!(line.len(), long.len() + 10);
        let of_pax = tar(&[
            tar_entry("pax", b'x', format!("16 mtime=1.2345\n{line}").as_bytes()),
            tar_entry("cut", b'0', b"x = 1\n"),
            tar_entry("b.py", b'0', b"x"),
        ]);
        assert_eq!(listed(&of_pax), Some(vec![(long, 6), ("b.py".to_owned(), 1)]));
        let mut of_ustar = header(b"main.py", b'0', b"00000000000");
        of_ustar[345..348].copy_from_slice(b"TP1");
        let sum: u64 = of_ustar.iter().enumerate().map(|(at, byte)| sum_of(at, *byte)).sum();
        of_ustar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        assert_eq!(listed(&of_ustar), Some(vec![("TP1/main.py".to_owned(), 0)]), "it may end without empty blocks");
    }

    #[test]
    fn links_and_folders_are_no_files() {
        let packed = tar(&[tar_entry("a", b'5', b""), tar_entry("b.py", b'2', b""), tar_entry("c.py", b'0', b"x")]);
        assert_eq!(listed(&packed), Some(vec![("c.py".to_owned(), 1)]));
    }

    #[test]
    fn what_is_cut_or_lies_gives_no_list() {
        let whole = tar(&[tar_entry("a.py", b'0', &[b'x'; 2_000])]);
        assert_eq!(listed(&whole[..BLOCK * 3]), None, "its content is cut");
        assert_eq!(listed(&whole[..BLOCK * 5 + 9]), None, "a header is cut");
        let mut altered = whole.clone();
        altered[3] ^= 1;
        assert_eq!(listed(&altered), None, "the sum does not hold");
        let huge = |size: &[u8]| tar(&[header(b"a.py", b'0', size)]);
        assert_eq!(listed(&huge(b"77777777777")), None);
        assert_eq!(listed(&huge(&[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])), None);
        assert_eq!(listed(&huge(&[0xff; 12])), None);
        assert_eq!(listed(&huge(b"9x")), None);
        let longest = vec![b'n'; LONGEST_EXTENSION as usize + 1];
        assert_eq!(listed(&tar(&[tar_entry("l", b'L', &longest), tar_entry("a.py", b'0', b"")])), None);
        assert_eq!(listed(&tar(&[tar_entry("s.py", b'S', b"x")])), None, "a file with holes");
        assert_eq!(listed(&[0; 4 * BLOCK]), None);
    }

    #[test]
    fn attributes_are_read_by_their_length_and_never_beyond() {
        assert_eq!(attribute(b"12 path=abc\n10 size=7\n", b"size"), Some(&b"7"[..]));
        for broken in [&b"99 path=abc\n"[..], b"0 path=abc\n", b"x path=abc\n", b"2 path=abc\n", b"path=abc\n"] {
            assert_eq!(attribute(broken, b"path"), None, "{:?}", String::from_utf8_lossy(broken));
        }
    }
}
