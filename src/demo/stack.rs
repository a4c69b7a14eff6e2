//! The live half of a recorded stack: its rules, target groups and healthy targets, on loopback.

use super::load_balancer::{Answers, Backend, ForwardRule, LoadBalancerConfig};
use stackmark_evidence::aws::{Action, AwsEvidence};

/// What an application load balancer answers where no rule fits and the default action forwards nowhere.
const NO_TARGET: u16 = 503;
/// What the application answers on a path that it does not serve.
const NOT_SERVED: u16 = 404;

/// A load balancer that does what the recorded listener rules say, with one back end for each registered target.
///
/// Rules with a path come first, in the listener's order; a default action that forwards comes last. An application
/// serves its own cluster's path only: what the default action sends to it is not found.
pub fn live(aws: &AwsEvidence) -> LoadBalancerConfig {
    let mut rules = Vec::new();
    for rule in aws.rules.value().into_iter().flatten() {
        for pattern in &rule.path_patterns {
            rules.push(ForwardRule {
                path_prefix: pattern.trim_end_matches('*').to_owned(),
                backends: backends(&rule.actions, aws, 200),
            });
        }
    }
    for listener in aws.listeners.value().into_iter().flatten() {
        let backends = backends(&listener.default_actions, aws, NOT_SERVED);
        if !backends.is_empty() {
            rules.push(ForwardRule { path_prefix: "/".to_owned(), backends });
        }
    }
    LoadBalancerConfig { rules, default_status: NO_TARGET }
}

fn backends(actions: &[Action], aws: &AwsEvidence, status: u16) -> Vec<Backend> {
    let groups: Vec<&String> = actions.iter().flat_map(|action| &action.target_group_arns).collect();
    let targets = aws.target_health.value().into_iter().flatten();
    targets
        .filter(|target| groups.contains(&&target.target_group_arn))
        .map(|target| Backend {
            instance_id: target.target_id.clone(),
            healthy: target.state == "healthy",
            status,
            answers: Answers::Json,
        })
        .collect()
}
