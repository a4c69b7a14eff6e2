use serde_json::{Value, json};

use super::*;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let language = |path: &str| match path.rsplit('.').next() {
        Some("py") => LanguageType::Python,
        Some("tf" | "tfvars") => LanguageType::Hcl,
        Some("sh") => LanguageType::Sh,
        Some("json") => LanguageType::Json,
        Some("ts") => LanguageType::TypeScript,
        _ => LanguageType::Yaml,
    };
    let source =
        |&(path, text): &(&str, &str)| Source { path: path.into(), language: language(path), text: text.into() };
    files.iter().map(source).collect()
}

fn found(files: &[(&str, &str)]) -> Vec<Declared> {
    let sources = sources(files);
    match declared(&sources, &WhenAsked::of(&sources)) {
        Reading::Observed { value } => value,
        other => panic!("{other:?}"),
    }
}

/// `line kind name` of each, and the arguments asked for.
#[track_caller]
fn assert_declared(files: &[(&str, &str)], expected: &[(&str, Value)]) {
    let found = found(files);
    let lines: Vec<String> = found
        .iter()
        .map(|d| format!("{} {} {} {}", d.line, d.kind, d.name, d.count.map_or("?".into(), |n| n.to_string())))
        .collect();
    assert_eq!(lines, expected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), "{found:#?}");
    for (declared, (line, arguments)) in found.iter().zip(expected) {
        for (name, value) in arguments.as_object().unwrap() {
            let actual = if name == "tags" { json!(declared.tags) } else { json!(declared.arguments.get(name)) };
            assert_eq!(&actual, value, "{line}: {name}");
        }
    }
}

#[test]
fn terraform_is_read_with_its_variables_and_locals() {
    let variables = r#"
variable "min" { default = 2 }
variable "cidr" { type = string }
variable "ami" { type = string }
locals { tags = { project_name = "day02" } }
provider "aws" {
  region = var.region
  default_tags { tags = { owner = "team" } }
}
"#;
    let main = r#"
resource "aws_vpc" "main" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  tags = merge(local.tags, { Name = "day02-vpc" })
}
resource "aws_autoscaling_group" "asg" {
  min_size = var.min
  max_size = -1
  launch_configuration = aws_launch_configuration.lc.name
  depends_on = [aws_vpc.main]
  lifecycle { create_before_destroy = true }
  tag {
    key   = "Name"
    value = "asg-${var.min}-${var.ami}"
    propagate_at_launch = true
  }
}
resource "aws_security_group" "sg" {
  name = "sg"
  ingress {
    from_port = 80
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress { from_port = 22 }
}
resource "aws_instance" "web" {
  count = length(["a", "b", "c"])
  ami   = var.ami
}
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
"#;
    let files = [
        ("tf/00_variables.tf", variables),
        ("tf/10.auto.tfvars", "cidr = \"10.0.0.0/16\"\nregion = \"eu-west-1\"\n"),
        ("tf/main.tf", main),
        ("other/variables.tf", "variable \"ami\" { default = \"ami-other\" }"),
    ];
    assert_declared(
        &files,
        &[
            ("6 provider aws 1", json!({"region": "eu-west-1"})),
            (
                "2 vpc day02-vpc 1",
                json!({"cidr_block": "10.0.0.0/16", "tags": {"Name": "day02-vpc", "owner": "team", "project_name": "day02"}}),
            ),
            (
                "7 auto_scaling_group asg-2-${var.ami} 1",
                json!({"min_size": 2, "max_size": -1, "launch_configuration": "${aws_launch_configuration.lc.name}",
                       "depends_on": ["${aws_vpc.main}"], "lifecycle": {"create_before_destroy": true}}),
            ),
            (
                "19 security_group sg 1",
                json!({"ingress": [{"from_port": 80, "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": 22}]}),
            ),
            ("27 instance web 3", json!({"ami": "${var.ami}"})),
            ("31 module vpc 1", json!({})),
            ("31 vpc vpc 1", json!({})),
            ("31 subnet vpc 1", json!({})),
        ],
    );
}

