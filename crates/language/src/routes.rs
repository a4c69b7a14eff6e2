//! Where the rules of listeners send a request: what is certain, and what may be.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Headers that every request of ours carries beside `Host`, as conditions may ask for them.
const SENT: [(&str, &str); 3] = [("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "stackmark/0")];

/// A listener's rule, as far as it routes. A list without values is no condition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// The listener's.
    pub listener_arn: String,
    /// A number, or `default`.
    pub priority: String,
    /// Whether it takes what no other rule takes.
    pub is_default: bool,
    /// With `*` and `?`.
    #[serde(default)]
    pub path_patterns: Vec<String>,
    /// With `*` and `?`.
    #[serde(default)]
    pub host_headers: Vec<String>,
    #[serde(default)]
    request_methods: Vec<String>,
    /// Each has to be met.
    #[serde(default)]
    http_headers: Vec<HeaderCondition>,
    /// Of each, one pair has to be there.
    #[serde(default)]
    query_strings: Vec<Vec<QueryCondition>>,
    #[serde(default)]
    source_ips: Vec<String>,
    /// Of a kind that the evidence does not hold.
    #[serde(default)]
    has_other_conditions: bool,
    actions: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct HeaderCondition {
    name: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct QueryCondition {
    #[serde(default)]
    key: Option<String>,
    value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Action {
    target_group_arns: Vec<String>,
    #[serde(default)]
    target_groups: Vec<Weighted>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Weighted {
    target_group_arn: String,
    weight: i64,
}

/// A GET request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Path and query.
    pub path: &'a str,
    /// Its `Host`; `None` where it is not known, and then a rule for some host is none for it.
    pub host: Option<&'a str>,
}

/// Whether a rule takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on what is not known: the address that the request comes from, or conditions that were not read.
    Unknown,
}

/// Target groups, by ARN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routed {
    /// Those that the request certainly goes to, one of each listener's rule.
    pub certain: BTreeSet<String>,
    /// Those that it may go to, the certain ones among them.
    pub possible: BTreeSet<String>,
}

impl Rule {
    /// Whether it takes the request.
    pub fn fit(&self, asked: Asked<'_>) -> Fit {
        if self.is_default {
            return Fit::Yes;
        }
        let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let by_method = self.is_for_get();
        let by_path = self.path_patterns.is_empty() || self.path_patterns.iter().any(|pattern| fits(pattern, path));
        let fits_host = |pattern: &String| match asked.host {
            Some(host) => fits(&pattern.to_ascii_lowercase(), &host.to_ascii_lowercase()),
            None => pattern == "*",
        };
        let by_host = self.host_headers.is_empty() || self.host_headers.iter().any(fits_host);
        let by_header = self.http_headers.iter().all(HeaderCondition::is_met);
        let pairs: Vec<(String, String)> = query
            .to_ascii_lowercase()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let by_query = self.query_strings.iter().all(|any| any.iter().any(|condition| condition.is_met(&pairs)));
        if !(by_method && by_path && by_host && by_header && by_query) {
            return Fit::No;
        }
        let unconditional = self.path_patterns.is_empty()
            && self.host_headers.is_empty()
            && self.request_methods.is_empty()
            && self.http_headers.is_empty()
            && self.query_strings.is_empty()
            && self.source_ips.is_empty();
        let from_anywhere = self.source_ips.is_empty() || self.source_ips.iter().any(|range| range.ends_with("/0"));
        // Only the default rule has no condition: this one has some that the evidence does not hold.
        if unconditional || self.has_other_conditions || !from_anywhere { Fit::Unknown } else { Fit::Yes }
    }

    /// Whether it takes requests for this path if they meet its other conditions.
    pub(super) fn is_for_path(&self, path: &str) -> bool {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        self.path_patterns.is_empty() || self.path_patterns.iter().any(|pattern| fits(pattern, path))
    }

    /// Whether a GET meets what it asks of the method.
    pub(super) fn is_for_get(&self) -> bool {
        self.request_methods.is_empty() || self.request_methods.iter().any(|method| method == "GET")
    }

    /// Whether it asks for nothing but paths and hosts.
    pub(super) fn is_plain(&self) -> bool {
        let of_request = self.is_for_a_plain_get() && self.http_headers.is_empty() && self.source_ips.is_empty();
        of_request && !self.has_other_conditions
    }

    pub(super) fn is_for_any_host(&self) -> bool {
        self.host_headers.is_empty() || self.host_headers.iter().any(|host| host == "*")
    }

    /// Whether it takes every request for the path that a later rule could.
    pub(super) fn leaves_nothing(&self, later: &Self, path: &str) -> bool {
        let conditional = !self.path_patterns.is_empty() || !self.host_headers.is_empty();
        let by_host = self.is_for_any_host() || self.host_headers == later.host_headers;
        conditional && self.is_plain() && by_host && self.is_for_path(path)
    }

    /// Conditions that a request for the path may meet and ours does not, or may not: other hosts, headers and addresses.
    /// Names alone of headers: their values may be secrets.
    pub fn conditions(&self) -> Vec<String> {
        let hosts = self.host_headers.iter().map(|host| format!("Host: {host}"));
        let headers = self.http_headers.iter().map(|header| header.name.clone());
        let addresses = self.source_ips.iter().map(|range| format!("source-ip: {range}"));
        hosts.chain(headers).chain(addresses).collect()
    }

    /// Whether a GET without a query of its own can meet what it asks of method and query.
    fn is_for_a_plain_get(&self) -> bool {
        self.is_for_get() && self.query_strings.is_empty()
    }

    /// Target groups that it forwards to; those of weight 0 get no request.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().flat_map(|action| {
            let idle = move |arn: &&String| {
                action.target_groups.iter().any(|to| to.target_group_arn == **arn && to.weight == 0)
            };
            action.target_group_arns.iter().filter(move |arn| !idle(arn)).map(String::as_str)
        })
    }

    /// The default rule has no number, and comes after all that have one.
    pub(super) fn order(&self) -> u64 {
        self.priority.parse().unwrap_or(u64::MAX)
    }
}

