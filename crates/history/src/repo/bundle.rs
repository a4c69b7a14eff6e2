//! Git bundle files, versions 2 and 3, which libgit2 cannot read: a header with the references, then a pack.
//!
//! Format: `gitformat-bundle(5)`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::time::Instant;

use git2::{Oid, Repository};

use super::clone::{Received, in_bytes};
use super::failure;
use super::obtained::{Obtained, branch_names, new_bare, temporary_directory};
use crate::lack;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_evidence::closed::SourceKind;
use stackmark_evidence::files::{lack_of, named};
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

/// A header of more lines or longer lines is refused.
const MAX_HEADER_LINES: usize = 100_000;
const MAX_LINE_BYTES: u64 = 8 << 10;
const CHUNK_BYTES: usize = 64 << 10;

/// What stands before the pack.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header {
    references: Vec<(Oid, String)>,
}

/// Unpacks the bundle at `path` into a temporary bare repository.
pub(super) fn unpack(path: &Path, limits: &Limits, progress: &dyn Progress) -> Result<Obtained, Unreadable> {
    let start = Instant::now();
    let location = path.to_string_lossy().into_owned();
    let fail = |cause, what: String| Unreadable::new(cause, format!("{location}: {what}"));
    let io = |error: std::io::Error| {
        Unreadable::new(Cause::Unreachable, named(path, &error).to_string()).lacking(lack_of(&error))
    };
    let broken = |what: &str| fail(Cause::Malformed, format!("the bundle's pack is damaged: {what}"));
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > limits.clone_bytes {
        let cap = in_bytes(limits.clone_bytes);
        return Err(fail(Cause::Refused, format!("{}, more than the cap of {cap} (clone_bytes)", in_bytes(size))));
    }
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, File::open(path).map_err(io)?);
    let header = read_header(&mut reader).map_err(|what| fail(Cause::Malformed, what))?;
    if header.references.is_empty() {
        return Err(fail(Cause::Malformed, "the bundle names no branch".to_owned()));
    }

    let directory = temporary_directory()?;
    let damaged = |error: git2::Error| failure::of_transfer(&error, &location);
    let repository = new_bare(directory.path()).map_err(damaged)?;
    let mut over = None;
    {
        let odb = repository.odb().map_err(damaged)?;
        let mut writer = odb.packwriter().map_err(damaged)?;
        let mut late = false;
        writer.progress(|now| {
            over = Received::of(&now).over(limits);
            late = start.elapsed() > limits.clone_time;
            over.is_none() && !late
        });
        let result = feed(&mut reader, &mut writer, size, progress)
            .map_err(|error| broken(&error.to_string()).lacking(lack_of(&error)))
            .and_then(|()| writer.commit().map_err(|error| broken(error.message()).lacking(lack::lack_of(&error))));
        drop(writer);
        if let Some(cap) = over {
            return Err(fail(Cause::Refused, format!("not unpacked: {cap}")));
        }
        if late {
            let cap = limits.clone_time.as_secs_f64();
            return Err(fail(Cause::Timeout, format!("not unpacked within the cap of {cap} s (clone_time)")));
        }
        result?;
    }
    create_references(&repository, &header).map_err(|what| fail(Cause::Malformed, what))?;
    let source = Source {
        location: location.clone(),
        kind: SourceKind::Bundle,
        branches: branch_names(&repository).map_err(damaged)?,
    };
    Ok(Obtained { repository, source, notes: Vec::new(), offered: None, _guard: Some(directory) })
}

fn feed(reader: &mut impl Read, writer: &mut impl Write, size: u64, progress: &dyn Progress) -> std::io::Result<()> {
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    let mut fed = 0_u64;
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        writer.write_all(&chunk[..read])?;
        fed += read as u64;
        progress.step(&format!("unpacking the bundle: {} of {}", in_bytes(fed), in_bytes(size)));
    }
}

