//! Where the requests go: the roster's URL, or the load balancer that AWS names.

use std::cmp::Reverse;

use url::Url;

use stackmark_collect::Settings;
use stackmark_collect::resolve;
use stackmark_evidence::aws::{AwsEvidence, ClassicLoadBalancer, Listener, LoadBalancer};
use stackmark_evidence::http::Target;
use stackmark_evidence::{Cause, Reading};

/// Where to send the requests of a team.
///
/// `base_url` (the roster's) wins. Otherwise it is the team's load balancer, or the best of several: internet-facing
/// before internal, active before any other state, application before network, HTTP before HTTPS before TCP before TLS,
/// then by name and ARN. Of its listeners HTTP comes first, then port 80, then the lowest port. One without a listener that can
/// carry HTTP is taken by no request.
///
/// Where there is none of these, a classic load balancer is taken, if the rubric has them read.
///
/// Absent where AWS was read and holds no such load balancer; unreadable, with the same cause, where AWS was not.
pub fn target(aws: &AwsEvidence, base_url: Option<&str>, settings: &Settings) -> Reading<Target> {
    match base_url {
        Some(base_url) => from_roster(base_url, settings),
        None => unless_missing(aws, from_load_balancers(aws, settings)),
    }
}

fn from_roster(base_url: &str, settings: &Settings) -> Reading<Target> {
    let malformed = |problem: &str| Reading::unreadable(Cause::Malformed, format!("base_url of the roster {problem}"));
    let Ok(url) = Url::parse(base_url) else {
        return malformed(&format!("is not an http:// or https:// URL: `{base_url}`"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return malformed(&format!("is not an http:// or https:// URL: `{base_url}`"));
    }
    // Not repeated in the message: it may hold a password.
    if !url.username().is_empty() || url.password().is_some() {
        return malformed("holds a user name or password; credentials never stand in the roster");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return malformed(&format!("holds a query or a fragment: `{base_url}`"));
    }
    Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: "roster".to_owned(),
        load_balancer_arn: None,
        load_balancers: 0,
        note: None,
    })
}

/// A load balancer or a listener that could not be read may be the one: then none is absent.
fn unless_missing(aws: &AwsEvidence, found: Reading<Target>) -> Reading<Target> {
    let tables = ["load_balancers", "listeners", "classic_load_balancers"];
    match (found, tables.iter().find_map(|table| aws.missing(table))) {
        (Reading::Absent { .. }, Some(failure)) => Reading::Unreadable(failure.clone()),
        (found, _) => found,
    }
}

fn from_load_balancers(aws: &AwsEvidence, settings: &Settings) -> Reading<Target> {
    let load_balancers = match &aws.load_balancers {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Reading::absent(format!("no load balancer to send requests to: {note}")),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    if load_balancers.is_empty() {
        if let Some(target) = from_classic(aws, settings) {
            return target;
        }
        return Reading::absent(
            "no load balancer to send requests to: AWS lists none in the team's scope, and the roster has no base_url",
        );
    }
    let listeners = match &aws.listeners {
        Reading::Observed { value } => value.as_slice(),
        Reading::Absent { .. } => &[],
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    let best = load_balancers
        .iter()
        .filter_map(|balancer| Some((balancer, best_listener(balancer, listeners)?)))
        .min_by_key(|(balancer, (rank, _, _))| preference(balancer, *rank));
    let Some((balancer, (_, scheme, listener))) = best else {
        let names: Vec<&str> =
            load_balancers.iter().map(|balancer| balancer.load_balancer_name.as_str()).take(5).collect();
        let more = if load_balancers.len() > names.len() { ", …" } else { "" };
        return Reading::absent(format!(
            "no listener that carries HTTP (HTTP, HTTPS, TCP or TLS) on the team's load balancers ({}{more})",
            names.join(", ")
        ));
    };
    let url = match Url::parse(&format!("{scheme}://{}:{}/", balancer.dns_name, listener.port)) {
        // Only a host and a port: a DNS name that smuggles in anything else is none.
        Ok(url) if url.path() == "/" && url.username().is_empty() && url.query().is_none() => url,
        _ => {
            return Reading::unreadable(
                Cause::Malformed,
                format!(
                    "the DNS name `{}` and port {} of load balancer {} make no URL",
                    balancer.dns_name.escape_debug(),
                    listener.port,
                    balancer.load_balancer_name
                ),
            );
        }
    };
    let count = load_balancers.len();
    Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: "load-balancer".to_owned(),
        load_balancer_arn: Some(balancer.load_balancer_arn.clone()),
        load_balancers: count as u64,
        note: (count > 1).then(|| {
            format!(
                "{} was taken of {count} load balancers: {}, {}, {}, {} listener on port {}",
                balancer.load_balancer_name,
                balancer.scheme,
                balancer.state,
                balancer.kind,
                listener.protocol,
                listener.port
            )
        }),
    })
}

