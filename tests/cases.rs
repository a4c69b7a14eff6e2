//! Every case of a check is a test of its own: `cargo test --test cases asg-size`.

use std::path::Path;

use stackmark_class::cases::{Case, run};
use stackmark_course::{Check, Library};
use stackmark_language::expression::Engine;

fn case(path: &Path) -> datatest_stable::Result<()> {
    let case = Case::read(path)?;
    let names: Vec<String> =
        path.iter().rev().skip(1).take(2).map(|name| name.to_string_lossy().into_owned()).collect();
    let [name, family] = names.as_slice() else { return Err(format!("{}: no check", path.display()).into()) };
    let id = format!("{family}/{name}");
    let library = Library::embedded();
    let engine = Engine::new();
    let source = library.check(&id).ok_or_else(|| format!("there is no check {id}"))?;
    let check = Check::parse(&id, source, &engine).0.ok_or_else(|| format!("{id} is not valid"))?;
    Ok(run(&check, &case, &engine)?)
}

datatest_stable::harness! {
    { test = case, root = "tests/checks", pattern = r"^[^/]+/[^/]+/[^/]+\.toml$" },
}
