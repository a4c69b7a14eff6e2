//! Constructs of the AWS CDK in Python, TypeScript and JavaScript: `constructs.toml` says what each of them makes.

mod braced;
mod python;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use tree_sitter::Node;

pub(crate) use braced::{found as in_braced, value as braced_value};
pub(crate) use python::found as in_python;

use super::cloud::operations::snake_case;
use super::infra::kinds::of_cfn_class;

/// What a construct makes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Makes {
    /// Kinds of resources, as all tools share them; a class that the table lacks is its own.
    pub(crate) kinds: Vec<String>,
    pub(crate) operations: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Table {
    classes: BTreeMap<String, Makes>,
    methods: BTreeMap<String, Makes>,
    conditional: BTreeMap<String, Makes>,
}

/// The embedded table; a test holds it to parse.
static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("constructs.toml")).unwrap_or_default());

/// A construct that a file makes.
#[derive(Debug, Clone)]
pub(crate) struct Found<'t> {
    /// `aws_ec2.Instance`, or the method: `add_listener`.
    pub(crate) name: String,
    /// `ec2`; empty for methods and for the core.
    pub(crate) service: String,
    /// The second argument: the construct's name among its siblings.
    pub(crate) id: String,
    pub(crate) makes: Makes,
    /// The call or `new` expression.
    pub(crate) call: Node<'t>,
    pub(crate) line: u64,
    pub(crate) in_loop: bool,
}

/// What a dotted name is: module without `aws_`, class. `aws_cdk.CfnOutput` is of the core, which has no name.
fn class_of(full: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = full.split('.').collect();
    let (class, before) = parts.split_last()?;
    if parts.first() != Some(&"aws_cdk") || !class.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    match before {
        // The first version has the core in a module of its own.
        ["aws_cdk"] | ["aws_cdk", "core"] => Some((String::new(), (*class).to_owned())),
        ["aws_cdk", module] => Some((module.strip_prefix("aws_")?.to_owned(), (*class).to_owned())),
        _ => None,
    }
}

/// What a class makes; nothing for the core's, which only hold others.
fn makes(module: &str, class: &str) -> Makes {
    if let Some(known) = TABLE.classes.get(&format!("{module}.{class}")) {
        return known.clone();
    }
    if module.is_empty() {
        return Makes::default();
    }
    if let Some(rest) = class.strip_prefix("Cfn") {
        let (kind, operation) = of_cfn_class(module, rest);
        return Makes { kinds: vec![kind], operations: vec![operation] };
    }
    let kind = snake_case(class);
    Makes { operations: vec![format!("create_{kind}")], kinds: vec![kind] }
}

/// What a method makes, with the words of its arguments.
fn method_makes(method: &str, arguments: &str) -> Option<Makes> {
    let mut makes = TABLE.methods.get(method).cloned().unwrap_or_default();
    let rule =
        TABLE.conditional.get(method).filter(|_| arguments.contains("priority") || arguments.contains("conditions"));
    if let Some(rule) = rule {
        makes.kinds.extend(rule.kinds.iter().cloned());
        makes.operations.extend(rule.operations.iter().cloned());
    }
    (!makes.kinds.is_empty()).then_some(makes)
}

