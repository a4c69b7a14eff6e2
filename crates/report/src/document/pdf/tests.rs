use std::io::Write;

use super::traps::MAX_STREAM_BYTES;
use super::*;

/// As the reading process does it: a panic is a damaged file.
fn read(file: Vec<u8>) -> Result<Content, Unreadable> {
    super::super::read("pdf", file).map(super::super::Raw::clean)
}

/// A PDF of these objects, the first being the catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1).bytes());
    file
}

fn stream(dictionary: &str, content: &str) -> String {
    format!("<< {dictionary} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

fn lines(lines: &[&str]) -> String {
    let shown: Vec<String> = lines.iter().map(|line| format!("({line}) Tj 0 -40 Td")).collect();
    format!("BT /F1 12 Tf 72 720 Td {} ET", shown.join(" "))
}

/// Pages of text, and one more object with number 4 + 2 × pages.
fn document(pages: &[&[&str]], resources: &str, more: &[String]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} /MediaBox [0 0 612 792] >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (page, text) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> {resources} >> >>",
            5 + 2 * page
        ));
        objects.push(stream("", &lines(text)));
    }
    objects.extend(more.iter().cloned());
    pdf(&objects)
}

#[test]
fn the_first_line_of_a_narrow_paragraph_is_no_heading() {
    let mut content = Content::default();
    let text = "Prérequis\n\nIl faut Python 3.11, les paquets de\nrequirements.txt et un\ncompte AWS.\n\n\
                Exécution du banc\nd’essai\n\nLancez le banc.\n\nResults\nThe first answers.\n";
    append_page(&mut content, 1, text).unwrap();
    let headings: Vec<&str> = content.headings.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(headings, ["Prérequis", "Exécution du banc", "Results"]);
}

#[test]
fn letters_that_a_reader_may_not_see_are_counted() {
    let words = "We deploy nine instances behind one load balancer. ".repeat(4);
    let unseen = |before: &str, size: &str| {
        let text = format!("{before} BT /F1 {size} Tf 72 720 Td ({words}) Tj ET");
        let file = pdf(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_owned(),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> \
             /ExtGState << /G1 << /ca 0 >> >> >> >>"
                .to_owned(),
            stream("", &text),
        ]);
        super::super::pdf::read(&file).unwrap().unseen.words()
    };
    for before in ["1 1 1 rg", "0.996 g", "0 0 0 0 k", "/G1 gs", "1 0 0 1 -3000 0 cm"] {
        assert!(unseen(before, "12").is_some(), "{before}");
    }
    assert!(unseen("", "0.4").is_some());
    assert!(unseen("72 720 300 1 re W n", "12").is_some(), "a window of one point");
    for before in [
        "",
        "72 700 400 40 re W n",
        "q 72 720 300 1 re W n Q",
        "0.2 g",
        "q 1 1 1 rg Q",
        "0 0 0.4 rg 60 700 500 40 re f 1 1 1 rg",
    ] {
        assert_eq!(unseen(before, "12"), None, "{before}");
    }
}

#[test]
fn letters_of_a_drawing_that_is_transparent_may_not_be_seen() {
    let words = "We deploy nine instances behind one load balancer. ".repeat(4);
    let unseen = |before: &str| {
        let file = pdf(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_owned(),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> \
             /ExtGState << /G1 << /ca 0 >> >> /XObject << /X1 6 0 R >> >> >>"
                .to_owned(),
            stream("", &format!("{before} /X1 Do")),
            stream(
                "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>",
                &format!("BT /F1 12 Tf 72 720 Td ({words}) Tj ET"),
            ),
        ]);
        super::super::pdf::read(&file).unwrap().unseen.words()
    };
    assert!(unseen("/G1 gs").is_some());
    assert_eq!(unseen(""), None);
}

#[test]
fn pages_and_headings_are_read() {
    let file = document(
        &[
            &["1. Deployment procedure 1", "1. Deployment procedure", "We run a script."],
            &["Benchmark results", "It is fast."],
        ],
        "",
        &[],
    );
    let content = read(file).unwrap();
    let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
    assert_eq!(headings, ["1. Deployment procedure @ page 1", "Benchmark results @ page 2"]);
    assert_eq!((content.pages, content.words, content.figures), (Some(2), 16, Some(0)));
}

#[test]
fn tables_of_contents_and_sentences_are_no_headings() {
    for line in [
        "1. Introduction ........ 3",
        "We chose Flask.",
        "and then",
        "12 34 56",
        "Average response time, 12.5 ms, 13.1 ms",
    ] {
        assert!(!looks_like_heading(line, true), "{line}");
    }
    assert!(looks_like_heading("2.1 Mise en place", false));
    assert!(!looks_like_heading("Cluster of instances", false), "in the middle of a paragraph");
}

#[test]
fn rows_and_captions_are_told_from_sentences() {
    let page = "Cluster 1 38 44\nCluster 2 41 47\n\nFigure 1: The cluster\nFigure 1 shows 2 clusters.\nIn 2024, 9 of 10 answered.\n\nA 3 4 alone\nends here.\n";
    let mut content = Content::default();
    append_page(&mut content, 1, page).unwrap();
    let shapes: Vec<Shape> = content.lines.iter().map(|line| line.shape).collect();
    let text = Shape::Text;
    assert_eq!(shapes, [Shape::Row, Shape::Row, Shape::Figure, text, text, text, text]);
}

