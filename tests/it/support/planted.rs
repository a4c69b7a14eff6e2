//! An invented class with planted copies and decoys, the same for the same seed.
//!
//! Each work is a program of functions that call AWS, and a Terraform stack. Independent works make the same calls, with
//! arguments in an order and among statements of their own.

/// A small generator of numbers that are the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.below(at + 1);
            items.swap(at, other);
        }
    }
}

const CALLS: &[(&str, &[&str])] = &[
    ("create_security_group", &["GroupName", "Description", "VpcId", "TagSpecifications"]),
    ("run_instances", &["ImageId", "InstanceType", "MinCount", "MaxCount", "KeyName", "UserData", "SubnetId"]),
    ("create_target_group", &["Name", "Protocol", "Port", "VpcId", "TargetType", "HealthCheckPath"]),
    ("register_targets", &["TargetGroupArn", "Targets"]),
    ("create_load_balancer", &["Name", "Subnets", "SecurityGroups", "Scheme", "Type"]),
    ("create_listener", &["LoadBalancerArn", "Protocol", "Port", "DefaultActions"]),
    ("create_rule", &["ListenerArn", "Conditions", "Priority", "Actions"]),
    ("describe_instances", &["Filters", "MaxResults"]),
    ("get_metric_data", &["MetricDataQueries", "StartTime", "EndTime", "ScanBy"]),
    ("terminate_instances", &["InstanceIds", "DryRun"]),
    ("create_launch_template", &["LaunchTemplateName", "LaunchTemplateData", "VersionDescription"]),
    ("create_auto_scaling_group", &["AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity"]),
];
const RESOURCES: &[(&str, &[&str])] = &[
    ("aws_vpc", &["cidr_block", "enable_dns_hostnames", "tags"]),
    ("aws_subnet", &["vpc_id", "cidr_block", "availability_zone", "map_public_ip_on_launch"]),
    ("aws_security_group", &["name", "description", "vpc_id", "tags"]),
    ("aws_instance", &["ami", "instance_type", "subnet_id", "key_name", "user_data", "vpc_security_group_ids"]),
    ("aws_lb", &["name", "internal", "load_balancer_type", "subnets", "security_groups"]),
    ("aws_lb_target_group", &["name", "port", "protocol", "vpc_id", "target_type"]),
    ("aws_lb_listener", &["load_balancer_arn", "port", "protocol", "ssl_policy"]),
    ("aws_autoscaling_group", &["min_size", "max_size", "desired_capacity", "target_group_arns"]),
    ("aws_cloudwatch_metric_alarm", &["alarm_name", "metric_name", "namespace", "threshold", "period"]),
    ("aws_route_table", &["vpc_id", "propagating_vgws", "tags"]),
    ("aws_launch_template", &["name", "image_id", "instance_type", "user_data"]),
    ("aws_key_pair", &["key_name", "public_key", "tags"]),
];
const HEAD: &str = "import json\nimport logging\nimport time\n\nimport boto3\n\nec2 = boto3.client('ec2')\n\n\n";

/// One hand.
pub(crate) struct Writer {
    random: Random,
    names: usize,
}

