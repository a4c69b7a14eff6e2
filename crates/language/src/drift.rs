//! What the code declares against what is deployed: pairs of the two, fields that differ, resources that no code makes.

use regex::Regex;
use serde_json::{Value as Json, json};

/// How the rows of one table are told apart and compared.
struct Table {
    kind: &'static str,
    /// Below `aws`.
    table: &'static str,
    id: &'static str,
    /// The field that holds the name; empty for those that only have a tag `Name`.
    name: &'static str,
    /// Deployed field, and where the tools have it among the arguments, with `/` between the parts.
    fields: &'static [(&'static str, &'static [&'static str])],
}

const TABLES: &[Table] = &[
    Table {
        kind: "instance",
        table: "instances",
        id: "instance_id",
        name: "",
        fields: &[
            ("instance_type", &["instance_type"]),
            ("image_id", &["image_id", "ami"]),
            ("key_name", &["key_name"]),
            ("availability_zone", &["availability_zone", "placement/availability_zone"]),
        ],
    },
    Table {
        kind: "auto_scaling_group",
        table: "auto_scaling_groups",
        id: "auto_scaling_group_name",
        name: "auto_scaling_group_name",
        fields: &[
            ("min_size", &["min_size"]),
            ("max_size", &["max_size"]),
            ("desired_capacity", &["desired_capacity"]),
            ("health_check_type", &["health_check_type"]),
        ],
    },
    Table { kind: "vpc", table: "vpcs", id: "vpc_id", name: "", fields: &[("cidr_block", &["cidr_block"])] },
    Table {
        kind: "subnet",
        table: "subnets",
        id: "subnet_id",
        name: "",
        fields: &[
            ("cidr_block", &["cidr_block"]),
            ("availability_zone", &["availability_zone"]),
            ("map_public_ip_on_launch", &["map_public_ip_on_launch"]),
        ],
    },
    Table { kind: "security_group", table: "security_groups", id: "group_id", name: "group_name", fields: &[] },
    Table {
        kind: "load_balancer",
        table: "load_balancers",
        id: "load_balancer_name",
        name: "load_balancer_name",
        fields: &[("scheme", &["scheme"]), ("type", &["type", "load_balancer_type"])],
    },
    Table {
        kind: "classic_load_balancer",
        table: "classic_load_balancers",
        id: "load_balancer_name",
        name: "load_balancer_name",
        fields: &[("scheme", &["scheme"])],
    },
    Table {
        kind: "target_group",
        table: "target_groups",
        id: "target_group_name",
        name: "target_group_name",
        fields: &[
            ("port", &["port"]),
            ("protocol", &["protocol"]),
            ("target_type", &["target_type"]),
            ("health_check_path", &["health_check_path", "health_check/0/path"]),
        ],
    },
    Table { kind: "internet_gateway", table: "internet_gateways", id: "internet_gateway_id", name: "", fields: &[] },
    Table { kind: "route_table", table: "route_tables", id: "route_table_id", name: "", fields: &[] },
    Table {
        kind: "launch_template",
        table: "launch_templates",
        id: "launch_template_name",
        name: "launch_template_name",
        fields: &[],
    },
    Table {
        kind: "launch_configuration",
        table: "launch_configurations",
        id: "launch_configuration_name",
        name: "launch_configuration_name",
        fields: &[("instance_type", &["instance_type"]), ("key_name", &["key_name"])],
    },
    Table { kind: "bucket", table: "buckets", id: "name", name: "name", fields: &[] },
    Table { kind: "key_pair", table: "key_pairs", id: "key_name", name: "key_name", fields: &[] },
    Table {
        kind: "function",
        table: "functions",
        id: "function_name",
        name: "function_name",
        fields: &[
            ("runtime", &["runtime"]),
            ("handler", &["handler"]),
            ("memory_size", &["memory_size"]),
            ("timeout", &["timeout"]),
        ],
    },
];

impl Table {
    fn declared<'a>(&self, declared: &'a [Json]) -> Vec<&'a Json> {
        declared.iter().filter(|row| row["kind"] == self.kind).collect()
    }

    /// The rows that somebody made on purpose: not AWS's defaults, nor what an Auto Scaling group or a service started.
    fn deployed<'a>(&self, aws: &'a Json) -> Vec<&'a Json> {
        let rows = aws.get(self.table).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter(|row| !is_default(row) && !is_made_by_service(row)).collect()
    }

    fn name_of<'a>(&self, row: &'a Json) -> &'a str {
        let own = if self.name.is_empty() { None } else { row.get(self.name) };
        own.or_else(|| row.pointer("/tags/Name")).and_then(Json::as_str).unwrap_or_default()
    }

    /// Which declaration each deployed row comes from, where that is plain.
    fn pairs(&self, declared: &[&Json], deployed: &[&Json]) -> Vec<Option<usize>> {
        let mut pairs: Vec<Option<usize>> = deployed
            .iter()
            .map(|row| {
                let id = row.get("tags").and_then(|tags| tags.get("aws:cloudformation:logical-id"));
                let by_id = id.and_then(|id| only(declared, |decl| &decl["label"] == id));
                let name = self.name_of(row);
                let by_name = || only(declared, |decl| !name.is_empty() && decl["name"] == name);
                let by_pattern = || only(declared, |decl| pattern_fits(text(decl, "name"), name));
                by_id.or_else(by_name).or_else(by_pattern)
            })
            .collect();
        // One declaration and as many rows as it makes: nothing else can be meant.
        let left: Vec<usize> = (0..declared.len()).filter(|at| !pairs.contains(&Some(*at))).collect();
        if let [at] = left.as_slice()
            && name_is_open(declared[*at])
        {
            let open = pairs.iter().filter(|pair| pair.is_none()).count() as u64;
            if declared[*at]["count"].as_u64() == Some(open) {
                pairs.iter_mut().for_each(|pair| *pair = pair.or(Some(*at)));
            }
        }
        pairs
    }
}

