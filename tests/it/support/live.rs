//! Checks of live HTTP, collected from a server and judged, as a run does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use stackmark_aws::AwsAccess;
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_course::reader::Reader;
use stackmark_course::{Check, Library, SourceText, params};
use stackmark_evidence::{Evidence, MembersFrom, Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::Outcome;
use stackmark_judge::view::View;
use stackmark_language::expression::Engine;
use stackmark_language::team_value;
use stackmark_plan::{Filled, Plan, fill};

/// A check with a rubric's parameters.
pub(crate) struct Item {
    check: Check,
    with: IndexMap<String, Value>,
}

fn team() -> Team {
    Team {
        id: "falcon".to_owned(),
        name: None,
        members: Vec::new(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: Some("n7".to_owned()),
        distinct: Vec::new(),
    }
}

/// A built-in check, as its file stands, with parameters in TOML.
pub(crate) fn built_in(id: &str, with: &str) -> Item {
    let mut library = Library::embedded();
    library.add_folder(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    item(Check::parse(id, library.check(id).unwrap_or_else(|| panic!("no check {id}")), &Engine::new()), with)
}

/// A check of the test's own.
pub(crate) fn written(text: &str) -> Item {
    item(Check::parse("http/own", &SourceText::new("own.toml", text), &Engine::new()), "")
}

fn item((check, problems): (Option<Check>, stackmark_course::Problems), with: &str) -> Item {
    assert!(problems.0.is_empty(), "{problems}");
    let check = check.unwrap();
    let source = SourceText::new("with", with);
    let (with, problems) = Reader::new(&source)
        .read(|table| Some(params::bind(&check.params, Some(&table), &check.id, table.reader(), 0..0)));
    assert!(problems.0.is_empty(), "{problems}");
    Item { check, with: with.unwrap() }
}

fn filled(item: &Item) -> Filled {
    fill(&item.check, &item.with, &team_value(&team()), &Engine::new()).unwrap()
}

/// Sends what the items ask for, each request once.
pub(crate) async fn collect(items: &[&Item], base_url: &str, settings: &Settings) -> Evidence {
    let mut plan = Plan::default();
    for item in items {
        for request in filled(item).requests {
            if !plan.requests.iter().any(|known| known.key == request.key) {
                plan.requests.push(request);
            }
        }
    }
    let job = TeamJob {
        team: team(),
        repository: RepositorySource::default(),
        aws: AwsAccess::default(),
        tags: BTreeMap::new(),
        base_url: Some(base_url.to_owned()),
        live: true,
        disruption: Disruption::NotAsked,
        not_again: None,
    };
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    let when = "2026-11-20T10:00:00Z".to_owned();
    let evidence = collect_team(job, &plan, settings, tool, when, Arc::new(Silent)).await;
    // As it is stored and read again.
    serde_json::from_str(&serde_json::to_string(&evidence).unwrap()).unwrap()
}

/// Judges one of them.
pub(crate) fn judged(item: &Item, evidence: &Evidence) -> Outcome {
    outcome(&item.check, &item.with, &filled(item).asked, &View::new(evidence).unwrap(), &Engine::new())
}

/// Loopback is allowed.
pub(crate) fn local() -> Settings {
    Settings { allow_private: true, ..Settings::default() }
}

/// Sends and judges one.
pub(crate) async fn graded(item: &Item, base_url: &str) -> Outcome {
    judged(item, &collect(&[item], base_url, &local()).await)
}
