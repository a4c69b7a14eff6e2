//! What the collectors of code and report say of whole repositories, read from the object database.

use git2::{Oid, Repository, Signature};
use stackmark_code::Graded;
use stackmark_collect::DocumentLimits;
use stackmark_collect::Limits;
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::closed::PartFound;
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::report::ReportEvidence;
use stackmark_evidence::{Cause, Member, MembersFrom, Reading, Team};
use stackmark_history::tree::{self, ObjectDatabase};
use tempfile::TempDir;

/// A bare repository with one commit of these files.
struct Fixture {
    _folder: TempDir,
    repo: Repository,
    commit: Oid,
}

impl Fixture {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repo = Repository::init_bare(folder.path()).unwrap();
        let mut index = git2::Index::new().unwrap();
        for (path, content) in files {
            let link = path.strip_prefix("link:");
            let entry = git2::IndexEntry {
                ctime: git2::IndexTime::new(0, 0),
                mtime: git2::IndexTime::new(0, 0),
                dev: 0,
                ino: 0,
                mode: if link.is_some() { 0o120_000 } else { 0o100_644 },
                uid: 0,
                gid: 0,
                file_size: 0,
                id: repo.blob(content).unwrap(),
                flags: 0,
                flags_extended: 0,
                path: link.unwrap_or(path).as_bytes().to_vec(),
            };
            index.add(&entry).unwrap();
        }
        let commit = {
            let tree = repo.find_tree(index.write_tree_to(&repo).unwrap()).unwrap();
            let who = Signature::new("a", "a@example.org", &git2::Time::new(1_700_000_000, 0)).unwrap();
            repo.commit(None, &who, &who, "work", &tree, &[]).unwrap()
        };
        Self { _folder: folder, repo, commit }
    }

    fn tree(&self) -> Vec<TreeFile> {
        tree::list(&self.repo, self.commit, None).unwrap()
    }

    fn code(&self) -> CodeEvidence {
        stackmark_code::read(
            &ObjectDatabase(&self.repo),
            &Graded::all_own(&self.tree()),
            &everything(),
            &Limits::default(),
        )
    }

    fn report(&self) -> ReportEvidence {
        stackmark_report::read(
            &ObjectDatabase(&self.repo),
            &self.tree(),
            &team(&["Zoé Étoile", "Luca Bianchi"]),
            &limits(),
        )
    }
}

/// With the program that reads documents.
fn limits() -> Limits {
    let program = Some(assert_cmd::cargo::cargo_bin("stackmark"));
    Limits { documents: DocumentLimits { program, ..DocumentLimits::default() }, ..Limits::default() }
}

/// All readings there are.
fn everything() -> std::collections::BTreeSet<String> {
    stackmark_evidence::paths::READING_PATHS.iter().map(|reading| reading.path.to_owned()).collect()
}

