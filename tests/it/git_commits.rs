//! `stackmark commits` and what it says of single commits: whether each is one change, and whether its message tells it.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::history::History;
use serde_json::Value as Json;
use stackmark_collect::Silent;
use stackmark_evidence::git::{Atomicity, GitEvidence};
use stackmark_evidence::{MembersFrom, Team};
use stackmark_history::RepositorySource;
use stackmark_history::measure;
use stackmark_history::repo::choose_head;

fn run(path: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.arg("commits").arg(path).args(arguments).env_clear().env("HOME", path).env("LANG", "C.UTF-8");
    command.output().expect("the binary runs")
}

/// The command's lines, newest first.
fn commits(path: &Path, arguments: &[&str]) -> Vec<Json> {
    let output = run(path, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn of<'c>(commits: &'c [Json], subject: &str) -> &'c Json {
    commits.iter().find(|commit| commit["subject"] == subject).expect("a commit with this subject")
}

fn tangled(commits: &[Json], subject: &str) -> f64 {
    of(commits, subject)["tangled"].as_f64().expect("a probability")
}

fn said(commit: &Json, field: &str) -> String {
    let reasons = commit[field].as_array().expect("reasons").iter();
    reasons.map(|reason| reason.as_str().expect("text")).collect::<Vec<_>>().join("; ")
}

/// As the evidence has it.
fn atomicity(history: &History) -> Atomicity {
    evidence(history).atomicity.value().expect("measured").clone()
}

fn evidence(history: &History) -> GitEvidence {
    let location = history.path().to_string_lossy().into_owned();
    let head = choose_head(history.repository(), &RepositorySource { location, ..RepositorySource::default() });
    let (id, members_from) = ("team-1".to_owned(), MembersFrom::Roster);
    let team = Team { id, name: None, members: vec![], members_from, folder: None, nonce: None, distinct: Vec::new() };
    measure(history.repository(), head.value().expect("a head"), &team, None, &Silent)
}

fn module(name: &str, lines: usize) -> String {
    (0..lines).map(|n| format!("def {name}_{n}({name}_input):\n    return {name}_input.{name}_step({n})\n\n")).collect()
}