/// Within a loop or a comprehension: how many there are only a run would tell.
fn in_loop(node: Node<'_>) -> bool {
    let mut node = node;
    for _ in 0..64 {
        let Some(parent) = node.parent() else { return false };
        match parent.kind() {
            "for_statement"
            | "while_statement"
            | "list_comprehension"
            | "generator_expression"
            | "for_in_statement"
            | "dictionary_comprehension" => return true,
            "function_definition" | "class_definition" | "method_definition" | "class_declaration" => return false,
            // `zones.forEach((zone) => new ec2.Instance(…))`.
            "arrow_function" | "function_expression" if parent.parent().is_some_and(|p| p.kind() == "arguments") => {
                return true;
            }
            _ => node = parent,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::syntax;
    use super::*;
    use stackmark_evidence::vocabulary::{self, RESOURCE_KINDS};

    fn told(found: &[Found<'_>]) -> Vec<String> {
        found.iter().map(|it| format!("{} {} {} {}", it.line, it.name, it.id, it.makes.kinds.join(","))).collect()
    }

    #[test]
    fn the_table_names_kinds_and_operations() {
        assert!(TABLE.classes.len() > 50, "constructs.toml does not parse");
        for makes in TABLE.classes.values().chain(TABLE.methods.values()).chain(TABLE.conditional.values()) {
            for kind in &makes.kinds {
                assert!(RESOURCE_KINDS.contains(&kind.as_str()), "{kind}");
            }
            for operation in &makes.operations {
                assert_eq!(vocabulary::operation(operation), Some(operation.as_str()));
            }
        }
    }

    #[test]
    fn python_constructs_are_known_by_their_imports() {
        let text = r#"
import aws_cdk as cdk
from aws_cdk import Stack, CfnOutput, aws_ec2 as ec2, aws_elasticloadbalancingv2 as elbv2
from aws_cdk.aws_lambda import Function as Fn
from elsewhere import Instance
class Web(Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        nodes = [ec2.Instance(self, f"N{i}", instance_type=ec2.InstanceType("t3.micro")) for i in range(3)]
        Fn(self, "Fn")
        Instance(self, "not AWS")
        cdk.aws_s3.CfnBucket(self, "Raw")
        lb = elbv2.ApplicationLoadBalancer(self, "Lb", vpc=vpc)
        listener = lb.add_listener("L", port=80)
        listener.add_targets("T", port=80, targets=nodes, priority=1)
        CfnOutput(self, "Dns", value=lb.load_balancer_dns_name)
        ec2.Port.tcp(80)
"#;
        let tree = syntax::python(text).expect("a tree");
        assert_eq!(
            told(&in_python(&tree, text)),
            [
                "9 aws_ec2.Vpc Vpc vpc,subnet,internet_gateway,route_table",
                "10 aws_ec2.Instance N${i} instance",
                "11 aws_lambda.Function Fn function",
                "13 aws_s3.CfnBucket Raw bucket",
                "14 aws_elasticloadbalancingv2.ApplicationLoadBalancer Lb load_balancer",
                "15 add_listener L listener",
                "16 add_targets T target_group,target_registration,listener_rule",
                "17 CfnOutput Dns ",
            ]
        );
        assert!(in_python(&tree, text)[1].in_loop);
        let bare = syntax::python("lb.add_listener('L')\n").expect("a tree");
        assert!(in_python(&bare, "lb.add_listener('L')\n").is_empty(), "no CDK anywhere");
    }

    #[test]
    fn python_names_count_by_where_they_come_from() {
        for (imports, call, is_of_cdk) in [
            ("from aws_cdk import CfnOutput", "CfnOutput(self, 'A')", true),
            ("from aws_cdk import CfnOutput as O", "O(self, 'A')", true),
            ("from aws_cdk import (\n    Stack,\n    CfnOutput as Output,\n)", "Output(self, 'A')", true),
            ("import aws_cdk as cdk", "cdk.CfnOutput(self, 'A')", true),
            ("import aws_cdk", "aws_cdk.CfnOutput(self, 'A')", true),
            ("from aws_cdk import core", "core.CfnOutput(self, 'A')", true),
            ("from aws_cdk import core as cdk", "cdk.CfnOutput(self, id='A')", true),
            ("from aws_cdk.core import CfnOutput", "CfnOutput(self, 'A')", true),
            ("from aws_cdk import *", "CfnOutput(self, 'A')", true),
            ("import aws_cdk as cdk\nOutput = cdk.CfnOutput", "Output(self, 'A')", true),
            ("from aws_cdk import CfnOutput\nO = CfnOutput", "O(self, 'A')", true),
            ("from aws_cdk import CfnOutput\nclass A:\n    def CfnOutput(self): pass", "CfnOutput(self, 'A')", true),
            ("import aws_cdk as cdk", "CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk\nfrom helpers import CfnOutput", "CfnOutput(self, 'A')", false),
            ("from aws_cdk import *\nfrom helpers import CfnOutput", "CfnOutput(self, 'A')", false),
            ("from aws_cdk import *\nfrom helpers import *", "CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk\ndef CfnOutput(a, b): pass", "CfnOutput(self, 'A')", false),
            ("from aws_cdk import CfnOutput\ndef CfnOutput(a, b): pass", "CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk\nimport other as o", "o.CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk\nCfnOutput = print", "CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk\nclass A:\n    def CfnOutput(self, b): pass", "self.CfnOutput(self, 'A')", false),
            ("import aws_cdk as cdk", "lb.add_listener('A')", true),
            ("import aws_cdk as cdk\nclass A:\n    def add_listener(self, b): pass", "self.add_listener('A')", false),
            ("import aws_cdk as cdk\nclass A:\n    def add_listener(self, b): pass", "lb.add_listener('A')", true),
        ] {
            let text = format!("{imports}\n{call}\n");
            let tree = syntax::python(&text).expect("a tree");
            let ids: Vec<String> = in_python(&tree, &text).into_iter().map(|it| it.id).collect();
            assert_eq!(ids == ["A"], is_of_cdk, "{text}: {ids:?}");
            assert_eq!(ids.is_empty(), !is_of_cdk, "{text}: {ids:?}");
        }
    }

    #[test]
    fn typescript_constructs_are_known_by_their_imports() {
        let text = r#"
import * as cdk from 'aws-cdk-lib';
import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Function as Fn } from 'aws-cdk-lib/aws-lambda';
import * as patterns from "@aws-cdk/aws-ecs-patterns";
export class Web extends cdk.Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 3 });
    new Fn(this, `Fn`);
    new patterns.ApplicationLoadBalancedFargateService(this, 'Svc', { vpc });
    ['a', 'b'].forEach((zone) => new ec2.Instance(this, zone, { instanceType: new ec2.InstanceType('t3.micro') }));
    lb.addListener('L', { port: 80 });
    new cdk.CfnOutput(this, 'Url', { value: api.url });
    new Map(this, 'x');
  }
}
"#;
        let tree = syntax::typescript(text).expect("a tree");
        assert_eq!(
            told(&in_braced(&tree, text)),
            [
                "9 aws_ec2.Vpc Vpc vpc,subnet,internet_gateway,route_table",
                "10 aws_lambda.Function Fn function",
                "11 aws_ecs_patterns.ApplicationLoadBalancedFargateService Svc ecs_service,ecs_task,load_balancer,target_group,listener",
                "12 aws_ec2.Instance ${zone} instance",
                "13 add_listener L listener",
                "14 CfnOutput Url ",
            ]
        );
        let js = "const { Stack } = require('aws-cdk-lib');\nconst s3 = require('aws-cdk-lib/aws-s3');\nnew s3.Bucket(this, 'B');\n";
        let tree = syntax::tsx(js).expect("a tree");
        assert_eq!(told(&in_braced(&tree, js)), ["3 aws_s3.Bucket B bucket"]);
    }
}