/// A classic load balancer, for courses that ask for one: internet-facing before internal, then by name; of its listeners
/// HTTP before TCP, then the lowest port. `None` where the rubric reads none, or there is none that carries HTTP.
fn from_classic(aws: &AwsEvidence, settings: &Settings) -> Option<Reading<Target>> {
    let balancers = match &aws.classic_load_balancers {
        Reading::Observed { value } => value,
        Reading::Unreadable(failure) if failure.cause != Cause::NotCollected => {
            return Some(Reading::Unreadable(failure.clone()));
        }
        Reading::Absent { .. } | Reading::Unreadable(_) => return None,
    };
    let carries = |balancer: &ClassicLoadBalancer| {
        let listeners = balancer.listeners.iter().filter(|it| matches!(it.protocol.as_str(), "HTTP" | "TCP"));
        listeners.map(|it| (it.protocol != "HTTP", it.load_balancer_port)).min().map(|(_, port)| port)
    };
    let candidates = balancers.iter().filter_map(|balancer| Some((balancer, carries(balancer)?)));
    let (balancer, port) = candidates
        .min_by_key(|(balancer, _)| (balancer.scheme != "internet-facing", balancer.load_balancer_name.as_str()))?;
    let url = Url::parse(&format!("http://{}:{port}/", balancer.dns_name))
        .ok()
        .filter(|url| url.path() == "/" && url.username().is_empty() && url.query().is_none());
    let Some(url) = url else {
        let detail = format!("the DNS name `{}` makes no URL", balancer.dns_name.escape_debug());
        return Some(Reading::unreadable(Cause::Malformed, detail));
    };
    Some(Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: "load-balancer".to_owned(),
        load_balancer_arn: None,
        load_balancers: balancers.len() as u64,
        note: Some(format!("the classic load balancer {}", balancer.load_balancer_name)),
    }))
}

/// The smaller, the better.
fn preference(balancer: &LoadBalancer, listener_rank: u8) -> impl Ord + use<'_> {
    (
        Reverse(balancer.scheme == "internet-facing"),
        Reverse(balancer.state == "active"),
        Reverse(balancer.kind == "application"),
        listener_rank,
        balancer.load_balancer_name.as_str(),
        balancer.load_balancer_arn.as_str(),
    )
}

/// The listener to talk to, with its rank and the URL's scheme.
fn best_listener<'a>(balancer: &LoadBalancer, listeners: &'a [Listener]) -> Option<(u8, &'static str, &'a Listener)> {
    listeners
        .iter()
        .filter(|listener| listener.load_balancer_arn == balancer.load_balancer_arn)
        .filter(|listener| (1..=65535).contains(&listener.port))
        .filter_map(|listener| {
            let (rank, scheme) = match listener.protocol.as_str() {
                "HTTP" => (0, "http"),
                "HTTPS" => (1, "https"),
                "TCP" | "TCP_UDP" => (2, "http"),
                "TLS" => (3, "https"),
                _ => return None,
            };
            Some((rank, scheme, listener))
        })
        .min_by_key(|(rank, _, listener)| (*rank, listener.port != 80, listener.port))
}

fn override_of(url: &Url, settings: &Settings) -> Option<String> {
    resolve::find(&settings.resolve, url.host_str()?, url.port_or_known_default()?).map(ToString::to_string)
}

fn without_final_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
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
        let denied =
            Reading::unreadable(Cause::Denied, "missing permission: elasticloadbalancing:DescribeLoadBalancers");
        let denied = AwsEvidence { classic_load_balancers: denied, ..stack(Vec::new(), Vec::new()) };
        assert!(target(&denied, None, &Settings::default()).failure().is_some(), "it may be there");
    }

    #[test]
    fn the_roster_wins_and_keeps_its_base_path() {
        let aws =
            stack(vec![balancer("lb", "internet-facing", "active", "application")], vec![listener("lb", "HTTP", 80)]);
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
    fn a_load_balancer_that_could_not_be_read_may_be_the_one() {
        let failure = stackmark_evidence::Unreadable::new(Cause::Denied, "no");
        let gap = stackmark_evidence::aws::Gap::rows(Default::default(), failure);
        let gaps = [("load_balancers".to_owned(), vec![gap])].into();
        let aws = AwsEvidence { gaps, ..stack(Vec::new(), Vec::new()) };
        assert_eq!(target(&aws, None, &Settings::default()).failure().map(|it| it.cause), Some(Cause::Denied));
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
            balancer("g-good", "internet-facing", "active", "application"),
            balancer("f-good", "internet-facing", "active", "application"),
        ];
        let listeners = vec![
            listener("a-internal", "HTTP", 80),
            listener("b-failed", "HTTP", 80),
            listener("c-network", "TCP", 80),
            listener("e-secure", "HTTPS", 443),
            listener("f-good", "HTTP", 80),
            listener("g-good", "HTTP", 80),
        ];
        for _ in 0..balancers.len() {
            balancers.rotate_left(1);
            let target = chosen(&stack(balancers.clone(), listeners.clone()));
            assert_eq!(target.load_balancer_arn.as_deref(), Some("arn:f-good"));
            assert_eq!(target.load_balancers, 7);
            assert!(target.note.as_deref().unwrap().starts_with("f-good was taken of 7 load balancers"));
        }
    }

    #[test]
    fn nothing_to_talk_to_is_absent_and_says_what_was_looked_for() {
        let silent = stack(vec![balancer("mute", "internet-facing", "active", "application")], Vec::new());
        for (aws, words) in
            [(stack(Vec::new(), Vec::new()), "AWS lists none"), (silent, "no listener that carries HTTP")]
        {
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
}
