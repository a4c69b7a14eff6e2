//! Every built-in rubric and check is sound: no error, no warning, nothing that no rubric reaches.

use std::collections::BTreeSet;

use stackmark_course::{Check, Library, Rubric};
use stackmark_evidence::paths::READING_PATHS;
use stackmark_language::expression::Engine;

#[test]
fn built_in_rubrics_are_sound() {
    let (library, engine) = (Library::embedded(), Engine::new());
    for id in library.rubric_ids() {
        let source = library.rubric(id).expect("listed");
        let (rubric, problems) = Rubric::parse(id, source, &library, &engine);
        assert!(problems.0.is_empty(), "{id}:\n{problems}");
        assert!(rubric.is_some(), "{id}");
    }
}

#[test]
fn built_in_checks_are_sound_and_used() {
    // What only a person can tell mostly has a check of its own here, with the evidence beside it; others may say in a
    // rubric what to look at. What a course here only offers, another one may ask for.
    const OF_OTHER_COURSES: [&str; 3] = ["aws/instances-only-from-balancer", "code/by-hand", "http/by-hand"];
    let (library, engine) = (Library::embedded(), Engine::new());
    let used: BTreeSet<String> = library
        .rubric_ids()
        .filter_map(|id| Rubric::parse(id, library.rubric(id)?, &library, &engine).0)
        .flat_map(|rubric| rubric.checks.into_keys())
        .collect();
    for id in library.check_ids() {
        let (_, problems) = Check::parse(id, library.check(id).expect("listed"), &engine);
        assert!(problems.0.is_empty(), "{id}:\n{problems}");
        assert!(used.contains(id) || OF_OTHER_COURSES.contains(&id), "no rubric uses {id}");
    }
}

#[test]
fn the_first_rubric_keeps_to_the_seven_part_mark() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let source = library.rubric("log8415-a1").expect("embedded");
    let rubric = Rubric::parse("log8415-a1", source, &library, &engine).0.expect("valid");
    let points: Vec<(String, String)> =
        rubric.criteria.iter().map(|criterion| (criterion.id.clone(), criterion.points.to_string())).collect();
    let expected = [
        ("concepts", "40"),
        ("works", "20"),
        ("coordination", "10"),
        ("contribution", "10"),
        ("version-control", "5"),
        ("documentation", "5"),
        ("report", "10"),
    ];
    assert_eq!(points, expected.map(|(id, points)| (id.to_owned(), points.to_owned())));
}

#[test]
fn exercises_alone_are_judged_as_in_their_rubric_of_a_hundred() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let parse = |id: &str| {
        let source = library.rubric(id).unwrap_or_else(|| panic!("{id} is not embedded"));
        Rubric::parse(id, source, &library, &engine).0.expect("valid")
    };
    for id in ["day02", "ensai-tp1", "photogallery"] {
        let (whole, alone) = (parse(id), parse(&format!("{id}-exercise")));
        let of_the_work: Vec<_> =
            whole.criteria.iter().filter(|criterion| ["concepts", "works"].contains(&criterion.id.as_str())).collect();
        assert_eq!(of_the_work, alone.criteria.iter().collect::<Vec<_>>(), "{id}-exercise");
    }
}

#[test]
fn every_reading_serves_a_check() {
    // Where the repository came from stands in the reports, what was set aside leaves every verdict over the code open,
    // and what was left out is for whoever looks at the evidence.
    const OF_NO_CHECK: [&str; 3] = ["git.source", "code.set_aside", "code.left_out"];
    let (library, engine) = (Library::embedded(), Engine::new());
    let read: BTreeSet<String> = library
        .check_ids()
        .filter_map(|id| Check::parse(id, library.check(id)?, &engine).0)
        .flat_map(|check| check.reads)
        .collect();
    let unread: Vec<&str> = READING_PATHS
        .iter()
        .map(|known| known.path)
        .filter(|path| !read.contains(*path) && !OF_NO_CHECK.contains(path))
        .collect();
    assert!(unread.is_empty(), "no check reads {unread:?}");
}
