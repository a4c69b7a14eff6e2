//! A course of one's own: the tutorial's commands, a new check with its cases, and what `try` tells.

use std::path::Path;
use std::process::{Command, Output};

fn stackmark(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command.args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The commands of a page, in order.
fn script(page: &str) -> String {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    format!("set -eu\n{}", blocks.collect::<Vec<_>>().join("\n"))
}

#[cfg(unix)]
#[test]
fn the_tutorial_grades_a_team() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tutorial.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_stackmark")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("LANG", "C.UTF-8").env("PATH", path);
    let output = command.args(["-c", &script(&page)]).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let results = folder.path().join("course/results");
    for file in ["class.html", "teams/team-01/report.html", "teams/team-01/evidence.json"] {
        assert!(results.join(file).is_file(), "{file} was not written:\n{said}");
    }
    for told in ["5 passed, 0 failed, of 1 check", "has 3 words, expected 100", "could not be read"] {
        assert!(said.contains(told), "“{told}” is not in\n{said}");
    }
    assert!(!said.contains("no report:"), "a course without a report misses none:\n{said}");
    assert!(said.contains("1 of 1 team done"), "{said}");
}

#[test]
fn the_rubrics_are_listed_in_two_columns() {
    let folder = tempfile::tempdir().unwrap();
    let output = stackmark(folder.path(), &["rubric", "list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let widest = text.lines().filter_map(|line| line.split(' ').next()).map(str::len).max().unwrap();
    for line in text.lines() {
        assert_eq!(line.get(widest..widest + 2), Some("  "), "{line}");
        assert_ne!(line.get(widest + 2..widest + 3), Some(" "), "{line}");
    }
}

#[test]
fn a_new_check_passes_its_cases_and_a_spoilt_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    assert!(stackmark(folder.path(), &["rubric", "new-check", "own/readme"]).status.success());
    let fine = stackmark(folder.path(), &["rubric", "test"]);
    assert!(fine.status.success(), "{}", said(&fine));
    let check = folder.path().join("checks/own/readme.toml");
    let text = std::fs::read_to_string(&check).unwrap();
    std::fs::write(&check, text.replace(">= words", "> words")).unwrap();
    let spoilt = stackmark(folder.path(), &["rubric", "test"]);
    assert_eq!(spoilt.status.code(), Some(3), "{}", said(&spoilt));
    assert!(said(&spoilt).contains("own/readme/pass.toml: fail instead of pass"), "{}", said(&spoilt));
    std::fs::write(&check, text).unwrap();
    for (case, asked) in [
        ("pass", "no case expects \"pass\""),
        ("absent", "no case sets a reading to { state = \"absent\""),
        ("unreadable", "no case expects \"undetermined\""),
        ("hostile", "no case sets hostile text"),
    ] {
        let path = folder.path().join(format!("cases/own/readme/{case}.toml"));
        let kept = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let told = stackmark(folder.path(), &["rubric", "test"]);
        assert_eq!(told.status.code(), Some(3), "{}", said(&told));
        assert!(said(&told).contains(asked), "without {case}:\n{}", said(&told));
        std::fs::write(&path, kept).unwrap();
    }
}

/// Errors that a new user met without file, line or next step.
#[test]
fn an_error_names_its_place_and_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let history = crate::support::history::History::new();
    history.write("README.md", "# A page\n").commit("Add the page");
    let team = |id: &str| {
        let repository = history.path().display();
        format!(
            "[[team]]\nid = \"{id}\"\nrepository = '{repository}'\n[[team.member]]\nname = \"Ada {id}\"\n\
             emails = [\"{id}@example.org\"]\n"
        )
    };
    let teams = ["team-01", "team-02", "team-12"].map(team).concat();
    std::fs::write(folder.path().join("roster.toml"), format!("title = \"Web\"\nrubric = \"repositry\"\n{teams}"))
        .unwrap();
    std::fs::write(folder.path().join("card.json"), "{\"schema\": \"stackmark/scorecard/v1\", \"team\": \"one\"}")
        .unwrap();
    let path = history.path().to_string_lossy().into_owned();
    let check = ["check", path.as_str(), "--rubric", "repository", "--roster", "roster.toml", "--team"];
    let check = [&check[..], &["team-1"]].concat();
    let of_roster = ["check", path.as_str(), "--roster", "roster.toml", "--team", "team-01"];
    let cases: [(&[&str], &str); 10] = [
        (&of_roster, "roster.toml:2: there is no rubric \"repositry\""),
        (&["grade"], "roster.toml:2: there is no rubric \"repositry\"; did you mean \"repository\"?"),
        (&["doctor", "--roster", "roster.toml"], "roster.toml:2: there is no rubric"),
        (&["grade", "--rubric", "zzz"], "\"zzz\"; `stackmark rubric list` lists them"),
        (&check, "did you mean \"team-01\"?"),
        (&["grade", "--rubric", "repository", "team-2"], "did you mean \"team-02\"?"),
        (&["doctor", "--rubric", "repository", "--roster", "roster.toml", "--team", "team-2"], "\"team-02\""),
        (&["try", "code/readme", "--evidence", "card.json"], "card.json is not a team's evidence"),
        (&["try", "own/zzz", "--evidence", "card.json"], "lists them; a check of your own needs --library DIR"),
        (&["diff", "results"], "or give --since DATE"),
    ];
    for (arguments, expected) in cases {
        let told = said(&stackmark(folder.path(), arguments));
        assert!(told.contains(expected), "{arguments:?}\n{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::Stdio;
    for arguments in [&["completions", "zsh"][..], &["rubric", "list"], &["schema", "evidence"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn nothing_is_written_over_and_names_stay_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    assert!(stackmark(folder.path(), &["rubric", "new", "mine"]).status.success());
    let again = stackmark(folder.path(), &["rubric", "new", "mine"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("exists: name another folder with --into, or give --force"), "{}", said(&again));
    for name in ["../mine", "a/../../b", "a b/c"] {
        assert_eq!(stackmark(folder.path(), &["rubric", "new-check", name]).status.code(), Some(2), "{name}");
    }
    assert!(stackmark(folder.path(), &["rubric", "lint", "mine", "--library", "."]).status.success());
}

#[test]
fn try_tells_every_expression_and_asks_what_if() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence.json");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checks/base.json"), &evidence).unwrap();
    let tried = |more: &[&str]| {
        let output = stackmark(folder.path(), &[&["try", "code/readme", "--evidence", "evidence.json"], more].concat());
        (output.status.code(), said(&output))
    };
    let (code, told) = tried(&[]);
    assert!(code == Some(0) && told.contains("score") && told.contains("pass (1.00)"), "{told}");
    let (_, told) = tried(&["--unreadable", "code.readme"]);
    assert!(told.contains("undetermined (0.00)") && !told.contains("= error"), "{told}");
    let (code, told) = tried(&["--set", "code.readmee.words=1"]);
    assert!(code == Some(2) && told.contains("did you mean code.readme?"), "{told}");
    let (code, told) = tried(&["--set", "code.readme.wrds=1"]);
    assert!(code == Some(2) && told.contains("there is no field `wrds`; did you mean `words`?"), "{told}");
    let (code, told) = tried(&["--set", "code.files.0.code=9"]);
    assert!(code == Some(0) && told.contains("does not read code.files, so that this changes nothing"), "{told}");
    let (code, told) = tried(&["--with", "wrds=1"]);
    assert!(code == Some(3) && told.contains("did you mean `words`?"), "{told}");
}

#[test]
fn try_judges_old_evidence_as_a_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let base = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checks/base.json")).unwrap();
    let tried = |base: &str| {
        std::fs::write(folder.path().join("evidence.json"), base).unwrap();
        let check = ["try", "code/calls", "--evidence", "evidence.json", "--with", "names=[\"nowhere_called\"]"];
        said(&stackmark(folder.path(), &check))
    };
    assert!(tried(&base).contains("fail (0.00)"), "{}", tried(&base));
    let old = regex::Regex::new(r#",\s*"calls_unlisted": false"#).unwrap().replace_all(&base, "");
    assert!(tried(&old).contains("undetermined (0.00)"), "{}", tried(&old));
}

#[test]
fn readings_and_formats_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = said(&stackmark(folder.path(), &["explain", "--readings", "aws.instances"]));
    assert!(told.contains("instance_type") && told.contains("A sample:"), "{told}");
    assert!(told.contains("\nPermissions: ec2:DescribeInstances, sts:GetCallerIdentity\n"), "{told}");
    assert!(said(&stackmark(folder.path(), &["explain", "--readings"])).contains("git.commits"));
    let wrong = stackmark(folder.path(), &["explain", "--readings", "aws.instance"]);
    assert!(wrong.status.code() == Some(2) && said(&wrong).contains("did you mean aws.instances?"), "{}", said(&wrong));
    for format in ["rubric", "check", "roster", "evidence"] {
        let output = stackmark(folder.path(), &["schema", format]);
        let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(schema["properties"].as_object().is_some_and(|keys| keys.len() > 5), "{format}");
    }
}

#[test]
fn what_cannot_be_read_costs_nothing_in_any_rubric() {
    let folder = tempfile::tempdir().unwrap();
    for rubric in ["log8415-a1", "photogallery", "day02", "aws-services"] {
        let output = stackmark(folder.path(), &["rubric", "lint", rubric, "--simulate"]);
        let told = said(&output);
        assert!(output.status.success(), "{told}");
        let row = told.lines().find(|line| line.contains("nothing could be read ")).unwrap_or_else(|| panic!("{told}"));
        let numbers: Vec<&str> = row.split_whitespace().rev().take(3).collect();
        assert_eq!(numbers[1], "0", "{rubric} takes points for what was not read\n{told}");
        assert!(told.contains("perfect"), "{told}");
        assert!(!told.contains("although nothing could be read"), "{rubric} is accused wrongly\n{told}");
        assert!(told.contains("good team, another course: the evidence of"), "{told}");
    }
}

/// `STACKMARK_WRITE_REFERENCE=1 cargo test --test it the_reference` writes the page.
#[test]
fn the_reference_has_every_key() {
    let page = stackmark_course::formats::Format::reference();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
    if std::env::var_os("STACKMARK_WRITE_REFERENCE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "docs/reference.md is not what the schemas say");
}

#[test]
fn every_check_of_the_cookbook_is_sound() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cookbook.md")).unwrap();
    let checks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(checks.len(), 20);
    let engine = stackmark_language::expression::Engine::new();
    for text in checks {
        let source = stackmark_course::SourceText::new("docs/cookbook.md", text);
        let (check, problems) = stackmark_course::Check::parse("own/check", &source, &engine);
        assert!(check.is_some() && problems.0.is_empty(), "{text}\n{problems}");
    }
}

/// A server that answers everything with two letters.
fn server() -> u16 {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0_u8; 4096];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        }
    });
    port
}