fn read_header(reader: &mut impl BufRead) -> Result<Header, String> {
    let signature = read_line(reader)?;
    let version = match signature.as_slice() {
        b"# v2 git bundle" => 2,
        b"# v3 git bundle" => 3,
        _ => return Err("not a git bundle of version 2 or 3".to_owned()),
    };
    let mut header = Header::default();
    for _ in 0..MAX_HEADER_LINES {
        let line = read_line(reader)?;
        let text = String::from_utf8_lossy(&line);
        if line.is_empty() {
            return Ok(header);
        } else if let Some(capability) = text.strip_prefix('@') {
            match capability {
                "object-format=sha1" if version == 3 => {}
                _ => return Err(format!("the bundle needs {capability:?}; make a full one with `git bundle create`")),
            }
        } else if text.starts_with('-') {
            return Err("the bundle is a part: it needs commits that are not in it; make one with \
                        `git bundle create FILE --all`"
                .to_owned());
        } else {
            let (id, name) = text.split_once(' ').ok_or("a line of the bundle's header is damaged")?;
            let id = Some(id).filter(|id| id.len() == 40).and_then(|id| Oid::from_str(id).ok());
            header.references.push((id.ok_or("a line of the bundle's header is damaged")?, name.to_owned()));
        }
    }
    Err("the bundle's header has too many lines".to_owned())
}

fn read_line(reader: &mut impl BufRead) -> Result<Vec<u8>, String> {
    let mut line = Vec::new();
    reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        _ => Err("the bundle's header is cut short".to_owned()),
    }
}

/// Branches and tags, and other names only where there is no branch: as of a remote.
fn create_references(repository: &Repository, header: &Header) -> Result<(), String> {
    let words = |error: git2::Error| error.message().to_owned();
    let odb = repository.odb().map_err(words)?;
    let mut head = None;
    let has_branch = header.references.iter().any(|(_, name)| name.starts_with("refs/heads/"));
    for (id, name) in &header.references {
        if !odb.exists(*id) {
            return Err(format!("the bundle names {id} for {name}, which is not in it"));
        }
        if name == "HEAD" {
            head = Some(*id);
        } else if (!has_branch || name.starts_with("refs/heads/") || name.starts_with("refs/tags/"))
            && name.starts_with("refs/")
            && git2::Reference::is_valid_name(name)
        {
            repository.reference(name, *id, true, "bundle").map_err(words)?;
        }
    }
    // A bundle tells the commit of HEAD but not its branch: of several branches there, the usual names come first.
    if let Some(head) = head {
        let mut there: Vec<&str> = (header.references.iter())
            .filter(|(id, name)| *id == head && name.starts_with("refs/heads/"))
            .map(|(_, name)| name.as_str())
            .collect();
        there.sort_by_key(|name| (*name != "refs/heads/main", *name != "refs/heads/master", *name));
        match there.first() {
            Some(branch) => repository.set_head(branch).map_err(words)?,
            None => repository.set_head_detached(head).map_err(words)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn header(text: &str) -> Result<Header, String> {
        read_header(&mut text.as_bytes())
    }

    #[test]
    fn both_versions_are_read_up_to_the_pack() {
        for start in ["# v2 git bundle\n", "# v3 git bundle\n@object-format=sha1\n"] {
            let bundle = format!("{start}{ID} refs/heads/main\n\nPACK");
            let mut reader = bundle.as_bytes();
            let header = read_header(&mut reader).expect("a good header");
            assert_eq!(header.references[0].1, "refs/heads/main");
            assert_eq!(reader, b"PACK");
        }
    }

    #[test]
    fn parts_filters_and_damage_are_refused() {
        for (text, told) in [
            (format!("# v2 git bundle\n-{ID} old\n{ID} refs/heads/main\n\n"), "needs commits that are not in it"),
            (format!("# v3 git bundle\n@filter=blob:none\n{ID} refs/heads/main\n\n"), "filter=blob:none"),
            ("# v3 git bundle\n@object-format=sha256\n\n".to_owned(), "sha256"),
            ("# v4 git bundle\n\n".to_owned(), "version 2 or 3"),
            ("# v2 git bundle\nnonsense\n\n".to_owned(), "damaged"),
            (format!("# v2 git bundle\n{ID} refs/heads/ma"), "cut short"),
        ] {
            let error = header(&text).expect_err(&text);
            assert!(error.contains(told), "{error}");
        }
    }
}
