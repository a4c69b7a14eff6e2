//! Where the requests go: the roster's URL, or the load balancer that AWS names.

mod balancers;
mod classic;
mod told;

use url::Url;

use stackmark_collect::Settings;
use stackmark_evidence::aws::{AwsEvidence, LoadBalancer};
use stackmark_evidence::closed::TargetFrom;
use stackmark_evidence::http::Target;
use stackmark_evidence::{Cause, Reading};

use balancers::Candidate;
use told::{NAMED, override_of, plain_url, undecided, without_final_slash};

/// Where to send the requests of a team, whatever they ask for; see [`target_for`].
pub fn target(aws: &AwsEvidence, base_url: Option<&str>, settings: &Settings) -> Reading<Target> {
    target_for(aws, base_url, &[], settings)
}

/// Where to send the requests of a team, which ask for these paths.
///
/// `base_url` (the roster's) wins. Otherwise it is the team's load balancer with a listener that can carry HTTP, or the best of
/// several: internet-facing before internal, not failed, then by what is behind it (healthy targets, targets on their way,
/// targets that fail, a fixed answer, nothing), by how many of `paths` have a rule of their own, active before any other state,
/// application before network, and HTTP before HTTPS before TCP before TLS. Where several remain, nothing tells which is the
/// team's: the target is unreadable (`refused`), and names them. Of its listeners, one with targets comes first, then HTTP that
/// answers itself before HTTP that only redirects, then port 80, then the lowest port.
///
/// Where none of these serves anything, a classic load balancer is taken, if the rubric has them read.
///
/// Absent where AWS was read and holds no such load balancer; unreadable, with the same cause, where AWS was not.
pub fn target_for(aws: &AwsEvidence, base_url: Option<&str>, paths: &[&str], settings: &Settings) -> Reading<Target> {
    match base_url {
        Some(base_url) => from_roster(base_url, settings),
        None => unless_missing(aws, from_load_balancers(aws, paths, settings)),
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
        return malformed("holds a user name or password; the roster must not contain credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return malformed(&format!("holds a query or a fragment: `{base_url}`"));
    }
    Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: TargetFrom::Roster,
        load_balancer_arn: None,
        listener_arn: None,
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

fn from_load_balancers(aws: &AwsEvidence, paths: &[&str], settings: &Settings) -> Reading<Target> {
    let load_balancers = match &aws.load_balancers {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Reading::absent(format!("no load balancer to send requests to: {note}")),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    let (candidates, classics) = match (balancers::candidates(load_balancers, aws, paths), classic::candidates(aws)) {
        (Ok(candidates), Ok(classics)) => (candidates, classics),
        (Err(failure), _) => return Reading::Unreadable(failure),
        // It may be there, and matters where the others serve nothing.
        (Ok(candidates), Err(failure)) => {
            if !candidates.first().is_some_and(Candidate::serves) {
                return Reading::Unreadable(failure);
            }
            (candidates, Vec::new())
        }
    };
    let takes_classic = match (candidates.first(), classics.first()) {
        (Some(best), Some(classic)) => !best.serves() && classic.serves(),
        (None, Some(_)) => true,
        _ => false,
    };
    if takes_classic {
        return classic::target(&classics, settings);
    }
    let Some(best) = candidates.first() else { return nothing_carries_http(load_balancers) };
    let level: Vec<&Candidate<'_>> = candidates.iter().filter(|other| other.is_level_with(best)).collect();
    if level.len() > 1 {
        let words: Vec<String> = level.iter().take(NAMED).map(|it| it.words()).collect();
        let unknown = match aws.target_health.failure() {
            Some(failure) => format!("; the targets' health could not be read ({failure})"),
            None => String::new(),
        };
        return undecided(level.len(), &words, &unknown);
    }
    let Some(url) = plain_url(best.scheme, &best.balancer.dns_name, best.listener.port) else {
        return Reading::unreadable(
            Cause::Malformed,
            format!(
                "the DNS name `{}` and port {} of load balancer {} make no URL",
                best.balancer.dns_name.escape_debug(),
                best.listener.port,
                best.balancer.load_balancer_name
            ),
        );
    };
    let others: Vec<String> = candidates.iter().skip(1).take(NAMED).map(Candidate::words).collect();
    let count = load_balancers.len();
    Reading::observed(Target {
        resolved_to: override_of(&url, settings),
        url: without_final_slash(&url),
        from: TargetFrom::LoadBalancer,
        load_balancer_arn: Some(best.balancer.load_balancer_arn.clone()),
        listener_arn: Some(best.listener.listener_arn.clone()),
        load_balancers: count as u64,
        note: (count > 1).then(|| {
            let passed_over =
                if others.is_empty() { String::new() } else { format!("; not taken: {}", others.join(", ")) };
            format!(
                "{} was taken of {count} load balancers: {}{passed_over}",
                best.balancer.load_balancer_name,
                best.why()
            )
        }),
    })
}

fn nothing_carries_http(load_balancers: &[LoadBalancer]) -> Reading<Target> {
    if load_balancers.is_empty() {
        return Reading::absent(
            "no load balancer to send requests to: AWS lists none in the team's scope, and the roster has no base_url",
        );
    }
    let names: Vec<&str> = load_balancers.iter().map(|it| it.load_balancer_name.as_str()).take(NAMED).collect();
    let more = if load_balancers.len() > names.len() { ", …" } else { "" };
    Reading::absent(format!(
        "no listener that carries HTTP (HTTP, HTTPS, TCP or TLS) on the team's load balancers ({}{more})",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests;
