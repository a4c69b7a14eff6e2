//! What a reading did not look into is never "not there": it counts by evidence, or a person is asked.

use std::sync::Arc;

use crate::support::history::{History, START};
use crate::support::people::{ANA, LEO, lines, member, team_of};
use stackmark_aws::AwsAccess;
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::{Disruption, Settings, Silent};
use stackmark_evidence::git::Contribution;
use stackmark_evidence::unread::{UnreadFiles, WhyUnread};
use stackmark_evidence::{Cause, Evidence, SetAside, SetAsideKind, Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_plan::Plan;

/// Ana and Léo.
fn team() -> Team {
    team_of(vec![member("ana", ANA), member("leo", LEO)])
}

fn ana(history: &History) -> &History {
    history.as_author(ANA.0, ANA.1)
}

fn leo(history: &History) -> &History {
    history.as_author(LEO.0, LEO.1)
}

fn collected(history: &History, change: impl FnOnce(&mut TeamJob)) -> Evidence {
    let mut job = TeamJob {
        team: team(),
        repository: RepositorySource {
            location: history.path().to_string_lossy().into_owned(),
            ..RepositorySource::default()
        },
        aws: AwsAccess::default(),
        tags: std::collections::BTreeMap::new(),
        base_url: None,
        live: false,
        disruption: Disruption::NotAsked,
        not_again: None,
    };
    change(&mut job);
    let readings = ["git.contribution", "code.files", "code.documentation", "report.document"].map(str::to_owned);
    let plan = Plan { readings: readings.into(), ..Plan::default() };
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    let settings = Settings::default();
    let collecting = collect_team(job, &plan, &settings, tool, "2026-11-20T10:00:00Z".to_owned(), Arc::new(Silent));
    tokio::runtime::Runtime::new().expect("a runtime").block_on(collecting)
}

fn contribution(evidence: &Evidence) -> &Contribution {
    evidence.git.contribution.value().unwrap_or_else(|| panic!("{:?}", evidence.git.contribution))
}

fn aside<'e>(evidence: &'e Evidence, reading: &str) -> &'e [SetAside] {
    evidence.git.set_aside.get(reading).map_or(&[], Vec::as_slice)
}

/// A notebook whose cells hold `source`, each with a picture that it printed.
fn notebook(source: &str, printed: &str) -> String {
    let cells: Vec<serde_json::Value> = source
        .split_inclusive("\n\n")
        .map(|cell| {
            serde_json::json!({"cell_type": "code", "source": cell, "outputs": [{"data": {"image/png": printed}}]})
        })
        .collect();
    serde_json::json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}

/// What was not read of the files and could change a reading of the code.
fn of_code(evidence: &Evidence, path: &str) -> Vec<UnreadFiles> {
    evidence.code.set_aside.value().expect("observed").of_reading(path).into_iter().cloned().collect()
}

#[test]
fn cells_of_notebooks_are_work_and_their_outputs_are_not() {
    let history = History::new();
    ana(&history).write("deploy.py", lines("deploy", 40)).commit("Deploy the cluster");
    leo(&history).write("analysis.ipynb", notebook(&lines("metric", 40), "AAAA")).commit("Analyse the metrics");
    let pictures = "BBBB".repeat(50_000);
    ana(&history).write("analysis.ipynb", notebook(&lines("metric", 40), &pictures)).commit("Run the analysis again");
    let evidence = collected(&history, |_| {});
    let found = contribution(&evidence);
    let [ana, leo] = &found.members[..] else { panic!("two members") };
    assert_eq!((ana.work.lines, leo.work.lines), (40.0, 40.0), "running a notebook again is no work");
    assert_eq!((ana.surviving.lines, leo.surviving.lines), (40.0, 40.0));
    assert!(aside(&evidence, "contribution").is_empty(), "{:?}", evidence.git.set_aside);
    let files = evidence.code.files.value().expect("files");
    assert!(files.iter().any(|it| it.path == "analysis.ipynb" && it.code > 0), "cells are code: {files:?}");
}

