use super::*;

fn all(sources: &[Source]) -> Vec<CloudCall> {
    find(sources, &WhenAsked::of(sources))
}

fn found(language: LanguageType, text: &str) -> Vec<String> {
    let source = Source { path: "f".into(), language, text: text.into() };
    all(&[source]).into_iter().map(|call| format!("{}:{} {}", call.line, call.tool, call.operation)).collect()
}

#[test]
fn boto3_calls_are_found_by_name_and_by_client() {
    let text = r#"
import boto3
ec2 = boto3.resource("ec2")
elb = boto3.client("elbv2")
ec2.create_instances(ImageId="ami", MinCount=5)
elb.describe_ssl_policies()
self.elb.create_load_balancer(
    Name="lb",
)
for page in elb.get_paginator("describe_rules").paginate():
    pass
elb.get_waiter("load_balancer_available").wait()
group.authorize_ingress(CidrIp="0.0.0.0/0")
"#;
    assert_eq!(
        found(LanguageType::Python, text),
        [
            "5:boto3 run_instances",
            "6:boto3 describe_ssl_policies",
            "7:boto3 create_load_balancer",
            "10:boto3 describe_rules",
            "13:boto3 authorize_security_group_ingress",
        ]
    );
}

#[test]
fn python_that_no_run_reaches_is_told_with_the_reason() {
    let text = "import boto3\nec2 = boto3.client('ec2')\nif False:\n    ec2.run_instances()\ndef f():\n    return 1\n    ec2.create_vpc()\nec2.create_subnet()\nf()\n";
    let source = Source { path: "f.py".into(), language: LanguageType::Python, text: text.into() };
    let told: Vec<String> = (all(&[source]).into_iter())
        .map(|call| format!("{} {}: {:?}", call.line, call.operation, call.unreachable))
        .collect();
    assert_eq!(
        told,
        [
            "4 run_instances: Some(\"under a condition that is never true\")",
            "7 create_vpc: Some(\"behind the end of its block\")",
            "8 create_subnet: None",
        ]
    );
}

#[test]
fn python_that_calls_nothing() {
    let text = r#"
"""Uses ec2.run_instances() and aws ec2 run-instances."""
import boto3
# ec2.run_instances(ImageId="ami")
def create_security_group(self): pass
self.create_security_group()
print("run: aws ec2 run-instances --count 1")
def f():
    """
    aws ec2 run-instances
    """
'''
elb.create_load_balancer(Name="old")
'''
"#;
    assert_eq!(found(LanguageType::Python, text), Vec::<String>::new());
    assert_eq!(found(LanguageType::Python, "canvas.create_rule(1)"), Vec::<String>::new(), "no boto3 anywhere");
}

#[test]
fn commands_that_python_runs() {
    let text = r##"
subprocess.run(["aws", "ec2", "run-instances", "--count", n])
os.system("aws --region us-east-1 elbv2 create-load-balancer --name lb")
user_data = """#!/bin/bash
yum update
aws autoscaling set-desired-capacity --desired-capacity 2
"""
"##;
    assert_eq!(
        found(LanguageType::Python, text),
        ["2:aws-cli run_instances", "3:aws-cli create_load_balancer", "6:aws-cli set_desired_capacity"]
    );
}

#[test]
fn a_name_for_the_command_line_is_followed() {
    for (language, text) in [
        (LanguageType::Sh, "AWS=\"aws --profile lab --region us-east-1\"\n$AWS ec2 run-instances --count 5\n"),
        (LanguageType::Bash, "AWS=(/usr/bin/aws --profile lab)\n\"${AWS[@]}\" ec2 run-instances\n"),
        (LanguageType::Bash, "AWS=${AWS:-aws}\n\"$AWS\" ec2 run-instances\n"),
        (LanguageType::Bash, "function up { local cmd=\"aws ec2\"; ${cmd} run-instances; }\nup\n"),
        (LanguageType::Makefile, "AWS ?= aws --profile lab\n\t$(AWS) ec2 run-instances\n"),
        (LanguageType::Makefile, "AWS := aws --region $(REGION)\n\t$(AWS) ec2 run-instances\n"),
        (LanguageType::Makefile, "up:\n\taws --region $(REGION) --profile ${P} ec2 run-instances\n"),
        (LanguageType::Sh, "cd x\naws --region \"$REGION\" ec2 run-instances\n"),
    ] {
        let operations: Vec<String> = found(language, text).iter().map(|call| call[2..].to_owned()).collect();
        assert_eq!(operations, ["aws-cli run_instances"], "{text}");
        assert!(!has_calls_by_a_name(text), "{text}");
    }
    for text in ["$AWS ec2 run-instances\n", "sudo \"${CLI}\" --region x elbv2 create-load-balancer\n"] {
        assert!(has_calls_by_a_name(text), "{text}");
    }
    assert!(!has_calls_by_a_name("$PIP install-all ec2\n# $AWS ec2 run-instances\n"));
}

