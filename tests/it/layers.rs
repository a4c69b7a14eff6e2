//! The crates' graph, from Cargo itself, against the table in `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Packages that no pure crate may name.
const IMPURE: [&str; 8] = ["git2", "reqwest", "hyper", "tokio", "aws-config", "aws-sdk-ec2", "tempfile", "rustix"];
const PURE: [&str; 7] = ["evidence", "language", "course", "plan", "judge", "render", "similar"];

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every package of the workspace with its ordinary dependencies.
fn dependencies() -> Graph {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let short = |name: &serde_json::Value| {
        let name = name.as_str().unwrap();
        name.strip_prefix("stackmark-").unwrap_or(name).to_owned()
    };
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let ordinary = |dependency: &&serde_json::Value| dependency["kind"].is_null();
            let uses = package["dependencies"].as_array().unwrap().iter().filter(ordinary);
            (short(&package["name"]), uses.map(|dependency| short(&dependency["name"])).collect())
        })
        .collect()
}

/// The rows of the table: crate → what it uses; the last two use all that stands above them.
fn documented() -> Graph {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/architecture.md")).unwrap();
    let mut graph = Graph::new();
    for line in page.lines().skip_while(|line| !line.starts_with("| crate | uses |")).skip(2) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, uses, ..] = cells.as_slice() else { break };
        let names = |cell: &str| cell.split(", ").map(|name| name.trim_matches('`').to_owned()).collect();
        let uses: BTreeSet<String> = match *uses {
            "–" => BTreeSet::new(),
            "all of the above" => graph.keys().cloned().collect(),
            uses => names(uses),
        };
        graph.insert(name.trim_matches('`').to_owned(), uses);
    }
    graph
}

#[test]
fn the_manifests_are_the_layers_of_the_page() {
    let (all, page) = (dependencies(), documented());
    assert_eq!(all.keys().collect::<Vec<_>>(), page.keys().collect::<Vec<_>>(), "crates in docs/architecture.md");
    for (name, uses) in &all {
        let ours: BTreeSet<&String> = uses.iter().filter(|used| all.contains_key(*used)).collect();
        println!("{name} → {}", ours.iter().map(|used| used.as_str()).collect::<Vec<_>>().join(", "));
        let allowed = &page[name];
        if matches!(name.as_str(), "class" | "stackmark") {
            let beyond: Vec<_> = ours.iter().filter(|used| !allowed.contains(**used)).collect();
            assert!(beyond.is_empty(), "{name} uses {beyond:?}");
        } else {
            assert_eq!(ours, allowed.iter().collect(), "{name} uses other crates than docs/architecture.md says");
        }
    }
}

#[test]
fn pure_crates_name_nothing_that_does_io() {
    let all = dependencies();
    for name in PURE {
        let impure: Vec<_> = IMPURE.iter().filter(|package| all[name].contains(**package)).collect();
        assert!(impure.is_empty(), "{name} depends on {impure:?}");
    }
    let with_git: Vec<_> = all.iter().filter(|(_, uses)| uses.contains("git2")).map(|(name, _)| name).collect();
    assert_eq!(with_git, ["history", "stackmark"], "git2 is named by the history, and by the demo that makes one");
}
