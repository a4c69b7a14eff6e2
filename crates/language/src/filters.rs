//! The filters and functions that Stackmark adds to minijinja's own.
//!
//! [`DOCUMENTED`] is the table that `stackmark explain --expressions` prints; a test holds it to what is registered.

use minijinja::value::Rest;
use minijinja::{Environment, Error, State, Value};

use super::numbers::Numbers;
use super::value::{attribute, invalid, passing, sequence};

/// A filter or function: how it is called, what it gives.
pub struct Documented {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it gives.
    pub gives: &'static str,
}

/// Filters of minijinja that expressions use, to name the one that a slip was meant to be.
pub const OF_MINIJINJA: &[&str] = &[
    "default",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "trim",
    "unique",
    "upper",
];

/// Every filter and function of our own.
pub const DOCUMENTED: &[Documented] = &[
    Documented {
        name: "all",
        usage: "list | all('field', 'eq', value)",
        gives: "true when the test holds for the field of every element; true for an empty list",
    },
    Documented {
        name: "any",
        usage: "list | any('field', 'eq', value)",
        gives: "true when the test holds for the field of at least one element",
    },
    Documented {
        name: "where",
        usage: "list | where('field', 'eq', value)",
        gives: "the elements for whose field the test holds",
    },
    Documented { name: "pluck", usage: "list | pluck('field')", gives: "the field of every element" },
    Documented { name: "flatten", usage: "list | flatten", gives: "one list out of a list of lists" },
    Documented {
        name: "closest",
        usage: "vpcs | closest(vpcs | where('cidr_block', 'eq', cidr), vpcs | tagged(tags))",
        gives: "a list of the one element that is in most of these lists, the first of several: conditions that one resource has to meet together",
    },
    Documented {
        name: "most_of",
        usage: "roles | most_of('attached_policies', policies)",
        gives: "a list of the one element whose list in this field has the most of these values, the first of several",
    },
    Documented {
        name: "fullest",
        usage: "texts | fullest(['flask', 'nohup'], ['&$'])",
        gives: "a list of the one text that has the most of these words, in capital letters or small ones, and fits the most of these regular expressions, the first of several",
    },
    Documented {
        name: "unnamed_in",
        usage: "['flask', 'nohup'] | unnamed_in(script)",
        gives: "the words that the text does not have, in capital letters or small ones",
    },
    Documented {
        name: "sharing",
        usage: "acls | sharing('subnet_ids', used)",
        gives: "the elements whose list in this field has at least one of these values",
    },
    Documented {
        name: "compared",
        usage: "groups | compared('max_size', 'gt', 'min_size')",
        gives: "the elements for which the test holds between two fields of their own",
    },
    Documented {
        name: "with_at_least",
        usage: "balancers | with_at_least('subnet_ids', 2)",
        gives: "the elements whose list in this field has at least so many elements",
    },
    Documented {
        name: "by_length",
        usage: "balancers | by_length('subnet_ids')",
        gives: "all elements, those with the longest list in this field first",
    },
    Documented {
        name: "grouped",
        usage: "subnets | grouped('vpc_id', 'availability_zone')",
        gives: "for each value of the first field, an object: the value as `key`, and as `rows` the elements that have it, or the different values that they have in the second field, which may be below lists: 'Stages.Actions.Name'",
    },
    Documented {
        name: "shares",
        usage: "groups | shares('instance_ids', 'min_size', running)",
        gives: "of each element, one field ÷ another as with ratio: numbers, or lengths of lists; of the first list, only what is in a third argument counts if there is one",
    },
    Documented {
        name: "tagged",
        usage: "list | tagged(['project_name=day02', 'Name'])",
        gives: "the elements that carry all of these tags: key=value, or a key with any value",
    },
    Documented {
        name: "most_tags",
        usage: "list | most_tags(['project_name=day02', 'Name'])",
        gives: "those of these tags that one element carries, of the element that carries most of them",
    },
    Documented {
        name: "tag_values",
        usage: "list | tag_values('Name')",
        gives: "the values of that tag, of the elements that carry it",
    },
    Documented {
        name: "matching",
        usage: "list | matching('^/cluster1')",
        gives: "the strings that the regular expression matches",
    },
    Documented {
        name: "of_tools",
        usage: "names | of_tools",
        gives: "the names that a tool gives to the stacks and buckets it makes for itself, as CDKToolkit",
    },
    Documented {
        name: "unmatched_by",
        usage: "paths | unmatched_by(patterns)",
        gives: "the paths that no load balancer pattern fits, * and ? as in listener rules; /a/* counts for /a too",
    },
    Documented {
        name: "open_to",
        usage: "permissions | open_to(80, '0.0.0.0/0')",
        gives: "true when a security group's permissions let TCP to that port in from all of that range between them",
    },
    Documented {
        name: "letting_in",
        usage: "permissions | letting_in(22)",
        gives: "the security group's permissions that let TCP to that port in, from wherever",
    },
    Documented {
        name: "wide",
        usage: "permissions | letting_in(22) | pluck('cidr') | wide",
        gives: "the ranges that hold more than a /8 of IPv4 or a /16 of IPv6, adjacent ones joined",
    },
    Documented {
        name: "covering",
        usage: "tables | covering('routes', live, 'destination_cidr_block', '0.0.0.0/0')",
        gives: "the elements whose inner rows, those in the list alone, have ranges that together hold all of that one",
    },
    Documented {
        name: "with_any",
        usage: "gateways | with_any('attachments', 'vpc_id', 'in', vpcs)",
        gives: "the elements that have, in the list that is this field, at least one for whose field the test holds",
    },
    Documented {
        name: "forwards_to",
        usage: "forwards_to(aws.rules, '/cluster1')",
        gives: "ARNs of the target groups that a GET of this path certainly goes to: each listener's first rule that fits",
    },
    Documented {
        name: "may_forward_to",
        usage: "may_forward_to(aws.rules, '/cluster1')",
        gives: "the same, with the groups of rules that may fit or not: by the address that a request comes from",
    },
    Documented {
        name: "kept_apart",
        usage: "kept_apart(aws.rules, ['/cluster1', '/cluster2'])",
        gives: "for each listener, an object: `listener_arn`, `groups` (lists of target groups, each for paths that no other list serves), `apart` (how many lists), and `perhaps` (how many there may be, by the host or headers of a request)",
    },
    Documented {
        name: "named_in",
        usage: "commits | named_in(page.body)",
        gives: "the commit ids of which the text has at least the first seven digits",
    },
    Documented {
        name: "percent",
        usage: "0.4213 | percent",
        gives: "a ratio as text without decimals: 42%; only a true zero and a true whole read 0% and 100%",
    },
    Documented {
        name: "counted",
        usage: "3 | counted('match', 'matches')",
        gives: "the number with its noun: 1 match, 3 matches; without a plural, an s is added",
    },
    Documented {
        name: "cidr_contains",
        usage: "cidr_contains('10.0.0.0/16', '10.0.1.0/24')",
        gives: "true when the range holds all of the other range or address",
    },
    Documented { name: "ratio", usage: "ratio(part, whole)", gives: "part ÷ whole, at most 1; 0 when whole is 0" },
    Documented {
        name: "scale",
        usage: "scale(x, 0.35, 0, 0.80, 1)",
        gives: "x mapped piecewise linearly through the points (0.35, 0) and (0.80, 1), flat outside them",
    },
    Documented {
        name: "having",
        usage: "list | having('arguments.min_size')",
        gives: "the elements that have the field, with something in it",
    },
    Documented {
        name: "fitting",
        usage: "paths | fitting(['*.tf', '/run.sh'])",
        gives: "the paths that fit a glob; globs begin at any folder, with / at the top, and with / at the end are folders",
    },
    Documented {
        name: "most_fitted",
        usage: "rules | grouped('listener_arn', 'path_patterns') | most_fitted('rows', ['/cluster1'])",
        gives: "the elements whose list of load balancer patterns in this field fits the most of these paths, all of several",
    },
    Documented { name: "unfilled_by", usage: "globs | unfilled_by(paths)", gives: "the globs that no path fits" },
    Documented { name: "in_files", usage: "list | in_files(['*.py'])", gives: "the elements whose path fits a glob" },
    Documented {
        name: "outside_files",
        usage: "list | outside_files(['variables.tf'])",
        gives: "the elements whose path fits no glob",
    },
    Documented {
        name: "unmatched_in",
        usage: "patterns | unmatched_in(texts)",
        gives: "the regular expressions that match none of the texts",
    },
    Documented {
        name: "without_comments",
        usage: "texts | without_comments",
        gives: "scripts without lines that begin with # (what cloud-init reads of them stays) and lines that only print",
    },
    Documented {
        name: "running_unseen",
        usage: "texts | running_unseen(missing)",
        gives: "the lines that run what the script does not hold; lists of packages only if they may name what is missing",
    },
    Documented {
        name: "given",
        usage: "list | given('arguments.lifecycle.create_before_destroy', ['true'])",
        gives: "the elements whose field, which may be missing, is one of the values as text",
    },
    Documented {
        name: "left_open",
        usage: "list | left_open('arguments.min_size')",
        gives: "the elements in whose field something stands that only a run would tell",
    },
    Documented {
        name: "drift",
        usage: "drift(code.declared, { 'vpcs': aws.vpcs })",
        gives: "fields whose literal value in the code differs from the deployed one: kind, name, field, declared, deployed, path, line; of the tables that are given under their names",
    },
    Documented {
        name: "beside",
        usage: "beside(report.claims, { 'instances': aws.instances })",
        gives: "claims about the stack beside what was read of it: kind, claim, fact, agrees, path, place, quote; those for which the given tables hold nothing are left out",
    },
    Documented {
        name: "made_by_hand",
        usage: "made_by_hand(code.declared, { 'vpcs': aws.vpcs })",
        gives: "deployed resources that no code, stack or Terraform made: kind, name, id; of the tables that are given under their names",
    },
];

