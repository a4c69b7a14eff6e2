//! A zero that the course's policy asks for: confirmed by a person, and stronger than every bonus.

use stackmark_course::{Library, Overrides, Rubric, SourceText};
use stackmark_evidence::points::Points;
use stackmark_evidence::{Evidence, Tool};
use stackmark_judge::scorecard::Scorecard;
use stackmark_judge::weigh::{Stamps, judge};
use stackmark_language::expression::Engine;

const BONUS: &str = "[[adjustment]]\npoints = 20\nreason = \"bonus\"\nby = \"TA\"\nwhen = \"2026-11-20\"\n";
const ZERO: &str = "[policy]\nconfirmed_by = \"TA\"\non = \"2026-12-01\"\nreason = \"plagiarism\"\n";

fn overrides(text: &str) -> Overrides {
    let (overrides, warnings) = Overrides::parse(&SourceText::new("overrides.toml", text)).sound().expect("no problem");
    assert!(warnings.0.is_empty(), "{warnings}");
    overrides
}

fn judged(overrides: &Overrides) -> Scorecard {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checks/base.json");
    let evidence: Evidence =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the demo's evidence")).expect("evidence");
    let (library, engine) = (Library::embedded(), Engine::new());
    let source = library.rubric("repository").expect("built in");
    let rubric = Rubric::parse("repository", source, &library, &engine).0.expect("valid");
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    let stamps = Stamps { tool, evidence_sha256: String::new(), overrides_sha256: None };
    judge(&evidence, &rubric, &Default::default(), overrides, stamps, &engine).expect("plain data")
}

#[test]
fn a_confirmed_zero_is_zero_whatever_bonus_stands_beside_it() {
    let card = judged(&overrides(&format!("{BONUS}{ZERO}")));
    assert_eq!((card.mark.low, card.mark.high, card.mark.open), (Points::ZERO, Points::ZERO, 0));
    assert_eq!(card.zero.map(|zero| (zero.reason, zero.by)), Some(("plagiarism".to_owned(), "TA".to_owned())));
    let without = judged(&overrides(BONUS));
    assert!(without.mark.low > Points::ZERO && without.zero.is_none());
}

#[test]
fn a_zero_holds_under_another_rubric_as_well() {
    let card = judged(&overrides(&format!("rubric = \"other\"\n{BONUS}{ZERO}")).all_set_aside());
    assert_eq!((card.mark.high, card.adjustments.len()), (Points::ZERO, 0));
}

#[test]
fn a_zero_needs_who_confirmed_it_when_and_why() {
    for missing in ["confirmed_by", "on", "reason"] {
        let text: String =
            ZERO.lines().filter(|line| !line.starts_with(missing)).map(|line| format!("{line}\n")).collect();
        let problems = Overrides::parse(&SourceText::new("overrides.toml", text)).sound().expect_err("it is missing");
        assert!(problems.to_string().contains(missing), "{missing}: {problems}");
    }
}