#[test]
fn boto3_is_read_with_its_constants() {
    let settings = "MIN = 2\nNAMES = {'lb': 'front'}\nREGION = os.environ['R']\nclass Config:\n    TYPE = 't2.micro'\n";
    let main = r#"
import boto3
from settings import MIN, Config as C
import settings
PORT = 80
ec2 = boto3.resource("ec2", region_name=settings.REGION)
elb = boto3.client("elbv2")
asg = boto3.client("autoscaling")
TAGS = [{"Key": "Name", "Value": f"web-{PORT}"}]

def go(size, classic=boto3.client("elb")):
    common = {"VpcId": vpc, "Port": PORT}
    elb.create_target_group(Name="t-" + "1", **common)
    asg.create_auto_scaling_group(AutoScalingGroupName="g", MinSize=MIN, MaxSize=size, DesiredCapacity=settings.MIN)
    for zone in zones:
        ec2.create_instances(MaxCount=5, InstanceType=C.TYPE,
            TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}])
    elb.create_load_balancer(Name=settings.NAMES["lb"], Scheme=settings.REGION)
    elb.describe_load_balancers()

PLACE = 1
PLACE = 2
if x:
    SOMETIMES = 1
ec2.create_vpc(CidrBlock="10.0.0.0/16", A=PLACE, B=SOMETIMES)
report.create_report(Name="no")
class Setup:
    def __init__(self, port, PLACE):
        self.project = "lab"
        self.port = PORT
        self.place = PLACE
        self.twice = 1
        self.twice = 2
    def run(self):
        ec2.create_security_group(GroupName=f"{self.project}-sg", A=self.port, B=self.place, C=self.twice)
setup.create_security_group()
"#;
    assert_declared(
        &[("app/main.py", main), ("app/settings.py", settings), ("old/settings.py", "MIN = 9\n")],
        &[
            ("13 target_group t-1 1", json!({"port": 80, "vpc_id": "${vpc}"})),
            ("14 auto_scaling_group g 1", json!({"min_size": 2, "max_size": "${size}", "desired_capacity": 2})),
            ("16 instance web-80 ?", json!({"instance_type": "t2.micro", "max_count": 5, "tags": {"Name": "web-80"}})),
            ("18 load_balancer front 1", json!({"scheme": "${os.environ['R']}"})),
            ("25 vpc  1", json!({"cidr_block": "10.0.0.0/16", "a": "${PLACE}", "b": "${SOMETIMES}"})),
            ("35 security_group lab-sg 1", json!({"a": 80, "b": "${PLACE}", "c": "${self.twice}"})),
        ],
    );
}

#[test]
fn commands_are_read_with_their_variables() {
    let run = r##"#!/bin/bash
source "$(dirname $0)/config.sh"
NAME="web-$SIZE"
aws --region us-east-1 ec2 run-instances --count 1:3 --instance-type $TYPE \
  --tag-specifications "ResourceType=instance,Tags=[{Key=Name,Value=$NAME}]" --dry-run
# aws ec2 create-vpc
for i in 1 2; do sudo aws ec2 create-subnet --cidr-block "10.0.$i.0/24"; done
ID=$(aws autoscaling create-auto-scaling-group --auto-scaling-group-name asg --min-size=1 --max-size ${MAX:-4})
aws s3 mb s3://bucket-$SIZE
aws ec2 describe-vpcs
aws elb create-load-balancer --load-balancer-name old --listeners Protocol=HTTP,LoadBalancerPort=80
"##;
    let python = "import os, subprocess\nN = 4\nsubprocess.run(['aws', 'ec2', 'create-vpc', '--cidr-block', '10.0.0.0/8'])\nos.system('aws ec2 create-key-pair --key-name k')\n";
    assert_declared(
        &[("config.sh", "TYPE=t2.micro\nexport SIZE=3\n"), ("go.py", python), ("run.sh", run)],
        &[
            ("3 vpc  1", json!({"cidr_block": "10.0.0.0/8"})),
            ("4 key_pair k 1", json!({})),
            ("4 instance web-3 3", json!({"instance_type": "t2.micro", "dry_run": true, "tags": {"Name": "web-3"}})),
            ("7 subnet  ?", json!({"cidr_block": "10.0.${i}.0/24"})),
            ("8 auto_scaling_group asg 1", json!({"min_size": 1, "max_size": "${MAX:-4}"})),
            ("9 bucket bucket-3 1", json!({})),
            ("11 classic_load_balancer old 1", json!({})),
        ],
    );
}

