"""An invented class with planted copies and decoys, the same for the same seed.

`make(seed, teams)` gives {team: {path: text}}, the starter's files, and the planted pairs as (kind, team, team).
Each work is a program of functions that call AWS, and a Terraform file; independent works of the same assignment make the
same calls with arguments in an order and in a style of their own.
"""

import random
import re

CALLS = {
    "create_security_group": ["GroupName", "Description", "VpcId", "TagSpecifications"],
    "authorize_security_group_ingress": ["GroupId", "IpPermissions", "DryRun"],
    "run_instances": ["ImageId", "InstanceType", "MinCount", "MaxCount", "KeyName", "UserData", "SubnetId", "Monitoring"],
    "create_target_group": ["Name", "Protocol", "Port", "VpcId", "TargetType", "HealthCheckPath", "Matcher"],
    "register_targets": ["TargetGroupArn", "Targets"],
    "create_load_balancer": ["Name", "Subnets", "SecurityGroups", "Scheme", "Type", "IpAddressType"],
    "create_listener": ["LoadBalancerArn", "Protocol", "Port", "DefaultActions"],
    "create_rule": ["ListenerArn", "Conditions", "Priority", "Actions"],
    "describe_instances": ["Filters", "MaxResults"],
    "get_metric_data": ["MetricDataQueries", "StartTime", "EndTime", "ScanBy"],
    "terminate_instances": ["InstanceIds"],
    "create_key_pair": ["KeyName", "KeyType"],
    "create_launch_template": ["LaunchTemplateName", "LaunchTemplateData", "VersionDescription"],
    "create_auto_scaling_group": ["AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity", "TargetGroupARNs"],
}
RESOURCES = {
    "aws_vpc": ["cidr_block", "enable_dns_hostnames", "tags"],
    "aws_subnet": ["vpc_id", "cidr_block", "availability_zone", "map_public_ip_on_launch"],
    "aws_internet_gateway": ["vpc_id", "tags"],
    "aws_route_table": ["vpc_id", "route", "tags"],
    "aws_security_group": ["name", "description", "vpc_id", "ingress", "egress"],
    "aws_instance": ["ami", "instance_type", "subnet_id", "key_name", "user_data", "vpc_security_group_ids", "tags"],
    "aws_lb": ["name", "internal", "load_balancer_type", "subnets", "security_groups"],
    "aws_lb_target_group": ["name", "port", "protocol", "vpc_id", "health_check"],
    "aws_lb_listener": ["load_balancer_arn", "port", "protocol", "default_action"],
    "aws_lb_listener_rule": ["listener_arn", "priority", "action", "condition"],
    "aws_autoscaling_group": ["min_size", "max_size", "desired_capacity", "launch_template", "target_group_arns"],
    "aws_cloudwatch_metric_alarm": ["alarm_name", "metric_name", "namespace", "threshold", "period", "statistic"],
}
WORDS = "alpha bravo cargo delta ember flint grove haven ivory joker karma lemon mango noble ocean pearl quart river solar tiger".split()
COMMENTS = {
    "# wait until it answers": "# attendre que cela réponde",
    "# one for each zone": "# uno per ogni zona",
    "# what the statement asks for": "# ce que demande l'énoncé",
}
TUTORIAL = '''
def request_worker(url, count, results):
    """Sends requests one after the other."""
    session = requests.Session()
    for number in range(count):
        started = time.perf_counter()
        try:
            response = session.get(url, timeout=10)
            elapsed = time.perf_counter() - started
            results.append((number, response.status_code, elapsed))
        except requests.RequestException as error:
            results.append((number, None, str(error)))


def run_threads(url, threads, count):
    results = []
    workers = [threading.Thread(target=request_worker, args=(url, count, results)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(results)
'''