#[test]
fn shell_commands_with_all_that_may_stand_around_them() {
    let text = r#"#!/bin/bash
# aws ec2 create-vpc
ID=$(aws ec2 run-instances \
  --count 5 | jq -r .Id)   # aws ec2 create-subnet
if ! aws --profile lab --output text elbv2 create-target-group --name a; then exit 1; fi
aws ec2 wait instance-running && aws elbv2 register-targets
echo "now: aws ec2 create-key-pair"
aws s3 cp a b; aws configure set region x
"#;
    assert_eq!(
        found(LanguageType::Sh, text),
        ["3:aws-cli run_instances", "5:aws-cli create_target_group", "6:aws-cli register_targets"]
    );
}

#[test]
fn terraform_resources_are_given_by_the_call_that_makes_them() {
    let text = r#"
resource "aws_instance" "web" {
  count = 5
}
# resource "aws_lb" "old" {}
/* resource "aws_lb_listener" "old" {} */
data "aws_vpc" "default" { default = true }
module "alb" {
  source  = "terraform-aws-modules/alb/aws"
}
resource "aws_lb_target_group_attachment" "a" { target_id = "resource \"aws_lb\"" }
resource "random_id" "x" {}
"#;
    assert_eq!(
        found(LanguageType::Hcl, text),
        [
            "2:terraform run_instances",
            "8:terraform create_listener",
            "8:terraform create_load_balancer",
            "8:terraform create_target_group",
            "11:terraform register_targets",
        ]
    );
}

#[test]
fn terraform_from_python() {
    let text = r#"
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.instance import Instance, InstanceEbsBlockDevice
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup as Group
AwsProvider(self, "AWS", region="us-east-1")
Instance(self, "web", ebs_block_device=[InstanceEbsBlockDevice(device_name="a")])
Group(self, "group")
LbListener(self, "not imported")
"#;
    assert_eq!(found(LanguageType::Python, text), ["6:terraform run_instances", "7:terraform create_target_group"]);
}

#[test]
fn cloudformation_types_count_and_parameter_types_do_not() {
    let yaml = "Parameters:\n  Key:\n    Type: AWS::EC2::KeyPair::KeyName\n  Ami:\n    Type: AWS::SSM::Parameter::Value<String>\n\
                Resources:\n  Web:\n    Type: AWS::EC2::Instance\n  #Old:\n  #  Type: AWS::EC2::VPC\n  Rule:\n    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule'\n";
    assert_eq!(found(LanguageType::Yaml, yaml), ["8:cloudformation run_instances", "12:cloudformation create_rule"]);
    let json = r#"{"Resources": {"A": {"Type": "AWS::AutoScaling::AutoScalingGroup"}, "B": {"Type":"AWS::EC2::VPC"}}}"#;
    assert_eq!(
        found(LanguageType::Json, json),
        ["1:cloudformation create_auto_scaling_group", "1:cloudformation create_vpc"]
    );
}

#[test]
fn other_sdks() {
    let js = "import { EC2Client } from '@aws-sdk/client-ec2';\n// new RunInstancesCommand({})\nawait c.send(new RunInstancesCommand({}));\n";
    assert_eq!(found(LanguageType::JavaScript, js), ["3:sdk run_instances"]);
}

#[test]
fn a_client_of_another_file_is_a_client() {
    let source =
        |path: &str, text: &str| Source { path: path.into(), language: LanguageType::Python, text: text.into() };
    let clients =
        "import boto3\nCLOUDWATCH = boto3.client('cloudwatch')\ndef make(name):\n    return boto3.client(name)\n";
    let uses = "import clients\ndef picture(config):\n    clients.CLOUDWATCH.some_new_operation(A=1)\n    clients.make('elbv2').another_new_one()\n\
                CLOUD = Palette()\nCLOUD.mix_some_colours()\n";
    let told: Vec<String> = all(&[source("clients.py", clients), source("use.py", uses)])
        .into_iter()
        .map(|call| format!("{}:{} {}", call.path, call.line, call.operation))
        .collect();
    assert_eq!(told, ["use.py:3 some_new_operation", "use.py:4 another_new_one"]);
}

