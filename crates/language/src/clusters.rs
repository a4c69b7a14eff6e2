//! Which target groups the rules of a listener keep for each path: whether clusters have groups of their own.

use std::collections::BTreeSet;

use serde::Serialize;

use super::routes::Rule;

/// What one listener keeps apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct KeptApart {
    listener_arn: String,
    /// Sets of target groups, of which each serves paths that no other serves.
    groups: Vec<Vec<String>>,
    /// How many these are.
    apart: usize,
    /// How many they may be: by host or header, a request may meet one rule of several.
    perhaps: usize,
}

/// Of each listener, in the order in which they come.
pub(super) fn kept_apart(rules: &[Rule], paths: &[String]) -> Vec<KeptApart> {
    let mut listeners: Vec<&str> = Vec::new();
    for rule in rules {
        if !listeners.contains(&rule.listener_arn.as_str()) {
            listeners.push(&rule.listener_arn);
        }
    }
    let of = |listener: &str| {
        let mut own: Vec<&Rule> = rules.iter().filter(|rule| rule.listener_arn == listener).collect();
        own.sort_by_key(|rule| rule.order());
        let named: Vec<Vec<&Rule>> = paths.iter().map(|path| for_cluster(&own, path)).collect();
        let sets = merged(named.iter().map(|rules| groups(rules)));
        let first = merged(named.iter().map(|rules| groups(&rules[..rules.len().min(1)])));
        let by_host = own.iter().map(|of| merged(named.iter().map(|rules| groups(&under_hosts_of(of, rules)))));
        let most = by_host.map(|sets| sets.len()).max().unwrap_or_default();
        let perhaps = sets.len().max(first.len()).max(most);
        let told = |set: BTreeSet<&str>| set.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let groups: Vec<Vec<String>> = sets.into_iter().map(told).collect();
        KeptApart { listener_arn: listener.to_owned(), apart: groups.len(), groups, perhaps }
    };
    listeners.into_iter().map(of).collect()
}

/// Rules that name a path, or what is below it where these come first: a pattern may go on after it, as in `/cluster1/*`.
fn for_cluster<'a>(rules: &[&'a Rule], path: &str) -> Vec<&'a Rule> {
    let (bare, below) = (naming(rules, path), naming(rules, &format!("{path}/")));
    let first = |rules: &[&Rule]| rules.first().map_or(u64::MAX, |rule| rule.order());
    if first(&below) < first(&bare) { below } else { bare }
}

/// Rules that name a path and that a GET can meet, without those to which an earlier one leaves nothing.
fn naming<'a>(rules: &[&'a Rule], path: &str) -> Vec<&'a Rule> {
    let names = |(at, rule): &(usize, &'a Rule)| {
        let is_hidden = || rules[..*at].iter().any(|earlier| earlier.leaves_nothing(rule, path));
        !rule.path_patterns.is_empty() && rule.is_for_get() && rule.is_for_path(path) && !is_hidden()
    };
    rules.iter().copied().enumerate().filter(names).map(|(_, rule)| rule).collect()
}

/// Those that take requests for the hosts of a rule, without other conditions than paths and hosts.
fn under_hosts_of<'a>(of: &Rule, rules: &[&'a Rule]) -> Vec<&'a Rule> {
    let is_under = |rule: &&Rule| rule.is_plain() && (rule.is_for_any_host() || rule.host_headers == of.host_headers);
    rules.iter().copied().filter(is_under).collect()
}

fn groups<'a>(rules: &[&'a Rule]) -> BTreeSet<&'a str> {
    rules.iter().flat_map(|rule| rule.groups()).collect()
}

