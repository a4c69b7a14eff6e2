//! The price of cheating: one dump, made to look like a term of teamwork in each way that a script knows, and in all of
//! them at once. What it gains without a person's look is printed and bounded; what is left open is not gained.
//!
//! `cargo test --test it price:: -- --nocapture` prints the table, and the sheet of the marker for both teams.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::support::history::{History, START};

const PEOPLE: [(&str, &str); 3] =
    [("Ada Rivers", "ada@uni.example"), ("Ben Okafor", "ben@uni.example"), ("Chloe Marsh", "chloe@uni.example")];
/// A script's means. `careful` spreads the commits over weeks at random gaps, and lets each member commit.
const WAYS: [&str; 9] =
    ["split", "authors", "trailers", "numbers", "docstrings", "unreachable", "install", "report", "careful"];
/// Several of them, with what puts a dump in pieces on the side of teamwork: a line that is changed later, pieces that another
/// member puts right, small edits in turn, pull requests typed into merges, and calls that only look as if they ran.
const TOGETHER: [(&str, &[&str]); 8] = [
    ("one-line", &["split", "authors", "careful", "oneline"]),
    ("one-line-trailers", &["split", "authors", "careful", "oneline", "trailers"]),
    ("pairs", &["split", "authors", "careful", "pairs"]),
    ("toggle", &["authors", "careful", "toggle"]),
    ("split-toggle", &["split", "authors", "careful", "toggle"]),
    ("merges", &["split", "authors", "careful", "merges"]),
    ("looks-run", &["looks-run"]),
    (
        "all-together",
        &[
            "split",
            "authors",
            "careful",
            "oneline",
            "pairs",
            "toggle",
            "merges",
            "docstrings",
            "looks-run",
            "install",
            "report",
        ],
    ),
];
/// Of the 47.5 points that the rubric of the course has for the repository and the report.
const MOST_GAINED: f64 = 5.0;

const DEPLOY: &str = r#"import boto3

ec2 = boto3.client("ec2")
elb = boto3.client("elbv2")


def start(image, count, kind):
    reply = ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, InstanceType=kind)
    return [row["InstanceId"] for row in reply["Instances"]]


def main():
    first = start("ami-1", 4, "t2.micro")
    second = start("ami-1", 4, "t2.large")
    print(first, second)


main()
"#;

const UNREACHABLE: &str = r#"

if False:
    elb.create_load_balancer(Name="a", Subnets=["s"])
    elb.create_target_group(Name="a", Port=80, Protocol="HTTP")
    elb.create_rule(ListenerArn="a", Priority=1, Conditions=[], Actions=[])
    boto3.client("cloudwatch").get_metric_data(MetricDataQueries=[], StartTime=0, EndTime=1)
"#;

const LOOKS_RUN: &str = r#"

import os


def setup():
    elb.create_load_balancer(Name="a", Subnets=["s"])


def handler(event, context):
    elb.create_target_group(Name="a", Port=80, Protocol="HTTP")


if os.environ.get("NETWORK_REALLY"):
    elb.create_listener(LoadBalancerArn="a", Port=80, Protocol="HTTP", DefaultActions=[{"Type": "forward"}])
for place in ():
    elb.register_targets(TargetGroupArn="a", Targets=[{"Id": "i-1"}])
elb.create_rule(ListenerArn="a", Priority=1, Conditions=[], Actions=[])
boto3.client("cloudwatch").get_metric_data(MetricDataQueries=[], StartTime=0, EndTime=1)
"#;

const INSTALL: &str = r##"
USER_DATA = """#!/bin/bash
# pip install flask fastapi
"""
ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, UserData=USER_DATA)
"##;

const README: &str = "# Cluster benchmark\n\nThis project deploys two clusters of instances behind a load balancer and measures how they \
answer. It holds the code, the report and the scripts that are needed, and it is the work of the whole team over the term. \
The architecture is described in the report, and the results are in a table there. It needs Python and an account.\n\n\
## Install\n\n```sh\npip install boto3\n```\n\n## Run\n\n```sh\npython deploy.py\n```\n\n## Architecture\n\nThe load balancer \
sends requests to two target groups.\n";