#[test]
fn a_notebook_that_cannot_be_read_is_set_aside() {
    let history = History::new();
    ana(&history).write("deploy.py", lines("deploy", 20)).commit("Deploy the cluster");
    leo(&history).write("analysis.ipynb", lines("metric", 200)).commit("Analyse the metrics");
    let evidence = collected(&history, |_| {});
    let [found] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
    assert!(found.kind == SetAsideKind::Notebook && found.is_doubtful(), "{found:?}");
}

#[test]
fn code_in_a_folder_called_build_counts() {
    for folder in ["build", "target", "out", "dist", "vendor", "coverage"] {
        let history = History::new();
        ana(&history).write("src/a.py", lines("a", 30)).commit("Launch the instances");
        leo(&history).write(&format!("{folder}/image.py"), lines("image", 30)).commit("Bake the image");
        let evidence = collected(&history, |_| {});
        assert!((contribution(&evidence).evenness - 1.0).abs() < 1e-9, "{folder}: {:?}", contribution(&evidence));
        let files = evidence.code.files.value().map(Vec::len);
        assert_eq!(files, Some(2), "{folder}: code and history count the same");
    }
}

#[test]
fn own_code_in_a_folder_for_packages_is_open() {
    for folder in ["venv", ".venv", "node_modules/x"] {
        let history = History::new();
        let path = format!("{folder}/app.py");
        ana(&history).write("src/a.py", lines("a", 30)).commit("Launch the instances");
        leo(&history).write(&path, lines("b", 30)).commit("Create the load balancer");
        let evidence = collected(&history, |_| {});
        for reading in ["contribution", "atomicity"] {
            let [found] = aside(&evidence, reading) else { panic!("{folder}: {:?}", evidence.git.set_aside) };
            assert!(found.kind == SetAsideKind::ExcludedPath && found.is_doubtful(), "{found:?}");
            assert_eq!(found.examples, std::slice::from_ref(&path));
        }
        assert!(!of_code(&evidence, "code.documentation").is_empty(), "{folder}: read as little by the code");
        for installed in ["pyvenv.cfg", "package.json"] {
            ana(&history).write(&format!("{folder}/{installed}"), "{}\n").commit("Install the packages");
        }
        let evidence = collected(&history, |_| {});
        assert!(aside(&evidence, "contribution").is_empty(), "{folder}: {:?}", evidence.git.set_aside);
    }
}

#[test]
fn what_a_tool_made_does_not_count_and_leaves_nothing_open() {
    let history = History::new();
    ana(&history).write("src/a.ts", lines("a", 30)).commit("Launch the instances");
    leo(&history).write("dist/a.js", lines("b", 900)).write("vendor/x/LICENSE", "MIT\n").commit("Build it");
    leo(&history).write("vendor/x/x.go", lines("x", 900)).remove("dist/a.js").commit("Add the library");
    let evidence = collected(&history, |_| {});
    assert!(contribution(&evidence).evenness.abs() < 1e-9);
    assert!(
        aside(&evidence, "contribution").iter().all(|it| it.kind != SetAsideKind::ExcludedPath || !it.is_doubtful())
    );
}

#[test]
fn where_it_cannot_be_told_a_person_is_asked_and_the_roster_can_say() {
    let history = History::new();
    ana(&history).write("package.json", "{}\n").write("src/a.js", lines("a", 30)).commit("Launch the instances");
    leo(&history).write("build/webpack.conf.js", lines("b", 30)).commit("Configure the build");
    let evidence = collected(&history, |_| {});
    let [found] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
    assert_eq!((found.kind, found.files, found.commits), (SetAsideKind::ExcludedPath, 1, 1));
    assert!(found.is_doubtful() && found.examples == ["build/webpack.conf.js"], "{found:?}");
    assert!(!of_code(&evidence, "code.files").is_empty());

    let counted = collected(&history, |job| job.repository.counts = vec!["build".to_owned()]);
    assert!(aside(&counted, "contribution").is_empty());
    assert!(contribution(&counted).evenness > 0.9);
    let ignored = collected(&history, |job| job.repository.ignore = vec!["build/**".to_owned()]);
    assert!(aside(&ignored, "contribution").is_empty(), "the instructor decided");
    assert!(contribution(&ignored).evenness.abs() < 1e-9);
    for all in ["*", "**/*.js*"] {
        let slip = collected(&history, |job| job.repository.ignore = vec![all.to_owned()]);
        let failure = slip.git.contribution.failure().expect("the instructor's slip");
        let told = format!("`ignore` of the roster ({all}) takes all files that could count: correct it");
        assert!(failure.detail.contains(&told) && slip.code.files.failure().is_some(), "{failure}");
    }
}