/// Adds them to an environment.
pub fn register(environment: &mut Environment<'_>) {
    environment.add_filter("all", |state: &mut State, list: Value, rest: Rest<Value>| {
        Ok::<_, Error>(passing(state, "all", &list, &rest)?.iter().all(|(_, passed)| *passed))
    });
    environment.add_filter("any", |state: &mut State, list: Value, rest: Rest<Value>| {
        Ok::<_, Error>(passing(state, "any", &list, &rest)?.iter().any(|(_, passed)| *passed))
    });
    environment.add_filter("where", |state: &mut State, list: Value, rest: Rest<Value>| {
        let elements = passing(state, "where", &list, &rest)?;
        let kept = elements.into_iter().filter(|(_, passed)| *passed).map(|(element, _)| element);
        Ok::<_, Error>(kept.collect::<Vec<Value>>())
    });
    environment.add_filter("pluck", |list: Value, field: String| {
        sequence("pluck", &list)?
            .iter()
            .map(|element| attribute("pluck", element, &field))
            .collect::<Result<Vec<_>, _>>()
    });
    environment.add_filter("flatten", |list: Value| {
        let mut flat = Vec::new();
        for inner in sequence("flatten", &list)? {
            flat.extend(sequence("flatten", &inner)?);
        }
        Ok::<_, Error>(flat)
    });
    environment.add_filter("matching", |list: Value, pattern: String| {
        let pattern = regex::RegexBuilder::new(&pattern)
            .size_limit(1 << 20)
            .build()
            .map_err(|error| invalid(format!("`matching`: {error}")))?;
        let elements = sequence("matching", &list)?.into_iter();
        Ok::<_, Error>(
            elements.filter(|text| text.as_str().is_some_and(|text| pattern.is_match(text))).collect::<Vec<_>>(),
        )
    });
    environment.add_filter("percent", |ratio: f64| Numbers::default().percent(ratio));
    environment.add_filter("counted", |count: i64, one: String, many: Option<String>| {
        Numbers::default().counted(count, &one, &many.unwrap_or_else(|| format!("{one}s")))
    });
    environment.add_function("ratio", ratio);
    environment.add_function("scale", |x: f64, points: Rest<f64>| scale(x, &points));
    super::code_filters::register(environment);
    super::row_filters::register(environment);
    super::scripts::register(environment);
    super::stack_filters::register(environment);
}