#[test]
fn operations_are_known_on_any_object_where_boto3_is_used() {
    let text = "import boto3\nx.get_metric_widget_image(MetricWidget=w)\ndb.create_user('ada')\ndb.create_user(first_name=1)\nx.create_user(UserName='ada')\n";
    assert_eq!(found(LanguageType::Python, text), ["2:boto3 get_metric_widget_image", "5:boto3 create_user"]);
}

#[test]
fn any_service_of_the_command_line_counts() {
    let text = "aws --region eu-west-1 bedrock-agent create-knowledge-base --name a\naws s3 cp a b\naws help\n";
    assert_eq!(found(LanguageType::Sh, text), ["1:aws-cli create_knowledge_base"]);
}

#[test]
fn constructs_of_the_cdk_are_given_by_the_calls_that_make_them() {
    let text = "from aws_cdk import aws_elasticloadbalancingv2 as elbv2\nlb = elbv2.ApplicationLoadBalancer(self, 'Lb')\nlb.add_listener('L', port=80)\n";
    assert_eq!(found(LanguageType::Python, text), ["2:cdk create_load_balancer", "3:cdk create_listener"]);
    let text = "import * as lambda from 'aws-cdk-lib/aws-lambda';\nnew lambda.Function(this, 'Fn', {});\n";
    assert_eq!(found(LanguageType::TypeScript, text), ["2:cdk create_function"]);
}

#[test]
fn calls_by_a_name_in_quotes_or_by_another_name_count() {
    let text = r#"
import boto3
client = boto3.client("ec2")
clients = {"ec2": client}
getattr(client, "run_instances")(ImageId="ami")
client.__getattribute__("create_vpc")(CidrBlock="10.0.0.0/16")
boto3.client("elbv2").create_load_balancer(Name="lb")
clients["ec2"].create_subnet(VpcId="v")
launch = client.create_key_pair
launch(KeyName="k")
getattr(client, name)(ImageId="ami")
getattr(options, "verbose")()
"#;
    assert_eq!(
        found(LanguageType::Python, text),
        [
            "5:boto3 run_instances",
            "6:boto3 create_vpc",
            "7:boto3 create_load_balancer",
            "8:boto3 create_subnet",
            "10:boto3 create_key_pair",
        ]
    );
    let js = "const AWS = require('aws-sdk');\nclient['runInstances']({});\nclient[name]({});\nrows['first']();\n";
    assert_eq!(found(LanguageType::JavaScript, js), ["2:sdk run_instances"]);
}

#[test]
fn a_method_of_a_client_that_is_passed_on_is_called() {
    let text = r#"
import boto3
from functools import partial
ec2 = boto3.client("ec2")
safe(ec2.run_instances, MinCount=1, MaxCount=1)
launch = ec2.create_vpc
retry(fn=launch, CidrBlock="10.0.0.0/16")
partial(getattr(ec2, "create_subnet"), VpcId="v")()
safe(row.create_key_pair, KeyName="k")
print(ec2.create_security_group)
"#;
    assert_eq!(
        found(LanguageType::Python, text),
        ["5:boto3 run_instances", "7:boto3 create_vpc", "8:boto3 create_subnet"]
    );
}

#[test]
fn python_that_calls_by_a_name_it_does_not_say_is_known() {
    for text in [
        "import boto3\nfor s, c, a in steps:\n    getattr(boto3.client(s), c)(**a)\n",
        "import boto3\nec2 = boto3.client('ec2')\ngetattr(ec2, name)()\n",
        "def aws(*a):\n    return check_output(['aws', *a])\n",
        "run([\"aws\"] + words)\n",
        "def aws(*a):\n    command = ['aws', *a]\n    return subprocess.run(command, check=True)\n",
        "subprocess.Popen(args=['aws', service, name])\n",
    ] {
        assert!(boto3::has_calls_by_a_name(text), "{text}");
    }
    for text in [
        "import boto3\nec2 = boto3.client('ec2')\ngetattr(ec2, 'run_instances')()\n",
        "import boto3\ngetattr(options, name)()\n",
        "run(['aws', 'ec2', 'run-instances', *more])\nclouds = ['aws']\n",
        "REGION = 'us-east-1'\nTAGS = [\"aws\", REGION]\nprint(['aws', REGION])\nrun(words)\n",
        "import boto3\nec2 = boto3.client('ec2')\nec2.run_instances(MinCount=1, MaxCount=1)\n\
         def asked(name, **kw):\n    return getattr(ec2, name)(**kw)\n",
    ] {
        assert!(!boto3::has_calls_by_a_name(text), "{text}");
    }
}