/// Sets that have something in common, as one.
fn merged<'a>(sets: impl Iterator<Item = BTreeSet<&'a str>>) -> Vec<BTreeSet<&'a str>> {
    let mut apart: Vec<BTreeSet<&str>> = Vec::new();
    for mut set in sets.filter(|set| !set.is_empty()) {
        let (shared, rest): (Vec<_>, Vec<_>) = apart.into_iter().partition(|known| !known.is_disjoint(&set));
        shared.into_iter().for_each(|known| set.extend(known));
        apart = rest;
        apart.push(set);
    }
    apart
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// A rule by its priority, its patterns, its groups with weights, and other conditions.
    fn rule(priority: u64, patterns: &[&str], groups: &[(&str, i64)], more: Json) -> Rule {
        let arns: Vec<&str> = groups.iter().map(|(group, _)| *group).collect();
        let weighted: Vec<Json> =
            groups.iter().map(|(group, weight)| json!({ "target_group_arn": group, "weight": weight })).collect();
        let mut rule = json!({
            "listener_arn": "web", "priority": priority.to_string(), "is_default": false, "path_patterns": patterns,
            "actions": [{ "target_group_arns": arns, "target_groups": weighted }],
        });
        rule.as_object_mut().expect("a rule").extend(more.as_object().expect("conditions").clone());
        serde_json::from_value(rule).expect("a rule")
    }

    /// How many are kept apart, and how many may be.
    fn of(rules: &[Rule]) -> (usize, usize) {
        let kept = kept_apart(rules, &["/cluster1".to_owned(), "/cluster2".to_owned()]);
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].groups.len(), kept[0].apart);
        (kept[0].apart, kept[0].perhaps)
    }

    #[test]
    fn clusters_are_what_each_path_has_for_itself() {
        let plain = |priority, pattern: &str, group| rule(priority, &[pattern], &[(group, 1)], json!({}));
        let (one, two) = (plain(10, "/cluster1", "one"), plain(20, "/cluster2*", "two"));
        assert_eq!(of(&[two.clone(), one.clone()]), (2, 2));
        assert_eq!(of(&[plain(10, "/cluster1", "two"), two.clone(), plain(30, "/status", "one")]), (1, 1), "one group");
        assert_eq!(of(&[plain(1, "/*", "one"), one.clone(), two.clone()]), (1, 1), "an earlier rule takes both");
        assert_eq!(of(&[one.clone(), two.clone(), plain(30, "/*", "one")]), (2, 2), "a later one takes the rest");
        assert_eq!(
            of(&[plain(10, "/cluster1/*", "one"), plain(20, "/cluster2/*", "two"), plain(30, "/*", "x")]),
            (2, 2)
        );
        assert_eq!(
            of(&[plain(10, "/cluster1/*", "one"), plain(20, "/cluster2", "two")]),
            (2, 2),
            "each in its own form"
        );
        let shared = |priority, pattern: &str| rule(priority, &[pattern], &[("one", 50), ("two", 50)], json!({}));
        assert_eq!(of(&[shared(1, "/cluster1"), shared(2, "/cluster2")]), (1, 1), "both groups serve both");
        let idle = rule(1, &["/cluster1"], &[("one", 0), ("two", 100)], json!({}));
        assert_eq!(of(&[idle, two.clone()]), (1, 1), "a group of weight 0 serves nothing");
        let green = rule(1, &["/cluster1"], &[("blue", 0), ("green", 100)], json!({}));
        assert_eq!(of(&[green, two]), (2, 2));
        assert_eq!(of(&[one]), (1, 1));
    }

    #[test]
    fn other_hosts_and_headers_leave_the_rest_to_later_rules() {
        let host = |priority, pattern: &str, group, host: &str| {
            rule(priority, &[pattern], &[(group, 1)], json!({ "host_headers": [host] }))
        };
        let (one, two) = (host(10, "/cluster1", "one", "*.example.org"), host(20, "/cluster2", "two", "*"));
        assert_eq!(of(&[one.clone(), two.clone()]), (2, 2));
        assert_eq!(of(&[host(1, "/*", "x", "admin.example.org"), one.clone(), two.clone()]), (1, 2), "by the host");
        assert_eq!(of(&[host(1, "/*", "x", "*"), one.clone(), two.clone()]), (1, 1), "every host");
        assert_eq!(of(&[host(1, "/*", "x", "*.example.org"), one, two]), (1, 1), "the first has nothing left");
        let canary = json!({ "http_headers": [{ "name": "X-Canary", "values": ["1"] }] });
        let plain = |priority, pattern: &str, group| rule(priority, &[pattern], &[(group, 1)], json!({}));
        let canary = rule(1, &["/cluster1"], &[("two", 1)], canary);
        assert_eq!(of(&[canary, plain(10, "/cluster1", "one"), plain(20, "/cluster2", "two")]), (1, 2), "by a header");
        let posted = rule(1, &["/*"], &[("x", 1)], json!({ "request_methods": ["POST"] }));
        let both = [posted, plain(10, "/cluster1", "one"), plain(20, "/cluster2", "two")];
        assert_eq!(of(&both), (2, 2), "a GET never meets it");
        let unread = rule(1, &["/*"], &[("x", 1)], json!({ "has_other_conditions": true }));
        assert_eq!(of(&[unread, plain(10, "/cluster1", "one"), plain(20, "/cluster2", "two")]), (1, 2), "not read");
    }
}