#[test]
fn cloudformation_is_read_with_its_parameters() {
    let yaml = r#"
Parameters:
  Size: { Type: Number, Default: 2 }
  Key: { Type: AWS::EC2::KeyPair::KeyName }
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    DependsOn: Web
    Properties:
      MinSize: "1"
      MaxSize: !Ref Size
      AvailabilityZones: !GetAZs ""
      Tags:
        - Key: Name
          Value: !Sub "g-${Size}-${AWS::Region}"
          PropagateAtLaunch: true
  Web:
    Type: 'AWS::EC2::Instance'
    Properties:
      KeyName: !Ref Key
      SubnetId: !GetAtt Net.Id
      UserData: !Base64 |
        #!/bin/bash
        yum install httpd
"#;
    let json_template = "{\n\t\"Resources\": {\n\t\t\"Net\": {\"Type\": \"AWS::EC2::VPC\",\n\t\t\t\"Properties\": {\"CidrBlock\": {\"Fn::Join\": [\"/\", [\"10.0.0.0\", \"16\"]]}, \"Name\": {\"Ref\": \"X\"}}}}}";
    assert_declared(
        &[("a.yaml", yaml), ("b.json", json_template), ("c.yaml", "Resources: [1]\nkind: AWS::EC2::VPC\n")],
        &[
            (
                "6 auto_scaling_group g-2-${AWS::Region} 1",
                json!({"min_size": 1, "max_size": 2, "depends_on": "Web", "availability_zones": "${GetAZs}"}),
            ),
            (
                "17 instance Web 1",
                json!({"key_name": "${Key}", "subnet_id": "${GetAtt Net.Id}", "user_data": "#!/bin/bash\nyum install httpd"}),
            ),
            ("3 vpc ${X} 1", json!({"cidr_block": "10.0.0.0/16"})),
        ],
    );
}

#[test]
fn what_functions_return_is_worked_out() {
    let text = r##"
import boto3, os
ec2 = boto3.client("ec2")
def script():
    with open("start.sh") as file:
        text = file.read()
    return text
def named(name, folder="."):
    return open(os.path.join(folder, name)).read()
def both(kind):
    if kind:
        return "a"
    return "b"
def lines():
    return "\n".join(["#!/bin/bash", "pip install flask"])
class Nodes:
    def kind(self, size):
        return f"m4.{size}"
    def run(self):
        ec2.run_instances(InstanceType=self.kind("large"), UserData=lines())
ec2.run_instances(UserData=script(), InstanceType=both(1))
ec2.run_instances(UserData=named("web.sh"))
def circle():
    return circle()
ec2.create_vpc(CidrBlock=circle())
"##;
    assert_declared(
        &[("up.py", text)],
        &[
            ("20 instance  1", json!({"instance_type": "m4.large", "user_data": "#!/bin/bash\npip install flask"})),
            ("21 instance  1", json!({"user_data": "${open(\"start.sh\").read()}", "instance_type": "${both(1)}"})),
            ("22 instance  1", json!({"user_data": "${open(\"web.sh\").read()}"})),
            ("25 vpc  1", json!({"cidr_block": "${circle()}"})),
        ],
    );
}

#[test]
fn constructs_of_the_cdk_are_read_with_their_properties() {
    let python = r#"
from aws_cdk import aws_ec2 as ec2, aws_autoscaling as autoscaling
KIND = "t3.micro"
group = autoscaling.AutoScalingGroup(self, "Asg", min_capacity=2, instance_type=ec2.InstanceType("t3.micro"))
for zone in zones:
    ec2.Instance(self, zone, key_name=KIND)
"#;
    let typescript = "import * as ecs from 'aws-cdk-lib/aws-ecs';\nnew ecs.FargateService(this, 'Svc', { cluster, desiredCount: 2, serviceName: 'web' });\n";
    assert_declared(
        &[("a.py", python), ("b.ts", typescript)],
        &[
            ("4 auto_scaling_group Asg 1", json!({"min_size": 2, "instance_type": "t3.micro"})),
            ("4 launch_template Asg 1", json!({})),
            ("6 instance ${zone} ?", json!({"key_name": "t3.micro"})),
            ("2 ecs_service web 1", json!({"desired_count": 2, "cluster": "${cluster}"})),
        ],
    );
}