fn text<'a>(row: &'a Json, field: &str) -> &'a str {
    row.get(field).and_then(Json::as_str).unwrap_or_default()
}

/// The index of the only one that fits.
fn only(declared: &[&Json], fits: impl Fn(&Json) -> bool) -> Option<usize> {
    let mut found = declared.iter().enumerate().filter(|(_, decl)| fits(decl)).map(|(at, _)| at);
    found.next().filter(|_| found.next().is_none())
}

fn is_default(row: &Json) -> bool {
    row["is_default"] == true || row["default_for_az"] == true || row["group_name"] == "default" || row["main"] == true
}

fn is_made_by_service(row: &Json) -> bool {
    let tags = row.get("tags").and_then(Json::as_object);
    tags.is_some_and(|tags| {
        tags.keys().any(|key| {
            key == "aws:autoscaling:groupName" || key.starts_with("elasticbeanstalk:") || key.starts_with("aws:ecs:")
        })
    })
}

/// The name is given, and a run would not change it.
fn name_is_open(declared: &Json) -> bool {
    let name = text(declared, "name");
    name.is_empty() || name.contains("${") || declared["label"] == name
}

/// `web-${var.stage}` fits `web-prod`; a pattern without a letter of its own fits nothing.
fn pattern_fits(pattern: &str, name: &str) -> bool {
    if !pattern.contains("${") || name.is_empty() {
        return false;
    }
    let mut written = String::from("^");
    let mut own = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find("${") {
        written.push_str(&regex::escape(&rest[..at]));
        written.push_str(".*");
        own += at;
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    written.push_str(&regex::escape(rest));
    written.push('$');
    own + rest.len() > 0 && Regex::new(&written).is_ok_and(|pattern| pattern.is_match(name))
}

/// Fields of `declared` rows that are literal and differ from the rows of `aws` that they are deployed as: a list of
/// `{kind, name, field, declared, deployed, path, line}`.
pub(super) fn differences(declared: &[Json], aws: &Json) -> Vec<Json> {
    let scales = declared.iter().any(|row| row["kind"] == "scaling_policy");
    let mut found: Vec<Json> = Vec::new();
    for table in TABLES {
        let (code, rows) = (table.declared(declared), table.deployed(aws));
        for (row, pair) in rows.iter().zip(table.pairs(&code, &rows)) {
            let Some(from) = pair.map(|at| code[at]) else { continue };
            for (field, places) in table.fields {
                // A group that scales is not expected to stay where it began.
                if *field == "desired_capacity" && scales {
                    continue;
                }
                let (Some(given), Some(actual)) = (argument(from, places), row.get(field)) else { continue };
                if let (Some(given), Some(actual)) = (scalar(given), scalar(actual))
                    && !given.contains("${")
                    && !given.eq_ignore_ascii_case(&actual)
                {
                    let difference = json!({
                        "kind": table.kind, "name": shown_name(table, row), "field": field, "declared": given,
                        "deployed": actual, "path": from["path"], "line": from["line"],
                    });
                    if !found.contains(&difference) {
                        found.push(difference);
                    }
                }
            }
        }
    }
    found
}

fn shown_name(table: &Table, row: &Json) -> String {
    let name = table.name_of(row);
    if name.is_empty() { text(row, table.id).to_owned() } else { name.to_owned() }
}

fn argument<'a>(declared: &'a Json, places: &[&str]) -> Option<&'a Json> {
    places.iter().find_map(|place| declared.pointer(&format!("/arguments/{place}")))
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Deployed rows that no declaration can have made and no stack or state owns: a list of `{kind, name, id}`.
///
/// A declaration whose name only a run would tell might have made any row of its kind; so might a module that is not
/// in the repository.
pub(super) fn made_by_hand(declared: &[Json], aws: &Json) -> Vec<Json> {
    let elsewhere = declared.iter().any(|row| {
        let source = row.pointer("/arguments/source").and_then(Json::as_str).unwrap_or_default();
        row["kind"] == "module" && !source.starts_with('.')
    });
    if elsewhere {
        return Vec::new();
    }
    let mut found = Vec::new();
    for table in TABLES {
        let (code, rows) = (table.declared(declared), table.deployed(aws));
        for (row, pair) in rows.iter().zip(table.pairs(&code, &rows)) {
            let may_be = code.iter().any(|decl| name_is_open(decl));
            if pair.is_none() && !may_be && !is_owned(row) {
                found.push(json!({
                    "kind": table.kind, "name": shown_name(table, row), "id": text(row, table.id),
                }));
            }
        }
    }
    found
}