/// The roster's `ignore` beside the handout's, whether it has a base commit, and what is committed on the starter code.
type Ignored = (&'static str, bool, fn(&History));

#[test]
fn an_ignore_that_takes_all_is_a_slip_only_where_it_takes_work() {
    const CLASSROOM: (&str, &str) =
        ("github-classroom[bot]", "66690702+github-classroom[bot]@users.noreply.github.com");
    let is_slip = |(ignored, base, then): Ignored| {
        let history = History::new();
        history.as_author(CLASSROOM.0, CLASSROOM.1);
        history.write("handout/a.py", lines("handout", 30)).commit("Give the starter code");
        let given = history.tip().map(|tip| tip.to_string());
        then(&history);
        let evidence = collected(&history, |job| {
            job.repository.ignore = vec!["handout/**".to_owned(), ignored.to_owned()];
            job.repository.base_commit = given.filter(|_| base);
        });
        evidence.code.files.failure().is_some_and(|failure| failure.detail.contains("`ignore` of the roster"))
    };
    let nothing: [Ignored; 5] = [
        ("src", false, |_| {}),
        ("src", true, |history| {
            ana(history).write(".gitignore", "*.pyc\n").commit("Ignore what Python makes");
        }),
        ("src", true, |history| {
            ana(history).write("package-lock.json", "{}\n").commit("Lock the libraries");
        }),
        ("*.md", true, |history| {
            ana(history).write("README.md", "# tp1\n").commit("Initial commit");
        }),
        ("src", true, |history| {
            ana(history).write("handout/b.py", lines("handout", 30)).remove("handout/a.py").commit("Move it");
        }),
    ];
    for (at, case) in nothing.into_iter().enumerate() {
        assert!(!is_slip(case), "{at}: the team did nothing, or nothing that counts");
    }
    let work: [Ignored; 4] = [
        ("src", false, |history| {
            ana(history).write("src/a.py", lines("a", 30)).commit("Launch the instances");
        }),
        ("src", true, |history| {
            ana(history).write("handout/a.py", lines("a", 30)).commit("Launch the instances");
        }),
        ("*.md", true, |history| {
            ana(history).write("README.md", lines("readme", 30)).commit("Tell how to run it");
        }),
        ("src", true, |history| {
            history.as_author("eve", "eve@home.example").write("src/a.py", lines("a", 30)).commit("Launch");
        }),
    ];
    for (at, case) in work.into_iter().enumerate() {
        assert!(is_slip(case), "{at}: it takes what somebody made");
    }
}

#[test]
fn another_repository_in_a_folder_is_not_nothing() {
    let history = History::new();
    ana(&history).write("README.md", "# Gallery\n").commit("Describe the gallery");
    leo(&history).gitlink("src", "0123456789012345678901234567890123456789").commit("Add the deployment");
    let evidence = collected(&history, |_| {});
    let found = &aside(&evidence, "contribution")[0];
    assert_eq!((found.kind, found.share), (SetAsideKind::OtherRepository, None));
    assert!(found.in_words().contains("whose files are not here (src)"), "{found:?}");
    let [found] = &of_code(&evidence, "code.documentation")[..] else { panic!("{:?}", evidence.code.set_aside) };
    assert_eq!((found.kind, found.examples.as_slice()), (WhyUnread::OtherRepository, &["src".to_owned()][..]));
}

#[test]
fn code_in_an_archive_is_not_nothing() {
    let history = History::new();
    ana(&history).write("README.md", "# Gallery\n").commit("Describe the gallery");
    leo(&history).write("tp1.zip", "PK\u{3}\u{4}\0\0").commit("Hand in the code");
    let evidence = collected(&history, |_| {});
    let [found] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
    assert_eq!((found.kind, found.commits, found.lines), (SetAsideKind::Archive, 1, None));
    assert!(found.is_doubtful(), "{found:?}");
    let [found] = &of_code(&evidence, "code.cloud_calls")[..] else { panic!("{:?}", evidence.code.set_aside) };
    assert_eq!((found.kind, found.examples.as_slice()), (WhyUnread::Archive, &["tp1.zip".to_owned()][..]));
    assert_eq!(found.kind.words(), "packed as an archive whose list cannot be read");
}

#[test]
fn the_page_on_results_has_every_reason() {
    let page = include_str!("../../docs/results.md");
    for kind in [
        WhyUnread::LfsPointer,
        WhyUnread::TooLarge,
        WhyUnread::Undecodable,
        WhyUnread::Folder,
        WhyUnread::Archive,
        WhyUnread::OnlyInArchive,
        WhyUnread::UnknownTool,
        WhyUnread::OtherBuilder,
        WhyUnread::OtherRepository,
    ] {
        let name = serde_json::to_value(kind).expect("a name");
        let name = name.as_str().expect("a text");
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// A zip file of these texts.
fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file");
        std::io::Write::write_all(&mut archive, text.as_bytes()).expect("in memory");
    }
    archive.finish().expect("a zip file").into_inner()
}

#[test]
fn an_archive_opens_what_it_alone_could_hold() {
    let code = lines("deploy", 30);
    let copy = zipped(&[("Lab1/deploy.py", &code), ("Lab1/rapport.pdf", "%PDF"), ("Lab1/latency.csv", "1;2\n")]);
    let history = History::new();
    ana(&history).write("deploy.py", &code).write("README.md", "# Gallery\n").write("Lab1.zip", copy).commit("Deploy");
    leo(&history).write("probe.py", lines("probe", 30)).commit("Probe the clusters");
    let searches = ["code.cloud_calls", "code.declared", "code.calls", "code.credentials", "code.images"];
    let evidence = collected(&history, |_| {});
    for path in searches {
        assert!(of_code(&evidence, path).is_empty(), "{path}: {:?}", evidence.code.set_aside);
    }
    assert!(aside(&evidence, "contribution").is_empty(), "{:?}", evidence.git.set_aside);
    leo(&history).write("Lab2.zip", zipped(&[("app/Dockerfile", "FROM nginx\n")])).commit("Pack the image");
    let evidence = collected(&history, |_| {});
    let [packed] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
    assert_eq!(
        (packed.kind, packed.commits, packed.examples.as_slice()),
        (SetAsideKind::Archive, 1, &["Lab2.zip".to_owned()][..])
    );
    let what = "1 file packed as an archive with files that are nowhere else, or that cannot be listed";
    assert_eq!(packed.what, what);
    let opened: Vec<&str> = searches.into_iter().filter(|path| !of_code(&evidence, path).is_empty()).collect();
    assert_eq!(opened, ["code.cloud_calls", "code.calls", "code.credentials", "code.images"]);
    let [found] = &of_code(&evidence, "code.images")[..] else { panic!("{:?}", evidence.code.set_aside) };
    assert_eq!(
        (found.kind, found.examples.as_slice()),
        (WhyUnread::OnlyInArchive, &["Lab2.zip: app/Dockerfile".to_owned()][..])
    );
}

#[test]
fn what_one_member_packed_and_another_unpacked_is_a_question_of_whose_it_is() {
    let code = lines("deploy", 60);
    let told = |unpacker: fn(&History) -> &History, text: &str| -> Vec<SetAside> {
        let history = History::new();
        leo(&history).write("b.py", lines("b", 10)).commit("Probe the clusters");
        ana(&history).write("app.zip", zipped(&[("app/deploy.py", &code)])).commit("Upload the application");
        unpacker(&history).remove("app.zip").write("app/deploy.py", text).commit("Unpack it");
        let evidence = collected(&history, |_| {});
        aside(&evidence, "contribution").to_vec()
    };
    let [found] = &told(leo, &code)[..] else { panic!("a question") };
    assert_eq!((found.kind, found.files, found.commits), (SetAsideKind::Unpacked, 1, 1));
    assert!(found.is_doubtful() && found.examples == ["app/deploy.py"], "{found:?}");
    assert_eq!(told(ana, &code), [], "her own");
    let other = told(leo, &lines("other", 60));
    assert!(other.iter().all(|found| found.kind != SetAsideKind::Unpacked), "{other:?}");
}

#[test]
fn a_file_is_not_unpacked_for_its_name_nor_where_it_stood_beside_the_archive() {
    let (code, probe) = (lines("deploy", 60), lines("probe", 60));
    let is_told = |work: &dyn Fn(&History)| {
        let history = History::new();
        leo(&history).write("b.py", lines("b", 10)).commit("Probe the clusters");
        work(&history);
        let evidence = collected(&history, |_| {});
        aside(&evidence, "contribution").iter().any(|found| found.kind == SetAsideKind::Unpacked)
    };
    let archive = || zipped(&[("app.py", &code)]);
    assert!(!is_told(&|history| {
        ana(history).write("lambda.zip", archive()).commit("Upload the function");
        ana(history).write("lambda/app.py", &code).commit("Unpack the function");
        leo(history).write("web/app.py", &probe).commit("Write the page");
    }));
    assert!(!is_told(&|history| {
        ana(history).write("lambda/app.py", &code).write("lambda.zip", archive()).commit("Write the function");
        leo(history).write("web/app.py", &code).commit("Begin the page as the function");
    }));
    assert!(!is_told(&|history| {
        leo(history).write("lambda/app.py", &code).commit("Write the function");
        ana(history).remove("lambda/app.py").write("lambda.zip", archive()).commit("Pack the function");
        leo(history).write("lambda/app.py", &code).commit("Unpack the function");
    }));
    assert!(is_told(&|history| {
        ana(history).write("lambda.zip", archive()).commit("Upload the function");
        leo(history).write("web/app.py", &code).commit("Unpack the function");
    }));
}

#[test]
fn an_archive_of_more_than_a_file_of_the_same_name_is_a_question() {
    let told = |packed: &str| {
        let history = History::new();
        ana(&history).write("main.py", lines("main", 2)).commit("Begin");
        leo(&history).write("Lab2.zip", zipped(&[("Lab2/main.py", packed)])).commit("Pack the lab");
        ana(&history).write("probe.py", lines("probe", 30)).commit("Probe the clusters");
        let evidence = collected(&history, |_| {});
        aside(&evidence, "contribution").iter().any(|found| found.kind == SetAsideKind::Archive)
    };
    assert!(told(&lines("main", 400)));
    assert!(!told(&lines("app", 1)), "an earlier version");
}

#[test]
fn what_a_pipeline_packs_is_no_part_of_the_work() {
    let doubtful = |author: (&str, &str)| {
        let history = History::new();
        for n in 0..3 {
            ana(&history).write(&format!("a{n}.py"), lines(&format!("a{n}"), 20)).commit("Launch the instances");
            leo(&history).write(&format!("b{n}.py"), lines(&format!("b{n}"), 20)).commit("Bake the image");
            history.as_author(author.0, author.1).write("release.7z", format!("7z {n}")).commit("Release");
        }
        let evidence = collected(&history, |_| {});
        let [found] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
        assert_eq!((found.kind, found.files), (SetAsideKind::Archive, 1));
        found.is_doubtful()
    };
    assert!(!doubtful(("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")));
    assert!(doubtful(LEO), "a person's may be work");
}

#[test]
fn files_in_git_lfs_are_elsewhere() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    let history = History::new();
    ana(&history).write("a.py", lines("a", 30)).write("README.md", "# Gallery\n").commit("Launch the instances");
    leo(&history).write("b.py", lines("b", 30)).commit("Bake the image");
    ana(&history).write("a.py", pointer).write("b.py", pointer).write("README.md", pointer).commit("Move to LFS");
    let evidence = collected(&history, |_| {});
    assert!(contribution(&evidence).evenness > 0.9, "the work done tells the shares");
    assert!(aside(&evidence, "contribution").iter().any(|it| it.kind == SetAsideKind::LfsPointer && it.is_doubtful()));
    assert!(of_code(&evidence, "code.documentation").iter().any(|it| it.kind == WhyUnread::LfsPointer));
    let readme = evidence.code.readme.failure().expect("unreadable");
    assert!(readme.cause == Cause::Refused && readme.detail.contains("Git LFS"), "{readme}");
}

