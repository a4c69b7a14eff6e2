use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::archive::MAX_XML_BYTES;
use super::*;
use stackmark_evidence::Cause;

fn docx(document: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(document.as_bytes()).unwrap();
    archive.start_file("word/_rels/document.xml.rels", SimpleFileOptions::default()).unwrap();
    archive.write_all(br#"<Relationships><Relationship Id="r1" Target="https://example.org/?a=1&amp;b=2"/><Relationship Id="r2" Target="media/cpu.png"/></Relationships>"#).unwrap();
    archive.start_file("docProps/app.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(b"<Properties><Pages>3</Pages></Properties>").unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn paragraphs_headings_and_figures_are_read() {
    let xml = r#"<w:document xmlns:w="w"><w:body>
            <w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>R&amp;D</w:t><w:tab/><w:t>&#233;t&#xe9;</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">one </w:t></w:r><w:r><w:t>two</w:t><w:drawing/></w:r></w:p>
            <w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:x/></w:drawing></mc:Choice><mc:Fallback><w:pict><w:t>old</w:t></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>
            </w:body></w:document>"#;
    let content = read(&docx(xml)).unwrap();
    assert_eq!(content.headings, [Line::new("R&D été", Place::Paragraph(1)).shaped(Shape::Heading(2))]);
    assert_eq!(content.lines[1].text, "one two");
    assert_eq!((content.words, content.pages, content.figures), (4, Some(3), Some(1)));
}

#[test]
fn styles_are_known_by_their_names_and_hide_what_they_hide() {
    let styles = r#"<w:styles><w:style w:styleId="3"><w:name w:val="heading 2"/></w:style>
            <w:style w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
            <w:style w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>"#;
    let paragraph = |style: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let mut body = Body::new(BTreeMap::new());
    body.styles = super::styles::defined(styles);
    let xml = format!("{}{}{}", paragraph("3", "One"), paragraph("Own", "Two"), paragraph("Secret", "Three"));
    let content = body.read(&xml).unwrap();
    let headings: Vec<(&str, Shape)> = content.headings.iter().map(|line| (line.text.as_str(), line.shape)).collect();
    assert_eq!(headings, [("One", Shape::Heading(3)), ("Two", Shape::Heading(2))]);
    assert_eq!(content.lines.last().unwrap().text, "");
}

#[test]
fn a_line_that_stands_out_and_names_a_part_is_a_heading() {
    let headings = |of_run: &str, text: &str| {
        let title = format!("<w:p><w:r><w:rPr>{of_run}</w:rPr><w:t>{text}</w:t></w:r></w:p>");
        let paragraph = "<w:p><w:r><w:t>The script launches nine instances.</w:t></w:r></w:p>";
        let xml = format!("<w:document><w:body>{title}{paragraph}</w:body></w:document>");
        read(&docx(&xml)).unwrap().headings.len()
    };
    for of_run in ["<w:u w:val=\"single\"/>", "<w:sz w:val=\"32\"/>", "<w:color w:val=\"2E74B5\"/>"] {
        assert_eq!(headings(of_run, "Deployment"), 1, "{of_run}");
        assert_eq!(headings(of_run, "A walk by the river"), 0, "{of_run}");
    }
    for of_run in ["<w:u w:val=\"none\"/>", "<w:sz w:val=\"22\"/>", "<w:color w:val=\"333333\"/>", ""] {
        assert_eq!(headings(of_run, "Deployment"), 0, "{of_run}");
    }
}

#[test]
fn letters_of_the_colour_of_their_shading_may_not_be_seen() {
    let words = "Run the script to launch nine instances ".repeat(4);
    let unseen = |of_paragraph: &str, of_run: &str| {
        let paragraph =
            format!("<w:p><w:pPr>{of_paragraph}</w:pPr><w:r><w:rPr>{of_run}</w:rPr><w:t>{words}</w:t></w:r></w:p>");
        read(&docx(&format!("<w:document><w:body>{paragraph}</w:body></w:document>"))).unwrap().unseen.words()
    };
    let shading = |color: &str| format!("<w:shd w:val=\"clear\" w:fill=\"{color}\"/>");
    let letters = |color: &str| format!("<w:color w:val=\"{color}\"/>");
    assert_eq!(unseen("", &(letters("000000") + &shading("000000"))), Some(28));
    assert_eq!(unseen(&shading("1F4E79"), &letters("1f4e7a")), Some(28));
    assert_eq!(unseen(&shading("1F4E79"), &letters("FFFFFF")), None);
    assert_eq!(unseen(&shading("000000"), &letters("auto")), None, "Word turns it over");
}

#[test]
fn a_bold_item_above_text_is_a_heading_and_one_of_a_list_is_none() {
    let item =
        |text: &str| format!("<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r></w:p>");
    let paragraph = "<w:p><w:r><w:t>The script launches nine instances.</w:t></w:r></w:p>";
    let text = [&item("Deployment"), paragraph, &item("Flask"), &item("Nginx"), &item("Redis")].concat();
    let content = read(&docx(&format!("<w:document><w:body>{text}</w:body></w:document>"))).unwrap();
    let headings: Vec<&str> = content.headings.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(headings, ["Deployment"]);
}

#[test]
fn a_line_in_capitals_that_names_a_part_is_a_heading() {
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let text = [paragraph("DEPLOYMENT"), paragraph("The script launches nine instances."), paragraph("AWS")].concat();
    let content = read(&docx(&format!("<w:document><w:body>{text}</w:body></w:document>"))).unwrap();
    let sections = crate::outline::outline(&content);
    let headings: Vec<&str> =
        sections.iter().filter_map(|section| Some(section.heading.as_ref()?.text.as_str())).collect();
    assert_eq!(headings, ["DEPLOYMENT"]);
}

#[test]
fn what_a_reader_may_not_see_is_counted_and_kept() {
    let styles = r#"<w:styles><w:style w:styleId="Pale"><w:name w:val="Pale"/><w:rPr><w:color w:val="FEFEFE"/></w:rPr></w:style>
            <w:style w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="Pale"/></w:style></w:styles>"#;
    let words = "We deploy nine instances. ".repeat(6);
    let unseen = |paragraph: &str, run: &str, around: (&str, &str)| {
        let mut body = Body::new(BTreeMap::new());
        body.styles = super::styles::defined(styles);
        let (before, after) = around;
        let xml = format!(
            "{before}<w:p><w:pPr>{paragraph}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{words}</w:t></w:r></w:p>{after}"
        );
        let content = body.read(&xml).unwrap();
        assert_eq!(content.lines[0].text, words.trim(), "{xml}");
        content.unseen.words()
    };
    let plain = ("", "");
    for (paragraph, run, around) in [
        ("", r#"<w:color w:val="FEFEFE"/>"#, plain),
        ("", r#"<w:color w:val="auto" w:themeColor="background1"/>"#, plain),
        ("", r#"<w:w w:val="1"/>"#, plain),
        (r#"<w:pStyle w:val="Own"/>"#, "", plain),
        ("", "", (r#"<mc:Choice Requires="zzz">"#, "</mc:Choice>")),
    ] {
        assert_eq!(unseen(paragraph, run, around), Some(24), "{paragraph}{run}{around:?}");
    }
    for (paragraph, run, around) in [
        ("", "", plain),
        ("", r#"<w:color w:val="1F3864"/>"#, plain),
        ("", r#"<w:color w:val="FEFEFE"/><w:shd w:fill="000000"/>"#, plain),
        ("", "", (r#"<mc:Choice Requires="wps">"#, "</mc:Choice>")),
    ] {
        assert_eq!(unseen(paragraph, run, around), None, "{paragraph}{run}{around:?}");
    }
}

/// The lines, each with its shape.
fn shaped(xml: &str) -> Vec<String> {
    let content = read(&docx(&format!("<w:document><w:body>{xml}</w:body></w:document>"))).unwrap();
    content.lines.iter().map(|line| format!("{:?} {}", line.shape, line.text)).collect()
}

#[test]
fn rows_items_and_figures_are_told_from_paragraphs() {
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let row = |cells: &[&str]| format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
    let table = format!("<w:tbl>{}{}</w:tbl>", row(&["set", "mean ms"]), row(&["A", "33"]));
    assert_eq!(shaped(&table), ["Row | set | mean ms |", "Row | A | 33 |"]);
    let frame = format!("<w:tbl>{}</w:tbl>", row(&["a page's text", &"word ".repeat(50)]));
    assert!(shaped(&frame).iter().all(|line| line.starts_with("Text ")), "{:?}", shaped(&frame));
    let item = "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>one</w:t></w:r></w:p>";
    assert_eq!(shaped(item), ["Item one"]);
    assert_eq!(shaped("<w:p><w:r><w:drawing></w:drawing></w:r></w:p>"), ["Text ", "Figure "]);
}

#[test]
fn a_paragraph_in_bold_is_a_heading() {
    let bold = |text: &str, more: &str| {
        format!(
            "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>{more}</w:p><w:p><w:r><w:t>Text.</w:t></w:r></w:p>"
        )
    };
    let headings = |xml: &str| read(&docx(xml)).unwrap().headings.len();
    assert_eq!(headings(&bold("Deployment", "")), 1);
    assert_eq!(headings(&bold("Deployment", "<w:r><w:t> is done.</w:t></w:r>")), 0);
    assert_eq!(headings(&bold("We ask you to read this.", "")), 0);
    assert_eq!(headings("<w:p><w:r><w:rPr><w:b w:val=\"0\"/></w:rPr><w:t>Deployment</w:t></w:r></w:p>"), 0);
}

#[test]
fn hidden_text_is_no_text() {
    let run = |look: &str| format!("<w:p><w:r><w:rPr>{look}</w:rPr><w:t>x</w:t></w:r><w:r><w:t>seen</w:t></w:r></w:p>");
    for look in ["<w:vanish/>", "<w:color w:val=\"FFFFFF\"/>", "<w:sz w:val=\"2\"/>"] {
        assert_eq!(shaped(&run(look)), ["Text seen"], "{look}");
    }
    for look in [
        "<w:vanish w:val=\"false\"/>",
        "<w:color w:val=\"FFFFFF\"/><w:highlight w:val=\"black\"/>",
        "<w:sz w:val=\"22\"/>",
    ] {
        assert_eq!(shaped(&run(look)), ["Text xseen"], "{look}");
    }
    assert_eq!(
        shaped("<w:moveFrom><w:p><w:r><w:t>x</w:t></w:r></w:p></w:moveFrom><w:p><w:r><w:t>y</w:t></w:r></w:p>"),
        ["Text ", "Text y"]
    );
}

#[test]
fn a_bomb_is_refused_and_a_damaged_file_is_malformed() {
    let bomb = docx(&" ".repeat((MAX_XML_BYTES + 1) as usize));
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read(&bomb).unwrap_err().cause, Cause::Refused);
    assert_eq!(read(b"\xd0\xcf\x11\xe0 old word").unwrap_err().cause, Cause::Malformed);
    let cut = docx("<w:document><w:p>");
    assert_eq!(read(&cut[..cut.len() / 2]).unwrap_err().cause, Cause::Malformed);
    assert_eq!(read(&docx("<w:p><w:t>a</w:q>")).unwrap_err().cause, Cause::Malformed);
}

#[test]
fn tables_links_captions_and_code_are_told() {
    let xml = r#"<w:document><w:body>
            <w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:t>b</w:t></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:t>c</w:t></w:p></w:tc></w:tr></w:tbl>
            <w:p><w:hyperlink r:id="r1"><w:r><w:t>the site</w:t></w:r></w:hyperlink> <w:t>https://example.org/x.</w:t></w:p>
            <w:p><w:drawing><wp:docPr name="Picture 1"/><a:blip r:embed="r2"/></w:drawing></w:p>
            <w:p><w:pPr><w:pStyle w:val="Lgende"/></w:pPr><w:t>Figure 1: CPU</w:t></w:p>
            <w:p><w:pPr><w:pStyle w:val="SourceCode"/></w:pPr><w:t>for x in y:</w:t></w:p>
            <w:p><w:pPr><w:pStyle w:val="SourceCode"/></w:pPr><w:t xml:space="preserve">    print(x)</w:t></w:p>
            </w:body></w:document>"#;
    let content = read(&docx(xml)).unwrap();
    assert_eq!(content.tables.unwrap(), [Table { rows: 2, columns: 2, place: Place::Paragraph(1) }]);
    let links: Vec<&str> = content.links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(links, ["https://example.org/?a=1&b=2", "https://example.org/x"]);
    let figure = &content.figure_list[0];
    assert_eq!((figure.caption.as_deref(), figure.target.as_deref()), (Some("Figure 1: CPU"), Some("media/cpu.png")));
    assert_eq!(content.listings.unwrap()[0].text, "for x in y:\n    print(x)");
}
