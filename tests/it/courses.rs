//! `docs/courses.md` maps every condition of the courses; it must keep up with the checks and the rubrics.

use std::collections::BTreeSet;

use stackmark_course::{Library, Rubric};
use stackmark_language::expression::Engine;

/// Criteria whose items are the same in all rubrics, and stand once, in the first section.
const SHARED: [&str; 5] = ["coordination", "contribution", "version-control", "documentation", "report"];

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/courses.md")).expect("the page")
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_check_id(text: &str) -> bool {
    let families = ["aws/", "code/", "git/", "http/", "report/"];
    families.iter().any(|family| text.starts_with(family)) && !text.contains(['…', '.', ' '])
}

/// The names in a section: `works/cluster1-answers` gives `works` and `cluster1-answers`.
fn names(section: &str) -> BTreeSet<&str> {
    section.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect()
}

#[test]
fn checks_on_the_page_exist() {
    let (page, library) = (page(), Library::embedded());
    let unknown: BTreeSet<&str> =
        quoted(&page).filter(|text| is_check_id(text) && library.check(text).is_none()).collect();
    assert!(unknown.is_empty(), "docs/courses.md names {unknown:?}, which are no checks");
}

#[test]
fn every_item_of_every_rubric_is_mapped() {
    let (page, library, engine) = (page(), Library::embedded(), Engine::new());
    let sections: Vec<&str> = page.split("\n## ").collect();
    let mut missing = Vec::new();
    // Parts of all courses, and of none.
    let of_a_course =
        |id: &&str| !["repository", "infrastructure-code", "live-stack", "service-under-load"].contains(id);
    for id in library.rubric_ids().filter(of_a_course) {
        let rubric = Rubric::parse(id, library.rubric(id).expect("listed"), &library, &engine).0.expect("valid");
        let own: String = sections
            .iter()
            .flat_map(|section| {
                let parts: Vec<&str> = section.split("\n### ").collect();
                let named = |part: &&str| part.lines().next().is_some_and(|title| quoted(title).any(|name| name == id));
                // A whole section where its title names the rubric, else the subsection that does.
                if named(&parts[0]) { vec![*section] } else { parts.into_iter().filter(named).collect() }
            })
            .collect();
        assert!(!own.is_empty(), "docs/courses.md has no section on {id}");
        let (known, checks): (_, BTreeSet<&str>) =
            (names(&own), quoted(&own).filter(|text| is_check_id(text)).collect());
        for item in rubric.items() {
            let (criterion, name) = item.id.split_once('/').expect("criterion/name");
            let shared = SHARED.contains(&criterion);
            let mapped = known.contains(name) && checks.contains(item.check.as_str());
            if !shared && !mapped {
                missing.push(format!("{id}: {} by {}", item.id, item.check));
            }
        }
    }
    assert!(missing.is_empty(), "docs/courses.md does not map\n{}", missing.join("\n"));
}

#[test]
fn what_a_row_says_fails_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let stacks: String = std::fs::read_dir(root.join("tests/stacks"))
        .expect("the tables of mutations")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| std::fs::read_to_string(path).expect("a table"))
        .collect();
    let changes = include_str!("rubric_code.rs");
    let page = page();
    let named = page.split('“').skip(1).filter_map(|rest| rest.split_once('”').map(|(name, _)| name));
    let unknown: BTreeSet<&str> = named
        .filter(|name| !stacks.contains(&format!("name = \"{name}\"")) && !changes.contains(&format!("\"{name}\"")))
        .collect();
    assert!(unknown.is_empty(), "docs/courses.md names {unknown:?}, which no test changes");
    let gone: BTreeSet<&str> = quoted(&page)
        .filter(|text| text.ends_with(".toml") && text.split_once('/').is_some_and(|(family, _)| is_family(family)))
        .filter(|text| !root.join("tests/checks").join(text).exists())
        .collect();
    assert!(gone.is_empty(), "docs/courses.md names {gone:?}, which are no cases");
}

fn is_family(name: &str) -> bool {
    ["aws", "code", "git", "http", "report"].contains(&name)
}