#[test]
fn variables_are_counted_where_they_are_used() {
    let files = [
        ("tf/variables.tf", "variable \"region\" {}\nvariable \"unused\" {}\n"),
        ("tf/main.tf", "provider \"aws\" {\n  region = var.region\n}\noutput \"a\" { value = \"x-${var.region}\" }\n"),
        ("other/main.tf", "variable \"region\" {}\n"),
    ];
    let told: Vec<(String, String, Option<u64>)> = variables::find(&sources(&files))
        .into_iter()
        .filter(|variable| variable.kind == "variable")
        .map(|variable| (variable.path, variable.name, variable.uses))
        .collect();
    let row = |path: &str, name: &str, uses: u64| (path.to_owned(), name.to_owned(), Some(uses));
    assert_eq!(
        told,
        [row("other/main.tf", "region", 0), row("tf/variables.tf", "region", 2), row("tf/variables.tf", "unused", 0)]
    );
}

#[test]
fn a_command_by_a_name_is_cut_into_words() {
    let script = "AWS=\"aws --profile lab\"\n$AWS ec2 create-vpc --cidr-block 10.0.0.0/16\n";
    assert_eq!(found(&[("deploy.sh", script)]).len(), 1);
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let of = |path: &str, language: LanguageType, text: &str| -> Vec<String> {
        let source = Source { path: path.into(), language, text: text.into() };
        calls::of(&source, &Budget::new()).into_iter().map(|call| format!("{} {}", call.line, call.name)).collect()
    };
    let make = "URL = x\nurl:\n\t@aws s3 presign s3://b/a --expires-in 60\n# aws s3 ls\n";
    assert_eq!(of("Makefile", LanguageType::Makefile, make), ["3 aws s3 presign"]);
    let pipeline = "jobs:\n  a:\n    - run: aws s3 presign s3://b/a\n    - name: aws or not\n";
    assert_eq!(of("ci.yml", LanguageType::Yaml, pipeline), ["3 aws s3 presign"]);
    let python = "import os, subprocess\nos.system('aws s3 presign s3://b/a')\nsubprocess.run(['aws', 's3', 'ls'])\nprint('aws s3 rm x')\n";
    assert_eq!(
        of("a.py", LanguageType::Python, python),
        ["2 aws s3 presign", "2 os.system", "3 aws s3 ls", "3 subprocess.run", "4 print"]
    );
}

