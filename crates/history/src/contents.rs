//! Contents of files, each inflated once where commits that follow each other need it.
//!
//! What is compared and counted are the lines that people wrote: of a notebook the source of its cells, of a text in
//! UTF-16 the same text in UTF-8, of one whose lines end with carriage returns alone the same with line feeds, of anything
//! else the content as it is stored.

use std::collections::HashMap;
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use git2::{Blob, Oid, Repository};
use stackmark_collect::notebook;

/// Bytes that are kept; beyond it all are let go.
const KEPT_BYTES: usize = 16 << 20;
/// How much of a beginning tells UTF-16 without its mark from anything else.
const SAMPLE_BYTES: usize = 512;

/// Reads contents, and keeps the last ones: what a commit changed is what the commit before it had.
pub(super) struct Contents<'r> {
    repo: &'r Repository,
    kept: HashMap<Oid, Content<'r>>,
    bytes: usize,
}

/// One content.
#[derive(Clone)]
pub(super) struct Content<'r> {
    blob: Blob<'r>,
    /// The lines that people wrote, where the stored bytes are not these.
    written: Option<Rc<[u8]>>,
    is_notebook: bool,
}

impl Content<'_> {
    /// Of the blob as it is stored.
    pub(super) fn id(&self) -> Oid {
        self.blob.id()
    }

    /// The lines that people wrote.
    pub(super) fn content(&self) -> &[u8] {
        self.written.as_deref().unwrap_or_else(|| self.blob.content())
    }

    /// Whether these are a notebook's cells.
    pub(super) fn is_notebook(&self) -> bool {
        self.is_notebook
    }

    /// The blob, where its bytes are what people wrote.
    pub(super) fn as_stored(&self) -> Option<&Blob<'_>> {
        self.written.is_none().then_some(&self.blob)
    }

    fn size(&self) -> usize {
        self.blob.size() + self.written.as_ref().map_or(0, |written| written.len())
    }
}

impl<'r> Contents<'r> {
    pub(super) fn of(repo: &'r Repository) -> Self {
        Self { repo, kept: HashMap::new(), bytes: 0 }
    }

    /// The content with this id.
    ///
    /// # Errors
    /// Where it is missing or damaged.
    pub(super) fn read(&mut self, id: Oid) -> Result<Content<'r>, git2::Error> {
        if let Some(content) = self.kept.get(&id) {
            return Ok(content.clone());
        }
        let blob = self.repo.find_blob(id)?;
        let (written, is_notebook) = written(blob.content());
        let content = Content { blob, written: written.map(Rc::from), is_notebook };
        self.bytes += content.size();
        if self.bytes > KEPT_BYTES {
            self.kept.clear();
            self.bytes = content.size();
        }
        self.kept.insert(id, content.clone());
        Ok(content)
    }
}

/// The lines that people wrote, where the stored bytes are not these, and whether they are a notebook's cells.
pub(super) fn written(stored: &[u8]) -> (Option<Vec<u8>>, bool) {
    if let Some(cells) = notebook::cells(stored) {
        return (Some(cells.into_bytes()), true);
    }
    let utf16 = match Encoding::for_bom(stored) {
        Some((encoding, mark)) if encoding == UTF_16LE || encoding == UTF_16BE => Some((encoding, mark)),
        Some(_) => None,
        None => unmarked_utf16(stored).map(|encoding| (encoding, 0)),
    };
    let text = utf16.map(|(encoding, mark)| encoding.decode_without_bom_handling(&stored[mark..]).0.into_owned());
    let text = text.map(String::into_bytes);
    let ended = with_line_ends(text.as_deref().unwrap_or(stored));
    (ended.or(text), false)
}

/// The same with line feeds, where carriage returns alone end its lines, as old editors on the Mac write them: to git it is
/// one line.
fn with_line_ends(text: &[u8]) -> Option<Vec<u8>> {
    if text.contains(&b'\n') || !text.contains(&b'\r') || text.contains(&0) {
        return None;
    }
    Some(text.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect())
}

/// Text of Western letters in UTF-16 has a zero in every other byte.
fn unmarked_utf16(stored: &[u8]) -> Option<&'static Encoding> {
    let sample = &stored[..stored.len().min(SAMPLE_BYTES)];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = sample.len() / 2 * 9 / 10;
    if sample.len() < 8 || !stored.len().is_multiple_of(2) {
        None
    } else if odd >= most && even == 0 {
        Some(UTF_16LE)
    } else if even >= most && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_utf_16_is_text() {
        let units: Vec<u16> = "boto3==1.34\r\nflask\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        for stored in [little, big, marked] {
            let (text, _) = written(&stored);
            assert_eq!(text.as_deref(), Some(&b"boto3==1.34\r\nflask\n"[..]));
        }
    }

    #[test]
    fn carriage_returns_alone_end_lines() {
        assert_eq!(written(b"a = 1\rb = 2\r").0.as_deref(), Some(&b"a = 1\nb = 2\n"[..]));
        assert_eq!(written(b"a = 1\r\nb = 2\r\n"), (None, false), "git counts these");
        assert_eq!(written(b"\x89PNG\r\0\0"), (None, false));
    }

    #[test]
    fn other_bytes_stay_as_they_are() {
        for stored in [&b"x = 1\n"[..], b"", b"\x89PNG\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0\0\0", "é\n".as_bytes()] {
            assert_eq!(written(stored), (None, false));
        }
    }
}