/// A small project, committed in steps.
fn project() -> History {
    let history = History::new();
    history.write("src/cluster.py", module("cluster", 8)).commit("Launch the cluster");
    history.write("src/billing.py", module("billing", 8)).commit("Compute the bill of a month");
    history.write("src/latency.py", module("latency", 8)).commit("Measure the latency of each instance");
    history.write("infra/network.tf", "resource \"aws_vpc\" \"campus\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    history.commit("Declare the campus network");
    history
}

#[test]
fn each_commit_is_a_line_with_its_probabilities() {
    let history = project();
    let lines = commits(history.path(), &[]);
    assert_eq!(lines.len(), 4);
    let newest = &lines[0];
    assert_eq!(newest["subject"], "Declare the campus network");
    assert_eq!(newest["sha"].as_str().expect("an id").len(), 40);
    assert_eq!((&newest["author"], &newest["email"]), (&Json::from("Ana García"), &Json::from("ana@uni.example")));
    assert_eq!((&newest["files"], &newest["added"], &newest["parents"]), (&1.into(), &3.into(), &1.into()));
    for line in &lines {
        for field in ["tangled", "message", "rel"] {
            let value = line[field].as_f64().expect("a number");
            assert!((0.0..=1.0).contains(&value), "{field}: {line}");
        }
    }
    // Enough decimals to rank by.
    let decimals = newest["tangled"].to_string().len() - "0.".len();
    assert!(decimals >= 6, "{newest}");
}

#[test]
fn what_is_not_measured_has_no_probability_and_options_narrow_the_history() {
    let history = project();
    let first = commits(history.path(), &[])[3]["sha"].as_str().expect("an id").to_owned();
    history.write("results/latency.csv", "run,ms\n1,20\n").commit("Keep the measured latency");
    let lines = commits(history.path(), &[]);
    assert_eq!(lines[0]["tangled"], Json::Null, "no line of a data file counts");
    assert!(lines[0]["message"].is_number());
    assert_eq!(commits(history.path(), &["--base-commit", &first]).len(), 4);
    assert_eq!(commits(history.path(), &["--rev", &first]).len(), 1);
    assert_eq!(commits(history.path(), &["--rev", "HEAD~4"]).len(), 1, "as git names commits");
    assert_eq!(commits(history.path(), &["--folder", "infra"]).len(), 1);
}

#[test]
fn a_commit_that_lacks_an_object_is_left_out_and_named() {
    let history = project();
    let lost = history.write("src/alarms.py", module("alarm", 5)).commit("Raise an alarm");
    history.write("src/billing.py", module("billing", 9)).commit("Bill the ninth month");
    let blob =
        git2::Oid::hash_object(git2::ObjectType::Blob, module("alarm", 5).as_bytes()).expect("an id").to_string();
    std::fs::remove_file(history.path().join("objects").join(&blob[..2]).join(&blob[2..])).expect("a loose object");
    let output = run(history.path(), &[]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 5);
    assert!(String::from_utf8_lossy(&output.stderr).contains(&lost.to_string()));
}

#[test]
fn unrelated_changes_are_told_with_the_places_that_would_part_them() {
    let history = project();
    let network = "resource \"aws_vpc\" \"campus\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n\nresource \"aws_subnet\" \"library\" {\n  availability_zone = \"us-east-1a\"\n  map_public_ip_on_launch = true\n}\n";
    history.write("infra/network.tf", network);
    history.write("src/billing.py", module("billing", 8).replace("billing_step(3)", "tariff_rebate(3, vat=True)"));
    history.write(
        "web/menu.html",
        "<nav>\n  <a href=\"/courses\">Courses</a>\n  <a href=\"/grades\">Grades</a>\n</nav>\n",
    );
    history.commit("Add the library subnet, fix the rebate and draw the menu");
    let mut renamed = module("cluster", 8);
    renamed = renamed.replace("cluster_step", "cluster_stage");
    history.write("src/cluster.py", renamed).commit("Rename the steps of the cluster to stages");
    let lines = commits(history.path(), &[]);
    let mixed = "Add the library subnet, fix the rebate and draw the menu";
    assert!(tangled(&lines, mixed) >= 0.55, "{}", of(&lines, mixed));
    assert!(said(of(&lines, mixed), "tangled_reasons").contains("infra/network.tf"), "{}", of(&lines, mixed));
    assert!(tangled(&lines, "Rename the steps of the cluster to stages") < 0.38);

    let measured = atomicity(&history);
    let worst = &measured.worst[0];
    assert_eq!(worst.subject, mixed);
    let mut concerns = worst.concerns.clone();
    concerns.sort();
    assert_eq!(concerns, ["application", "infrastructure", "interface"]);
    assert_eq!(worst.split.len(), 2, "{:?}", worst.split);
    let mut places: Vec<&str> = worst.split.iter().flatten().map(String::as_str).collect();
    places.sort_unstable();
    assert_eq!(places, ["infra/network.tf:4-8", "src/billing.py:11", "web/menu.html:1-4"]);
}

#[test]
fn words_of_the_message_that_both_parts_have_speak_for_one_change() {
    let rebate = |message: &str| {
        let history = project();
        let granted = |name: &str, step: &str, by: &str| module(name, 8).replace(step, by);
        history.write("src/billing.py", granted("billing", "billing_step(3)", "tariff_rebate(3, vat=True)"));
        history.write("src/latency.py", granted("latency", "latency_step(5)", "tariff_rebate(5, instances=2)"));
        history.commit(message);
        tangled(&commits(history.path(), &[]), message)
    };
    assert!(rebate("Grant the tariff rebate") + 0.03 < rebate("Grant what was promised"));
}

#[test]
fn a_reformatted_project_is_one_change() {
    let history = project();
    let wide = |name: &str| module(name, 8).replace("return ", "return (\n        ").replace("\n\n", ",\n    )\n\n");
    for name in ["cluster", "billing", "latency"] {
        history.write(&format!("src/{name}.py"), wide(name));
    }
    history.commit("Format with black");
    let lines = commits(history.path(), &[]);
    assert!(tangled(&lines, "Format with black") < 0.55, "{}", of(&lines, "Format with black"));
}

#[test]
fn what_a_forge_puts_into_a_new_repository_is_one_change() {
    let history = History::new();
    let licence = "Permission is hereby granted, free of charge, to any person obtaining a copy\n".repeat(20);
    history
        .write("LICENSE", licence)
        .write("README.md", "# Campus cluster\n")
        .write(".gitignore", ".terraform/\n*.pyc\n");
    history.commit("Initial commit");
    assert!(tangled(&commits(history.path(), &[]), "Initial commit") < 0.38);
}

#[test]
fn a_state_file_beside_a_change_is_told() {
    let history = project();
    history.write("infra/network.tf", "resource \"aws_vpc\" \"campus\" {\n  cidr_block = \"10.1.0.0/16\"\n}\n");
    history.commit("Move the campus to another block");
    let clean = tangled(&commits(history.path(), &[]), "Move the campus to another block");
    history.write("infra/network.tf", "resource \"aws_vpc\" \"campus\" {\n  cidr_block = \"10.2.0.0/16\"\n}\n");
    history.write("infra/terraform.tfstate", "{\"version\": 4}\n").commit("Move the campus once more");
    let lines = commits(history.path(), &[]);
    assert!(tangled(&lines, "Move the campus once more") > clean + 0.05);
    // A word is said only where there is doubt.
    history
        .write("infra/network.tf", module("network", 30))
        .write("docs/billing.py", module("invoice", 30))
        .write("infra/b.tfstate", "{}\n")
        .commit("Rewrite the network");
    let lines = commits(history.path(), &[]);
    assert!(
        said(of(&lines, "Rewrite the network"), "tangled_reasons")
            .contains("commits infra/b.tfstate (terraform state)")
    );
}

#[test]
fn what_nobody_wrote_is_no_sign_of_several_changes_and_counts_for_nothing() {
    let history = project();
    let page = |picture: &str| format!("<main>\n  <img src=\"{picture}\" alt=\"bye\">\n</main>\n");
    history.write("web/out.html", page("old.png")).commit("Show the sign-out page");
    history.write("web/out.html", page("logout.svg")).commit("Show the logout logo");
    history.write("web/out.html", page("old.png")).commit("Show the former logo");
    history.write("web/logout.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n");
    history.write("web/out.html", page("logout.svg")).commit("Show the logout logo with its picture");
    let measured: String = (0..400).map(|n| format!("device=cpu{n};power={n}.5 mW\n")).collect();
    let compiled = "<?php\n/* Smarty version 3.1.33, created on 2021-04-06\n  from 'footer.tpl' */\necho 1;\n";
    history
        .write("results/power_1.txt", &measured)
        .write("cache/footer.tpl.php", compiled)
        .write("web/footer.html", "<footer>2026</footer>\n")
        .commit("Show the year in the footer");
    let lines = commits(history.path(), &[]);
    let (bare, with_picture) = ("Show the logout logo", "Show the logout logo with its picture");
    assert!((tangled(&lines, bare) - tangled(&lines, with_picture)).abs() < 0.05, "{lines:?}");
    let footer = of(&lines, "Show the year in the footer");
    assert_eq!((&footer["files"], &footer["added"]), (&1.into(), &1.into()), "{footer}");
}

#[test]
fn one_dump_weighs_more_than_its_small_neighbours() {
    let history = History::new();
    for name in ["cluster", "billing", "latency", "alarm"] {
        history.write(&format!("{name}/{name}.py"), module(name, 50));
    }
    history.write("infra/network.tf", "resource \"aws_vpc\" \"campus\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    history.commit("Add the cluster, compute the bill and various other things");
    for step in 0..7 {
        let fixed = module("cluster", 50).replace("cluster_step(3)", &format!("cluster_step({})", 100 + step));
        history.write("cluster/cluster.py", fixed).commit("Fix the third step of the cluster");
    }
    let measured = atomicity(&history);
    let unweighed = measured.unweighed.expect("measured");
    assert!(unweighed > 0.6 && measured.score < 0.45, "{measured:?}");
    let costs = &measured.worst[0];
    assert_eq!(costs.subject, "Add the cluster, compute the bill and various other things");
    assert!(costs.weight.expect("weighed") > 0.9, "{costs:?}");
}

#[test]
fn an_ignore_list_and_a_first_licence_go_with_the_work() {
    let history = History::new();
    history.write("LICENSE", "Permission is hereby granted\n".repeat(20)).write("src/cluster.py", module("cluster", 8));
    history.commit("Launch the cluster");
    history.write(".gitignore", "*.log\n").write("src/cluster.py", module("cluster", 9)).commit("Launch a ninth node");
    let lines = commits(history.path(), &[]);
    assert!(tangled(&lines, "Launch the cluster") < 0.55, "{lines:?}");
    assert!(tangled(&lines, "Launch a ninth node") < 0.38, "{lines:?}");
}

#[test]
fn comments_in_many_files_are_one_change() {
    let history = project();
    for name in ["cluster", "billing", "latency"] {
        history.write(&format!("src/{name}.py"), format!("# What a {name} costs and takes\n\n{}", module(name, 8)));
    }
    history.commit("Say in each module what it is for");
    let lines = commits(history.path(), &[]);
    assert!(tangled(&lines, "Say in each module what it is for") < 0.55, "{lines:?}");
}

#[test]
fn each_fault_of_a_message_is_told() {
    let history = project();
    let mut step = 0;
    let mut commit = |message: &str| {
        step += 1;
        history.write("src/cluster.py", module("cluster", 8 + step)).commit(message);
    };
    let long = "Launch the cluster with one more function, which makes the cluster a little larger than before it was";
    for message in [
        "...",
        "update",
        "Update cluster.py",
        long,
        "feat: update",
        "Cuire le gâteau aux pommes et servir tiède",
        "Preparare la torta di mele con la cannella",
        "Bake an apple pie with cinnamon and serve it warm",
        "Add another cluster function",
    ] {
        commit(message);
    }
    let lines = commits(history.path(), &[]);
    for (subject, finding) in [
        ("...", "is empty"),
        ("update", "says only that something changed"),
        ("Update cluster.py", "names the file, not the change"),
        (long, "characters, more than 72"),
        ("feat: update", "has a prefix and nothing after it"),
        ("Cuire le gâteau aux pommes et servir tiède", "almost no word of it occurs"),
        ("Preparare la torta di mele con la cannella", "almost no word of it occurs"),
        ("Bake an apple pie with cinnamon and serve it warm", "almost no word of it occurs"),
    ] {
        let told = said(of(&lines, subject), "message_reasons");
        assert!(told.contains(finding), "{subject}: {told}");
    }
    let good = of(&lines, "Add another cluster function");
    assert!(good["message"].as_f64().expect("a score") >= 0.7, "{good}");
    assert!(good["rel"].as_f64() > of(&lines, "Bake an apple pie with cinnamon and serve it warm")["rel"].as_f64());
}

#[test]
fn the_message_of_an_ignore_list_is_not_unrelated_to_it() {
    let history = project();
    history.write(".gitignore", ".venv/\n__pycache__/\nresults/\n");
    history.commit("Ignore caches, the virtual environment and results");
    let lines = commits(history.path(), &[]);
    let commit = of(&lines, "Ignore caches, the virtual environment and results");
    assert!(commit["message"].as_f64().is_some_and(|score| score >= 0.7), "{commit}");
}

#[test]
fn a_formatter_or_a_copy_takes_nothing_from_the_messages_of_others() {
    let rated = |finish: &dyn Fn(&History)| -> Vec<f64> {
        let history = project();
        finish(&history);
        let lines = commits(history.path(), &[]);
        let subjects = ["Launch the cluster", "Compute the bill of a month", "Measure the latency of each instance"];
        subjects.map(|subject| of(&lines, subject)["message"].as_f64().expect("a score")).to_vec()
    };
    let names = ["cluster", "billing", "latency"];
    let before = rated(&|_| {});
    let formatted = rated(&|history| {
        for name in names {
            let wide = module(name, 8).replace('(', "(\n        ").replace("):", "\n):");
            history.write(&format!("src/{name}.py"), wide);
        }
        history.commit("Format with black");
    });
    let copied = rated(&|history| {
        for name in names {
            history.write(&format!("v2/{name}.py"), module(name, 8));
        }
        history.commit("Start version 2");
    });
    assert_eq!((&formatted, &copied), (&before, &before));
}

#[test]
fn a_message_in_another_language_is_not_judged_and_costs_nothing() {
    let history = project();
    let subjects = [
        "Добавить проверку здоровья целевой группы",
        "添加负载均衡器的健康检查",
        "إضافة فحص الصحة لمجموعة الأهداف",
        "ターゲットグループのヘルスチェックを追加",
        "Füge der Zielgruppe eine Zustandsprüfung hinzu",
        "Agrega una comprobación de salud al grupo de destino",
        "Dodaj kontrolę zdrowia do grupy docelowej",
        "chuangjian anquanzu bing qidong shili",
        "Tala3 tswira w khbi hash",
    ];
    for (step, subject) in subjects.iter().enumerate() {
        history.write("src/cluster.py", module("cluster", 9 + step)).commit(subject);
    }
    let by_two = "update\n\nCo-authored-by: Łukasz Żak <zak@uni.example>\n";
    history.write("src/billing.py", module("billing", 9)).commit(by_two);
    let lines = commits(history.path(), &[]);
    assert_eq!(said(of(&lines, "update"), "message_reasons"), "says only that something changed");
    for subject in subjects {
        let commit = of(&lines, subject);
        assert_eq!((&commit["message"], &commit["rel"]), (&Json::Null, &Json::Null), "{commit}");
        assert_eq!(said(commit, "message_reasons"), "is in a language that is not judged");
    }
    let measured = evidence(&history).messages;
    let measured = measured.value().expect("measured");
    assert_eq!((measured.commits, measured.not_judged), (5, 9));
    let worst: Vec<&str> = measured.worst.iter().map(|note| note.subject.as_str()).collect();
    assert!(worst.contains(&"update") && worst.iter().all(|subject| !subjects.contains(subject)), "{worst:?}");
}

#[test]
fn a_message_that_names_what_stands_in_the_diff_is_specific() {
    let history = project();
    let size = |name: &str| format!("instance_type = \"{name}\"\n");
    for (name, subject) in [
        ("t2.micro", "Describe the size of the instances"),
        ("m4.large", "Change t2.micro to m4.large"),
        ("t2.large", "Use t2.large"),
        ("m5.large", "Fix m5.large"),
        ("m4.xlarge", "Update from m5.large to m4.xlarge"),
    ] {
        history.write("infra/size.tf", size(name)).commit(subject);
    }
    let lines = commits(history.path(), &[]);
    for subject in ["Change t2.micro to m4.large", "Use t2.large", "Fix m5.large", "Update from m5.large to m4.xlarge"]
    {
        let commit = of(&lines, subject);
        assert!(!said(commit, "message_reasons").contains("file"), "{commit}");
        assert!(commit["message"].as_f64().expect("a score") >= 0.7, "{commit}");
    }
}

#[test]
fn a_secret_in_a_subject_is_not_printed() {
    let history = project();
    let key = ["AKIA", "Q4BG2MVNSZXJ7LRT"].concat();
    history.write("src/cluster.py", module("cluster", 9)).commit(&format!("Launch the cluster with {key}"));
    let lines = commits(history.path(), &[]);
    assert!(!lines[0].to_string().contains(&key), "{}", lines[0]);
}