class Writer:
    """One hand: its names, its order of arguments, its style."""

    def __init__(self, rng):
        self.rng = rng
        self.style = rng.randrange(4)
        self.count = 0

    def name(self, kind="v"):
        self.count += 1
        return f"{self.rng.choice(WORDS)}_{self.rng.choice(WORDS)}_{kind}{self.count}"

    def value(self, names):
        rng = self.rng
        options = [
            lambda: f"'{rng.choice(WORDS)}-{rng.randrange(99)}'",
            lambda: str(rng.randrange(9000)),
            lambda: rng.choice(names) if names else "None",
            lambda: f"[{rng.choice(names) if names else 1}]",
            lambda: "{'Key': 'Name', 'Value': '" + rng.choice(WORDS) + "'}",
            lambda: f"[{{'Name': 'tag:Team', 'Values': [{rng.choice(names) if names else 2}]}}]",
            lambda: f"os.environ.get('{rng.choice(WORDS).upper()}')",
            lambda: f"f'{{{rng.choice(names)}}}-{rng.choice(WORDS)}'" if names else "''",
        ]
        return rng.choice(options)()

    def call(self, method, names):
        rng = self.rng
        arguments = [key for key in CALLS[method] if rng.random() < 0.85] or CALLS[method][:1]
        rng.shuffle(arguments)
        return f"ec2.{method}({', '.join(f'{key}={self.value(names)}' for key in arguments)})"

    def body(self, method, parameters):
        rng, names, lines = self.rng, list(parameters), []
        for _ in range(rng.randrange(3, 8)):
            kind = rng.randrange(8)
            new = self.name()
            some = rng.choice(names)
            if kind == 0:
                lines += [f"for {new} in {some}:", f"    print({new}, {self.value(names)})"]
            elif kind == 1:
                lines += [f"if {some} is None or len({some}) < {rng.randrange(9)}:", f"    raise ValueError({self.value(names)})"]
            elif kind == 2:
                lines += [f"{new} = [item['{rng.choice(['Id', 'Arn', 'State'])}'] for item in {some} if item]"]
            elif kind == 3:
                lines += [f"while {some} != {self.value(names)}:", f"    time.sleep({rng.randrange(20)})", f"    {new} = str({some})"]
            elif kind == 4:
                lines += ["try:", f"    {new} = {some}.get({self.value(names)})", "except ClientError as error:", f"    logging.error('%s', error)", f"    {new} = {self.value(names)}"]
            elif kind == 5:
                lines += [f"{new} = dict(sorted({some}.items(), key=lambda pair: pair[{rng.randrange(2)}]))"]
            elif kind == 6:
                lines += [f"with open({self.value(names)}, 'w') as {new}:", f"    {new}.write(json.dumps({some}, indent={rng.randrange(4)}))"]
            else:
                lines += [f"{new} = {some} + {self.value(names)} if {some} else {self.value(names)}"]
            names.append(new)
        lines.insert(rng.randrange(len(lines) + 1) if all(not line.startswith(("    ", "except")) for line in lines) else 0, rng.choice(list(COMMENTS)))
        answer = self.name("r")
        lines += [f"{answer} = {self.call(method, names)}"]
        if self.style % 2:
            lines += [f"logging.info('{method} %s', {answer})"]
        lines += [f"return {answer}['{rng.choice(['Instances', 'Groups', 'Arn'])}'][0]['{rng.choice(['InstanceId', 'GroupId', 'Name'])}']"]
        return lines

    def function(self, method):
        parameters = [self.name("p") for _ in range(self.rng.randrange(1, 4))]
        body = self.body(method, parameters)
        return f"def {self.name('f')}({', '.join(parameters)}):\n" + "".join(f"    {line}\n" for line in body)

    def program(self):
        methods = list(CALLS) + self.rng.sample(list(CALLS), 4)
        self.rng.shuffle(methods)
        return [self.function(method) for method in methods]

    def terraform(self):
        blocks = []
        kinds = list(RESOURCES) + self.rng.sample(list(RESOURCES), 6)
        self.rng.shuffle(kinds)
        for kind in kinds:
            keys = [key for key in RESOURCES[kind] if self.rng.random() < 0.8] or RESOURCES[kind][:1]
            self.rng.shuffle(keys)
            lines = [f'  {key} = {self.hcl_value()}' for key in keys]
            blocks.append(f'resource "{kind}" "{self.name("t")}" {{\n' + "\n".join(lines) + "\n}\n")
        return blocks

    def hcl_value(self):
        rng = self.rng
        return rng.choice([f'"{rng.choice(WORDS)}"', str(rng.randrange(9000)), f"var.{rng.choice(WORDS)}", f"[aws_vpc.{rng.choice(WORDS)}.id]", "true", f'{{ Name = "{rng.choice(WORDS)}" }}'])


HEAD = "import json\nimport logging\nimport os\nimport time\n\nimport boto3\nfrom botocore.exceptions import ClientError\n\nec2 = boto3.client('ec2')\n\n\n"


def joined(functions):
    return HEAD + "\n\n".join(functions)