impl HeaderCondition {
    fn is_met(&self) -> bool {
        let sent = SENT.iter().find(|(name, _)| self.name.eq_ignore_ascii_case(name));
        sent.is_some_and(|(_, value)| self.values.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), value)))
    }
}

impl QueryCondition {
    /// By pairs in lower case.
    fn is_met(&self, pairs: &[(String, String)]) -> bool {
        let key = self.key.as_ref().map(|key| key.to_ascii_lowercase());
        let value = self.value.to_ascii_lowercase();
        pairs.iter().any(|(known, given)| key.as_ref().is_none_or(|key| fits(key, known)) && fits(&value, given))
    }
}

/// Where the rules of each listener send the request: the first that takes it.
pub fn routed(rules: &[Rule], asked: Asked<'_>) -> Routed {
    let mut listeners: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        listeners.entry(&rule.listener_arn).or_default().push(rule);
    }
    let mut routed = Routed::default();
    for rules in listeners.values_mut() {
        rules.sort_by_key(|rule| rule.order());
        let mut certain = true;
        for rule in rules.iter() {
            let fit = rule.fit(asked);
            if fit == Fit::No {
                continue;
            }
            routed.possible.extend(rule.groups().map(str::to_owned));
            if fit == Fit::Yes {
                if certain {
                    routed.certain.extend(rule.groups().map(str::to_owned));
                }
                break;
            }
            certain = false;
        }
    }
    routed
}

/// A rule that forwards requests for this path under another host, header or address than ours, where ours is taken by a
/// rule that forwards nothing, or by the default rule. `None` where some listener has a rule for ours.
pub fn taken_otherwise<'a>(rules: &'a [Rule], asked: Asked<'_>) -> Option<&'a Rule> {
    let mut listeners: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        listeners.entry(&rule.listener_arn).or_default().push(rule);
    }
    let mut otherwise = None;
    for rules in listeners.values_mut() {
        rules.sort_by_key(|rule| rule.order());
        let taking = rules.iter().position(|rule| rule.fit(asked) == Fit::Yes).unwrap_or(rules.len());
        let taken: BTreeSet<&str> = rules.get(taking).into_iter().flat_map(|rule| rule.groups()).collect();
        if !taken.is_empty() && !rules[taking].is_default {
            return None;
        }
        let other = rules[..taking].iter().copied().find(|rule| {
            let is_more = taken.is_empty() || !rule.path_patterns.is_empty();
            is_more
                && rule.is_for_path(asked.path)
                && rule.is_for_a_plain_get()
                && !rule.conditions().is_empty()
                && rule.groups().any(|group| !taken.contains(group))
        });
        match other {
            Some(other) => otherwise = otherwise.or(Some(other)),
            // The default rule of this listener serves it, and no other rule is for it.
            None if !taken.is_empty() => return None,
            None => {}
        }
    }
    otherwise
}

