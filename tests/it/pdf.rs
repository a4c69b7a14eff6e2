//! `report.pdf`, through a program that is installed.

use std::collections::BTreeSet;
use std::io::Read as _;

use crate::support::sample;
use stackmark_class::pdf::Printer;
use stackmark_render::{Templates, html};

/// Seconds since 1970, and how a PDF writes it.
const MOMENT: (i64, &[u8]) = (1_700_000_000, b"(D:20231114221320");

fn has(pdf: &[u8], words: &[u8]) -> bool {
    pdf.windows(words.len()).any(|piece| piece == words)
}

/// The colours of the shapes in a PDF, each as red, green and blue of 255. Letters are none.
fn filled(pdf: &[u8]) -> BTreeSet<[u8; 3]> {
    let mut colours = BTreeSet::new();
    for at in (0..pdf.len()).filter(|at| pdf[*at..].starts_with(b"stream")) {
        let packed = pdf[at + b"stream".len()..].trim_ascii_start();
        let mut plain = Vec::new();
        // What cannot be unpacked is no page: the end of a stream, or one that is not packed.
        let _ = flate2::read::ZlibDecoder::new(packed).read_to_end(&mut plain);
        let (mut fill, mut kept, mut numbers) = ([0; 3], Vec::new(), Vec::new());
        for word in String::from_utf8_lossy(&plain).split_ascii_whitespace() {
            if let Ok(number) = word.parse::<f64>() {
                numbers.push(number);
                continue;
            }
            match (word, numbers.as_slice()) {
                ("rg", [.., red, green, blue]) => fill = [*red, *green, *blue].map(|part| (part * 255.0).round() as u8),
                ("q", _) => kept.push(fill),
                ("Q", _) => fill = kept.pop().unwrap_or_default(),
                ("f" | "f*", _) => {
                    colours.insert(fill);
                }
                _ => {}
            }
            numbers.clear();
        }
    }
    colours
}

/// Skipped where no program is installed, unless STACKMARK_TEST_PDF is `required`.
#[test]
fn the_same_page_gives_the_same_bytes_and_no_date_but_the_given_one() {
    let required = std::env::var("STACKMARK_TEST_PDF").is_ok_and(|value| value == "required");
    let printer = match Printer::find(std::env::var_os("PATH").as_deref()) {
        Ok(printer) => printer,
        Err(failure) => {
            assert!(!required, "{}", failure.message);
            println!("skipped: {}", failure.message);
            return;
        }
    };
    let card = sample::scorecard("fr");
    let page = html::report(&card, &sample::evidence(), &Templates::embedded().unwrap(), None).unwrap();
    let print = || printer.print(&page, MOMENT.0).map_err(|failure| failure.message).unwrap();
    let (first, second) = (print(), print());
    assert!(first.starts_with(b"%PDF-") && first.len() > 5_000, "{} bytes", first.len());
    assert!(first == second, "the same page gives other bytes");
    assert_eq!(has(&first, b"/CreationDate (D:"), has(&first, MOMENT.1));
    // Bars have the colour of print: a printer that does not find it fills them in black.
    assert!(filled(&first).contains(&[0x0b, 0x53, 0x94]), "{:?}", filled(&first));
}

/// A printer that prints how long the page is, and a demo that it prints.
#[cfg(unix)]
#[test]
fn each_language_is_printed_and_the_way_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let script = programs.join("weasyprint");
    std::fs::write(&script, "#!/bin/sh\nprintf '%%PDF-1.7 ' > \"$3\"\nwc -c < \"$2\" >> \"$3\"\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |arguments: &[&str]| {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .unwrap()
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .args(arguments)
            .timeout(std::time::Duration::from_secs(120))
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    run(&["demo"]);
    let results = folder.path().join("stackmark-demo/results");
    for (ending, more) in [("", &[][..]), (".it", &["--language", "it"][..])] {
        let told = run(&[&["report", "--out", "stackmark-demo/results", "--pdf"], more].concat());
        for team in ["falcon", "heron", "osprey"] {
            let file =
                |name: &str| std::fs::read(results.join("teams").join(team).join(format!("report{ending}.{name}")));
            let (page, pdf) = (file("html").unwrap(), file("pdf").unwrap_or_else(|error| panic!("{error}: {told}")));
            let printed = String::from_utf8(pdf).unwrap();
            assert_eq!(
                printed.split_whitespace().last(),
                Some(page.len().to_string().as_str()),
                "the page that stands"
            );
        }
        assert!(told.contains("printing 3 of 3: ") && told.contains(&format!("report{ending}.pdf")), "{told}");
    }
    // A person who is forgotten is in none of them.
    run(&["forget", "--before", "2999-01-01", "--out", "stackmark-demo/results"]);
    let left = std::fs::read_dir(results.join("teams/falcon")).unwrap().map(|it| it.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("report.")).collect();
    assert!(left.is_empty(), "{left:?}");
}
