//! A report handed in inside of an archive, as courses ask for: `tp1.zip` with `tp1.pdf`.

use super::super::candidates::{ByName, Tier, by_name};
use super::{Content, archive, parsed};
use stackmark_evidence::{Cause, Unreadable};

/// Bytes that the member may unpack to.
const MAX_MEMBER_BYTES: u64 = 64 << 20;

/// Reads the member that is the report by its name, the outermost first.
pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = archive::open(bytes, "ZIP archive")?;
    let mut best: Option<(Tier, bool, usize, String, String)> = None;
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.into_owned()).collect();
    for name in names.into_iter().filter(|name| !name.ends_with('/') && !name.contains("__MACOSX")) {
        let ByName::Candidate(candidate) = by_name(&name) else { continue };
        let finished = matches!(candidate.extension.as_str(), "pdf" | "docx" | "odt");
        // A file that is a report neither by its name nor by its format is part of the code.
        if candidate.extension == "zip" || candidate.extension == "tex" || (candidate.tier < Tier::Likely && !finished)
        {
            continue;
        }
        let rank = (candidate.tier, finished, usize::MAX - name.matches('/').count());
        if best.as_ref().is_none_or(|best| (best.0, best.1, best.2) < rank) {
            best = Some((rank.0, rank.1, rank.2, name, candidate.extension));
        }
    }
    let Some((.., name, extension)) = best else {
        return Err(Unreadable::new(Cause::NotCollected, "an archive without a report"));
    };
    let Some(member) = archive::entry(&mut archive, &name, MAX_MEMBER_BYTES)? else {
        return Err(archive::malformed(format!("{name} is not in the archive")));
    };
    let mut content = parsed(&extension, member)
        .map_err(|failure| Unreadable::new(failure.cause, format!("{name}: {}", failure.detail)))?;
    content.member = Some(name);
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn the_report_is_found_inside_of_an_archive() {
        let files = [
            ("tp1/README.md", "no"),
            ("tp1/scripts.sh", "ls"),
            ("tp1/a/rapport.md", "deeper"),
            ("tp1/rapport.md", "# Le rapport"),
        ];
        let content = read(&zipped(&files)).unwrap();
        assert_eq!((content.member.as_deref(), content.headings.len()), (Some("tp1/rapport.md"), 1));

        let nothing = read(&zipped(&[("main.py", "x"), ("words.txt", "x")])).unwrap_err();
        assert_eq!(nothing.cause, Cause::NotCollected, "{nothing}");
        let inside = read(&zipped(&[("report.zip", "PK")])).unwrap_err();
        assert_eq!(inside.cause, Cause::NotCollected, "an archive in an archive is not entered");
        let damaged = read(&zipped(&[("tp1.pdf", "%PDF-")])).unwrap_err();
        assert!(damaged.detail.starts_with("tp1.pdf: "), "{damaged}");
    }
}