/// Whether `text` fits a pattern of a listener's rule: `*` is any run of characters, `?` is one.
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(priority: &str, group: &str, conditions: serde_json::Value) -> Rule {
        let mut rule = json!({
            "listener_arn": "web", "priority": priority, "is_default": priority == "default",
            "actions": [{ "target_group_arns": [group] }],
        });
        rule.as_object_mut().unwrap().extend(conditions.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn groups(extra: serde_json::Value, path: &str) -> (String, String) {
        let rules = [
            rule("default", "rest", json!({})),
            rule("10", "one", json!({ "path_patterns": ["/cluster1"] })),
            rule("1", "two", extra),
        ];
        let routed = routed(&rules, Asked { path, host: Some("lb-1.elb.amazonaws.com") });
        let joined = |groups: BTreeSet<String>| groups.into_iter().collect::<Vec<_>>().join(" ");
        (joined(routed.certain), joined(routed.possible))
    }

    #[test]
    fn a_second_condition_that_a_plain_get_does_not_meet_takes_nothing() {
        for condition in [
            json!({ "request_methods": ["POST"] }),
            json!({ "query_strings": [[{ "key": "version", "value": "2" }]] }),
            json!({ "http_headers": [{ "name": "X-Canary", "values": ["1"] }] }),
            json!({ "host_headers": ["admin.example.org"] }),
            json!({ "query_strings": [[{ "key": "n", "value": "1" }], [{ "key": "m", "value": "1" }]] }),
        ] {
            let mut extra = json!({ "path_patterns": ["/cluster1"] });
            extra.as_object_mut().unwrap().extend(condition.as_object().unwrap().clone());
            assert_eq!(groups(extra, "/cluster1?n=1"), ("one".to_owned(), "one".to_owned()), "{condition}");
        }
    }

    #[test]
    fn one_that_it_meets_takes_it() {
        for condition in [
            json!({ "path_patterns": ["/cluster?"], "request_methods": ["GET", "HEAD"] }),
            json!({ "query_strings": [[{ "key": "Version", "value": "2*" }, { "key": "version", "value": "x" }]] }),
            json!({ "query_strings": [[{ "value": "21" }]] }),
            json!({ "http_headers": [{ "name": "Accept", "values": ["*"] }] }),
            json!({ "host_headers": ["*.ELB.amazonaws.com"] }),
            json!({ "path_patterns": ["/cluster1"], "source_ips": ["0.0.0.0/0"] }),
        ] {
            assert_eq!(groups(condition.clone(), "/cluster1?version=21").0, "two", "{condition}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_possible_and_not_certain() {
        for condition in [
            json!({ "path_patterns": ["/cluster1"], "source_ips": ["203.0.113.0/24"] }),
            json!({ "path_patterns": ["/cluster1"], "has_other_conditions": true }),
            json!({}),
        ] {
            let (certain, possible) = groups(condition.clone(), "/cluster1?a=1");
            assert_eq!((certain.as_str(), possible.as_str()), ("", "one two"), "{condition}");
        }
    }

    #[test]
    fn a_rule_under_another_host_header_or_address_is_found_where_none_takes_ours() {
        let otherwise = |fixed: bool, conditions: serde_json::Value, path: &str| {
            let mut rest = rule("default", "rest", json!({}));
            if fixed {
                rest.actions[0].target_group_arns.clear();
            }
            let rules = [rest, rule("10", "one", json!({ "path_patterns": ["/open"] })), rule("5", "two", conditions)];
            let asked = Asked { path, host: Some("lb-1.elb.amazonaws.com") };
            taken_otherwise(&rules, asked).map(|rule| rule.conditions().join(" "))
        };
        let host = json!({ "path_patterns": ["/cluster1"], "host_headers": ["app.example.org"] });
        let header = json!({ "http_headers": [{ "name": "X-Origin-Verify", "values": ["a-secret"] }] });
        let address = json!({ "path_patterns": ["/cluster1"], "source_ips": ["203.0.113.0/24"] });
        assert_eq!(otherwise(true, host.clone(), "/cluster1?n=1").as_deref(), Some("Host: app.example.org"));
        assert_eq!(otherwise(true, header.clone(), "/cluster1").as_deref(), Some("X-Origin-Verify"), "no secret");
        assert_eq!(otherwise(true, address, "/cluster1").as_deref(), Some("source-ip: 203.0.113.0/24"));
        assert_eq!(otherwise(false, host.clone(), "/cluster1").as_deref(), Some("Host: app.example.org"), "by default");
        assert_eq!(otherwise(false, header.clone(), "/cluster1"), None, "a rule for no path says nothing of this one");
        assert_eq!(otherwise(true, header, "/open"), None, "a rule takes it");
        assert_eq!(otherwise(true, host, "/cluster2"), None, "another path");
        let post =
            json!({ "path_patterns": ["/cluster1"], "request_methods": ["POST"], "host_headers": ["a.example.org"] });
        assert_eq!(otherwise(true, post, "/cluster1"), None, "a GET is what the course asks for");
    }

    #[test]
    fn groups_of_weight_nought_get_no_request() {
        let mut blue_green = rule("1", "", json!({}));
        blue_green.actions = serde_json::from_value(json!([{
            "target_group_arns": ["blue", "green", "grey"],
            "target_groups": [
                { "target_group_arn": "blue", "weight": 100 },
                { "target_group_arn": "green", "weight": 0 },
            ],
        }]))
        .unwrap();
        assert_eq!(blue_green.groups().collect::<Vec<_>>(), ["blue", "grey"]);
    }

    #[test]
    fn patterns_fit_as_the_load_balancer_fits_them() {
        for (pattern, text, fit) in [
            ("/cluster1", "/cluster1", true),
            ("/cluster1*", "/cluster1/x", true),
            ("/*/x", "/a/b/x", true),
            ("*a*b", "xaxbxb", true),
            ("/cluster?", "/cluster12", false),
            ("/cluster1/*", "/cluster1", false),
            ("/Cluster1", "/cluster1", false),
            (".cluster1", "/cluster1", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
