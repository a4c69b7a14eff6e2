use serde_json::json;
use stackmark_evidence::aws::{ClassicLoadBalancer, Listener};

use super::*;

fn balancer(name: &str, scheme: &str, state: &str, kind: &str) -> LoadBalancer {
    LoadBalancer {
        load_balancer_arn: format!("arn:{name}"),
        load_balancer_name: name.to_owned(),
        dns_name: format!("{name}-1.us-east-1.elb.amazonaws.com"),
        kind: kind.to_owned(),
        scheme: scheme.to_owned(),
        state: state.to_owned(),
        vpc_id: None,
        availability_zones: Vec::new(),
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        created_time: None,
        region: String::new(),
        tags: Default::default(),
    }
}

fn listener(name: &str, protocol: &str, port: i64) -> Listener {
    Listener {
        listener_arn: format!("arn:{name}:{port}"),
        load_balancer_arn: format!("arn:{name}"),
        protocol: protocol.to_owned(),
        port,
        default_actions: Vec::new(),
    }
}

fn stack(load_balancers: Vec<LoadBalancer>, listeners: Vec<Listener>) -> AwsEvidence {
    AwsEvidence {
        load_balancers: Reading::observed(load_balancers),
        listeners: Reading::observed(listeners),
        ..AwsEvidence::default()
    }
}

fn chosen(aws: &AwsEvidence) -> Target {
    target(aws, None, &Settings::default()).value().cloned().expect("a target")
}

#[test]
fn a_load_balancer_that_could_not_be_read_may_be_the_one() {
    let failure = stackmark_evidence::Unreadable::new(Cause::Denied, "no");
    let gap = stackmark_evidence::aws::Gap::rows(Default::default(), failure);
    let gaps = [("load_balancers".to_owned(), vec![gap])].into();
    let aws = AwsEvidence { gaps, ..stack(Vec::new(), Vec::new()) };
    assert_eq!(target(&aws, None, &Settings::default()).failure().map(|it| it.cause), Some(Cause::Denied));
}

#[test]
fn a_classic_load_balancer_is_asked_where_there_is_no_newer_one() {
    let classic = |name: &str, scheme: &str, listeners: &[(&str, i64)]| {
        let listener = |&(protocol, port): &(&str, i64)| {
            serde_json::json!({
                "protocol": protocol, "load_balancer_port": port, "instance_protocol": "HTTP",
                "instance_port": 5000, "policy_names": [],
            })
        };
        let row = serde_json::json!({
            "load_balancer_name": name, "dns_name": format!("{name}.us-east-1.elb.amazonaws.com"), "scheme": scheme,
            "vpc_id": null, "subnets": [], "availability_zones": [], "security_groups": [], "instances": [],
            "listeners": listeners.iter().map(listener).collect::<Vec<_>>(), "health_check": null,
            "attributes": {}, "created_time": null, "region": "us-east-1", "tags": {},
            "policies": { "app_cookie_stickiness": [], "lb_cookie_stickiness": [], "other": [] },
        });
        serde_json::from_value::<ClassicLoadBalancer>(row).unwrap()
    };
    let rows = vec![
        classic("inside", "internal", &[("HTTP", 80)]),
        classic("front", "internet-facing", &[("TCP", 80), ("HTTP", 5000)]),
    ];
    let day02 = AwsEvidence { classic_load_balancers: Reading::observed(rows), ..stack(Vec::new(), Vec::new()) };
    assert_eq!(chosen(&day02).url, "http://front.us-east-1.elb.amazonaws.com:5000");
    let denied = Reading::unreadable(Cause::Denied, "missing permission: elasticloadbalancing:DescribeLoadBalancers");
    let denied = AwsEvidence { classic_load_balancers: denied, ..stack(Vec::new(), Vec::new()) };
    assert!(target(&denied, None, &Settings::default()).failure().is_some(), "it may be there");
}

#[test]
fn the_roster_wins_and_keeps_its_base_path() {
    let aws = stack(vec![balancer("lb", "internet-facing", "active", "application")], vec![listener("lb", "HTTP", 80)]);
    let settings =
        Settings { resolve: vec!["api.example.com:443:127.0.0.1:8443".parse().unwrap()], ..Settings::default() };
    let reading = target(&aws, Some("https://API.example.com/prod/"), &settings);
    let target = reading.value().unwrap();
    assert_eq!((target.url.as_str(), target.from.as_str()), ("https://api.example.com/prod", "roster"));
    assert_eq!(target.resolved_to.as_deref(), Some("api.example.com:443:127.0.0.1:8443"));
}

#[test]
fn a_base_url_that_is_none_is_malformed_and_never_shows_a_password() {
    for base_url in [
        "lb.example.com",
        "ftp://lb.example.com",
        "http://",
        concat!("http://u:", "hunter2@lb.example.com"),
        "http://lb/?q",
    ] {
        let reading = target(&AwsEvidence::default(), Some(base_url), &Settings::default());
        let failure = reading.failure().expect(base_url);
        assert_eq!(failure.cause, Cause::Malformed, "{base_url}");
        assert!(!failure.detail.contains("hunter2"), "{}", failure.detail);
    }
}

