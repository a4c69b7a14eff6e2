//! Documents made to hang or exhaust whoever reads them. Each ends within the bounds of the reading process, with a cause
//! and words that say what to do; the table is printed by `cargo test --test hostile_documents -- --nocapture`.

use std::io::{Cursor, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stackmark_collect::DocumentLimits;
use stackmark_collect::Limits;
use stackmark_evidence::report::ReportEvidence;
use stackmark_evidence::{Cause, MembersFrom, Reading, Team};
use stackmark_history::tree::{self, ObjectDatabase};
use zip::write::{SimpleFileOptions, ZipWriter};

const TIME: Duration = Duration::from_secs(6);
const MEMORY: u64 = 512 << 20;

fn limits() -> Limits {
    let program = assert_cmd::cargo::cargo_bin("stackmark");
    Limits { documents: DocumentLimits { program: Some(program), time: TIME, memory: MEMORY }, ..Limits::default() }
}

fn deflated(chunk: &[u8], times: usize) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..times {
        packer.write_all(chunk).unwrap();
    }
    packer.finish().unwrap()
}

fn docx(head: &str, chunk: &str, times: usize, tail: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", SimpleFileOptions::default().compression_level(Some(1))).unwrap();
    archive.write_all(head.as_bytes()).unwrap();
    for _ in 0..times {
        archive.write_all(chunk.as_bytes()).unwrap();
    }
    archive.write_all(tail.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// A PDF of these objects, the first being the catalogue.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1).bytes());
    file
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {dictionary} /Length {} >>\nstream\n", content.len()).into_bytes();
    object.extend(content);
    object.extend(b"\nendstream");
    object
}

/// One page with this font as object 3 and this content, and more objects from number 6 on.
fn page(font: &str, content: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_vec(),
        font.as_bytes().to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>".to_vec(),
        content,
    ];
    objects.extend(more.iter().cloned());
    pdf(&objects)
}

const FONT: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
const TEXT: &[u8] = b"BT /F1 12 Tf 72 720 Td (One two three) Tj ET";

fn hostile() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let blanks = " ".repeat(1 << 20);
    let laughs: String = (1..40).map(|level| format!("<!ENTITY l{level} \"&l{0};&l{0};\">", level - 1)).collect();
    let nested = "[".repeat(2_000_000);
    let kids = |count: usize| format!("<< /Type /Pages /Kids [{}] /Count {count} >>", "4 0 R ".repeat(count));
    let simple = |pages: String| {
        pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            pages.into_bytes(),
            FONT.as_bytes().to_vec(),
            b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>".to_vec(),
            stream("", TEXT),
        ])
    };
    let cid = |widths: &str, map: &str| {
        let descendant = format!(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
             /Supplement 0 >> {widths} >>"
        );
        page(
            "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
            stream("", TEXT),
            &[descendant.into_bytes(), stream("", map.as_bytes())],
        )
    };
    let inner = deflated(&[0; 1 << 20], 400);
    let twice = deflated(&inner, 1);
    let many_streams: Vec<Vec<u8>> = {
        let packed = deflated(&[0; 1 << 20], 60);
        (0..25).map(|_| stream("/Filter /FlateDecode", &packed)).collect()
    };
    vec![
        ("DOCX: 300 MiB in 300 kB", "docx", docx("", &blanks, 300, "")),
        (
            "DOCX: a billion laughs",
            "docx",
            docx(
                &format!("<!DOCTYPE d [<!ENTITY l0 \"ha\">{laughs}]><w:document><w:p><w:t>&l39;</w:t></w:p>"),
                "",
                0,
                "</w:document>",
            ),
        ),
        ("DOCX: 5 million tags, nested", "docx", docx("", "<w:p>", 5_000_000, "")),
        ("DOCX: 4 million empty paragraphs", "docx", docx("", "<w:p></w:p>", 2_900_000, "")),
        ("DOCX: 30 MB of words", "docx", docx("<w:p>", "<w:t>word </w:t>", 2_000_000, "</w:p>")),
        ("DOCX: nothing but a name", "docx", b"PK\x03\x04 and nothing more".to_vec()),
        (
            "PDF: pages that contain themselves",
            "pdf",
            simple("<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>".into()),
        ),
        (
            "PDF: a million pages claimed, one there",
            "pdf",
            simple("<< /Type /Pages /Kids [4 0 R] /Count 1000000 >>".into()),
        ),
        ("PDF: one page a million times", "pdf", simple(kids(1_000_000))),
        ("PDF: arrays nested 2,000,000 deep", "pdf", page(FONT, nested.clone().into_bytes(), &[])),
        ("PDF: the same in a page's content", "pdf", page(FONT, stream("", nested.as_bytes()), &[])),
        ("PDF: 400 MiB in one stream", "pdf", page(FONT, stream("/Filter /FlateDecode", &inner), &[])),
        ("PDF: 400 MiB, packed twice", "pdf", page(FONT, stream("/Filter [/FlateDecode /FlateDecode]", &twice), &[])),
        ("PDF: 1.5 GiB in 25 streams", "pdf", page(FONT, stream("", TEXT), &many_streams)),
        (
            "PDF: a font that is its own encoding",
            "pdf",
            page("<< /Type /Font /Subtype /Type1 /BaseFont /A /Encoding 3 0 R >>", stream("", TEXT), &[]),
        ),
        (
            "PDF: a font that descends from itself",
            "pdf",
            page(
                "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [3 0 R] /ToUnicode 3 0 R >>",
                stream("", TEXT),
                &[],
            ),
        ),
        (
            "PDF: references in a circle",
            "pdf",
            page("6 0 R", stream("", TEXT), &[b"7 0 R".to_vec(), b"6 0 R".to_vec()]),
        ),
        ("PDF: widths of two billion characters", "pdf", cid("/W [0 2000000000 500]", "")),
        (
            "PDF: a character map of four billion",
            "pdf",
            cid("", "begincmap 1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange endcmap"),
        ),
        ("PDF: a million states put aside", "pdf", page(FONT, stream("", &b"q ".repeat(1_000_000)), &[])),
        ("PDF: an index that comes before itself", "pdf", {
            let mut file = page(FONT, stream("", TEXT), &[]);
            let xref = file.windows(5).position(|window| window == b"xref\n").unwrap();
            let at = file.windows(7).position(|window| window == b"/Root 1").unwrap();
            file.splice(at..at, format!("/Prev {xref} ").into_bytes());
            file
        }),
    ]
}