/// A stack's resource, or one that says that Terraform made it.
fn is_owned(row: &Json) -> bool {
    let tags = row.get("tags").and_then(Json::as_object);
    tags.is_some_and(|tags| {
        tags.iter().any(|(key, value)| {
            let words = format!("{key} {}", value.as_str().unwrap_or_default()).to_ascii_lowercase();
            key == "aws:cloudformation:stack-name" || words.contains("terraform") || words.contains("pulumi")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(kind: &str, name: &str, arguments: Json) -> Json {
        json!({"kind": kind, "name": name, "label": null, "arguments": arguments, "count": 1, "path": "main.tf", "line": 3})
    }

    fn fields(declared: &[Json], aws: Json) -> Vec<String> {
        let words = |row: &Json| {
            let get = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            format!("{} {} {} {}", get("name"), get("field"), get("declared"), get("deployed"))
        };
        differences(declared, &aws).iter().map(words).collect()
    }

    #[test]
    fn literal_fields_that_differ_are_told() {
        let code = [
            declared(
                "auto_scaling_group",
                "asg",
                json!({"min_size": 2, "max_size": "${var.max}", "desired_capacity": "2"}),
            ),
            declared(
                "target_group",
                "web-${var.stage}",
                json!({"port": 80, "protocol": "http", "health_check": [{"path": "/"}]}),
            ),
        ];
        let aws = json!({
            "auto_scaling_groups": [
                {"auto_scaling_group_name": "asg", "min_size": 1, "max_size": 9, "desired_capacity": 2, "tags": {}},
                {"auto_scaling_group_name": "other", "min_size": 7, "tags": {}},
            ],
            "target_groups": [
                {"target_group_name": "web-prod", "port": 8000, "protocol": "HTTP", "health_check_path": "/health", "tags": {}},
            ],
        });
        assert_eq!(
            fields(&code, aws),
            ["asg min_size 2 1", "web-prod port 80 8000", "web-prod health_check_path / /health"]
        );
    }

    #[test]
    fn rows_pair_only_where_nothing_else_can_be_meant() {
        let vpc = |cidr: &str, name: &str| json!({"vpc_id": cidr, "cidr_block": cidr, "tags": {"Name": name}});
        let one = [declared("vpc", "", json!({"cidr_block": "10.0.0.0/16"}))];
        assert_eq!(
            fields(&one, json!({"vpcs": [vpc("10.1.0.0/16", "")]})),
            ["10.1.0.0/16 cidr_block 10.0.0.0/16 10.1.0.0/16"]
        );
        assert_eq!(
            fields(&one, json!({"vpcs": [vpc("10.1.0.0/16", ""), vpc("10.2.0.0/16", "")]})),
            Vec::<String>::new()
        );
        let named = [declared("vpc", "main", json!({"cidr_block": "10.0.0.0/16"}))];
        assert_eq!(fields(&named, json!({"vpcs": [vpc("10.1.0.0/16", "other")]})), Vec::<String>::new());
        assert_eq!(fields(&named, json!({})), Vec::<String>::new(), "a table that was not read");
    }

    #[test]
    fn a_group_that_scales_may_have_grown() {
        let group = declared("auto_scaling_group", "asg", json!({"desired_capacity": 2}));
        let aws =
            json!({"auto_scaling_groups": [{"auto_scaling_group_name": "asg", "desired_capacity": 5, "tags": {}}]});
        assert_eq!(fields(std::slice::from_ref(&group), aws.clone()).len(), 1);
        assert_eq!(fields(&[group, declared("scaling_policy", "p", json!({}))], aws), Vec::<String>::new());
    }

    #[test]
    fn what_no_code_makes_was_made_by_hand() {
        let bucket = |name: &str, tags: Json| json!({"name": name, "tags": tags});
        let aws = json!({"buckets": [
            bucket("in-code", json!({})),
            bucket("of-stack", json!({"aws:cloudformation:stack-name": "s"})),
            bucket("of-terraform", json!({"ManagedBy": "Terraform"})),
            bucket("clicked", json!({})),
        ], "vpcs": [{"vpc_id": "vpc-1", "is_default": true}]});
        let names = |code: &[Json]| -> Vec<String> {
            made_by_hand(code, &aws).iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&[declared("bucket", "in-code", json!({}))]), ["clicked"]);
        assert_eq!(names(&[]), ["in-code", "clicked"]);
        assert_eq!(names(&[declared("bucket", "${var.name}", json!({}))]), Vec::<String>::new());
    }
}