#[test]
fn http_on_port_80_is_the_first_choice_of_listeners() {
    let balancers = vec![balancer("lb", "internet-facing", "active", "application")];
    for (listeners, url) in [
        (vec![("HTTPS", 443), ("HTTP", 8080), ("HTTP", 80)], "http://lb-1.us-east-1.elb.amazonaws.com"),
        (vec![("HTTP", 8080), ("HTTP", 5000)], "http://lb-1.us-east-1.elb.amazonaws.com:5000"),
        (vec![("HTTPS", 443)], "https://lb-1.us-east-1.elb.amazonaws.com"),
        (vec![("TLS", 443), ("TCP", 8000)], "http://lb-1.us-east-1.elb.amazonaws.com:8000"),
    ] {
        let listeners = listeners.into_iter().map(|(protocol, port)| listener("lb", protocol, port)).collect();
        assert_eq!(chosen(&stack(balancers.clone(), listeners)).url, url);
    }
}

#[test]
fn the_best_of_several_load_balancers_is_taken_whatever_their_order() {
    let mut balancers = vec![
        balancer("a-internal", "internal", "active", "application"),
        balancer("b-failed", "internet-facing", "failed", "application"),
        balancer("c-network", "internet-facing", "active", "network"),
        balancer("d-mute", "internet-facing", "active", "application"),
        balancer("e-secure", "internet-facing", "active", "application"),
        balancer("f-good", "internet-facing", "active", "application"),
    ];
    let listeners = vec![
        listener("a-internal", "HTTP", 80),
        listener("b-failed", "HTTP", 80),
        listener("c-network", "TCP", 80),
        listener("e-secure", "HTTPS", 443),
        listener("f-good", "HTTP", 80),
    ];
    for _ in 0..balancers.len() {
        balancers.rotate_left(1);
        let target = chosen(&stack(balancers.clone(), listeners.clone()));
        assert_eq!(target.load_balancer_arn.as_deref(), Some("arn:f-good"));
        assert_eq!(target.load_balancers, 6);
        assert!(target.note.as_deref().unwrap().starts_with("f-good was taken of 6 load balancers"));
    }
}

