//! The one disruptive probe, against a group that a moto server holds and a service on loopback.

use std::sync::Arc;

use crate::support::hostile::{Server, serve};
use crate::support::moto::Moto;
use stackmark_aws::AwsAccess;
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::recovery::Recovery;
use stackmark_evidence::request::RecoveryRequest;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_plan::Plan;
use tokio::io::AsyncWriteExt;

/// A service that answers its nth request with the nth status, the last one for ever.
async fn service(statuses: &'static [u16]) -> Server {
    serve(move |mut stream, number| async move {
        let status = statuses.get(number).or(statuses.last()).unwrap();
        let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        let _ = stream.write_all(reply.as_bytes()).await;
    })
    .await
}

struct Seen {
    calls: u64,
    recovery: Reading<Recovery>,
    group: Vec<String>,
}

async fn watch(moto: &Moto, service: &Server, team: &str, disruption: Disruption) -> Seen {
    let tags = [("project", "log8415-a1"), ("team", team)];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let scope = match team {
        "" => ScopeRequest::default(),
        _ => ScopeRequest { tags, ..ScopeRequest::default() },
    };
    let plan = Plan {
        readings: ["aws.auto_scaling_groups".to_owned()].into(),
        recovery: Some(RecoveryRequest { path: "/".to_owned(), every_ms: 200, within_ms: 20_000 }),
        scope,
        ..Plan::default()
    };
    let job = || TeamJob {
        team: Team::of_roster("heron"),
        repository: RepositorySource::default(),
        aws: AwsAccess { endpoint_url: Some(moto.endpoint().to_owned()), ..AwsAccess::default() },
        tags: std::collections::BTreeMap::new(),
        base_url: Some(service.url()),
        live: true,
        disruption,
        not_again: None,
    };
    let settings = Settings { allow_private: true, ..Settings::default() };
    let collect = |plan: Plan| {
        let (job, settings) = (job(), settings.clone());
        async move {
            let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
            collect_team(job, &plan, &settings, tool, "2026-11-20T10:00:00Z".to_owned(), Arc::new(Silent)).await
        }
    };
    let evidence = collect(plan.clone()).await;
    let after = collect(Plan { recovery: None, ..plan }).await;
    let groups = after.aws.auto_scaling_groups.value().unwrap();
    let group = groups.iter().flat_map(|group| group.instance_ids.clone()).collect();
    let ended = "autoscaling:TerminateInstanceInAutoScalingGroup";
    let calls = evidence.aws.calls.get(ended).copied().unwrap_or_default();
    Seen { calls, recovery: evidence.http.recovery, group }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_ended_and_the_group_watched_until_it_is_whole() {
    let moto = Moto::with(&["scaled"]);
    // Three good answers before anything is ended, then two bad ones.
    let service = service(&[200, 200, 200, 503, 503, 200]).await;
    let seen = watch(&moto, &service, "heron", Disruption::Allowed).await;
    let Reading::Observed { value: recovery } = seen.recovery else { panic!("{:?}", seen.recovery) };
    assert_eq!(seen.calls, 1, "the report tells that it was sent");
    assert_eq!((recovery.auto_scaling_group_name.as_str(), recovery.in_service_before), ("heron", 2));
    assert!(!seen.group.contains(&recovery.ended_instance), "it is gone from the account");
    assert_eq!(seen.group.len(), 2, "and the group has another one");
    assert!(seen.group.contains(recovery.replacement.as_ref().unwrap()));
    assert!(recovery.whole_again_s.unwrap() >= recovery.replaced_s.unwrap());
    assert_eq!((recovery.failed, recovery.answers["503"]), (2, 2));
    assert!(recovery.longest_outage_s > 0.1 && recovery.longest_outage_s < 5.0, "{}", recovery.longest_outage_s);
    assert!(recovery.watched_s < 10.0, "it stops when the group is whole: {} s", recovery.watched_s);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_ended_unless_all_agree() {
    let moto = Moto::with(&["scaled"]);
    let before = watch(&moto, &service(&[200]).await, "heron", Disruption::NotAsked).await;
    let failure = before.recovery.failure().unwrap();
    assert!(failure.detail.contains("--allow-disruptive"), "{failure}");

    for (disruption, cause, word) in [
        (Disruption::NotInRoster, Cause::Refused, "allow_disruptive = true"),
        (Disruption::DryRun, Cause::NotCollected, "a dry run: it would end i-"),
    ] {
        let seen = watch(&moto, &service(&[200]).await, "heron", disruption).await;
        let failure = seen.recovery.failure().unwrap();
        assert_eq!(failure.cause, cause, "{failure}");
        assert!(failure.detail.contains(word), "{failure}");
        assert_eq!(seen.group, before.group, "{disruption:?}");
    }

    let broken = watch(&moto, &service(&[200, 500]).await, "heron", Disruption::Allowed).await;
    let Reading::Absent { note } = &broken.recovery else { panic!("{:?}", broken.recovery) };
    assert!(note.contains("answered 500 while the group was whole"), "{note}");
    assert_eq!(broken.group, before.group);

    let nobody = watch(&moto, &service(&[200]).await, "nobody", Disruption::Allowed).await;
    assert!(matches!(nobody.recovery, Reading::Absent { .. }), "{:?}", nobody.recovery);

    let anybody = watch(&moto, &service(&[200]).await, "", Disruption::Allowed).await;
    let failure = anybody.recovery.failure().unwrap();
    assert!(failure.detail.contains("nothing tells that the account's groups are the team's"), "{failure}");
}
