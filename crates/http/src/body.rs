//! What a body says: its content codings undone, its characters as UTF-8, its JSON as the common clients read it.
//!
//! What cannot be read so is not the team's content: it is set aside with the reason, and never taken for an empty body.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

use super::json;

/// Characters of a coding, or of a set of characters, that are repeated.
const NAMED: usize = 40;
/// Codings of one body that are undone.
const MOST_CODINGS: usize = 3;
/// Codings that are known and not read; another name is a server's slip, as `utf-8` or `none`.
const OTHER_CODINGS: [&str; 6] = ["zstd", "compress", "x-compress", "dcb", "dcz", "exi"];
/// Bytes of a page in which its own declaration of its characters is looked for, as browsers do.
const DECLARED_WITHIN: usize = 1024;

/// A body, as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    /// Its bytes, content codings undone.
    pub(super) bytes: Vec<u8>,
    /// The same in UTF-8, where the characters are others.
    text: Option<Vec<u8>>,
    /// It went on after the last byte that was read.
    pub(super) truncated: bool,
    /// Why it is not all that was sent, or cannot be read.
    pub(super) unread: Option<String>,
}

impl Body {
    /// Reads `raw`, which was `cut` or not; at most `limit` bytes come out of it.
    pub(super) fn read(headers: &HeaderMap, raw: Vec<u8>, cut: bool, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut body = Self { bytes: raw, truncated: cut, ..Self::default() };
        // An answer to HEAD, and one without content, names the coding of what it does not hold.
        if !body.bytes.is_empty() {
            body.undo_codings(&value(headers, CONTENT_ENCODING), limit);
        }
        match in_utf_8(&value(headers, CONTENT_TYPE), &body.bytes) {
            Ok(text) => body.text = text,
            Err(why) => {
                body.unread.get_or_insert(why);
            }
        }
        if body.truncated {
            body.unread.get_or_insert_with(|| format!("the body is longer than {limit} bytes, and no more is read"));
        }
        body
    }

    /// As text: UTF-8, if it is text at all.
    pub(super) fn text(&self) -> &[u8] {
        self.text.as_deref().unwrap_or(&self.bytes)
    }

    /// Its JSON; null where it is none. The reason comes with it where that cannot be told.
    pub(super) fn json(&self) -> (serde_json::Value, Option<String>) {
        let text = String::from_utf8_lossy(self.text());
        if self.unread.is_some() {
            // What is cut or garbled may still be seen to be something else: a page in HTML.
            let begun = text.trim_start().starts_with(['{', '[', '"']) || !self.truncated;
            return (serde_json::Value::Null, self.unread.clone().filter(|_| begun));
        }
        match json::read(&text) {
            Ok(Some(value)) => (value, None),
            Ok(None) if is_json_by_lines(&text) => {
                (serde_json::Value::Null, Some("the body is several JSON documents, one a line".to_owned()))
            }
            Ok(None) => (serde_json::Value::Null, None),
            Err(why) => (serde_json::Value::Null, Some(why)),
        }
    }

    /// The last coding that was applied is the first to be undone (RFC 9110, 8.4).
    fn undo_codings(&mut self, named: &str, limit: usize) {
        let codings: Vec<String> = named
            .split(',')
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != "identity")
            .collect();
        if codings.len() > MOST_CODINGS {
            self.unread = Some(format!("the body is packed {} times over, and {MOST_CODINGS} are read", codings.len()));
            return;
        }
        for coding in codings.iter().rev() {
            let packed = std::mem::take(&mut self.bytes);
            let Some((mut bytes, error)) = unpacked(coding, &packed, limit) else {
                if !OTHER_CODINGS.contains(&coding.as_str()) && std::str::from_utf8(&packed).is_ok() {
                    self.bytes = packed;
                    continue;
                }
                let coding: String = coding.escape_debug().take(NAMED).collect();
                self.unread = Some(format!("content-encoding `{coding}` is not read; gzip, deflate and br are"));
                self.bytes = packed;
                return;
            };
            // The end of what was cut is missing here as well, and that is said already.
            if let Some(error) = error.filter(|_| !self.truncated) {
                let count = bytes.len();
                self.unread =
                    Some(format!("the body is no whole {coding}, as its header says ({error}; {count} bytes)"));
                self.bytes = if bytes.is_empty() { packed } else { bytes };
                return;
            }
            if bytes.len() > limit {
                bytes.truncate(limit);
                self.truncated = true;
            }
            self.bytes = bytes;
        }
    }

    /// Plain bytes, read to their end.
    #[cfg(test)]
    pub(super) fn plain(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), ..Self::default() }
    }
}

/// A header's values, joined.
fn value(headers: &HeaderMap, name: HeaderName) -> String {
    let values = headers.get_all(name);
    let values: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    values.join(",")
}