#[test]
fn text_in_utf_16_is_work() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
    let utf16: Vec<u8> = format!("\u{feff}{}", lines("b", 30)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    leo(&history).write("b.py", utf16).commit("Bake the image");
    let evidence = collected(&history, |_| {});
    assert!((contribution(&evidence).evenness - 1.0).abs() < 1e-9, "{:?}", contribution(&evidence));
}

#[test]
fn lines_that_end_with_carriage_returns_alone_are_work() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
    leo(&history).write("b.py", lines("b", 30).replace('\n', "\r")).commit("Bake the image");
    let evidence = collected(&history, |_| {});
    assert!((contribution(&evidence).evenness - 1.0).abs() < 1e-9, "{:?}", contribution(&evidence));
}

#[test]
fn work_on_another_branch_is_a_question_for_all_that_is_graded() {
    let history = History::new();
    ana(&history).write("README.md", "# Gallery\n").commit("Initial commit");
    history.switch("develop");
    for n in 0..4 {
        let path = format!("part{n}.py");
        (if n % 2 == 0 { ana(&history) } else { leo(&history) }).write(&path, lines(&path, 20)).commit("Add a part");
    }
    let evidence = collected(&history, |_| {});
    let head = evidence.git.head.value().expect("a head");
    let [found] = &head.set_aside[..] else { panic!("{head:?}") };
    assert_eq!((found.kind, found.commits, found.share), (SetAsideKind::OtherBranch, 4, Some(0.8)));
    assert_eq!(found.examples, ["develop"]);
    assert!(found.is_doubtful());
}