/// Fits every team.
const REPORT: &str = "# Report\n\n\
## Introduction\n\nThe purpose of this project is to deploy a scalable system in the cloud and to measure its performance.\n\n\
## Architecture\n\nThe cluster setup consists of a load balancer with two target groups and their instances, as Figure 1 \
shows.\n\n![Figure 1: Architecture of the load balancer and target groups](architecture.png)\n\n\
## Prerequisites\n\nPython 3.11, boto3 1.34 and the AWS CLI 2 have to be installed before, and an AWS account is needed.\n\n\
## Access\n\nCredentials are obtained from the learner lab page and are put into `~/.aws/credentials`.\n\n\
## Configuration\n\nThe region, the instance types and their number may be changed; the default is us-east-1 with 4 instances.\n\n\
## Deployment\n\nThe application is deployed with `python deploy.py`, which starts the instances and registers them.\n\n\
## Running the code\n\nRun `python deploy.py` from the root folder; at the end it prints the mean response time.\n\n\
## Results\n\n| Cluster | Requests | Mean time (ms) |\n|---|---|---|\n| 1 | 1000 | 120 |\n| 2 | 1000 | 90 |\n\nThe second \
cluster answers 25 % faster than the first one because its instances are larger.\n\n\
## Teardown\n\nThe stack is removed with `aws ec2 terminate-instances`; check in the console that nothing is left.\n\n\
## Known issues\n\nThe health check takes 30 seconds to notice a new instance, and the client does not retry requests.\n\n\
## What was done\n\nFirst we built the application, then we deployed it, and finally we measured 1000 requests.\n\n\
## Decisions\n\nWe chose an application load balancer instead of a network load balancer because it routes by path. We used \
t2.large rather than m4.large since it is cheaper.\n\n\
## Contributions\n\n- Ada Rivers wrote the deployment script.\n- Ben Okafor implemented the application.\n- Chloe Marsh \
measured the performance and wrote the report.\n";

/// Functions of the dump, by file: the head of the file first.
fn dump() -> Vec<(String, Vec<String>)> {
    let verbs = ["read", "sort", "merge", "send", "count", "store", "check", "split"];
    let nouns = ["orders", "tickets", "answers", "records", "samples", "shards", "queues", "tokens", "replies"];
    let file = |(place, name): (usize, &str)| {
        let function = |n: usize| {
            let (verb, noun) = (verbs[(place + n) % verbs.len()], nouns[(3 * place + 7 * n) % nouns.len()]);
            format!(
                "\n\ndef {verb}_{noun}({noun}, limit, table):\n    found = []\n    for row in {noun}:\n        if row[\"{noun}\"] > limit + {n}:\n            \
                 found.append(table.get(row[\"{noun}\"], {n}))\n        elif row.get(\"{verb}\"):\n            found.append(row[\"{verb}\"] * {})\n    \
                 table[\"{verb}\"] = len(found)\n    return sorted(found)[: limit + {n}]\n",
                n + 2
            )
        };
        let head = std::iter::once("import json\nimport random\n".to_owned());
        (format!("app/{name}.py"), head.chain((0..5).map(function)).collect())
    };
    let names = ["api", "store", "queue", "model", "worker"];
    let modules = names.into_iter().enumerate().map(file);
    std::iter::once(("deploy.py".to_owned(), vec![DEPLOY.to_owned()])).chain(modules).collect()
}

/// With a docstring and comments of one template.
fn documented(text: &str) -> String {
    let mut lines = vec!["\"\"\"Part of the system that implements a step of the benchmark.\"\"\"".to_owned()];
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if number % 2 == 0 && ["for ", "return ", "if "].iter().any(|start| code.starts_with(start)) {
            let indent = &line[..line.len() - code.len()];
            lines.push(format!("{indent}# this step is needed because the next one reads its value"));
        }
        lines.push(line.to_owned());
        if let Some(rest) = line.strip_prefix("def ") {
            let name = rest.split('(').next().unwrap_or_default().replace('_', " ");
            lines.push(format!(
                "    \"\"\"Handles the {name} step of the pipeline and returns the processed result.\"\"\""
            ));
        }
    }
    lines.join("\n") + "\n"
}

/// What one commit of the script writes, and says.
type Step = (String, String, String);

