//! Filters and functions over deployed resources: tags, ports, routes of requests, commits that a page names.

use std::net::IpAddr;

use ipnet::IpNet;
use minijinja::value::Rest;
use minijinja::{Environment, Error, State, Value};

use super::clusters;
use super::routes::{self, Asked};
use super::tools;
use super::value::{attribute, invalid, passing, sequence, value_of};

/// Digits of a commit id that name it; git's own shortest.
const SHORTEST_ID: usize = 7;

/// Adds them to an environment.
pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("tagged", |list: Value, wanted: Vec<String>| {
        let mut kept = Vec::new();
        for element in sequence("tagged", &list)? {
            if carried("tagged", &element, &wanted)?.len() == wanted.len() {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_filter("most_tags", |list: Value, wanted: Vec<String>| {
        let mut most = Vec::new();
        for element in sequence("most_tags", &list)? {
            let tags = carried("most_tags", &element, &wanted)?;
            if tags.len() > most.len() {
                most = tags;
            }
        }
        Ok::<_, Error>(most)
    });
    environment.add_filter("tag_values", |list: Value, key: String| {
        let elements = sequence("tag_values", &list)?;
        let tags = elements.iter().map(|element| tag_of("tag_values", element, &key));
        Ok::<_, Error>(tags.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect::<Vec<_>>())
    });
    environment.add_filter("with_any", |state: &mut State, list: Value, field: String, rest: Rest<Value>| {
        let mut kept = Vec::new();
        for element in sequence("with_any", &list)? {
            let inner = attribute("with_any", &element, &field)?;
            if passing(state, "with_any", &inner, &rest)?.iter().any(|(_, passed)| *passed) {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_filter("named_in", |ids: Value, text: String| {
        let ids = sequence("named_in", &ids)?.into_iter();
        let text = text.to_ascii_lowercase();
        // `git describe` sets a `g` before the id.
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).map(|word| word.strip_prefix('g').unwrap_or(word));
        let words: Vec<&str> = words.filter(is_short_id).collect();
        let named = |id: &Value| id.as_str().is_some_and(|id| words.iter().any(|word| id.starts_with(word)));
        Ok::<_, Error>(ids.filter(named).collect::<Vec<_>>())
    });
    environment.add_filter("of_tools", |names: Value| {
        let names = sequence("of_tools", &names)?.into_iter();
        Ok::<_, Error>(names.filter(|name| name.as_str().is_some_and(tools::is_of_a_tool)).collect::<Vec<_>>())
    });
    environment.add_filter("unmatched_by", |paths: Value, patterns: Value| {
        let patterns = patterns_of("unmatched_by", &patterns)?;
        let paths = sequence("unmatched_by", &paths)?.into_iter();
        Ok::<_, Error>(
            paths.filter(|path| !path.as_str().is_some_and(|path| fits(&patterns, path))).collect::<Vec<_>>(),
        )
    });
    environment.add_filter("most_fitted", |list: Value, field: String, paths: Value| {
        let paths = sequence("most_fitted", &paths)?;
        let mut counted = Vec::new();
        for element in sequence("most_fitted", &list)? {
            let patterns = patterns_of("most_fitted", &attribute("most_fitted", &element, &field)?)?;
            let count = paths.iter().filter_map(|path| path.as_str()).filter(|path| fits(&patterns, path)).count();
            counted.push((count, element));
        }
        let most = counted.iter().map(|(count, _)| *count).max().unwrap_or_default();
        Ok::<_, Error>(counted.into_iter().filter(|(count, _)| *count == most).map(|(_, it)| it).collect::<Vec<_>>())
    });
    environment.add_filter("open_to", |permissions: Value, port: i64, cidr: String| open_to(&permissions, port, &cidr));
    environment.add_filter("letting_in", |permissions: Value, port: i64| letting_in("letting_in", &permissions, port));
    environment.add_filter("wide", |ranges: Value| {
        let ranges = networks(&sequence("wide", &ranges)?);
        let wide = IpNet::aggregate(&ranges).into_iter().filter(is_wide);
        Ok::<_, Error>(wide.map(|range| range.to_string()).collect::<Vec<_>>())
    });
    environment.add_filter("covering", |list: Value, field: String, among: Value, range: String, whole: String| {
        let (among, whole) = (sequence("covering", &among)?, network(&whole)?);
        let mut kept = Vec::new();
        for element in sequence("covering", &list)? {
            let rows = sequence("covering", &attribute("covering", &element, &field)?)?.into_iter();
            let ranges = rows.filter(|row| among.contains(row)).map(|row| attribute("covering", &row, &range));
            if cover(networks(&ranges.collect::<Result<Vec<_>, _>>()?), &whole) {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_function("cidr_contains", |outer: String, inner: String| {
        Ok::<_, Error>(network(&outer)?.contains(&network(&inner)?))
    });
    environment.add_function("forwards_to", |rules: Value, path: String, host: Option<String>| {
        forwards_to("forwards_to", &rules, &path, host.as_deref(), false)
    });
    environment.add_function("may_forward_to", |rules: Value, path: String, host: Option<String>| {
        forwards_to("may_forward_to", &rules, &path, host.as_deref(), true)
    });
    environment.add_function("kept_apart", |rules: Value, paths: Vec<String>| {
        Ok::<_, Error>(value_of(clusters::kept_apart(&rules_of("kept_apart", &rules)?, &paths)))
    });
}

/// Whether a pattern of a listener rule fits a path, or all that is below it.
fn fits(patterns: &[regex::Regex], path: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(path) || pattern.is_match(&format!("{path}/")))
}

fn is_short_id(word: &&str) -> bool {
    word.len() >= SHORTEST_ID && word.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

/// Groups that the listeners' rules send a GET of this path to: the certain ones, or all that are possible.
fn forwards_to(
    name: &str,
    rules: &Value,
    path: &str,
    host: Option<&str>,
    possible: bool,
) -> Result<Vec<String>, Error> {
    let routed = routes::routed(&rules_of(name, rules)?, Asked { path, host: host.map(host_of) });
    Ok((if possible { routed.possible } else { routed.certain }).into_iter().collect())
}

fn rules_of(name: &str, rules: &Value) -> Result<Vec<routes::Rule>, Error> {
    let rules = sequence(name, rules)?.into_iter().map(|rule| {
        let read = serde_json::to_value(&rule).and_then(serde_json::from_value);
        read.map_err(|error| invalid(format!("`{name}` needs the rules of listeners: {error}")))
    });
    rules.collect()
}

/// Of a URL, or the host itself.
fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// A tag of a resource. Unlike a field, a tag may well be missing.
fn tag_of(filter: &str, element: &Value, key: &str) -> Result<Option<Value>, Error> {
    let tag = attribute(filter, element, "tags")?.get_item(&Value::from(key))?;
    Ok((!tag.is_undefined()).then_some(tag))
}

/// Those of the wanted tags, `key=value` or `key`, that an element carries.
fn carried(filter: &str, element: &Value, wanted: &[String]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for tag in wanted {
        let (key, value) = tag.split_once('=').map_or((tag.as_str(), None), |(key, value)| (key, Some(value)));
        let own = tag_of(filter, element, key)?;
        if own.is_some_and(|own| value.is_none_or(|value| own.as_str() == Some(value))) {
            found.push(tag.clone());
        }
    }
    Ok(found)
}

fn network(text: &str) -> Result<IpNet, Error> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| invalid(format!("`{text}` is neither an address nor a range in CIDR notation")))
}

/// Wildcards of listener rules as regular expressions.
fn patterns_of(filter: &str, patterns: &Value) -> Result<Vec<regex::Regex>, Error> {
    let compile = |pattern: Value| {
        let text = pattern.as_str().map(regex::escape).unwrap_or_default().replace(r"\*", ".*").replace(r"\?", ".");
        regex::Regex::new(&format!("^{text}$")).map_err(|error| invalid(format!("`{filter}`: {error}")))
    };
    sequence(filter, patterns)?.into_iter().map(compile).collect()
}

/// The ranges of a list; what is none, as another group or a prefix list, holds none.
fn networks(ranges: &[Value]) -> Vec<IpNet> {
    ranges.iter().filter_map(Value::as_str).filter_map(|range| network(range).ok()).collect()
}

/// Whether these ranges together hold all of another: a range is open by halves as well.
fn cover(ranges: Vec<IpNet>, whole: &IpNet) -> bool {
    IpNet::aggregate(&ranges).iter().any(|range| range.contains(whole))
}

/// Whether no single provider or school has all of a range: more than the largest blocks that were ever given to one.
fn is_wide(range: &IpNet) -> bool {
    match range {
        IpNet::V4(range) => range.prefix_len() < 8,
        IpNet::V6(range) => range.prefix_len() < 16,
    }
}

/// The permissions that let TCP to a port in.
fn letting_in(filter: &str, permissions: &Value, port: i64) -> Result<Vec<Value>, Error> {
    let mut kept = Vec::new();
    for permission in sequence(filter, permissions)? {
        let protocol = attribute(filter, &permission, "ip_protocol")?;
        let bound = |field| attribute(filter, &permission, field).map(|value| value.as_i64());
        let in_ports = match (bound("from_port")?, bound("to_port")?) {
            (Some(from), Some(to)) => (from..=to).contains(&port),
            _ => true,
        };
        if protocol.as_str() == Some("-1") || (protocol.as_str() == Some("tcp") && in_ports) {
            kept.push(permission);
        }
    }
    Ok(kept)
}

fn open_to(permissions: &Value, port: i64, cidr: &str) -> Result<bool, Error> {
    let ranges = letting_in("open_to", permissions, port)?;
    let ranges = ranges.iter().map(|permission| attribute("open_to", permission, "cidr"));
    Ok(cover(networks(&ranges.collect::<Result<Vec<_>, _>>()?), &network(cidr)?))
}

#[cfg(test)]
mod tests {
    use super::super::expression::Engine;
    use minijinja::{Value, context};

    fn eval(text: &str) -> Result<Value, super::super::expression::ExpressionError> {
        let rule = |listener: &'static str,
                    priority: &'static str,
                    patterns: &[&'static str],
                    hosts: &[&'static str],
                    group: &'static str| {
            context! {
                listener_arn => listener,
                priority => priority,
                is_default => priority == "default",
                path_patterns => patterns.to_vec(),
                host_headers => hosts.to_vec(),
                actions => [context! { target_group_arns => [group] }],
            }
        };
        let context = context! {
            groups => [context! { min_size => 2, name => "a" }],
            nets => [
                context! { tags => context! { project_name => "day02", Name => "day02-vpc" } },
                context! { tags => context! {} },
            ],
            ingress => [
                context! { ip_protocol => "tcp", from_port => 80, to_port => 80, cidr => "0.0.0.0/0" },
                context! { ip_protocol => "-1", from_port => (), to_port => (), cidr => "10.0.0.0/8" },
                context! { ip_protocol => "tcp", from_port => 22, to_port => 22, cidr => () },
            ],
            gateways => [
                context! { id => "igw-1", attachments => [context! { vpc_id => "vpc-1" }] },
                context! { id => "igw-2", attachments => Vec::<Value>::new() },
            ],
            rules => [
                rule("web", "default", &[], &[], "rest"),
                rule("web", "20", &["/*"], &[], "two"),
                rule("web", "10", &["/cluster1", "/cluster1/*"], &[], "one"),
                rule("web", "5", &["/cluster1"], &["admin.example.org"], "admin"),
                rule("tls", "default", &[], &[], "rest"),
            ],
            commits => ["0123456789abcdef0123456789abcdef01234567", "fedcba98fedcba98fedcba98fedcba98fedcba98"],
        };
        Engine::new().evaluate(text, &context)
    }

    #[test]
    fn requests_go_where_the_first_rule_that_fits_sends_them() {
        let groups = |path: &str| eval(&format!("forwards_to(rules, '{path}') | join(' ')")).unwrap().to_string();
        assert_eq!(groups("/cluster1"), "one rest", "the rule for one host is no rule for the path");
        assert_eq!(groups("/cluster1/x"), "one rest");
        assert_eq!(groups("/cluster11"), "rest two");
        assert_eq!(groups("/cluster1?n=3"), "one rest", "a query is no part of the path");
        assert_eq!(
            eval("forwards_to(rules, '/cluster1', 'https://admin.example.org:8443/x') | join(' ')")
                .unwrap()
                .to_string(),
            "admin rest"
        );
        assert_eq!(eval("may_forward_to(rules, '/cluster1') | join(' ')").unwrap().to_string(), "one rest");
        assert!(eval("forwards_to(groups, '/cluster1')").unwrap_err().message.contains("rules of listeners"));
        assert_eq!(
            eval("forwards_to(rules | where('listener_arn', 'eq', 'tls'), '/') | join").unwrap().to_string(),
            "rest"
        );
    }

    #[test]
    fn gateways_are_told_by_what_they_are_attached_to() {
        let ids = |test: &str| eval(&format!("gateways | with_any({test}) | pluck('id') | join")).unwrap().to_string();
        assert_eq!(ids("'attachments', 'vpc_id', 'in', ['vpc-1']"), "igw-1");
        assert_eq!(ids("'attachments', 'vpc_id', 'in', ['vpc-2']"), "");
        assert!(eval("gateways | with_any('attachments', 'vpc', 'in', ['vpc-1'])").is_err());
    }

    #[test]
    fn a_commit_is_named_by_its_first_seven_digits() {
        let named = |text: &str| eval(&format!("commits | named_in('{text}') | length")).unwrap().to_string();
        assert_eq!(named("version 0123456 of today"), "1");
        assert_eq!(named("{commit: fedcba98fedcba98fedcba98fedcba98fedcba98}"), "1");
        assert_eq!(named("v1.0-3-g0123456"), "1", "as git describes it");
        assert_eq!(named("Version FEDCBA98FEDC"), "1");
        assert_eq!(named("012345 and x0123456"), "0", "six digits name nothing, and neither does a part of a word");
    }

    #[test]
    fn tags_may_be_missing_and_tables_without_tags_may_not() {
        let count = |tags: &str| eval(&format!("nets | tagged({tags}) | length")).unwrap().to_string();
        assert_eq!(count("['project_name=day02']"), "1");
        assert_eq!(count("['project_name=day02', 'Name=day02-vpc']"), "1");
        assert_eq!(count("['Name=day02-vpc', 'owner']"), "0");
        assert_eq!(count("['project_name']"), "1");
        assert_eq!(count("['project_name=Day02']"), "0");
        assert_eq!(count("[]"), "2");
        let most = |tags: &str| eval(&format!("nets | most_tags({tags}) | join(',')")).unwrap().to_string();
        assert_eq!(most("['project_name=day02', 'Name=day02-vpc']"), "project_name=day02,Name=day02-vpc");
        assert_eq!(most("['Name=day02-vpc', 'owner']"), "Name=day02-vpc");
        assert_eq!(most("['owner']"), "");
        assert_eq!(eval("nets | tag_values('Name') | join(',')").unwrap().as_str(), Some("day02-vpc"));
        assert!(eval("groups | tagged(['Name'])").unwrap_err().message.contains("tags"));
    }

    #[test]
    fn ports_open_only_to_ranges_that_are_covered() {
        assert!(eval("ingress | open_to(80, '0.0.0.0/0')").unwrap().is_true());
        assert!(!eval("ingress | open_to(22, '0.0.0.0/0')").unwrap().is_true());
        assert!(eval("ingress | open_to(22, '10.1.0.0/16')").unwrap().is_true());
        assert!(!eval("ingress | open_to(443, '::/0')").unwrap().is_true());
    }

    #[test]
    fn ranges_are_open_by_halves_as_well() {
        let rules = |ranges: &[&str]| {
            let rule = |cidr: &&str| context! { ip_protocol => "tcp", from_port => 22, to_port => 22, cidr => *cidr };
            let rules: Vec<Value> = ranges.iter().map(rule).collect();
            context! { rules => rules.clone(), lists => [context! { id => "a", entries => rules }] }
        };
        let eval = |text: &str, ranges: &[&str]| Engine::new().evaluate(text, &rules(ranges)).unwrap().to_string();
        let quarters = ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"];
        for ranges in [&["0.0.0.0/1", "128.0.0.0/1"][..], &quarters[..], &["0.0.0.0/0", "10.0.0.0/8"][..]] {
            assert_eq!(eval("rules | open_to(22, '0.0.0.0/0')", ranges), "True", "{ranges:?}");
            assert_eq!(eval("rules | pluck('cidr') | wide | join(' ')", ranges), "0.0.0.0/0");
            let covering = "lists | covering('entries', rules, 'cidr', '0.0.0.0/0') | pluck('id') | join";
            assert_eq!(eval(covering, ranges), "a");
            assert_eq!(eval(&covering.replace("rules,", "[],"), ranges), "", "of those that count");
        }
        assert_eq!(eval("rules | open_to(22, '0.0.0.0/0')", &["0.0.0.0/1"]), "False");
        assert_eq!(eval("rules | open_to(22, '::/0')", &["::/1", "8000::/1"]), "True");
        let wide = |ranges: &[&str]| eval("rules | pluck('cidr') | wide | join(' ')", ranges);
        assert_eq!(wide(&["0.0.0.0/1", "2000::/3", "10.0.0.0/8", "2001::/16", "203.0.113.7/32"]), "0.0.0.0/1 2000::/3");
        assert_eq!(wide(&["10.0.0.0/8", "11.0.0.0/8"]), "10.0.0.0/7");
        assert_eq!(eval("rules | letting_in(80) | length", &["0.0.0.0/0"]), "0");
    }

    #[test]
    fn ranges_hold_ranges_and_addresses() {
        assert!(eval("cidr_contains('10.0.0.0/16', '10.0.1.0/24')").unwrap().is_true());
        assert!(!eval("cidr_contains('10.0.0.0/24', '10.0.0.0/16')").unwrap().is_true());
        assert!(eval("cidr_contains('10.0.0.0/16', '10.0.1.7')").unwrap().is_true());
        assert!(eval("cidr_contains('ten', '10.0.1.7')").is_err());
    }

    #[test]
    fn listener_patterns_fit_as_the_load_balancer_fits_them() {
        let missing = |patterns: &str| {
            eval(&format!("['/cluster1', '/cluster2'] | unmatched_by({patterns}) | join(',')")).unwrap().to_string()
        };
        assert_eq!(missing("['/cluster1', '/cluster2*']"), "");
        assert_eq!(missing("['/cluster?']"), "");
        assert_eq!(missing("['/cluster1/*', '/1', '/Cluster2']"), "/cluster2");
        assert_eq!(missing("['.cluster1']"), "/cluster1,/cluster2");
        let most = |patterns: &str| {
            let listeners = format!("[{{'at': 1, 'of': ['/1']}}, {patterns}]");
            eval(&format!("{listeners} | most_fitted('of', ['/cluster1', '/cluster2']) | pluck('at') | join(',')"))
                .unwrap()
                .to_string()
        };
        assert_eq!(most("{'at': 2, 'of': ['/cluster1']}, {'at': 3, 'of': ['/cluster?']}"), "3");
        assert_eq!(most("{'at': 2, 'of': ['/cluster*']}, {'at': 3, 'of': ['/cluster?']}"), "2,3", "all of several");
        assert_eq!(most("{'at': 2, 'of': []}"), "1,2");
    }
}