#[test]
fn the_folder_is_found_and_the_readme_beside_it_counts() {
    let history = History::new();
    ana(&history)
        .write("README.md", "# Lab\n\nThis starts two clusters of machines behind one load balancer.\n")
        .write("TP1/main.py", lines("a", 30))
        .write("TP2/main.py", lines("b", 30))
        .commit("Launch the clusters");
    leo(&history).write("TP1/probe.py", lines("p", 30)).commit("Probe the clusters");
    for (folder, said) in [("TP1", 0), ("tp1", 1), ("./TP1", 0), ("TP1/", 0)] {
        let evidence = collected(&history, |job| job.team.folder = Some(folder.to_owned()));
        assert_eq!(evidence.team.folder.as_deref(), Some("TP1"), "{folder}");
        assert_eq!(evidence.git.head.value().expect("a head").notes.len(), said, "{folder}");
        assert!((contribution(&evidence).evenness - 1.0).abs() < 1e-9, "{folder}");
        assert_eq!(evidence.code.readme.value().map(|readme| readme.path.as_str()), Some("README.md"));
    }
    let wrong = collected(&history, |job| job.team.folder = Some("TP3".to_owned()));
    for failure in [wrong.git.contribution.failure(), wrong.code.files.failure(), wrong.report.document.failure()] {
        let failure = failure.expect("the roster's slip costs nothing");
        assert!(failure.cause == Cause::Unreachable && failure.detail.contains("it has TP1, TP2"), "{failure}");
    }
}