#[test]
fn nothing_to_talk_to_is_absent_and_says_what_was_looked_for() {
    let silent = stack(vec![balancer("mute", "internet-facing", "active", "application")], Vec::new());
    for (aws, words) in [(stack(Vec::new(), Vec::new()), "AWS lists none"), (silent, "no listener that carries HTTP")] {
        match target(&aws, None, &Settings::default()) {
            Reading::Absent { note } => assert!(note.contains(words), "{note}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_aws_would_not_tell_is_never_taken_for_absent() {
    let denied = || Reading::unreadable(Cause::Denied, "elasticloadbalancing:DescribeListeners");
    let mut aws = stack(vec![balancer("lb", "internet-facing", "active", "application")], Vec::new());
    aws.listeners = denied();
    let listeners_denied = target(&aws, None, &Settings::default());
    assert_eq!(listeners_denied.failure().map(|failure| failure.cause), Some(Cause::Denied));
    let nothing_read = target(&AwsEvidence::default(), None, &Settings::default());
    assert_eq!(nothing_read.failure().map(|failure| failure.cause), Some(Cause::NotCollected));
}

#[test]
fn a_dns_name_cannot_smuggle_in_another_host() {
    let mut evil = balancer("lb", "internet-facing", "active", "application");
    evil.dns_name = "lb.example.com@10.0.0.1/#".to_owned();
    let reading = target(&stack(vec![evil], vec![listener("lb", "HTTP", 80)]), None, &Settings::default());
    assert_eq!(reading.failure().map(|failure| failure.cause), Some(Cause::Malformed));
}

/// Forwards to a group of the load balancer's own, in which so many targets are in these states.
fn served(name: &str, states: &[&str]) -> (LoadBalancer, Listener, Vec<serde_json::Value>) {
    let group = format!("arn:group:{name}");
    let listener = Listener { default_actions: vec![action("forward", &[&group])], ..listener(name, "HTTP", 80) };
    let target = |(number, state): (usize, &&str)| {
        json!({ "target_group_arn": group, "target_id": format!("i-{number}"), "port": 80, "state": state,
                "reason": null, "description": null })
    };
    let health = states.iter().enumerate().map(target).collect();
    (balancer(name, "internet-facing", "active", "application"), listener, health)
}

fn action(kind: &str, groups: &[&str]) -> stackmark_evidence::aws::Action {
    serde_json::from_value(json!({ "type": kind, "target_group_arns": groups, "status_code": null })).unwrap()
}

fn stack_of(parts: Vec<(LoadBalancer, Listener, Vec<serde_json::Value>)>, rules: serde_json::Value) -> AwsEvidence {
    let (mut balancers, mut listeners, mut health) = (Vec::new(), Vec::new(), Vec::new());
    for (balancer, listener, targets) in parts {
        balancers.push(balancer);
        listeners.push(listener);
        health.extend(targets);
    }
    AwsEvidence {
        target_health: Reading::observed(serde_json::from_value(health.into()).unwrap()),
        rules: Reading::observed(serde_json::from_value(rules).unwrap()),
        ..stack(balancers, listeners)
    }
}

fn rule(listener: &str, path: &str, group: &str) -> serde_json::Value {
    json!({
        "rule_arn": format!("arn:rule:{path}"), "listener_arn": listener, "priority": "10", "is_default": false,
        "path_patterns": [path], "host_headers": [], "actions": [{ "type": "forward", "target_group_arns": [group],
        "status_code": null }],
    })
}

#[test]
fn what_a_load_balancer_serves_counts_and_its_name_does_not() {
    for (better, worse) in [
        (&["healthy", "unhealthy"][..], &[][..]),
        (&["healthy"][..], &["initial", "initial"][..]),
        (&["initial"][..], &["unhealthy"][..]),
        (&["unhealthy", "draining"][..], &[][..]),
    ] {
        for (left_over, used) in [("a-first-try", "web-lb"), ("web-lb", "a-first-try")] {
            let aws = stack_of(vec![served(left_over, worse), served(used, better)], json!([]));
            let target = chosen(&aws);
            assert_eq!(target.load_balancer_arn, Some(format!("arn:{used}")), "{better:?} and {worse:?}");
            assert_eq!(target.listener_arn, Some(format!("arn:{used}:80")));
            let note = target.note.unwrap();
            assert!(note.contains("not taken") && note.contains(left_over), "{note}");
        }
    }
}

#[test]
fn one_that_is_impaired_and_serves_comes_before_one_that_is_active_and_does_not() {
    let mut impaired = served("web-lb", &["healthy"]);
    impaired.0.state = "active_impaired".to_owned();
    let aws = stack_of(vec![served("a-first-try", &[]), impaired], json!([]));
    assert_eq!(chosen(&aws).load_balancer_arn.as_deref(), Some("arn:web-lb"));
}

#[test]
fn the_one_with_rules_for_what_is_asked_is_taken() {
    let parts = || vec![served("a", &["healthy"]), served("b", &["healthy"])];
    let aws = stack_of(parts(), json!([rule("arn:b:80", "/cluster1", "arn:group:b")]));
    let paths = ["/cluster1", "/cluster2"];
    let reading = target_for(&aws, None, &paths, &Settings::default());
    assert_eq!(reading.value().unwrap().load_balancer_arn.as_deref(), Some("arn:b"));
    assert!(target_for(&aws, None, &["/health"], &Settings::default()).value().is_none(), "no rule for that");
}

#[test]
fn where_several_remain_nobody_is_asked_and_the_reason_names_them() {
    let parts = || vec![served("a-lb", &["healthy"]), served("b-lb", &["healthy", "healthy"])];
    let mut aws = stack_of(parts(), json!([]));
    let reading = target(&aws, None, &Settings::default());
    let failure = reading.failure().expect("nothing tells which");
    assert_eq!(failure.cause, Cause::Refused);
    for words in ["a-lb", "b-lb", "1 of 1 targets healthy", "2 of 2 targets healthy", "set base_url in the roster"] {
        assert!(failure.detail.contains(words), "{words}: {failure}");
    }
    aws.target_health = Reading::unreadable(Cause::Denied, "elasticloadbalancing:DescribeTargetHealth");
    let denied = target(&aws, None, &Settings::default());
    assert!(denied.failure().is_some_and(|failure| failure.detail.contains("could not be read (denied")), "{denied:?}");
    let one = AwsEvidence { load_balancers: Reading::observed(vec![parts().remove(0).0]), ..aws };
    assert!(target(&one, None, &Settings::default()).value().is_some(), "one alone needs no health");
}

#[test]
fn a_listener_that_only_redirects_gives_way_to_one_that_serves() {
    let redirecting = Listener { default_actions: vec![action("redirect", &[])], ..listener("lb", "HTTP", 80) };
    let serving = |protocol, port| Listener {
        default_actions: vec![action("forward", &["arn:group:lb"])],
        ..listener("lb", protocol, port)
    };
    let balancers = vec![balancer("lb", "internet-facing", "active", "application")];
    for (other, url) in [
        (serving("HTTP", 8080), "http://lb-1.us-east-1.elb.amazonaws.com:8080"),
        // There it leads, and it may lead to the name that the certificate is for.
        (serving("HTTPS", 443), "http://lb-1.us-east-1.elb.amazonaws.com"),
    ] {
        assert_eq!(chosen(&stack(balancers.clone(), vec![redirecting.clone(), other])).url, url);
    }
}