/// Reads a repository whose report is this document, and how much memory the process that reads it came to hold, in MiB.
fn read(extension: &str, document: &[u8], limits: &Limits) -> (ReportEvidence, u64) {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let mut index = repo.treebuilder(None).unwrap();
    index.insert(format!("report.{extension}"), repo.blob(document).unwrap(), 0o100_644).unwrap();
    let tree = repo.find_tree(index.write().unwrap()).unwrap();
    let who = git2::Signature::new("a", "a@example.org", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let commit = repo.commit(None, &who, &who, "work", &tree, &[]).unwrap();
    let team = Team {
        id: "t1".into(),
        name: None,
        members: Vec::new(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    };
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let watching = threads.spawn(|| {
            let mut peak = 0;
            while !done.load(Ordering::Relaxed) {
                peak = peak.max(memory_of_children());
                std::thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        let evidence =
            stackmark_report::read(&ObjectDatabase(&repo), &tree::list(&repo, commit, None).unwrap(), &team, limits);
        done.store(true, Ordering::Relaxed);
        (evidence, watching.join().unwrap() / 1024)
    })
}

/// The most that a process started by this one has held, in KiB.
fn memory_of_children() -> u64 {
    let own = std::process::id().to_string();
    let field = |status: &str, name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1).map(ToOwned::to_owned)
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("status")).ok())
        .filter(|status| field(status, "PPid:").is_some_and(|parent| parent == own))
        .filter_map(|status| field(&status, "VmHWM:")?.parse().ok())
        .max()
        .unwrap_or(0)
}

#[test]
fn no_document_hangs_or_exhausts_the_grader() {
    println!("{:42} {:>8} {:>7} {:>8}  outcome", "document", "kB", "ms", "MiB");
    for (name, extension, document) in hostile() {
        let begun = Instant::now();
        let (evidence, peak) = read(extension, &document, &limits());
        let took = begun.elapsed();
        let outcome = match &evidence.document {
            Reading::Observed { value } => format!("read, {} words", value.words),
            Reading::Unreadable(failure) => failure.to_string(),
            Reading::Absent { note } => panic!("{name} costs points: {note}"),
        };
        println!("{name:42} {:8} {:7} {peak:8}  {outcome}", document.len() / 1000, took.as_millis());
        // The bound is on processor time: beside other tests and builds the clock runs much faster.
        assert!(took < TIME * 12, "{name} took {took:?}");
        assert!(peak <= MEMORY >> 20, "{name} took {peak} MiB");
    }
}

#[test]
fn a_document_that_takes_too_long_or_too_much_says_so() {
    let slow = page(FONT, stream("/Filter /FlateDecode", &deflated(&b"0 0 m ".repeat(1000), 9000)), &[]);
    let mut limits = limits();
    limits.documents.time = Duration::from_secs(1);
    let failure = read("pdf", &slow, &limits).0.document.failure().unwrap().clone();
    assert_eq!(failure.cause, Cause::Timeout, "{failure}");
    assert!(
        failure.detail.starts_with("report.pdf: reading it takes more than 1 s of processor time; save it"),
        "{failure}"
    );

    limits.documents = DocumentLimits { time: TIME, memory: 300 << 20, ..limits.documents };
    let failure = read("pdf", &slow, &limits).0.document.failure().unwrap().clone();
    assert_eq!(failure.cause, Cause::Refused, "{failure}");
    assert!(failure.detail.contains("takes more than 300 MiB of memory"), "{failure}");
}

#[test]
fn without_the_program_a_document_is_refused_and_not_read_here() {
    let mut limits = limits();
    let file = page(FONT, stream("", TEXT), &[]);
    assert_eq!(read("pdf", &file, &limits).0.document.value().map(|document| document.words), Some(3));
    for program in [None, Some("/nowhere/stackmark".into()), Some("/bin/true".into())] {
        limits.documents.program = program;
        let evidence = read("pdf", &file, &limits).0;
        assert!(evidence.document.failure().is_some(), "{:?}", evidence.document);
    }
}
