//! A rubric that extends another, a scheme and a language of one's own.

use std::path::Path;

use stackmark_course::{Library, Problems, Rubric};
use stackmark_language::expression::Engine;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn parse(folder: &Path, id: &str) -> (Option<Rubric>, Problems) {
    let mut library = Library::embedded();
    library.add_folder(folder).unwrap();
    let source = library.rubric(id).cloned().unwrap();
    Rubric::parse(id, &source, &library, &Engine::new())
}

const BASE: &str = r#"
title = "Base"
total = 10
[[criterion]]
id = "works"
points = 10
  [[criterion.item]]
  check = "http/answers"
  points = 4
  with = { path = "/a" }
  [[criterion.item]]
  check = "aws/targets-healthy"
  points = 6
"#;

#[test]
fn a_rubric_changes_removes_and_adds_items_of_another() {
    let own = r#"
extends = "base"
title = "Own"
remove = ["works/targets-healthy"]
[[change]]
item = "works/answers"
points = 7
with = { path = "/b" }
[[criterion]]
id = "works"
  [[criterion.item]]
  check = "aws/listener"
  points = 3
  with = { port = 80 }
"#;
    let folder = folder(&[("rubrics/base.toml", BASE), ("rubrics/own.toml", own)]);
    let (rubric, problems) = parse(folder.path(), "own");
    assert!(problems.0.is_empty(), "{problems}");
    let rubric = rubric.unwrap();
    let items: Vec<(&str, String)> = rubric.items().map(|item| (item.id.as_str(), item.points.to_string())).collect();
    assert_eq!(items, [("works/answers", "7".to_owned()), ("works/listener", "3".to_owned())]);
    assert_eq!(rubric.items().next().unwrap().with["path"].to_string(), "/b");
    assert_eq!((rubric.title.as_str(), rubric.total.to_string().as_str()), ("Own", "10"));
    // What it is made of gives the same rubric again, and a change of the base changes its hash.
    let mut library = Library::embedded();
    library.add_folder(folder.path()).unwrap();
    let documents = library.documents_of(&rubric);
    let copied: Vec<(&str, &str)> = documents.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let copy = self::folder(&copied);
    assert_eq!(parse(copy.path(), "own").0.unwrap().sha256(), rubric.sha256());
    std::fs::write(folder.path().join("rubrics/base.toml"), BASE.replace("Base", "Other")).unwrap();
    assert_ne!(parse(folder.path(), "own").0.unwrap().sha256(), rubric.sha256());
}

#[test]
fn what_a_change_names_wrongly_is_said_with_what_was_meant() {
    let cases = [
        ("extends = \"bse\"", "did you mean \"base\"?"),
        ("extends = \"own\"", "extends itself"),
        ("extends = \"base\"\nremove = [\"works/answer\"]", "did you mean \"works/answers\"?"),
        ("extends = \"base\"\n[[change]]\nitem = \"works/listener\"", "has no item \"works/listener\""),
        ("extends = \"base\"\n[[change]]\nitem = \"works/answers\"\nwith = { pth = 1 }", "did you mean `path`?"),
        ("extends = \"base\"\n[[change]]\nitem = \"works/answers\"\ncheck = \"http/answer\"", "there is no check"),
        ("extends = \"base\"\n[[change]]\nitem = \"works/answers\"\npoints = 5", "add up to 11 points"),
        (
            "extends = \"base\"\n[[criterion]]\nid = \"works\"\n[[criterion.item]]\ncheck = \"http/answers\"\npoints = 1",
            "[[change]] item = \"works/answers\"",
        ),
    ];
    for (own, expected) in cases {
        let folder = folder(&[("rubrics/base.toml", BASE), ("rubrics/own.toml", own)]);
        let (_, problems) = parse(folder.path(), "own");
        assert!(problems.has_errors(), "{own}");
        let said = problems.to_string();
        assert!(said.contains(expected), "{own}\n{said}");
        assert!(said.contains("own.toml"), "{said}");
    }
}

#[test]
fn the_example_of_the_documentation_is_sound() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rubrics.md")).unwrap();
    let mut examples = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = examples.find(|text| text.starts_with("extends = ")).unwrap();
    for key in ["remove", "[[change]]"] {
        assert!(example.contains(key), "{key} is not in the example");
    }
    let folder = folder(&[("rubrics/own.toml", example)]);
    let (rubric, problems) = parse(folder.path(), "own");
    assert!(rubric.is_some() && problems.0.iter().all(|problem| problem.warning), "{problems}");
}

#[test]
fn a_scheme_and_a_language_of_ones_own_are_known() {
    let scheme = "[[criterion]]\nid = \"works\"\npoints = 10\n";
    let named = BASE.replace("total = 10", "total = 10\nscheme = \"ten\"\nlanguage = \"de\"");
    let german = include_str!("../../templates/lang/en.toml");
    let files =
        [("rubrics/own.toml", named.as_str()), ("schemes/ten.toml", scheme), ("templates/lang/de.toml", german)];
    let own = folder(&files);
    let (rubric, problems) = parse(own.path(), "own");
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(rubric.unwrap().language, "de");
    let without = folder(&[("rubrics/own.toml", named.as_str()), ("schemes/ten.toml", &scheme.replace("10", "9"))]);
    let said = parse(without.path(), "own").1.to_string();
    assert!(said.contains("`language` is \"de\""), "{said}");
    assert!(said.contains("scheme \"ten\" gives \"works\" 9 points, this rubric 10"), "{said}");
}
