//! `report.pdf`, through a program that is installed.

use crate::support::sample;
use stackmark_class::pdf::Printer;
use stackmark_render::{Templates, html};

/// Seconds since 1970, and how a PDF writes it.
const MOMENT: (i64, &[u8]) = (1_700_000_000, b"(D:20231114221320");

fn has(pdf: &[u8], words: &[u8]) -> bool {
    pdf.windows(words.len()).any(|piece| piece == words)
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
}