fn team(names: &[&str]) -> Team {
    let members = names.iter().map(|name| Member {
        id: name.to_lowercase(),
        name: (*name).into(),
        emails: Vec::new(),
        aliases: Vec::new(),
        login: None,
    });
    Team {
        id: "t1".into(),
        name: None,
        members: members.collect(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

#[track_caller]
fn observed<T>(reading: &Reading<T>) -> &T {
    reading.value().unwrap_or_else(|| match reading.failure() {
        Some(failure) => panic!("{failure}"),
        None => panic!("absent"),
    })
}

#[track_caller]
fn absent_because<T: std::fmt::Debug>(reading: &Reading<T>) -> &str {
    match reading {
        Reading::Absent { note } => note,
        other => panic!("{other:?}"),
    }
}

const REPORT: &str = "# LOG8415 TP1\n\nZoé Étoile, Bianchi Luca\n\n## Introduction\n\nThe purpose of this lab is a cluster.\n\n\
    ## Architecture\n\nA load balancer and nine instances.\n\n![diagram](a.png)\n\n## Prerequisites\n\npip install boto3\n\n\
    ## Deployment procedure\n\n`python up.py` launches nine instances.\n\n## How to run\n\n```\nbash scripts.sh\n```\n\n## Benchmark results\n\nThe mean was 38 ms, and no request failed.\n\n\
    ## Known issues\n\nNone left.\n\nWe chose Flask because it is small. At the end, terraform destroy.\n\n## Team contributions\n\nZoé Étoile wrote the client, Luca Bianchi wrote the rest.\n";

#[test]
fn source_is_counted_and_the_rest_is_told() {
    let utf16: Vec<u8> = "\u{feff}# why\r\nx = 1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let fixture = Fixture::new(&[
        (
            "main.py",
            b"\"\"\"Doc.\"\"\"\r\nimport boto3\r\n\r\ndef f():\r\n    return boto3.client('ec2').run_instances()\r\n",
        ),
        ("utf16.py", &utf16),
        ("latin.sh", b"#!/bin/sh\n# d\xe9ploie\necho caf\xe9\n"),
        ("run", b"#!/usr/bin/env bash\naws elbv2 create-load-balancer --name lb\n"),
        ("venv/lib/site-packages/big.py", b"x = 1\n"),
        ("logo.png", b"\x89PNG\0\0"),
        ("data.py", b"\0\0\0binary"),
        ("README.md", b"# Lab\n\n## Usage\n\nRun it.\n"),
        ("link:evil.py", b"/etc/passwd"),
    ]);
    let code = fixture.code();
    let files: Vec<String> = observed(&code.files)
        .iter()
        .map(|file| format!("{} {} {}+{}+{}", file.path, file.language, file.code, file.comments, file.blanks))
        .collect();
    assert_eq!(files, ["latin.sh Shell 2+1+0", "main.py Python 3+1+1", "run BASH 2+0+0", "utf16.py Python 1+1+0"]);
    let left_out = observed(&code.left_out);
    assert_eq!(left_out["symbolic link"].examples, ["evil.py"]);
    assert_eq!(left_out.values().map(|group| group.files).sum::<u64>(), 5, "{left_out:?}");

    let documentation = observed(&code.documentation);
    assert_eq!((documentation.code, documentation.comments, documentation.files), (8, 3, 4));
    assert!((documentation.comment_ratio - 0.2727).abs() < 1e-9);
    assert_eq!((documentation.definitions, documentation.documented_ratio), (1, Some(0.0)));
    assert_eq!(documentation.worst[0].name, "f");

    let calls: Vec<String> = observed(&code.cloud_calls)
        .iter()
        .map(|call| format!("{}:{} {}", call.path, call.line, call.operation))
        .collect();
    assert_eq!(calls, ["main.py:5 run_instances", "run:2 create_load_balancer"]);
    assert!(observed(&code.readme).says_how_to_run);
}

#[test]
fn an_empty_repository_has_no_documentation_but_an_answer() {
    let code = Fixture::new(&[("notes.txt", b"hello")]).code();
    assert_eq!(observed(&code.files).len(), 0);
    assert_eq!(observed(&code.cloud_calls).len(), 0);
    assert!(absent_because(&code.documentation).contains("no program"));
    assert!(absent_because(&code.readme).contains("README.md"));
}

#[test]
fn a_missing_blob_makes_the_counts_unreadable_and_not_smaller() {
    let fixture = Fixture::new(&[("a.py", b"x = 1\n"), ("b.py", b"y = 2\n"), ("README.md", b"# Lab\n")]);
    let mut files = fixture.tree();
    files[2].id = [0xff; 20];
    let code = stackmark_code::read(
        &ObjectDatabase(&fixture.repo),
        &Graded::all_own(&files),
        &everything(),
        &Limits::default(),
    );
    assert_eq!(code.files.failure().unwrap().cause, Cause::Malformed);
    assert!(code.documentation.failure().unwrap().detail.contains("b.py"));
    assert!(code.readme.value().is_some(), "the README is another file");
}

#[test]
fn what_stands_in_git_lfs_is_not_read_and_not_lost() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 2400\n";
    let code = Fixture::new(&[("README.md", pointer), ("deploy.py", pointer), ("photo.png", pointer)]).code();
    assert!(code.readme.failure().unwrap().detail.contains("Git LFS"), "{:?}", code.readme);
    assert!(code.documentation.failure().unwrap().detail.contains("deploy.py"), "{:?}", code.documentation);
    let aside = observed(&code.set_aside);
    assert_eq!((aside.groups.len(), aside.groups[0].files, aside.groups[0].bytes), (1, 1, 2_400), "{aside:?}");
    assert_eq!(aside.of_reading("code.cloud_calls").len(), 1);
}

#[test]
fn notebooks_count_with_their_cells_and_without_their_outputs() {
    let notebook = br##"{"cells": [
        {"cell_type": "markdown", "source": ["Why it is measured."]},
        {"cell_type": "code", "source": ["import boto3\n", "def latency():\n", "    return boto3.client('cloudwatch').get_metric_data()\n"], "outputs": [{"text": ["1\n", "2\n"]}]}
    ], "metadata": {}}"##;
    let code = Fixture::new(&[("measure.ipynb", notebook)]).code();
    let file = &observed(&code.files)[0];
    assert_eq!((file.language.as_str(), file.code, file.comments), ("Python", 3, 1));
    assert_eq!(observed(&code.cloud_calls)[0].operation, "get_metric_data");
    assert_eq!(observed(&code.documentation).definitions, 1);
}