#[test]
fn a_rebase_after_the_deadline_is_no_zero() {
    let history = History::new();
    for n in 0..3_i64 {
        let path = format!("part{n}.py");
        ana(&history).at(START + n * 60, 0).committed_by(ANA.0, ANA.1, START + 90_000 + n);
        history.write(&path, lines(&path, 20)).commit("Add a part");
    }
    let evidence = collected(&history, |job| job.repository.deadline = Some(START + 3_600));
    let failure = evidence.git.contribution.failure().expect("a question");
    assert_eq!(failure.cause, Cause::Refused);
    for told in [
        "every commit of branch main is after the deadline",
        "written 2024-09-02T08:00:00",
        "name the commit or branch",
    ] {
        assert!(failure.detail.contains(told), "{failure}");
    }
}

#[test]
fn work_made_in_time_on_another_branch_is_no_zero() {
    let history = History::new();
    let late = START + 90_000;
    ana(&history).write("a.py", lines("a", 20)).commit("Launch the instances");
    history.switch("develop");
    leo(&history).write("b.py", lines("b", 20)).commit("Bake the image");
    history.repository().reference("refs/heads/main", squashed(&history, late), true, "test").expect("main");
    let evidence = collected(&history, |job| job.repository.deadline = Some(START + 7_200));
    let failure = evidence.git.contribution.failure().expect("a question");
    assert!(failure.detail.contains("other branches hold commits made in time (develop)"), "{failure}");
}