/// At most one byte more than `limit` of what is packed, and why it ended before its end; `None` where the coding is unknown.
fn unpacked(coding: &str, packed: &[u8], limit: usize) -> Option<(Vec<u8>, Option<std::io::Error>)> {
    let most = (limit as u64).saturating_add(1);
    let mut bytes = Vec::new();
    let result = match coding {
        "gzip" | "x-gzip" => {
            let mut first = GzDecoder::new(packed);
            let result = first.by_ref().take(most).read_to_end(&mut bytes);
            // What follows is another member, or filling that clients leave.
            if result.is_ok() && first.into_inner().starts_with(&[0x1f, 0x8b]) {
                bytes.clear();
                MultiGzDecoder::new(packed).take(most).read_to_end(&mut bytes)
            } else {
                result
            }
        }
        // It should be zlib, and some servers leave that frame away.
        "deflate" if is_zlib(packed) => ZlibDecoder::new(packed).take(most).read_to_end(&mut bytes),
        "deflate" => DeflateDecoder::new(packed).take(most).read_to_end(&mut bytes),
        // A window of up to a GiB, which HTTP does not have (RFC 7932, 9.1).
        "br" if packed.first().is_some_and(|first| first & 0x7f == 0x11) => {
            Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a window that is too large"))
        }
        "br" => brotli_decompressor::Decompressor::new(packed, 4096).take(most).read_to_end(&mut bytes),
        _ => return None,
    };
    Some((bytes, result.err()))
}