/// The part of the whole, 0..1; of nothing, nothing.
pub fn ratio(part: f64, whole: f64) -> f64 {
    if whole <= 0.0 { 0.0 } else { (part / whole).clamp(0.0, 1.0) }
}

/// `x` mapped piecewise linearly through the points `x1, y1, x2, y2, …`, flat outside of them.
///
/// # Errors
/// There are less than two points, or their x do not rise.
pub fn scale(x: f64, points: &[f64]) -> Result<f64, Error> {
    if points.len() < 4 || !points.len().is_multiple_of(2) {
        return Err(invalid("`scale` needs x and at least two points: scale(x, x1, y1, x2, y2, …)"));
    }
    let points: Vec<(f64, f64)> = points.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    if !x.is_finite() || points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(invalid("`scale` needs a finite x and points with rising x"));
    }
    let (first, last) = (points[0], points[points.len() - 1]);
    if x <= first.0 {
        return Ok(first.1);
    }
    let inside = points.windows(2).find(|pair| x <= pair[1].0);
    Ok(inside.map_or(last.1, |pair| {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::expression::Engine;
    use super::DOCUMENTED;
    use minijinja::{Value, context};

    fn eval(text: &str) -> Result<Value, super::super::expression::ExpressionError> {
        let context = context! {
            groups => [context! { min_size => 2, name => "a" }, context! { min_size => 1, name => "b" }],
            empty => Vec::<i64>::new(),
        };
        Engine::new().evaluate(text, &context)
    }

    #[test]
    fn quantifiers_test_a_field_of_every_element() {
        assert!(!eval("groups | all('min_size', 'eq', 2)").unwrap().is_true());
        assert!(eval("groups | any('min_size', 'eq', 2)").unwrap().is_true());
        assert!(eval("empty | all('min_size', 'eq', 2)").unwrap().is_true());
        assert_eq!(eval("groups | where('min_size', 'lt', 2) | pluck('name') | join").unwrap().as_str(), Some("b"));
    }

    #[test]
    fn a_field_that_does_not_exist_is_an_error_and_not_a_no() {
        for text in ["groups | all('minsize', 'eq', 2)", "groups | any('minsize')", "groups | pluck('minsize')"] {
            assert!(eval(text).unwrap_err().message.contains("minsize"), "{text}");
        }
        assert!(eval("groups | all('min_size', 'eqq', 2)").is_err());
    }

    #[test]
    fn percents_are_nothing_or_everything_only_where_the_ratio_is() {
        for (ratio, text) in [("0.0", "0%"), ("0.004", "1%"), ("0.4213", "42%"), ("0.999", "99%"), ("1.0", "100%")] {
            assert_eq!(eval(&format!("{ratio} | percent")).unwrap().as_str(), Some(text));
        }
    }

    #[test]
    fn scale_is_linear_between_its_points_and_flat_outside() {
        for (x, expected) in [(0.1, 0.0), (0.35, 0.0), (0.575, 0.5), (0.8, 1.0), (2.0, 1.0)] {
            let value = f64::try_from(eval(&format!("scale({x}, 0.35, 0, 0.80, 1)")).unwrap()).unwrap();
            assert!((value - expected).abs() < 1e-9, "{x}: {value}");
        }
        assert!(eval("scale(1, 2, 0, 1, 1)").is_err());
        assert!(eval("scale(1, 2)").is_err());
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(eval("1 | counted('merge')").unwrap().as_str(), Some("1 merge"));
        assert_eq!(eval("0 | counted('merge')").unwrap().as_str(), Some("0 merges"));
        assert_eq!(eval("2 | counted('line of code', 'lines of code')").unwrap().as_str(), Some("2 lines of code"));
    }

    #[test]
    fn what_is_documented_exists() {
        for documented in DOCUMENTED {
            let engine = Engine::new();
            let known = if documented.usage.contains('|') {
                engine.expression_names(&format!("x | {}", documented.name)).is_ok()
            } else {
                engine.expression_names(documented.usage).is_ok_and(|names| !names.roots.contains(documented.name))
            };
            assert!(known, "{}", documented.name);
        }
    }
}
