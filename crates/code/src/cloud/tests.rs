use super::*;

fn found(language: LanguageType, text: &str) -> Vec<String> {
    let source = Source { path: "f".into(), language, text: text.into() };
    find(&[source]).into_iter().map(|call| format!("{}:{} {}", call.line, call.tool, call.operation)).collect()
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
fn other_sdks_and_notebooks() {
    let js = "import { EC2Client } from '@aws-sdk/client-ec2';\n// new RunInstancesCommand({})\nawait c.send(new RunInstancesCommand({}));\n";
    assert_eq!(found(LanguageType::JavaScript, js), ["3:sdk run_instances"]);
    let notebook = r##"{"cells": [{"cell_type": "markdown", "source": ["ec2.run_instances()"]},
        {"cell_type": "code", "source": ["import boto3\n", "cw.get_metric_data()"]}]}"##;
    assert_eq!(found(LanguageType::Jupyter, notebook), ["2:boto3 get_metric_data"]);
}
