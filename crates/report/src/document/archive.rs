//! The entries of a ZIP archive, which both Word and LibreOffice write.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use stackmark_evidence::{Cause, Unreadable};

/// Real documents have some tens of entries.
const MAX_ENTRIES: usize = 10_000;
/// Real documents have some hundred kilobytes of XML; what unpacks to more is a bomb.
pub(super) const MAX_XML_BYTES: u64 = 32 << 20;

/// An archive in memory.
pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Opens `bytes`; `what` says what they should be, as in `DOCX file`.
pub(super) fn open<'a>(bytes: &'a [u8], what: &str) -> Result<Archive<'a>, Unreadable> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let detail = "it is encrypted, or in Word's old format; save it without a password as PDF or DOCX";
        return Err(malformed(detail));
    }
    let archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| malformed(format!("not a readable {what} ({error})")))?;
    if archive.len() > MAX_ENTRIES {
        let detail = format!("{} entries in the archive, more than the {MAX_ENTRIES} allowed", archive.len());
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    Ok(archive)
}

pub(super) fn malformed(detail: impl Into<String>) -> Unreadable {
    Unreadable::new(Cause::Malformed, detail)
}

/// The bytes of one entry, `None` where there is no such entry.
///
/// # Errors
/// `Refused` where it unpacks to more than `longest` bytes; `Malformed` where it does not unpack.
pub(super) fn entry(archive: &mut Archive<'_>, name: &str, longest: u64) -> Result<Option<Vec<u8>>, Unreadable> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(malformed(format!("{name}: {error}"))),
    };
    let mut bytes = Vec::new();
    // The size in the archive's directory may lie: what counts is what comes out.
    file.take(longest + 1).read_to_end(&mut bytes).map_err(|error| malformed(format!("{name}: {error}")))?;
    if bytes.len() as u64 > longest {
        let detail = format!("{name} unpacks to more than {} MiB", longest >> 20);
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    Ok(Some(bytes))
}

/// The text of one entry.
pub(super) fn text(archive: &mut Archive<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    let Some(bytes) = entry(archive, name, MAX_XML_BYTES)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| malformed(format!("{name} is not UTF-8")))
}