#[test]
fn steps_of_a_list_are_no_headings() {
    let page = "1. Architecture\n\n1. Update the apt packages\nsudo apt update\n2. Install pip to manage dependencies\n\n2. Results\n";
    let mut content = Content::default();
    append_page(&mut content, 1, page).unwrap();
    let headings: Vec<&str> = content.headings.iter().map(|heading| heading.text.as_str()).collect();
    assert_eq!(headings, ["1. Architecture", "2. Results"]);
}

#[test]
fn images_are_counted_and_not_read() {
    let image = stream(
        "/Type /XObject /Subtype /Image /Width 640 /Height 480 /ColorSpace /DeviceGray /BitsPerComponent 8",
        "Do Do",
    );
    let icon =
        stream("/Type /XObject /Subtype /Image /Width 16 /Height 16 /ColorSpace /DeviceGray /BitsPerComponent 8", "xx");
    let content = read(document(&[&["With a figure"]], "/XObject << /A 6 0 R /B 7 0 R >>", &[image, icon])).unwrap();
    assert_eq!((content.figures, content.words), (Some(1), 3));
}

#[test]
fn drawings_that_contain_themselves_end() {
    let own = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 6 0 R >> >>", "/A Do");
    let inherited = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "/B Do");
    let page = stream("", "BT /F1 12 Tf 72 720 Td (Still here) Tj ET /A Do /B Do");
    let mut file = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox [0 0 612 792] >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /A 6 0 R /B 7 0 R >> >> >>"
            .to_owned(),
        page,
        own,
        inherited,
    ];
    assert_eq!(read(pdf(&file)).unwrap().words, 2);

    file[1] = "<< /Type /Pages /Kids [4 0 R] /Count 1 /Parent 2 0 R >>".to_owned();
    assert_eq!(read(pdf(&file)).unwrap_err().cause, Cause::Malformed, "its pages contain themselves");
}

#[test]
fn a_bomb_is_refused() {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..=(MAX_STREAM_BYTES >> 20) {
        packer.write_all(&zeros).unwrap();
    }
    let packed = packer.finish().unwrap();
    let mut file = document(&[&["Harmless"]], "", &[]);
    file.extend(b"9 0 obj << /Filter /FlateDecode >> stream\r\n");
    file.extend(&packed);
    file.extend(b"\nendstream endobj");
    assert_eq!(read(file).unwrap_err().cause, Cause::Refused);
}

#[test]
fn what_cannot_be_read_says_why() {
    assert_eq!(read(b"<html>".to_vec()).unwrap_err().cause, Cause::Malformed);
    assert_eq!(read(b"%PDF-1.4\ngarbage".to_vec()).unwrap_err().cause, Cause::Malformed);
    let mut encrypted = document(&[&["One"]], "", &[]);
    let trailer = encrypted.windows(7).position(|window| window == b"/Root 1").unwrap();
    let entry = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (0123456789abcdef0123456789abcdef) /U (0123456789abcdef0123456789abcdef) >> /ID [(a) (a)] ";
    encrypted.splice(trailer..trailer, entry.iter().copied());
    let failure = read(encrypted).unwrap_err();
    assert_eq!(failure.cause, Cause::Malformed);
    assert!(failure.detail.contains("encrypted"), "{failure}");
}

#[test]
fn a_scan_and_an_empty_file_are_told_apart() {
    let image = stream(
        "/Type /XObject /Subtype /Image /Width 640 /Height 480 /ColorSpace /DeviceGray /BitsPerComponent 8",
        "xx",
    );
    let scan = document(&[&["Typed cover"], &[], &[]], "/XObject << /A 10 0 R >>", &[image]);
    let failure = read(scan).unwrap_err();
    assert!(failure.detail.starts_with("2 of 3 pages hold pictures and no text, as a scan does"), "{failure}");
    let failure = read(document(&[&[]], "", &[])).unwrap_err();
    assert!(failure.detail.starts_with("1 of 1 pages hold no text; export it again"), "{failure}");
}

#[test]
fn words_divided_at_the_end_of_a_line_are_one() {
    let texts = [
        "The deploy-",
        "ment of the load-",
        "balancer. A load on a balancer, path-",
        "Based; a long-",
        "term deployment",
    ];
    let mut lines: Vec<Line> = texts.map(|text| Line::new(text, Place::Page(1))).into();
    join_hyphens(&mut lines);
    let joined: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        joined,
        ["The deployment", "of the load-balancer.", "A load on a balancer, path-", "Based; a longterm", "deployment"]
    );
}

#[test]
fn links_captions_and_running_heads_are_told() {
    let area = ">> /Annots [<< /Type /Annot /A << /S /URI /URI (https://example.org/code) >> >>] /Ours <<";
    let page: &[&str] = &[
        "Team Falcon",
        "Benchmark of the cluster is done here with many more words",
        "Figure 1: The cluster",
        "Table 1: Times",
    ];
    let content = read(document(&[page, page, page], area, &[])).unwrap();
    assert_eq!(content.links.len(), 3);
    assert_eq!(content.links[2], Link { target: "https://example.org/code".into(), place: Place::Page(3) });
    assert_eq!(content.figure_list.len(), 1);
    assert_eq!(content.figure_list[0].caption.as_deref(), Some("Figure 1: The cluster"));
    assert_eq!(
        content.headings.iter().filter(|heading| heading.text == "Team Falcon").count(),
        1,
        "{:?}",
        content.headings
    );
}