impl Writer {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), names: 0 }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}_{}", self.random.below(900), self.names)
    }

    fn value(&mut self, names: &[String]) -> String {
        let some = self.random.pick(names).clone();
        match self.random.below(7) {
            0 => format!("'text {}'", self.random.below(99)),
            1 => self.random.below(9_000).to_string(),
            2 => some,
            3 => format!("[{some}]"),
            4 => format!("{{'Key': 'Name', 'Value': {some}}}"),
            5 => format!("{some}.get('Id')"),
            _ => format!("[{{'Name': 'tag:Team', 'Values': [{some}]}}]"),
        }
    }

    fn arguments(&mut self, keys: &[&'static str], mut one: impl FnMut(&mut Self, &str) -> String) -> Vec<String> {
        let mut keys = keys.to_vec();
        self.random.shuffle(&mut keys);
        keys.truncate((keys.len() - self.random.below(2)).max(1));
        keys.into_iter().map(|key| one(self, key)).collect()
    }

    fn function(&mut self, (method, keys): &(&str, &[&'static str])) -> String {
        let mut names: Vec<String> = (0..=self.random.below(3)).map(|_| self.name()).collect();
        let mut text = format!("def {}({}):\n", self.name(), names.join(", "));
        for _ in 0..3 + self.random.below(4) {
            let (new, some, value) = (self.name(), self.random.pick(&names).clone(), self.value(&names));
            text += &match self.random.below(8) {
                0 => format!("    for {new} in {some}:\n        print({new}, {value})\n"),
                1 => format!("    if {some} is None or len({some}) < {value}:\n        raise ValueError({value})\n"),
                2 => format!("    {new} = [item['Arn'] for item in {some} if item]\n"),
                3 => format!("    while {some} != {value}:\n        time.sleep(5)\n"),
                4 => format!(
                    "    try:\n        {new} = {value}\n    except KeyError as error:\n        logging.error('%s', error)\n"
                ),
                5 => format!("    {new} = dict(sorted({some}.items(), key=lambda pair: pair[1]))\n"),
                6 => format!("    with open({value}) as {new}:\n        {new}.write(json.dumps({some}, indent=2))\n"),
                _ => format!("    # wait for it\n    {new} = {some} + {value} if {some} else {value}\n"),
            };
            names.push(new);
        }
        let arguments = self.arguments(keys, |writer, key| format!("{key}={}", writer.value(&names)));
        text += &format!("    answer = ec2.{method}({})\n", arguments.join(", "));
        text + "    return answer['Instances'][0]['InstanceId']\n"
    }

    /// The functions of a program.
    pub(crate) fn program(&mut self) -> Vec<String> {
        let mut calls: Vec<_> = CALLS.iter().chain(CALLS).collect();
        self.random.shuffle(&mut calls);
        calls.truncate(16);
        calls.into_iter().map(|call| self.function(call)).collect()
    }

    /// The blocks of a Terraform stack.
    pub(crate) fn stack(&mut self) -> Vec<String> {
        let mut kinds: Vec<_> = RESOURCES.iter().chain(RESOURCES).collect();
        self.random.shuffle(&mut kinds);
        kinds.truncate(18);
        let block = |(kind, keys): &(&str, &[&'static str])| {
            let lines = self.arguments(keys, |writer, key| {
                let value = match writer.random.below(4) {
                    0 => "\"text\"".to_owned(),
                    1 => writer.random.below(900).to_string(),
                    2 => format!("var.{}", writer.name()),
                    _ => format!("[aws_vpc.{}.id]", writer.name()),
                };
                format!("  {key} = {value}\n")
            });
            format!("resource \"{kind}\" \"{}\" {{\n{}}}\n", self.name(), lines.concat())
        };
        kinds.into_iter().map(block).collect()
    }
}

/// The functions as a file.
pub(crate) fn joined(functions: &[String]) -> String {
    format!("{HEAD}{}", functions.join("\n\n"))
}

/// The text with every name of the generator's changed.
pub(crate) fn renamed(text: &str) -> String {
    let names = regex::Regex::new(r"\bn(\d+)_(\d+)\b").unwrap();
    names.replace_all(text, "other_$2_$1").into_owned()
}

/// A copy of one kind: files of the copier, from the functions and blocks of another, and what the copier wrote alone.
pub(crate) fn copy(kind: &str, functions: &[String], stack: &[String], own: &mut Writer) -> Vec<(String, String)> {
    let file = |path: &str, text: String| (path.to_owned(), text);
    let text = joined(functions);
    let own_stack = file("main.tf", own.stack().concat());
    let program = match kind {
        "verbatim" => text,
        "renamed" => renamed(&text),
        "reordered" => {
            let mut functions = functions.to_vec();
            own.random.shuffle(&mut functions);
            joined(&functions)
        }
        "dead code" => {
            let mut with_dead = Vec::new();
            for function in functions {
                let (first, rest) = function.split_once('\n').unwrap();
                with_dead.push(format!("{first}\n    {} = {} * 7\n{rest}", own.name(), own.random.below(99)));
                if own.random.below(3) == 0 {
                    let call = *own.random.pick(CALLS);
                    with_dead.push(own.function(&call));
                }
            }
            joined(&with_dead)
        }
        "half" => {
            let (taken, own) = (&functions[..functions.len() / 2], own.program());
            renamed(&joined(&[taken, &own[..functions.len() / 2]].concat()))
        }
        "split over files" => {
            let third = functions.len() / 3;
            let part = |path: &str, functions: &[String]| file(path, joined(functions));
            return vec![
                part("network.py", &functions[..third]),
                part("servers.py", &functions[third..2 * third]),
                part("balancer.py", &functions[2 * third..]),
                own_stack,
            ];
        }
        "comments translated" => text.replace("# wait for it", "# attendre que cela réponde"),
        "reformatted" => {
            // As black does it: double quotes, and a long call on lines of its own with a comma at its end.
            let call = regex::Regex::new(r"(?m)^    answer = (ec2\.\w+)\((.*)\)$").unwrap();
            let exploded = call.replace_all(&text, |found: &regex::Captures<'_>| {
                format!("    answer = {}(\n        {},\n    )", &found[1], &found[2].replace(", ", ",\n        "))
            });
            exploded.replace('\'', "\"")
        }
        "client for resource" => text
            .replace("boto3.client", "boto3.resource")
            .replace("ec2.run_instances", "ec2.create_instances")
            .replace("ec2.describe_instances", "ec2.instances.filter")
            .replace("answer['Instances'][0]['InstanceId']", "answer[0].instance_id"),
        "terraform renamed" => {
            return vec![file("deploy.py", joined(&own.program())), file("main.tf", renamed(&stack.concat()))];
        }
        other => panic!("no such kind: {other}"),
    };
    vec![file("deploy.py", program), own_stack]
}

/// All kinds of copies.
pub(crate) const KINDS: [&str; 10] = [
    "verbatim",
    "renamed",
    "reordered",
    "dead code",
    "half",
    "split over files",
    "comments translated",
    "reformatted",
    "client for resource",
    "terraform renamed",
];