#[test]
fn days_on_a_branch_that_was_squashed_after_the_deadline_are_a_question() {
    const DAY: i64 = 86_400;
    let history = History::new();
    for n in 0..4_i64 {
        let path = format!("part{n}.py");
        (if n % 2 == 0 { ana(&history) } else { leo(&history) }).at(START + n * DAY / 4, 0);
        history.write(&path, lines(&path, 20)).commit("Add a part");
    }
    history.switch("cache");
    for n in 3..5_i64 {
        leo(&history)
            .at(START + n * DAY, 0)
            .write("cache.py", lines("cache", 10 * n as usize))
            .commit("Cache a thumbnail");
    }
    let of_days = |evidence: &Evidence| {
        let found = aside(evidence, "coordination").iter().find(|it| it.kind == SetAsideKind::OtherBranch);
        found.map(|found| (found.what.clone(), found.is_doubtful()))
    };
    let deadline = |job: &mut TeamJob| job.repository.deadline = Some(START + 5 * DAY);
    assert_eq!(of_days(&collected(&history, deadline)), None, "a trial that nobody merged is none");
    history.switch("main");
    ana(&history).at(START + 6 * DAY, 0).write("cache.py", lines("cache", 40)).commit("Cache thumbnails (#4)");
    let told = "2 commits on branches that the graded commit does not hold, made in time on 2 further days".to_owned();
    assert_eq!(of_days(&collected(&history, deadline)), Some((told, true)));
}

#[test]
fn a_member_whose_work_was_squashed_by_another_is_not_idle_for_certain() {
    let history = History::new();
    for n in 0..4 {
        let path = format!("part{n}.py");
        ana(&history).write(&path, lines(&path, 20)).commit("Add a part");
    }
    history.switch("image");
    leo(&history).write("image.py", lines("image", 20)).commit("Bake the image");
    history.switch("main");
    ana(&history).write("image.py", lines("image", 20)).commit("Bake the image (#1)");
    let evidence = collected(&history, |_| {});
    let [found] = aside(&evidence, "contribution") else { panic!("{:?}", evidence.git.set_aside) };
    assert!(found.is_doubtful() && found.what.contains("all commits of Léo Petit"), "{found:?}");
    assert!(aside(&evidence, "messages").is_empty(), "messages are of the commits that are graded");
}

/// A commit without parents, made late.
fn squashed(history: &History, late: i64) -> git2::Oid {
    let repository = history.repository();
    let tree = history.tip().and_then(|tip| repository.find_commit(tip).ok()?.tree().ok()).expect("a tree");
    let sign = git2::Signature::new(ANA.0, ANA.1, &git2::Time::new(late, 0)).expect("a signature");
    repository.commit(None, &sign, &sign, "Launch and bake (#1)", &tree, &[]).expect("a commit")
}
