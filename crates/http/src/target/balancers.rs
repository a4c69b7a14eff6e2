//! Which application or network load balancer requests go to: by what it serves, never by its name.

use std::cmp::Reverse;

use stackmark_evidence::aws::{Action, AwsEvidence, Listener, LoadBalancer, TargetHealth};
use stackmark_evidence::{Reading, Unreadable};
use stackmark_language::routes::{Asked, Fit, Rule};

/// What is behind a listener; the earlier, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    /// A healthy target.
    Healthy,
    /// Targets of which it is not known: they are on their way, are not checked, or could not be read.
    Perhaps,
    /// Targets, none of which is healthy.
    Failing,
    /// No target; it answers by itself.
    Itself,
    /// Nothing.
    Nothing,
}

/// A load balancer with the listener to talk to.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'a> {
    pub(super) balancer: &'a LoadBalancer,
    pub(super) listener: &'a Listener,
    /// Of the URL.
    pub(super) scheme: &'static str,
    /// HTTP, redirecting HTTP, HTTPS, TCP, TLS.
    rank: u8,
    service: Service,
    healthy: usize,
    registered: usize,
    /// Paths that a rule of its own sends somewhere.
    routed: usize,
}

/// Of each load balancer that can carry HTTP, its best listener; the best load balancer first, and those that are level in
/// the order of their names.
///
/// # Errors
/// The listeners could not be read.
pub(super) fn candidates<'a>(
    load_balancers: &'a [LoadBalancer],
    aws: &'a AwsEvidence,
    paths: &[&str],
) -> Result<Vec<Candidate<'a>>, Unreadable> {
    let listeners = match &aws.listeners {
        Reading::Observed { value } => value.as_slice(),
        Reading::Absent { .. } => &[],
        Reading::Unreadable(_) if load_balancers.is_empty() => &[],
        Reading::Unreadable(failure) => return Err(failure.clone()),
    };
    let surroundings = Surroundings::of(aws);
    let mut candidates: Vec<Candidate<'a>> = load_balancers
        .iter()
        .filter_map(|balancer| {
            let own: Vec<&Listener> = listeners
                .iter()
                .filter(|listener| listener.load_balancer_arn == balancer.load_balancer_arn)
                .filter(|listener| (1..=65535).contains(&listener.port))
                .collect();
            best_listener(balancer, &own, &surroundings, paths)
        })
        .collect();
    candidates.sort_by(|a, b| {
        let (left, right) = (a.balancer, b.balancer);
        a.preference()
            .cmp(&b.preference())
            .then_with(|| left.load_balancer_name.cmp(&right.load_balancer_name))
            .then_with(|| left.load_balancer_arn.cmp(&right.load_balancer_arn))
    });
    Ok(candidates)
}

/// Rules and targets, as far as they were read.
struct Surroundings<'a> {
    rules: Vec<Rule>,
    /// `None` where the health of targets could not be read.
    health: Option<&'a [TargetHealth]>,
}

impl<'a> Surroundings<'a> {
    fn of(aws: &'a AwsEvidence) -> Self {
        let rules = aws.rules.value().into_iter().flatten();
        // A rule that does not convert routes nothing; there is none, for the fields are the evidence's own.
        let rules = rules.filter_map(|rule| serde_json::from_value(serde_json::to_value(rule).ok()?).ok()).collect();
        let health = match &aws.target_health {
            Reading::Observed { value } => Some(value.as_slice()),
            Reading::Absent { .. } => Some(&[][..]),
            Reading::Unreadable(_) => None,
        };
        Self { rules, health }
    }

    /// What is behind a listener, with its healthy targets and all of them.
    fn behind(&self, listener: &Listener) -> (Service, usize, usize) {
        let rules = self.rules.iter().filter(|rule| rule.listener_arn == listener.listener_arn);
        let by_rules = rules.flat_map(Rule::groups);
        let by_default = listener.default_actions.iter().flat_map(|action| &action.target_group_arns);
        let groups: Vec<&str> = by_rules.chain(by_default.map(String::as_str)).collect();
        if groups.is_empty() {
            let itself = listener.default_actions.iter().any(|action| action.kind == "fixed-response");
            return (if itself { Service::Itself } else { Service::Nothing }, 0, 0);
        }
        let Some(health) = self.health else { return (Service::Perhaps, 0, 0) };
        let targets: Vec<&TargetHealth> =
            health.iter().filter(|target| groups.contains(&target.target_group_arn.as_str())).collect();
        let count = |states: &[&str]| targets.iter().filter(|target| states.contains(&target.state.as_str())).count();
        let healthy = count(&["healthy"]);
        let service = if healthy > 0 {
            Service::Healthy
        } else if count(&["initial", "unavailable", ""]) > 0 {
            Service::Perhaps
        } else if targets.is_empty() {
            Service::Nothing
        } else {
            Service::Failing
        };
        (service, healthy, targets.len())
    }