#[test]
fn what_a_pool_or_a_thread_is_given_is_called() {
    let python = "import requests\nfrom threading import Thread\nfrom urllib.request import urlopen as get\n\
                  pool.map(requests.get, urls)\nThread(target=get, args=(url,)).start()\n\
                  loop.run_in_executor(None, session.get, requests.post)\npool.map(own, requests.codes.ok, x)\nlog(requests.head)\n";
    let source = Source { path: "a.py".into(), language: LanguageType::Python, text: python.into() };
    let names: Vec<String> = calls::of(&source, &Budget::new()).into_iter().map(|call| call.name).collect();
    for name in ["requests.get", "urllib.request.urlopen", "session.get", "threading.Thread"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    for name in ["own", "requests.head", "requests.post"] {
        assert!(!names.iter().any(|found| found == name), "{name} in {names:?}");
    }
}

#[test]
fn values_that_multiply_or_turn_in_circles_end() {
    let mut locals = String::from("locals {\n a0 = 1\n");
    let mut shell = String::from("A0=1\n");
    let mut python = String::from("import boto3\na0 = 1\n");
    for n in 1..40 {
        let (this, last) = (n, n - 1);
        locals.push_str(&format!(" a{this} = [local.a{last}, local.a{last}, local.a{last}]\n"));
        shell.push_str(&format!("A{this}=$A{last}$A{last}$A{last}$A{last}\n"));
        python.push_str(&format!("a{this} = [a{last}, a{last}, a{last}]\n"));
    }
    locals.push_str(
        " loop = local.pool\n pool = local.loop\n}\nresource \"aws_vpc\" \"a\" {\n x = local.a39\n y = local.loop\n}\n",
    );
    shell.push_str("L=$P\nP=$L\naws ec2 create-vpc --cidr-block $A39 --x $L\n");
    python.push_str("l = p\np = l\nboto3.client('ec2').create_vpc(X=a39, Y=l)\n");
    assert_eq!(found(&[("a.tf", &locals), ("b.sh", &shell), ("c.py", &python)]).len(), 3);
}

#[test]
fn deep_and_broken_text_gives_what_can_be_read() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));
    let files = [
        ("a.tf", format!("resource \"aws_vpc\" \"a\" {{ x = {} }}", deep("[", "]"))),
        ("b.py", format!("import boto3\nboto3.client('ec2').create_vpc(X={})\n", deep("(", ")"))),
        ("c.yaml", format!("Resources:\n  A:\n    Type: AWS::EC2::VPC\n    Properties: {}\n", deep("[", "]"))),
        ("d.sh", format!("aws ec2 create-vpc --x {}", deep("$(", ")"))),
        ("e.yaml", "Resources:\n  A: &a\n    Type: AWS::EC2::VPC\n    Properties: {x: [*a, *a]}\n".to_owned()),
        ("f.tf", "resource \"aws_vpc\" \"a\" {\n  x = \n}\nresource \"aws_subnet\" \"b\" {\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let kinds: Vec<String> = found(&files).into_iter().map(|declared| declared.path).collect();
    assert!(kinds.contains(&"a.tf".to_owned()) && kinds.contains(&"b.py".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"e.yaml".to_owned()) && kinds.contains(&"f.tf".to_owned()), "{kinds:?}");
}

/// The same notion of what is reached as for calls: each language is held by its own tests.
#[test]
fn what_nothing_reaches_is_told_with_the_reason() {
    let never = "under a condition that is never true";
    for (path, text, expected) in [
        ("a.tf", "resource \"aws_lb\" \"a\" {\n  count = 0\n}\n", Some("with a count of 0")),
        ("a.tf", "resource \"aws_lb\" \"a\" {\n  count = var.on\n}\n", None),
        ("a.sh", "if [ 1 -eq 2 ]; then\n  aws ec2 create-vpc --cidr-block 10.0.0.0/16\nfi\n", Some(never)),
        ("a.sh", "if [ \"$1\" = up ]; then\n  aws ec2 create-vpc --cidr-block 10.0.0.0/16\nfi\n", None),
        (
            "a.py",
            "import boto3\nec2 = boto3.client('ec2')\nif False:\n    ec2.create_vpc(CidrBlock='10.0.0.0/16')\n",
            Some(never),
        ),
        (
            "a.py",
            "import boto3\nec2 = boto3.client('ec2')\ndef make():\n    ec2.create_vpc(CidrBlock='10.0.0.0/16')\n",
            Some("in make, which nothing calls"),
        ),
        (
            "a.py",
            "import boto3\nec2 = boto3.client('ec2')\ndef make():\n    ec2.create_vpc(CidrBlock='a')\nmake()\n",
            None,
        ),
        (
            "a.yml",
            "Conditions:\n  Off: !Equals [a, b]\nResources:\n  A:\n    Type: AWS::EC2::VPC\n    Condition: Off\n",
            Some(never),
        ),
    ] {
        let found = found(&[(path, text)]);
        let told: Vec<Option<&str>> = found.iter().map(|row| row.unreachable.as_deref()).collect();
        assert_eq!(told, [expected], "{text}");
    }
}

#[test]
fn user_data_is_reached_where_what_gives_it_is() {
    let rows = |files: &[(&str, &str)]| -> Vec<(String, Option<String>)> {
        let sources = sources(files);
        let file = |(path, text): &(&str, &str)| TreeFile {
            path: (*path).to_owned(),
            id: [0; 20],
            size: text.len() as u64,
            link: false,
            missing: false,
            aside: None,
        };
        let tree: Vec<TreeFile> = files.iter().map(file).collect();
        let found = user_data(&crate::memory::Memory(b""), &tree, &sources, &WhenAsked::of(&sources)).unwrap();
        found.into_iter().map(|row| (row.path, row.unreachable)).collect()
    };
    let script = ("web/user_data.sh", "#!/bin/bash\nyum install -y httpd\n");
    let given = "resource \"aws_instance\" \"a\" {\n  user_data = file(\"user_data.sh\")\n}\n";
    assert_eq!(rows(&[("web/a.tf", given), script]), [("web/a.tf".to_owned(), None)]);
    let none = given.replace("  user_data", "  count = 0\n  user_data");
    let why = Some("with a count of 0".to_owned());
    assert_eq!(rows(&[("web/a.tf", none.as_str()), script]), [("web/a.tf".to_owned(), why)]);
    let unnamed = Some("in a file that nothing names".to_owned());
    assert_eq!(rows(&[script]), [("web/user_data.sh".to_owned(), unnamed)]);
    let readme = ("up.sh", "./launch user_data.sh\n");
    assert_eq!(rows(&[readme, script]), [("web/user_data.sh".to_owned(), None)]);
}