#[test]
fn a_course_of_pages_alone_says_nothing_of_aws() {
    let folder = tempfile::tempdir().unwrap();
    let history = crate::support::history::History::new();
    history.write("README.md", "# A page\n").commit("Add the page");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "own/rubrics/web.toml",
        "title = \"Web\"\ntotal = 10\n[[criterion]]\nid = \"works\"\npoints = 10\n[[criterion.item]]\n\
         check = \"http/answers\"\npoints = 10\nwith = { path = \"/\" }\n"
            .to_owned(),
    );
    write(
        "roster.toml",
        format!(
            "title = \"Web\"\nrubric = \"web\"\n[[team]]\nid = \"one\"\nrepository = '{}'\n\
             base_url = \"http://127.0.0.1:{}\"\n[[team.member]]\nname = \"Ada Rivers\"\nemails = [\"ada@example.org\"]\n",
            history.path().display(),
            server()
        ),
    );
    let output = stackmark(folder.path(), &["grade", "--library", "own", "--allow-private"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("10 of 10"), "{told}");
    for word in ["AWS", "aws", "credential", "warning"] {
        assert!(!told.contains(word), "{word} is said in\n{told}");
    }
    for page in ["class.html", "teams/one/report.html", "teams/one/marker.html", "teams/one/report.md"] {
        let text = std::fs::read_to_string(folder.path().join("results").join(page)).unwrap();
        for word in ["AWS", "aws.instances"] {
            let line = text.lines().find(|line| line.contains(word));
            assert_eq!(line, None, "{page} speaks of {word}");
        }
    }
    let doctor = stackmark(folder.path(), &["doctor", "--roster", "roster.toml", "--library", "own"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", said(&doctor));
    assert_eq!(said(&doctor), "web: this rubric needs no AWS account\n");
    let built_in = stackmark(folder.path(), &["doctor", "--rubric", "repository"]);
    assert_eq!(built_in.status.code(), Some(0), "{}", said(&built_in));
}