    /// How many of the paths a rule other than the default one takes.
    fn routed(&self, listener: &Listener, host: &str, paths: &[&str]) -> usize {
        let own = |path: &str| {
            self.rules.iter().any(|rule| {
                rule.listener_arn == listener.listener_arn
                    && !rule.is_default
                    && rule.fit(Asked { path, host: Some(host) }) == Fit::Yes
                    && rule.groups().next().is_some()
            })
        };
        paths.iter().filter(|path| own(path)).count()
    }
}

fn only_redirects(listener: &Listener) -> bool {
    let redirects = |action: &Action| action.kind == "redirect";
    listener.default_actions.iter().any(redirects)
}

fn best_listener<'a>(
    balancer: &'a LoadBalancer,
    listeners: &[&'a Listener],
    surroundings: &Surroundings<'_>,
    paths: &[&str],
) -> Option<Candidate<'a>> {
    let secured = listeners.iter().filter(|listener| listener.protocol == "HTTPS");
    let secured = secured.map(|listener| surroundings.behind(listener)).min_by_key(|(service, _, _)| *service);
    listeners
        .iter()
        .copied()
        .filter_map(|listener| {
            let (mut service, mut healthy, mut registered) = surroundings.behind(listener);
            let redirects = only_redirects(listener) && service == Service::Nothing;
            // It leads to the secure listener, and whoever is behind that.
            if redirects {
                (service, healthy, registered) = secured.unwrap_or((Service::Itself, 0, 0));
            }
            let (rank, scheme) = match listener.protocol.as_str() {
                "HTTP" if redirects => (1, "http"),
                "HTTP" => (0, "http"),
                "HTTPS" => (2, "https"),
                "TCP" | "TCP_UDP" => (3, "http"),
                "TLS" => (4, "https"),
                _ => return None,
            };
            let routed = surroundings.routed(listener, &balancer.dns_name, paths);
            Some(Candidate { balancer, listener, scheme, rank, service, healthy, registered, routed })
        })
        .min_by_key(|it| (it.service, Reverse(it.routed), it.rank, it.listener.port != 80, it.listener.port))
}

impl Candidate<'_> {
    /// The smaller, the better.
    fn preference(&self) -> impl Ord + use<> {
        let balancer = self.balancer;
        (
            balancer.scheme != "internet-facing",
            balancer.state == "failed",
            self.service,
            Reverse(self.routed),
            balancer.state != "active",
            balancer.kind != "application",
            self.rank,
        )
    }

    /// Whether nothing but names tells the two apart.
    pub(super) fn is_level_with(&self, other: &Self) -> bool {
        self.preference().cmp(&other.preference()).is_eq()
    }

    /// Whether anything may be behind it.
    pub(super) fn serves(&self) -> bool {
        self.service != Service::Nothing
    }

    /// What speaks for it.
    pub(super) fn why(&self) -> String {
        format!(
            "{}, {}, {}, {} listener on port {}, {}",
            self.balancer.scheme,
            self.balancer.state,
            self.balancer.kind,
            self.listener.protocol,
            self.listener.port,
            self.behind()
        )
    }

    /// Its name with what is behind it.
    pub(super) fn words(&self) -> String {
        format!("{} ({}, {})", self.balancer.load_balancer_name, self.balancer.scheme, self.behind())
    }

    fn behind(&self) -> String {
        match self.service {
            Service::Itself => "no target, answers by itself".to_owned(),
            Service::Nothing => "no target registered".to_owned(),
            Service::Perhaps if self.registered == 0 => "targets not known".to_owned(),
            _ => format!("{} of {} targets healthy", self.healthy, self.registered),
        }
    }
}
