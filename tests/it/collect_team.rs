//! One team's collecting as a whole: what hangs on what, and that the same repository gives the same evidence.

use std::sync::Arc;

use crate::support::history::History;
use stackmark_aws::AwsAccess;
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::{Evidence, Member, MembersFrom, Reading, Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_plan::Plan;

fn two_commits() -> History {
    let history = History::new();
    let report = "# Report of the assignment\n\nThe cluster was launched and measured by Ana García.\n".repeat(20);
    history.as_author("Ana García", "ana@uni.example").write("report.md", &report).commit("Write the report");
    history.as_author("Léo Petit", "leo@uni.example").write("launch.py", "launch(4)\n").commit("Launch the cluster");
    history
}

fn job(history: &History) -> TeamJob {
    TeamJob {
        team: Team { members_from: MembersFrom::History, ..Team::of_roster("a") },
        repository: RepositorySource {
            location: history.path().to_string_lossy().into_owned(),
            in_place: true,
            ..RepositorySource::default()
        },
        aws: AwsAccess::default(),
        tags: std::collections::BTreeMap::new(),
        base_url: None,
        live: false,
        disruption: Disruption::NotAsked,
        not_again: None,
    }
}

async fn collected(job: TeamJob) -> Evidence {
    let readings = ["git.coordination", "code.files", "report.members_named"].map(str::to_owned).into();
    let plan = Plan { readings, ..Plan::default() };
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    collect_team(job, &plan, &Settings::default(), tool, "2026-11-20T10:00:00Z".to_owned(), Arc::new(Silent)).await
}

#[tokio::test]
async fn the_same_repository_gives_the_same_evidence() {
    let history = two_commits();
    let (first, second) = (collected(job(&history)).await, collected(job(&history)).await);
    assert_eq!(first.team.members.len(), 2, "{:?}", first.team);
    let text = |evidence: &Evidence| serde_json::to_string_pretty(evidence).expect("plain data");
    assert_eq!(text(&first), text(&second));
}

/// A shallow checkout, as build servers make it, holds the report and not the people of the history.
#[tokio::test]
async fn whom_the_report_names_is_unknown_where_the_history_that_tells_the_members_is_cut() {
    let history = two_commits();
    let tip = history.tip().expect("a commit");
    std::fs::write(history.path().join("shallow"), format!("{tip}\n")).expect("a shallow mark");
    let evidence = collected(job(&history)).await;
    assert!(evidence.report.document.value().is_some(), "{:?}", evidence.report.document);
    let failure = evidence.report.members_named.failure().expect("not a lost point");
    assert!(failure.detail.contains("--unshallow"), "{failure}");
}

#[tokio::test]
async fn starter_code_alone_is_no_coordination_and_a_wrong_base_commit_no_loss() {
    let history = two_commits();
    let mut job = job(&history);
    job.repository.base_commit = history.tip().map(|tip| tip.to_string());
    let member = |name: &str, email: &str| Member {
        id: "a".to_owned(),
        name: name.to_owned(),
        emails: vec![email.to_owned()],
        aliases: vec![],
        login: None,
    };
    let mut of_roster = |member: Member| {
        job.team.members_from = MembersFrom::Roster;
        job.team.members = vec![member];
        job.clone()
    };
    let evidence = collected(of_roster(member("Mia Rossi", "mia@uni.example"))).await;
    assert!(matches!(evidence.git.coordination, Reading::Absent { .. }), "{:?}", evidence.git.coordination);
    // What follows the base commit is nothing, and the team's own commits are before it.
    let evidence = collected(of_roster(member("Léo Petit", "leo@uni.example"))).await;
    for failure in [evidence.git.coordination.failure(), evidence.code.files.failure()] {
        assert!(
            failure.is_some_and(|failure| failure.detail.contains("correct base_commit in the roster")),
            "{failure:?}"
        );
    }
}