#[test]
fn files_of_the_course_neither_lose_nor_earn() {
    let given = "def given(value):\n    return value\n\n\n".repeat(30);
    let fixture = Fixture::new(&[
        ("starter.py", given.as_bytes()),
        ("README.md", b"# Starter\n\nRun it with the words of the course, which are many and explain all.\n\n```\nmake run\n```\n"),
        ("ours.py", b"\"\"\"Sums the load.\"\"\"\n\n\ndef total(values):\n    \"\"\"Sum of the values; 0 where there is none.\"\"\"\n    return sum(values)\n"),
    ]);
    let files = fixture.tree();
    let starter: Vec<TreeFile> = files.iter().filter(|file| file.path != "ours.py").cloned().collect();
    let blobs = ObjectDatabase(&fixture.repo);
    let graded = Graded { files: &files, elsewhere: &[], starter: Ok(&starter) };
    let code = stackmark_code::read(&blobs, &graded, &everything(), &Limits::default());
    let documentation = observed(&code.documentation);
    assert_eq!((documentation.files, documentation.starter_files), (1, 1));
    assert_eq!((documentation.definitions, documentation.documented_definitions), (1, 1));
    assert!(absent_because(&code.readme).contains("README.md is the course's"), "{:?}", code.readme);
    assert_eq!(observed(&code.starter).unchanged, ["README.md", "starter.py"]);
    // Without a base commit, all of it is the team's.
    assert_eq!(observed(&fixture.code().documentation).definitions, 31);
}

