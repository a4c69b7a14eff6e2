//! What the system says of a file never reaches a reader bare ("No such file or directory (os error 2)"): each error names the
//! path and what to do.

use std::path::{Path, PathBuf};

/// What takes a path, and whose error has none.
const FUNCTIONS: [&str; 17] = [
    "fs::canonicalize",
    "fs::copy",
    "fs::create_dir",
    "fs::create_dir_all",
    "fs::metadata",
    "fs::read",
    "fs::read_dir",
    "fs::read_to_string",
    "fs::remove_dir",
    "fs::remove_dir_all",
    "fs::remove_file",
    "fs::rename",
    "fs::symlink_metadata",
    "fs::write",
    "File::create",
    "File::create_new",
    "File::open",
];

/// The sources of the program and its crates.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let mut waiting: Vec<PathBuf> = crates.chain([root.join("src")]).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if name != "tests" => waiting.push(path),
                false if name.ends_with(".rs") && !name.ends_with("tests.rs") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The lines of a source on which the system's error is handed on bare; its tests aside.
fn bare(source: &str) -> Vec<String> {
    let own = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<&str> = own.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = lines.join("\n");
    let line_at = |at: usize| text[..at].matches('\n').count();
    let mut found = Vec::new();
    for function in FUNCTIONS {
        for (at, call) in text.match_indices(&format!("{function}(")) {
            let rest = after_call(&text[at + call.len()..]).trim_start();
            if rest.starts_with(['?', '}']) || rest.starts_with(".map(") {
                found.push(lines[line_at(at)].trim().to_owned());
            }
        }
    }
    // What a folder gives may fail as well.
    found.extend(text.match_indices("entry?").map(|(at, _)| lines[line_at(at)].trim().to_owned()));
    found
}

/// What follows the parenthesis that closes a call, of the text behind the one that opens it.
fn after_call(text: &str) -> &str {
    let mut depth = 1;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

#[test]
fn no_error_of_a_file_is_handed_on_bare() {
    let sources = sources();
    assert!(sources.len() > 300, "{} sources", sources.len());
    let mut calls = 0;
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        calls += text.matches("fs::").count();
        let found = bare(&text);
        let path = path.display();
        assert!(
            found.is_empty(),
            "{path}: {found:#?}\nadd `.at(path)` of stackmark_evidence::files::AtPath before the `?`"
        );
    }
    assert!(calls > 50, "{calls} calls");
}

#[test]
fn a_bare_error_is_found_however_it_is_handed_on() {
    for source in [
        "let text = std::fs::read(path.join(\"a\"))?;",
        "for entry in fs::read_dir(&folder)? {}",
        "File::create(self.waits()).map(drop)",
        "fn gone(path: &Path) -> io::Result<()> {\n    std::fs::remove_file(path)\n}",
        "let name = entry?.file_name();",
    ] {
        assert_eq!(bare(source).len(), 1, "{source}");
    }
    for source in [
        "let text = std::fs::read(path).at(path)?;",
        "let Ok(file) = File::open(path) else { return None };",
        "// std::fs::read(path)?",
        "let a = 1;\n#[cfg(test)]\nmod tests { fn a() { std::fs::read(path)?; } }",
    ] {
        assert!(bare(source).is_empty(), "{source}");
    }
}