def renamed(text, rng):
    names = sorted(set(re.findall(r"\b[a-z]+_[a-z]+_[vprft]\d+\b", text)))
    new = {name: f"{rng.choice(WORDS)}{number}" for number, name in enumerate(names)}
    return re.sub(r"\b[a-z]+_[a-z]+_[vprft]\d+\b", lambda found: new[found[0]], text)


def dead(functions, writer):
    changed = []
    for function in functions:
        lines = function.splitlines(keepends=True)
        at = writer.rng.randrange(1, len(lines))
        while lines[at - 1].rstrip().endswith(":") or lines[at].startswith(("        ", "    except")):
            at = writer.rng.randrange(1, len(lines))
        lines.insert(at, f"    {writer.name()} = {writer.rng.randrange(99)} * {writer.rng.randrange(99)}\n")
        changed.append("".join(lines))
        if writer.rng.random() < 0.4:
            changed.append(writer.function(writer.rng.choice(list(CALLS))))
    return changed


def reformatted(text):
    """As black does it: double quotes, a call that is long on lines of its own with a comma at its end."""
    def explode(found):
        inner = found[3].replace("'", '"')
        parts = re.split(r", (?=[A-Z]\w+=)", inner)
        return found[1] + found[2] + "(\n" + "".join(f"        {part},\n" for part in parts) + "    )"
    text = re.sub(r"(    \w+ = )(ec2\.\w+)\((.*)\)", explode, text)
    return text.replace("'", '"')


def as_resource(text):
    text = text.replace("boto3.client('ec2')", "boto3.resource('ec2')")
    text = re.sub(r"ec2\.(run|create|register|describe|get|terminate|authorize)_(\w+)\(", r"ec2.\2_\1(", text)
    return re.sub(r"\['(?:Instances|Groups|Arn)'\]\[0\]\['(\w+)'\]", lambda found: f"[0].{found[1].lower()}", text)


def translated(text):
    for english, other in COMMENTS.items():
        text = text.replace(english, other)
    return text


def make(seed, teams):
    rng = random.Random(seed)
    starter = {"starter/app.py": HEAD + Writer(rng).function("describe_instances") + "\n\n" + Writer(rng).function("run_instances") + "\n\n" + Writer(rng).function("create_rule")}
    works = {}
    programs, stacks = {}, {}
    for number in range(teams):
        team = f"team-{number:03}"
        writer = Writer(random.Random(f"{seed}-{team}"))
        programs[team], stacks[team] = writer.program(), writer.terraform()
        works[team] = {**starter, "deploy.py": joined(programs[team]), "main.tf": "\n".join(stacks[team])}
    kinds = ["verbatim", "renamed", "reordered", "dead code", "half", "split", "comments", "reformatted", "client for resource", "terraform renamed"]
    planted = []
    free = list(works)
    rng.shuffle(free)
    for kind in kinds * max(1, teams // 60):
        if len(free) < 6:
            break
        one, other = free.pop(), free.pop()
        functions, writer = programs[one], Writer(random.Random(f"{seed}-{kind}-{other}"))
        own = dict(works[other])
        text = joined(functions)
        if kind == "terraform renamed":
            own["main.tf"] = renamed("\n".join(stacks[one]), rng)
        elif kind == "half":
            own["deploy.py"] = renamed(joined(functions[: len(functions) // 2] + programs[other][len(programs[other]) // 2 :]), rng)
        elif kind == "split":
            third = len(functions) // 3
            own.pop("deploy.py")
            for at, name in enumerate(["network.py", "servers.py", "balancer.py"]):
                own[name] = HEAD + "\n\n".join(functions[at * third : (at + 1) * third if at < 2 else None])
        else:
            own["deploy.py"] = {
                "verbatim": lambda: text,
                "renamed": lambda: renamed(text, rng),
                "reordered": lambda: joined(rng.sample(functions, len(functions))),
                "dead code": lambda: joined(dead(functions, writer)),
                "comments": lambda: translated(text),
                "reformatted": lambda: reformatted(text),
                "client for resource": lambda: as_resource(text),
            }[kind]()
        works[other] = own
        planted.append((kind, one, other))
    # Decoys: two teams that followed the same tutorial.
    for _ in range(max(1, teams // 60)):
        for team in (free.pop(), free.pop()) if len(free) >= 2 else ():
            works[team]["client.py"] = "import threading\nimport time\n\nimport requests\n" + TUTORIAL
    return works, starter, planted