fn is_zlib(packed: &[u8]) -> bool {
    let &[first, second, ..] = packed else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// Text of other characters in UTF-8; `None` where it is UTF-8 already, or no text.
fn in_utf_8(content_type: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let content_type = content_type.to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let is_text =
        ["text/", "json", "xml", "html", "javascript", "form-urlencoded"].iter().any(|part| kind.contains(part));
    if !(is_text || kind.is_empty()) {
        // JSON is seen to be that, whatever it is sent as.
        let guessed = by_mark(bytes).or_else(|| by_zeros(bytes).map(|encoding| decoded(encoding, bytes)));
        return Ok(guessed.filter(|text| matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))));
    }
    if let Some(marked) = by_mark(bytes) {
        return Ok(Some(marked));
    }
    let declared = charset(&content_type).or_else(|| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED_WITHIN)]).to_ascii_lowercase();
        kind.contains("html").then(|| charset(&head)).flatten()
    });
    let encoding = match &declared {
        Some(label) => match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) => encoding,
            None if std::str::from_utf8(bytes).is_ok() => return Ok(None),
            None => return Err(format!("the characters `{label}`, in which the body is said to be, are not known")),
        },
        None => by_zeros(bytes).unwrap_or(UTF_8),
    };
    // What is said to be of some older set of characters, and is whole UTF-8, is UTF-8.
    if encoding == UTF_8 || (encoding.is_ascii_compatible() && std::str::from_utf8(bytes).is_ok()) {
        return Ok(None);
    }
    Ok(Some(decoded(encoding, bytes)))
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Vec<u8> {
    encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// By the mark before it, in UTF-8; of four bytes a character, by its noughts as well.
fn by_mark(bytes: &[u8]) -> Option<Vec<u8>> {
    wide(bytes).or_else(|| Encoding::for_bom(bytes).map(|(encoding, mark)| decoded(encoding, &bytes[mark..])))
}

/// Several lines, each of them JSON by its ends.
fn is_json_by_lines(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_one = |line: &str| {
        let ends = (line.as_bytes().first(), line.as_bytes().last());
        matches!(ends, (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
    };
    let first = lines.next().is_some_and(|line| is_one(line) && matches!(json::read(line), Ok(Some(_))));
    first && lines.next().is_some_and(is_one) && lines.all(is_one)
}

/// `charset=…` of a header or a page, in lower case.
fn charset(text: &str) -> Option<String> {
    let after = text.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
    let is_label = |c: &char| c.is_ascii_alphanumeric() || "-_.:+".contains(*c);
    let label: String = after.trim_start_matches(['"', '\'']).chars().take_while(is_label).take(NAMED).collect();
    Some(label).filter(|label| !label.is_empty())
}

/// UTF-16 without a mark: every other byte of ASCII is nought (RFC 4627, 3).
fn by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// UTF-32, by its mark or its noughts, in UTF-8.
fn wide(bytes: &[u8]) -> Option<Vec<u8>> {
    let number: fn([u8; 4]) -> u32 = match bytes {
        [0, 0, 0xfe, 0xff, ..] => u32::from_be_bytes,
        [0xff, 0xfe, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0, a, ..] if *a != 0 => u32::from_be_bytes,
        [a, 0, 0, 0, ..] if *a != 0 => u32::from_le_bytes,
        _ => return None,
    };
    let characters = bytes.chunks_exact(4).map(|four| number([four[0], four[1], four[2], four[3]]));
    let text: String = characters
        .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{feff}')
        .collect();
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: u64 = 4096;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn coded(coding: &'static str, raw: Vec<u8>) -> Body {
        Body::read(&headers(&[("content-encoding", coding)]), raw, false, LIMIT)
    }

    #[test]
    fn what_is_packed_unasked_is_unpacked() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"hello").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(b"hello").unwrap();
        for (coding, packed) in [
            ("gzip", gzip(b"hello")),
            ("X-GZIP", gzip(b"hello")),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            // One stored block of brotli, and its end.
            ("br", vec![0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03]),
            ("gzip, gzip", gzip(&gzip(b"hello"))),
            ("gzip", [gzip(b"hello"), vec![0; 8]].concat()),
            ("gzip", [gzip(b"hel"), gzip(b"lo")].concat()),
            ("identity", b"hello".to_vec()),
            ("utf-8", b"hello".to_vec()),
            ("aws-chunked, gzip", gzip(b"hello")),
            ("", b"hello".to_vec()),
        ] {
            let body = coded(coding, packed);
            assert_eq!((body.bytes.as_slice(), body.unread), (&b"hello"[..], None), "{coding}");
        }
    }

    #[test]
    fn what_cannot_be_unpacked_is_set_aside_with_its_reason() {
        let mut broken = gzip(&[b'x'; 2000]);
        broken.truncate(20);
        for (coding, raw, words) in [
            ("zstd", b"\x28\xb5\x2f\xfd".to_vec(), "content-encoding `zstd` is not read"),
            ("none", vec![0xff, 0xfe], "content-encoding `none` is not read"),
            ("br", vec![0x91, 0x1e, 0x00], "no whole br"),
            ("gzip", broken, "no whole gzip"),
            ("gzip", b"hello".to_vec(), "no whole gzip"),
            ("gzip,gzip,gzip,gzip", b"hello".to_vec(), "4 times over"),
        ] {
            let body = coded(coding, raw);
            assert!(body.unread.as_deref().is_some_and(|why| why.contains(words)), "{coding}: {:?}", body.unread);
            assert!(body.json().1.is_some(), "{coding}: it may be JSON");
        }
        assert_eq!(coded("gzip", Vec::new()).unread, None, "an answer to HEAD");
    }

    #[test]
    fn a_bomb_is_unpacked_up_to_the_limit_and_no_further() {
        let body = coded("gzip", gzip(&vec![b'['; 100_000]));
        assert_eq!((body.bytes.len() as u64, body.truncated), (LIMIT, true));
        assert!(body.json().1.is_some_and(|why| why.contains("longer than 4096 bytes")));
        let page = Body::read(&HeaderMap::new(), b"<html>".to_vec(), true, 6);
        assert_eq!(page.json(), (serde_json::Value::Null, None), "whatever follows, it is no JSON");
    }

    #[test]
    fn json_a_line_is_no_lack_of_json() {
        let why = |text: &str| Body::plain(text.as_bytes()).json().1;
        assert!(why("{\"a\": 1}\n{\"a\": 2}\n\n{\"a\": 3}\n").is_some_and(|why| why.contains("one a line")));
        assert_eq!(why("{\"a\": 1}"), None);
        assert_eq!(why("<html>\n<body>"), None);
        assert_eq!(why("{ body }\n{ color: red }"), None, "no JSON at all");
    }

    #[test]
    fn characters_are_read_as_they_are_marked_or_declared() {
        let utf_16 = |big: bool| -> Vec<u8> {
            let units = "{\"a\":\"é\"}".encode_utf16();
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let utf_32: Vec<u8> = "{\"a\":\"é\"}".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for (content_type, raw) in [
            ("application/json", "{\"a\":\"é\"}".into()),
            ("application/json", marked(b"\xef\xbb\xbf", "{\"a\":\"é\"}".into())),
            ("application/json; charset=ISO-8859-1", b"{\"a\":\"\xe9\"}".to_vec()),
            ("application/json; charset=iso-8859-1", "{\"a\":\"é\"}".into()),
            ("application/json; charset=\"utf-16\"", marked(b"\xff\xfe", utf_16(false))),
            ("application/json", marked(b"\xfe\xff", utf_16(true))),
            ("application/json", utf_16(false)),
            ("application/json", utf_16(true)),
            ("application/json; charset=utf-16be", utf_16(true)),
            ("application/json", utf_32),
            ("application/octet-stream", marked(b"\xef\xbb\xbf", "{\"a\":\"é\"}".into())),
            ("application/octet-stream", utf_16(true)),
            ("binary/octet-stream", marked(b"\xff\xfe", utf_16(false))),
            ("application/json; charset=no-such-set", "{\"a\":\"é\"}".into()),
        ] {
            let body = Body::read(&headers(&[("content-type", content_type)]), raw, false, LIMIT);
            assert_eq!(body.json(), (serde_json::json!({ "a": "é" }), None), "{content_type} {:?}", body.bytes);
        }
        let page = b"<meta charset=latin1>\xe9".to_vec();
        let page = Body::read(&headers(&[("content-type", "text/html")]), page, false, LIMIT);
        assert_eq!(page.text(), "<meta charset=latin1>é".as_bytes());
        let unknown = headers(&[("content-type", "text/plain; charset=no-such-set")]);
        assert!(Body::read(&unknown, vec![0xe9], false, LIMIT).unread.is_some_and(|why| why.contains("no-such-set")));
        let picture = Body::read(&headers(&[("content-type", "image/png")]), vec![0xff, 0xfe, 1, 2], false, LIMIT);
        assert_eq!(picture.text(), [0xff, 0xfe, 1, 2], "no text at all");
    }
}
