//! Classic load balancers, for courses that ask for one.

use std::cmp::Reverse;

use stackmark_collect::Settings;
use stackmark_evidence::aws::{AwsEvidence, ClassicLoadBalancer};
use stackmark_evidence::closed::TargetFrom;
use stackmark_evidence::http::Target;
use stackmark_evidence::{Cause, Reading, Unreadable};

use super::told::{NAMED, override_of, plain_url, undecided, without_final_slash};

/// One that carries HTTP.
pub(super) struct Classic<'a> {
    balancer: &'a ClassicLoadBalancer,
    carries_tcp: bool,
    port: i64,
}

impl Classic<'_> {
    /// Whether any instance is behind it.
    pub(super) fn serves(&self) -> bool {
        !self.balancer.instances.is_empty()
    }

    /// The smaller, the better.
    fn preference(&self) -> impl Ord + use<> {
        (self.balancer.scheme != "internet-facing", Reverse(self.serves()), self.carries_tcp)
    }

    fn words(&self) -> String {
        let (name, scheme) = (&self.balancer.load_balancer_name, &self.balancer.scheme);
        format!("{name} ({scheme}, {} instances)", self.balancer.instances.len())
    }
}

/// The best first: internet-facing before internal, with instances before without, HTTP before TCP; of its listeners the
/// lowest port. None where the rubric reads none.
///
/// # Errors
/// They could not be read.
pub(super) fn candidates(aws: &AwsEvidence) -> Result<Vec<Classic<'_>>, Unreadable> {
    let balancers = match &aws.classic_load_balancers {
        Reading::Observed { value } => value,
        Reading::Unreadable(failure) if failure.cause != Cause::NotCollected => return Err(failure.clone()),
        Reading::Absent { .. } | Reading::Unreadable(_) => return Ok(Vec::new()),
    };
    let mut candidates: Vec<Classic<'_>> = balancers.iter().filter_map(carrying).collect();
    candidates.sort_by(|a, b| {
        let names = || a.balancer.load_balancer_name.cmp(&b.balancer.load_balancer_name);
        a.preference().cmp(&b.preference()).then_with(names)
    });
    Ok(candidates)
}

fn carrying(balancer: &ClassicLoadBalancer) -> Option<Classic<'_>> {
    let listeners = balancer.listeners.iter().filter(|it| matches!(it.protocol.as_str(), "HTTP" | "TCP"));
    let (carries_tcp, port) = listeners.map(|it| (it.protocol != "HTTP", it.load_balancer_port)).min()?;
    Some(Classic { balancer, carries_tcp, port })
}

/// The target that the best of them is; at least one is there.
pub(super) fn target(candidates: &[Classic<'_>], settings: &Settings) -> Reading<Target> {
    let Some(best) = candidates.first() else { return Reading::absent("no classic load balancer carries HTTP") };
    let level = candidates.iter().filter(|it| it.preference().cmp(&best.preference()).is_eq());
    let level: Vec<String> = level.map(Classic::words).collect();
    if level.len() > 1 {
        return undecided(level.len(), &level[..level.len().min(NAMED)], "");
    }
    let Some(url) = plain_url("http", &best.balancer.dns_name, best.port) else {
        let detail = format!("the DNS name `{}` makes no URL", best.balancer.dns_name.escape_debug());
        return Reading::unreadable(Cause::Malformed, detail);
    };
    Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: TargetFrom::LoadBalancer,
        load_balancer_arn: None,
        listener_arn: None,
        load_balancers: candidates.len() as u64,
        note: Some(format!("the classic load balancer {}", best.balancer.load_balancer_name)),
    })
}