/// The files of the demo's good team, as its repository has them.
fn falcon() -> Fixture {
    fn gather(folder: &std::path::Path, under: &str, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{under}{}", if name == "gitignore" { ".gitignore" } else { &name });
            if entry.path().is_dir() {
                gather(&entry.path(), &format!("{path}/"), files);
            } else {
                files.push((path, std::fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    gather(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo/falcon/files"), "", &mut files);
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    Fixture::new(&files)
}

#[test]
fn cases_of_checks_start_from_what_is_read_of_the_demo() {
    let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks/base.json");
    let base: serde_json::Value = serde_json::from_slice(&std::fs::read(base).unwrap()).unwrap();
    let read = serde_json::to_value(falcon().code()).unwrap();
    let differing: Vec<&String> = read
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, value)| base["code"][*name] != **value)
        .map(|(name, _)| name)
        .collect();
    let shown = serde_json::to_string_pretty(&read).unwrap();
    assert!(differing.is_empty(), "{differing:?} of tests/checks/base.json should be as in\n{shown}");
}

#[test]
fn a_password_is_no_credential_where_it_opens_nothing() {
    let password = b"variable \"db_password\" { default = \"hunter2hunter2\" }\n";
    let fixture = Fixture::new(&[
        ("tests/login.tf", password),
        ("tests/test_login.py", b"password = 'Tr0ub4dor3'\n"),
        ("docker-compose.yml", b"    POSTGRES_PASSWORD: postgres\n"),
        ("infra/variables.tf", password),
        ("settings.py", b"password = 'Tr0ub4dor3'\n"),
    ]);
    let code = fixture.code();
    let paths: Vec<&str> = observed(&code.credentials).iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["infra/variables.tf", "settings.py"]);
}

#[test]
fn rules_of_a_course_can_be_judged_by_what_the_files_say() {
    // Put together here, so that nobody takes it for a leak.
    let env = format!("# the shared key\nAWS_ACCESS_KEY_ID={}{}\nSTAGE=\n", "AKIA", "Q4WZ7RTX2MPL9KJD");
    let fixture = Fixture::new(&[
        (".env", env.as_bytes()),
        ("tf/variables.tf", b"variable \"region\" {\n  type = string\n  description = \"where\"\n}\nvariable \"db_password\" { default = \"hunter2hunter2\" }\noutput \"url\" { value = aws_elb.a.dns_name }\n"),
        ("tf/main.tf", b"resource \"aws_instance\" \"web\" {\n  user_data = templatefile(\"${path.module}/setup.sh.tpl\", { a = 1 })\n  provisioner \"local-exec\" { command = \"true\" }\n}\n"),
        ("tf/setup.sh.tpl", b"#!/bin/bash\nyum install -y httpd\n"),
        ("old/cloud-init.yaml", b"#cloud-config\npackages: [php]\n"),
        ("go.py", b"import os as o\nfrom time import sleep as wait\no.system('x')\nwait(1)\nwait(2)\nboto3.client('ec2').x()\n"),
        ("run.sh", b"# where it goes\nREGION=us-east-1\nsudo /usr/bin/aws ec2 describe-vpcs\ncurl -s x | jq .\n"),
        ("web/app.ts", b"import fs from 'fs';\nexport const f = () => fs.promises.rm('x');\nnew Map();\n"),
        ("Dockerfile", b"FROM debian\nRUN apt-get install -y curl && wget x\n"),
        ("logo.png", b"\x89PNG\0\0"),
    ]);
    let code = fixture.code();
    let secrets: Vec<String> = observed(&code.credentials)
        .iter()
        .map(|c| format!("{}:{} {} {}", c.path, c.line, c.kind, c.redacted))
        .collect();
    assert_eq!(
        secrets,
        [".env:2 aws access key AKIA…[redacted aws access key]", "tf/variables.tf:5 password …[redacted password]",]
    );

    let variables: Vec<String> = observed(&code.variables)
        .iter()
        .map(|v| {
            let sign = |is: bool| if is { "+" } else { "-" };
            let value = v.value.as_deref().unwrap_or("none");
            format!("{} {} {} {}{} {value}", v.tool, v.kind, v.name, sign(v.has_default), sign(v.has_description))
        })
        .collect();
    assert_eq!(
        variables,
        [
            "env variable AWS_ACCESS_KEY_ID ++ AKIA…[redacted aws access key]",
            "env variable STAGE -- ",
            "shell variable REGION ++ us-east-1",
            "terraform variable region -+ none",
            "terraform variable db_password +- \"…[redacted password]\"",
            "terraform output url -- aws_elb.a.dns_name",
        ]
    );
    let calls: Vec<String> =
        observed(&code.calls).iter().map(|c| format!("{} {}:{} {}", c.language, c.name, c.line, c.count)).collect();
    for call in [
        "python os.system:3 1",
        "python time.sleep:4 2",
        "python .x:6 1",
        "shell sudo:3 1",
        "shell aws ec2 describe-vpcs:3 1",
        "shell jq:4 1",
        "typescript fs.promises.rm:2 1",
        "typescript Map:3 1",
        "terraform provisioner.local-exec:3 1",
        "terraform templatefile:2 1",
        "dockerfile wget:2 1",
    ] {
        assert!(calls.contains(&call.to_owned()), "{call} is not among {calls:#?}");
    }
    let scripts: Vec<String> = observed(&code.user_data)
        .iter()
        .map(|u| format!("{}:{} {} {}", u.path, u.line, u.script.as_deref().unwrap_or("-"), u.installs.join(" ")))
        .collect();
    assert_eq!(scripts, ["old/cloud-init.yaml:1 old/cloud-init.yaml php", "tf/main.tf:1 tf/setup.sh.tpl httpd"]);
    let tree = observed(&code.tree);
    assert_eq!((tree.total, tree.truncated, tree.files.len()), (10, false, 10));

    let nothing = stackmark_code::read(
        &ObjectDatabase(&fixture.repo),
        &Graded::all_own(&fixture.tree()),
        &std::collections::BTreeSet::new(),
        &Limits::default(),
    );
    assert_eq!(nothing.declared.failure().unwrap().cause, Cause::NotCollected, "no check asked for it");
}

#[test]
fn a_report_is_found_among_other_documents() {
    let fixture = Fixture::new(&[
        ("README.md", "# Lab\n\nWords. ".repeat(200).as_bytes()),
        ("TP1/Énoncé TP1.md", REPORT.as_bytes()),
        ("TP1/Rapport TP1.md", REPORT.as_bytes()),
        ("TP1/~$rapport.docx", b"lock"),
        ("requirements.txt", b"boto3\n"),
        ("venv/lib/site-packages/report.md", REPORT.as_bytes()),
    ]);
    let report = fixture.report();
    let document = observed(&report.document);
    assert_eq!(document.path, "TP1/Rapport TP1.md");
    assert_eq!((document.format.as_str(), document.language.as_str(), document.figures), ("markdown", "en", Some(1)));
    assert!(document.chosen_because.starts_with("its name says report: "), "{}", document.chosen_because);
    assert!(document.chosen_because.contains("2 members named"), "{}", document.chosen_because);
    assert!(
        document.others.contains(&"TP1/Énoncé TP1.md: an assignment statement".to_owned()),
        "{:?}",
        document.others
    );
    assert!(!document.others.iter().any(|other| other.contains("venv")), "{:?}", document.others);

    let parts = observed(&report.parts);
    let missing: Vec<&str> =
        parts.iter().filter(|(_, part)| part.found == "missing").map(|(id, _)| id.as_str()).collect();
    assert_eq!(missing, ["access", "configuration", "done", "map", "monitoring"]);
    assert_eq!(parts["teardown"].found, "text");
    assert_eq!(parts["deployment"].place.as_deref(), Some("line 19"));
    let told = &observed(&report.contributions).members;
    assert!(!told.is_empty() && told.iter().all(|member| member.place.as_deref() == Some("line 41")), "{told:?}");
    let claims: Vec<String> =
        observed(&report.claims).iter().map(|it| format!("{} {} {:?}", it.kind, it.value, it.exists)).collect();
    let expected = ["figure a.png Some(false)", "command up.py Some(false)", "command scripts.sh Some(false)"];
    assert_eq!(claims, expected);

    let members = observed(&report.members_named);
    assert_eq!((members.named.len(), members.missing.len()), (2, 0));
}

#[test]
fn content_decides_where_names_do_not() {
    let statement =
        "# TP1\n\nYou must deploy. Your report is due. The due date is Friday. You will be graded. Teams of 3.\n"
            .repeat(5);
    let fixture = Fixture::new(&[
        ("LOG8415_TP1.md", statement.as_bytes()),
        ("docs/work.md", format!("{REPORT}\n{}", "More words here. ".repeat(60)).as_bytes()),
    ]);
    let report = fixture.report();
    let document = observed(&report.document);
    assert_eq!(document.path, "docs/work.md");
    assert!(document.others.iter().any(|other| other.contains("assignment statement")), "{:?}", document.others);
}

#[test]
fn a_name_alone_makes_no_report() {
    let report = Fixture::new(&[
        (".github/ISSUE_TEMPLATE/bug_report.md", REPORT.as_bytes()),
        ("report.md", b"TODO\n"),
        ("TP1.md", REPORT.as_bytes()),
    ])
    .report();
    assert_eq!(observed(&report.document).path, "TP1.md");
}

#[test]
fn what_a_program_printed_and_a_sprint_s_notes_do_not_stand_for_a_report() {
    let printed = "tests/test_client.py::test_one PASSED [ 10%]\nRequests: 1000 ok=998 p95=44ms\n".repeat(40);
    let notes =
        "# Sprint 3 report\n\nAda is late. Ben will look at it on Monday. We meet on Friday at ten.\n".repeat(5);
    for (name, text) in [("report.txt", &printed), ("report.md", &notes), ("sprint-3-report.md", &notes)] {
        let found = Fixture::new(&[(name, text.as_bytes()), ("TP1.md", REPORT.as_bytes())]).report();
        assert_eq!(observed(&found.document).path, "TP1.md", "beside {name}");
        assert_eq!(observed(&found.document).doubt, None);
    }
    let long = format!("{REPORT}\n{}", "More words here. ".repeat(60));
    let found = Fixture::new(&[("report.txt", printed.as_bytes()), ("README.md", long.as_bytes())]).report();
    assert_eq!(observed(&found.document).path, "README.md");
    let alone = Fixture::new(&[("report.txt", printed.as_bytes())]).report();
    assert_eq!(observed(&alone.document).doubt.as_deref(), Some("it reads as what a program printed"));
}

#[test]
fn a_short_readme_is_a_question_and_no_cliff() {
    let of = |words: usize| {
        let text =
            format!("# Lab\n\n## How to run\n\nRun `python main.py` from the root.\n\n{}", "word ".repeat(words - 10));
        Fixture::new(&[("README.md", text.as_bytes())]).report()
    };
    assert!(matches!(of(90).document, Reading::Absent { .. }));
    let short = of(190);
    assert_eq!(
        observed(&short.document).doubt.as_deref(),
        Some("a README of 190 words may not be meant as the report")
    );
    assert_eq!(observed(&short.parts)["running"].found, "weak");
    let long = of(210);
    assert_eq!(
        (observed(&long.document).doubt.as_deref(), observed(&long.parts)["running"].found.as_str()),
        (None, "heading")
    );
}

#[test]
fn a_report_and_a_readme_beside_the_graded_folder_are_seen() {
    let beside = |files: &[(&str, &[u8])], named: Option<&str>| {
        let fixture = Fixture::new(files);
        let (own, others): (Vec<_>, Vec<_>) =
            fixture.tree().into_iter().partition(|file| file.path.starts_with("TP1/"));
        let team = Team { folder: Some("TP1".into()), ..team(&["Zoé Étoile", "Luca Bianchi"]) };
        let report =
            stackmark_report::read_beside(&ObjectDatabase(&fixture.repo), &own, &others, named, &team, &limits());
        let readme = stackmark_code::readme_beside(&ObjectDatabase(&fixture.repo), &others, "TP1", &Limits::default());
        (report, readme)
    };
    let files: &[(&str, &[u8])] = &[
        ("README.md", b"# Labs\n\n## How to run\n\nCall `python TP1/main.py`.\n"),
        ("Lab 1 Report.md", REPORT.as_bytes()),
        ("Lab 2 Report.md", REPORT.as_bytes()),
        ("TP2/report.md", REPORT.as_bytes()),
        ("TP1/main.py", b"print(1)\n"),
    ];
    let (report, readme) = beside(files, None);
    let document = observed(&report.document);
    assert_eq!(document.path, "Lab 1 Report.md");
    assert!(document.chosen_because.starts_with("it stands beside the graded folder"), "{}", document.chosen_because);
    assert_eq!(observed(&readme).path, "README.md");
    assert!(observed(&readme).says_how_to_run);
    let (named, _) = beside(files, Some("Lab 2 Report.md"));
    assert_eq!(observed(&named.document).path, "Lab 2 Report.md");

    let (own, _) = beside(&[("report.md", REPORT.as_bytes()), ("TP1/rapport.md", REPORT.as_bytes())], None);
    assert_eq!(observed(&own.document).path, "TP1/rapport.md", "the folder's own comes first");
    let (other, _) = beside(&[("TP2/report.md", REPORT.as_bytes()), ("TP1/a.py", b"x = 1\n")], None);
    assert!(matches!(other.document, Reading::Absent { .. }), "another assignment's: {:?}", other.document);
}

#[test]
fn a_long_markdown_is_read_elsewhere_and_one_without_an_end_is_refused() {
    let long = format!("{REPORT}\n{}", "More words here.\n\n".repeat(20_000));
    assert_eq!(observed(&Fixture::new(&[("report.md", long.as_bytes())]).report().document).path, "report.md");
    let endless = "word ".repeat(1 << 20);
    let failure = Fixture::new(&[("report.md", endless.as_bytes())]).report().document.failure().unwrap().clone();
    assert_eq!(failure.cause, Cause::Refused);
    assert!(failure.detail.contains("more text than the 1 MiB"), "{failure}");
}

#[test]
fn a_readme_is_the_report_only_when_it_must_and_can() {
    let long = format!("{REPORT}\n{}", "More words here. ".repeat(60));
    let report = Fixture::new(&[("README.md", long.as_bytes())]).report();
    let document = observed(&report.document);
    assert_eq!(document.path, "README.md");
    assert!(document.chosen_because.starts_with("no other document is a report"), "{}", document.chosen_because);

    let short = Fixture::new(&[
        ("README.md", b"# Lab\n"),
        ("plots/cpu plot.pdf", b"%PDF-1.4"),
        ("webapp/README.md", long.as_bytes()),
    ])
    .report();
    let note = absent_because(&short.document);
    assert!(
        note.starts_with(
            "no .md, .pdf, .docx, .odt, .tex, .ipynb or .txt file looks like a report; put it at report.md"
        ),
        "{note}"
    );
    assert!(note.contains("README.md: a README of 1 word;") && note.contains("a plot or a diagram"), "{note}");
    assert!(matches!(short.parts, Reading::Absent { .. }));
}

#[test]
fn what_is_no_report_does_not_take_the_report_of_the_readme_away() {
    let long = format!("{REPORT}\n{}", "More words here. ".repeat(60));
    let code = br#"{"cells": [{"cell_type": "code", "source": "import boto3"}]}"#.as_slice();
    for (path, content) in
        [("analysis.ipynb", code), ("report.ipynb", code), ("arch.docx", b"PK cut off"), ("plot.pdf", b"%PDF")]
    {
        let report = Fixture::new(&[(path, content), ("README.md", long.as_bytes())]).report();
        assert_eq!(observed(&report.document).path, "README.md", "{path}");
    }
    // A README of little is no whole report, and what does not open may be it.
    let usage = format!("# Lab\n\n## Usage\n\n{}", "Call the script with the name of the cluster. ".repeat(60));
    let open = Fixture::new(&[("arch.docx", b"PK cut off".as_slice()), ("README.md", usage.as_bytes())]).report();
    assert_eq!(open.document.failure().map(|failure| failure.cause), Some(Cause::Malformed));
}

#[test]
fn a_report_that_does_not_open_is_unreadable_and_not_another() {
    let long = format!("{REPORT}\n{}", "More words here. ".repeat(60));
    let fixture = Fixture::new(&[("rapport.pdf", b"%PDF-1.4 cut off"), ("README.md", long.as_bytes())]);
    let report = fixture.report();
    let failure = report.document.failure().unwrap();
    assert_eq!(failure.cause, Cause::Malformed);
    assert!(failure.detail.starts_with("rapport.pdf: "), "{failure}");
    assert!(report.parts.failure().is_some() && report.members_named.failure().is_some());

    let limits = Limits { file_bytes: 8, ..limits() };
    let report = stackmark_report::read(&ObjectDatabase(&fixture.repo), &fixture.tree(), &team(&[]), &limits);
    assert_eq!(report.document.failure().unwrap().cause, Cause::Refused);

    let both = Fixture::new(&[
        ("rapport.pdf", b"%PDF-1.4 cut off"),
        ("rapport.tex", b"\\documentclass{article}\n\\section{But}\nle but de ce travail\n"),
    ]);
    assert_eq!(observed(&both.report().document).path, "rapport.tex", "its source is at hand");
}

#[test]
fn names_with_accents_spaces_and_endings_twice_are_found() {
    for path in
        ["tp1.pdf.md", "Rapport d'e\u{301}quipe (final).md", "docs/Compte-rendu é & co.markdown", "TP 1/LOG8415 #1.md"]
    {
        let document = Fixture::new(&[(path, REPORT.as_bytes()), ("README.md", b"# Lab\n")]).report().document;
        assert_eq!(observed(&document).path, path);
    }
}

#[test]
fn a_wiki_is_one_document_in_the_order_of_its_index() {
    let (head, tail) = REPORT.split_at(REPORT.find("## Prerequisites").unwrap());
    let fixture = Fixture::new(&[
        ("wiki/Home.md", b"# Handover\n\n[Second](The%20end) after [the first](10-first.md)\n[First](10-first)\n"),
        ("wiki/10-first.md", head.as_bytes()),
        ("wiki/2-more.md", b"More words.\n".repeat(90).as_slice()),
        ("wiki/The end.md", tail.as_bytes()),
        ("README.md", b"# Lab\n"),
    ]);
    let report = fixture.report();
    let document = observed(&report.document);
    assert_eq!(document.path, "wiki");
    assert_eq!(document.files, ["wiki/Home.md", "wiki/The end.md", "wiki/10-first.md", "wiki/2-more.md"]);
    assert!(document.chosen_because.ends_with("; it is made of 4 files"), "{}", document.chosen_because);
    assert_eq!(document.others, ["README.md: a README of 1 word"], "its own pages are no others");
    let results = &observed(&report.parts)["results"];
    assert_eq!(results.place.as_deref(), Some("line 15 of wiki/The end.md"));
    assert_eq!((document.code_listings, document.tables, document.figures), (Some(1), Some(0), Some(1)));
    assert_eq!(document.figure_list[0].path.as_deref(), Some("a.png"));
    assert_eq!(document.links[0].place, "line 3 of wiki/Home.md");

    let split = [("rapport/1.md", head.as_bytes()), ("rapport/2.md", tail.as_bytes()), ("tp1.md", REPORT.as_bytes())];
    assert_eq!(observed(&Fixture::new(&split).report().document).path, "rapport");
    let notes = [("docs/a.md", b"# Notes\n".as_slice()), ("docs/b.md", b"To do.\n"), ("tp1.md", REPORT.as_bytes())];
    assert_eq!(observed(&Fixture::new(&notes).report().document).path, "tp1.md", "notes are no report");
}

#[test]
fn a_report_in_an_archive_is_found_and_the_archive_of_code_is_none() {
    let zipped = |name: &str, text: &str| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in [(name, text), ("tp1/scripts.sh", "ls\n")] {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    let report = Fixture::new(&[("tp1.zip", &zipped("tp1/rapport.md", REPORT)), ("README.md", b"# Lab\n")]).report();
    let document = observed(&report.document);
    assert_eq!((document.path.as_str(), document.files[0].as_str()), ("tp1.zip", "tp1.zip/tp1/rapport.md"));
    let code = Fixture::new(&[("tp1.zip", &zipped("main.py", "x = 1\n"))]).report();
    assert!(absent_because(&code.document).contains("tp1.zip: an archive without a report"));
}

#[test]
fn what_git_lacks_and_what_is_not_read_is_said_and_costs_nothing() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n".as_slice();
    let long = format!("{REPORT}\n{}", "More words here. ".repeat(60));
    for (path, content, says) in [
        ("report.pdf", pointer, "rapport"),
        ("rapport.doc", b"\xd0\xcf\x11\xe0", "save it as PDF or DOCX"),
        ("Rapport final.pages", b"PK", "export it as PDF"),
        ("rapport.html", b"<p>x</p>", "print it to a PDF"),
        ("link:report.md", b"../../etc/passwd", "a symbolic link out of what is graded"),
    ] {
        let report = Fixture::new(&[(path, content), ("README.md", long.as_bytes())]).report();
        let failure = report.document.failure().unwrap_or_else(|| panic!("{path}: {:?}", report.document));
        assert_eq!(failure.cause, Cause::Refused);
        let says = if says == "rapport" { "a pointer to Git LFS, whose files are not fetched" } else { says };
        assert!(failure.detail.contains(says), "{failure}");
    }
    let linked = Fixture::new(&[("link:docs/report.md", b"../text/notes.md"), ("text/notes.md", REPORT.as_bytes())]);
    let document = linked.report().document;
    assert_eq!(observed(&document).path, "text/notes.md");
    assert!(observed(&document).chosen_because.starts_with("its name says report"));
}

#[test]
fn the_report_that_is_named_is_read_and_no_other() {
    let fixture = Fixture::new(&[
        ("report.md", REPORT.as_bytes()),
        ("Docs/De\u{301}tails.md", b"# Details\n\nThe very report.\n"),
        ("pages/a.md", b"# A\n"),
        ("pages/b.md", b"# B\n"),
    ]);
    let named = |path: &str| {
        stackmark_report::read_named(&ObjectDatabase(&fixture.repo), &fixture.tree(), Some(path), &team(&[]), &limits())
            .document
    };
    let document = named("./Docs/Détails.md");
    assert_eq!(observed(&document).headings, ["Details"], "accents may be written in two ways");
    assert!(observed(&document).chosen_because.starts_with("it is named as the report: "));
    assert_eq!(observed(&named("pages/")).files, ["pages/a.md", "pages/b.md"]);
    let failure = named("final/Report.md").failure().unwrap().clone();
    assert_eq!(failure.cause, Cause::Unreachable, "a path that is not there is nobody's lost points");
    assert!(failure.detail.ends_with("the graded commit has no such file (there is report.md)"), "{failure}");
}

#[test]
fn reading_twice_gives_the_same() {
    let fixture =
        Fixture::new(&[("a.py", b"import boto3\n"), ("report.md", REPORT.as_bytes()), ("tp1.md", REPORT.as_bytes())]);
    assert_eq!(fixture.report(), fixture.report());
    assert_eq!(fixture.code(), fixture.code());
}

#[test]
fn a_report_in_another_format_or_place_is_not_missing() {
    let adoc = REPORT.replace("## ", "== ").replace("# ", "= ");
    let document = Fixture::new(&[("report.adoc", adoc.as_bytes()), ("README.md", b"# Lab\n")]).report().document;
    assert_eq!(observed(&document).path, "report.adoc");
    assert!(observed(&document).headings.len() > 3, "{:?}", observed(&document).headings);
    let slides = Fixture::new(&[("report.pptx", b"PK"), ("README.md", b"# Lab\n")]).report().document;
    assert_eq!(
        slides.failure().unwrap().detail,
        "report.pptx: slides are not read; export them as PDF, and commit that"
    );

    let link = "Our report: https://www.overleaf.com/read/abc\n";
    let short = Fixture::new(&[("README.md", format!("# Lab\n\n{link}").as_bytes())]).report();
    let failure = short.document.failure().unwrap();
    assert_eq!(failure.cause, Cause::Refused);
    assert!(failure.detail.starts_with("README.md, line 3 leads to a document outside"), "{failure}");
    // A README that is the report as well keeps what it has.
    let long = format!("{REPORT}\n{}\n\n{link}", "More words here. ".repeat(60));
    let before = Fixture::new(&[("README.md", long.replace(link, "").as_bytes())]).report();
    let after = Fixture::new(&[("README.md", long.as_bytes())]).report();
    for (id, part) in observed(&before.parts) {
        let now = &observed(&after.parts)[id];
        if part.found == PartFound::Missing {
            assert_eq!((now.found, now.quote.as_deref()), (PartFound::Weak, Some("https://www.overleaf.com/read/abc")));
        } else {
            assert_eq!(now.found, part.found, "{id}");
        }
    }
}

#[test]
fn a_readme_that_is_not_read_is_not_missing() {
    let readme = |path: &str| Fixture::new(&[(path, b"%PDF-1.4"), ("a.py", b"a = 1\n")]).code().readme;
    assert_eq!(readme("README.pdf").failure().unwrap().cause, Cause::Refused);
    assert!(matches!(readme("README.png"), Reading::Absent { .. }));
}