fn steps(ways: &BTreeSet<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (path, pieces) in dump() {
        let mut text = String::new();
        for (number, piece) in pieces.iter().enumerate() {
            text.push_str(piece);
            if number == 0 && pieces.len() > 1 {
                continue;
            }
            let written = if ways.contains("docstrings") { documented(&text) } else { text.clone() };
            let name = piece.split("def ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or("main");
            steps.push((path.clone(), written, format!("Add the function to {}", name.replace('_', " "))));
        }
    }
    let mut deploy = if ways.contains("docstrings") { documented(DEPLOY) } else { DEPLOY.to_owned() };
    for (way, added) in [("unreachable", UNREACHABLE), ("looks-run", LOOKS_RUN), ("install", INSTALL)] {
        if ways.contains(way) {
            deploy.push_str(added);
            steps.push(("deploy.py".to_owned(), deploy.clone(), format!("Create the {way} part of the stack")));
        }
    }
    if ways.contains("report") {
        let mut text = String::new();
        for section in REPORT.split_inclusive("\n\n## ") {
            text.push_str(section);
            let title = section.lines().next().unwrap_or_default().to_lowercase();
            steps.push(("REPORT.md".to_owned(), text.clone(), format!("Describe {title} in the report")));
        }
        steps.push(("README.md".to_owned(), README.to_owned(), "Explain how to run the benchmark".to_owned()));
    }
    steps
}

/// The dump, cheated in these ways.
fn cheated(ways: &BTreeSet<&str>) -> History {
    let history = History::new();
    let by = |person: (&str, &str), seconds: i64| {
        history.as_author(person.0, person.1).at(seconds, 0);
        if !ways.contains("careful") {
            history.committed_by(PEOPLE[0].0, PEOPLE[0].1, seconds);
        }
    };
    let message = |number: usize, subject: &str| {
        let mut message = subject.to_owned();
        if ways.contains("numbers") && number.is_multiple_of(4) {
            write!(message, " (#{})", number / 4 + 1).unwrap();
        }
        if ways.contains("trailers") {
            let (one, other) = (PEOPLE[(number + 1) % 3], PEOPLE[(number + 2) % 3]);
            write!(message, "\n\nCo-authored-by: {} <{}>\nReviewed-by: {} <{}>", one.0, one.1, other.0, other.1)
                .unwrap();
        }
        message
    };
    if ways.contains("report") {
        history.write("architecture.png", [0x89, b'P', b'N', b'G', 0, 1]);
    }
    let steps = steps(ways);
    // A random delay of some hours, the same in every run.
    let delay = |number: usize| if ways.contains("careful") { 9_000 + (number as i64 * 7_919) % 14_400 } else { 7 };
    let mut seconds = START;
    if !ways.contains("split") {
        for (path, text, _) in &steps {
            history.write(path, text);
        }
        by(PEOPLE[0], START);
        history.commit(&message(0, "Add the project"));
        for (number, person) in PEOPLE.into_iter().enumerate().skip(1).filter(|_| ways.contains("authors")) {
            let copy = dump()[number].1.concat().replace("orders", "parcels").replace("limit", "most");
            history.write(&format!("app/notes{number}.py"), copy);
            by(person, START + 60 * number as i64);
            history.commit(&message(number, "Add notes of the module"));
        }
        seconds += 60 * PEOPLE.len() as i64;
    }
    let member = |number: usize| PEOPLE[if ways.contains("authors") { number % 3 } else { 0 }];
    for (number, (path, text, subject)) in steps.iter().enumerate().filter(|_| ways.contains("split")) {
        seconds += delay(number);
        by(member(number), seconds);
        let wrong = text.replace("return sorted(found)", "return sorted(found, reverse=True)");
        if ways.contains("pairs") && number % 2 == 1 && wrong != *text {
            history.write(path, wrong).commit(&message(number, subject));
            seconds += delay(number + 1);
            by(member(number + 1), seconds);
            history.write(path, text).commit(&message(number, "Sort the found values upwards"));
            continue;
        }
        history.write(path, text).commit(&message(number, subject));
    }
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    texts.extend(steps.iter().map(|(path, text, _)| (path.clone(), text.clone())));
    if ways.contains("oneline") {
        seconds += delay(1);
        by(member(1), seconds);
        let deploy = texts["deploy.py"].replace("t2.micro", "t3.micro").replace("t2.large", "t3.large");
        history.write("deploy.py", &deploy).commit(&message(1, "Use the instances that the lab has"));
        texts.insert("deploy.py".to_owned(), deploy);
    }
    let modules = ["api", "store", "queue", "model", "worker"];
    for number in (0..30).filter(|_| ways.contains("toggle")) {
        seconds += delay(number);
        by(member(number), seconds);
        let path = format!("app/{}.py", modules[number % 5]);
        let text = texts.get_mut(&path).expect("a module");
        *text = match text.contains(" + 0 + 0") {
            true => text.replace(" + 0 + 0", " + 0"),
            false => text.replacen("limit + 0", "limit + 0 + 0", 1),
        };
        write!(text, "\n\nLIMIT_{number} = {}\n", number * 37 % 101).unwrap();
        history.write(&path, &*text).commit(&message(number, "Bound the rows by the new limit of the table"));
    }
    for number in (0..6).filter(|_| ways.contains("merges")) {
        seconds += delay(number);
        by(member(number), seconds);
        let (branch, path) = (format!("feature-{number}"), format!("app/part{number}.py"));
        let part = format!(
            "def weigh_{number}(rows):\n    total = 0\n    for row in rows:\n        total += row.weight * {}\n    return total\n",
            number + 3
        );
        history.switch(&branch).write(&path, part).commit(&format!("Weigh the rows of part {number}"));
        history.switch("main");
        by(member(number + 1), seconds + 60);
        // GitHub's name, which anyone can type.
        history.committed_by("GitHub", "noreply@github.com", seconds + 60);
        history.merge(&branch, &format!("Merge pull request #{} from team/{branch}", number + 1));
    }
    history
}

/// A team that did the same work as people do: in sessions, and not right at once.
fn honest() -> History {
    let history = History::new();
    let mut seconds = START;
    // By part, not by file: what one module needs, the next needs as well.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut steps: Vec<(usize, Step)> = (steps(&BTreeSet::new()).into_iter())
        .map(|step| {
            let part = seen.entry(step.0.clone()).or_default();
            *part += 1;
            (*part, step)
        })
        .collect();
    steps.sort_by_key(|(part, _)| *part);
    let mut wrong: Vec<(String, String)> = Vec::new();
    for (number, (_, (path, text, subject))) in steps.iter().enumerate() {
        seconds += if number % 5 == 0 { 3 * 86_400 + number as i64 * 977 } else { 600 + (number as i64 * 613) % 2_400 };
        let person = PEOPLE[(number / 5) % 3];
        // Whoever has the next session sees what sorts the wrong way round.
        let seen = if number % 5 == 0 { std::mem::take(&mut wrong) } else { Vec::new() };
        for (path, text) in seen {
            history.as_author(person.0, person.1).at(seconds, 0).write(&path, text);
            history.commit("Sort the found values upwards, as the table expects them");
            seconds += 1_500;
        }
        history.as_author(person.0, person.1).at(seconds, 0);
        let first = match number % 3 {
            0 => text.replace("return sorted(found)", "return sorted(found, reverse=True)"),
            _ => text.clone(),
        };
        if first != *text {
            wrong.push((path.clone(), text.clone()));
        }
        history.write(path, first).commit(subject);
    }
    history
}

fn graded(folder: &Path, teams: &BTreeMap<String, History>) -> BTreeMap<String, Json> {
    let mut roster = String::new();
    for (id, history) in teams {
        writeln!(roster, "[[team]]\nid = \"{id}\"\nrepository = \"{}\"", history.path().display()).unwrap();
        for (name, email) in PEOPLE {
            writeln!(roster, "[[team.member]]\nname = \"{name}\"\nemails = [\"{email}\"]").unwrap();
        }
    }
    std::fs::write(folder.join("roster.toml"), roster).unwrap();
    let output = Command::new(assert_cmd::cargo::cargo_bin("stackmark"))
        .args([
            "grade",
            "--roster",
            "roster.toml",
            "--rubric",
            "log8415-a1",
            "--only",
            "git,code,report",
            "--out",
            "out",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    let card = |id: &String| -> Json {
        let text = std::fs::read_to_string(folder.join("out/teams").join(id).join("scorecard.json"));
        let said = String::from_utf8_lossy(&output.stderr);
        serde_json::from_str(&text.unwrap_or_else(|error| panic!("{id}: {error}: {said}"))).unwrap()
    };
    teams.keys().map(|id| (id.clone(), card(id))).collect()
}

/// Items that are judged by the repository, with their outcome's verdict, what is said and the certain points.
fn items(card: &Json) -> BTreeMap<String, (String, String, f64)> {
    let criteria = card["criteria"].as_array().unwrap().iter();
    let all = criteria.flat_map(|criterion| criterion["items"].as_array().unwrap());
    let row = |item: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let low = item["mark"]["low"].as_f64().unwrap();
        (text(&item["id"]), (text(&item["outcome"]["verdict"]), text(&item["outcome"]["actual"]), low))
    };
    all.map(row).collect()
}

#[test]
fn a_script_gains_little_without_a_persons_look() {
    let mut teams = BTreeMap::from([("dump".to_owned(), cheated(&BTreeSet::new())), ("honest".to_owned(), honest())]);
    for way in WAYS {
        teams.insert(format!("with-{way}"), cheated(&BTreeSet::from([way])));
    }
    for (name, ways) in TOGETHER {
        teams.insert(name.to_owned(), cheated(&ways.iter().copied().collect()));
    }
    teams.insert("all-in-a-minute".to_owned(), cheated(&WAYS.into_iter().filter(|way| *way != "careful").collect()));
    teams.insert("all-carefully".to_owned(), cheated(&WAYS.into_iter().collect()));
    let folder = tempfile::tempdir().unwrap();
    let cards = graded(folder.path(), &teams);
    let before = items(&cards["dump"]);
    let mut wrong = Vec::new();
    for (team, card) in cards.iter().filter(|(team, _)| !matches!(team.as_str(), "dump" | "honest")) {
        let mut gained = Vec::new();
        for (id, (_, _, low)) in items(card) {
            let gain = low - before[&id].2;
            if gain > 0.0 {
                gained.push((id, gain));
            }
        }
        let sum: f64 = gained.iter().map(|(_, gain)| gain).sum();
        let open = items(card).values().filter(|(verdict, ..)| verdict == "manual").count();
        println!("{team:>20}: gains {sum:>5.2} for certain, {open:>2} items wait for a person; {gained:?}");
        if sum >= MOST_GAINED {
            wrong.push(format!("{team}: {sum:.2} points: {gained:?}"));
        }
    }
    assert!(wrong.is_empty(), "a script gains too much:\n{}", wrong.join("\n"));

    // What was measured as lost is no point to win by the look.
    let criteria = cards["all-in-a-minute"]["criteria"].as_array().unwrap().iter();
    let open_in_part: Vec<&Json> = criteria
        .flat_map(|criterion| criterion["items"].as_array().unwrap())
        .filter(|item| item["outcome"]["at_most"].as_f64().is_some_and(|share| share < 0.9))
        .collect();
    assert!(!open_in_part.is_empty(), "some of it was earned in part");
    for item in open_in_part {
        let (high, of) = (item["mark"]["high"].as_f64().unwrap(), item["mark"]["of"].as_f64().unwrap());
        assert!(high < of, "{item}");
    }

    // What costs a script its points costs an honest team none, and asks nothing of it.
    let honest = items(&cards["honest"]);
    let asked: Vec<&Json> = (cards["honest"]["criteria"].as_array().unwrap().iter())
        .flat_map(|criterion| criterion["items"].as_array().unwrap())
        .map(|item| &item["outcome"]["for_marker"])
        .filter(|told| !told.is_null())
        .collect();
    assert_eq!(asked, Vec::<&Json>::new(), "an honest history asks nothing");
    for name in ["everyone-commits", "contribution-evenness", "working-together", "atomic-commits"] {
        let (_, (verdict, said, low)) = honest.iter().find(|(id, _)| id.ends_with(name)).expect("an item");
        assert!(*low > 0.0 && verdict != "manual", "{name}: {verdict}, {low}: {said}");
    }

    // The sheet says the same of both, side by side, and the team's report has none of it.
    let page = |team: &str, file: &str| {
        std::fs::read_to_string(folder.path().join("out/teams").join(team).join(file)).unwrap()
    };
    let tag = regex::Regex::new("<[^>]+>").unwrap();
    for team in ["honest", "all-in-a-minute"] {
        let marker = page(team, "marker.html");
        let sheet =
            marker.split("id=\"signs\"").nth(1).and_then(|rest| rest.split("</table>").next()).expect("a sheet");
        let plain = tag.replace_all(sheet, " ").into_owned();
        println!("\n{team}: {}", plain.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(!page(team, "report.html").contains("id=\"signs\""), "{team}");
    }
    assert!(page("all-in-a-minute", "marker.html").contains("; how it came about: "));
    for file in ["report.html", "report.md"] {
        let report = page("all-in-a-minute", file);
        assert!(!report.contains("how it came about"), "{file}: what the marker looks at is not for the team");
        assert!(report.contains("Tell the instructor how this work came about."), "{file}");
    }
    assert!(page("all-in-a-minute", "marker.html").contains("calls of AWS are reached by nothing"));
}
