"""Builds stacks of a LOG8415-like assignment in an emulator: seed.py ENDPOINT SCENARIO."""

import functools
import json
import sys

import boto3

REGION = "us-east-1"
ZONES = [REGION + letter for letter in "abcdef"]


class Account:
    """Clients of one account on one endpoint."""

    def __init__(self, endpoint, key="testing", secret="testing"):
        def client(service):
            return boto3.client(
                service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret
            )

        self.ec2 = client("ec2")
        self.elb = client("elbv2")
        self.scaling = client("autoscaling")
        self.iam = client("iam")

    @functools.cache
    def default_network(self):
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        return vpc, {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}

    @functools.cache
    def image(self):
        return sorted(image["ImageId"] for image in self.ec2.describe_images(Owners=["amazon"])["Images"])[0]


def pairs(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def instances(account, count, kind, group, tags, zones=ZONES):
    _, subnets = account.default_network()
    ids = []
    for number in range(count):
        zone = zones[number % len(zones)]
        arguments = dict(
            ImageId=account.image(),
            InstanceType=kind,
            MinCount=1,
            MaxCount=1,
            SubnetId=subnets[zone],
            SecurityGroupIds=[group],
        )
        if tags:
            arguments["TagSpecifications"] = [{"ResourceType": "instance", "Tags": pairs(tags)}]
        ids.append(account.ec2.run_instances(**arguments)["Instances"][0]["InstanceId"])
    return ids


def security_group(account, name, tags, port=80):
    vpc, _ = account.default_network()
    arguments = dict(GroupName=name, Description="web", VpcId=vpc)
    if tags:
        arguments["TagSpecifications"] = [{"ResourceType": "security-group", "Tags": pairs(tags)}]
    group = account.ec2.create_security_group(**arguments)["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group


def target_group(account, name, path, targets, tags):
    vpc, _ = account.default_network()
    arguments = dict(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, HealthCheckPath=path, TargetType="instance")
    if tags:
        arguments["Tags"] = pairs(tags)
    arn = account.elb.create_target_group(**arguments)["TargetGroups"][0]["TargetGroupArn"]
    if targets:
        account.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": target} for target in targets])
    return arn


def load_balancer(account, name, group, tags, rules, default):
    _, subnets = account.default_network()
    arguments = dict(
        Name=name, Subnets=[subnets[ZONES[0]], subnets[ZONES[1]]], SecurityGroups=[group], Scheme="internet-facing"
    )
    if tags:
        arguments["Tags"] = pairs(tags)
    arn = account.elb.create_load_balancer(**arguments)["LoadBalancers"][0]["LoadBalancerArn"]
    listener = account.elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": default}],
    )["Listeners"][0]["ListenerArn"]
    for priority, (path, target) in enumerate(rules, start=1):
        account.elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": target}],
        )
    return arn


def scaling_group(account, name, tags, size=2):
    _, subnets = account.default_network()
    account.ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": account.image(), "InstanceType": "t2.micro"}
    )
    account.scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=size,
        MaxSize=5,
        DesiredCapacity=size,
        LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
        VPCZoneIdentifier=subnets[ZONES[0]] + "," + subnets[ZONES[1]],
        Tags=[
            dict(tag, ResourceId=name, ResourceType="auto-scaling-group", PropagateAtLaunch=False)
            for tag in pairs(tags)
        ],
    )
    account.scaling.put_scaling_policy(
        AutoScalingGroupName=name,
        PolicyName=name + "-cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 60.0,
        },
    )


def stack(account, name, tags):
    """5 m4.large and 4 t2.large behind one load balancer with two rules."""
    group = security_group(account, name + "-web", tags)
    first = target_group(account, name + "-1", "/cluster1", instances(account, 5, "m4.large", group, tags), tags)
    second = target_group(account, name + "-2", "/cluster2", instances(account, 4, "t2.large", group, tags), tags)
    rules = [("/cluster1", first), ("/cluster2", second)]
    return load_balancer(account, name + "-alb", group, tags, rules, first)


def team(name):
    return {"project": "log8415-a1", "team": name}


def three_stacks(account):
    """A tagged stack with a scaling group, another team's, and one without tags."""
    stack(account, "heron", team("heron"))
    scaling_group(account, "heron-scaling", team("heron"))
    stack(account, "decoy", team("decoy"))
    stack(account, "bare", {})


def tagged_balancer(account):
    """Only the load balancer carries the tags; beside it, another team's target group behind the same one."""
    group = security_group(account, "shared-web", {})
    first = target_group(account, "mine", "/", instances(account, 2, "t2.micro", group, {}), {})
    theirs = instances(account, 1, "t2.micro", group, team("decoy"))
    second = target_group(account, "theirs", "/", theirs, team("decoy"))
    load_balancer(account, "front", group, team("heron"), [("/theirs", second)], first)


def many(account):
    """More than a page of load balancers and of target groups, and more than one DescribeTags call of each."""
    group = security_group(account, "many-web", {})
    for number in range(110):
        target_group(account, f"group-{number:03}", "/", [], team("heron") if number % 2 else {})
    _, subnets = account.default_network()
    for number in range(55):
        account.elb.create_load_balancer(
            Name=f"balancer-{number:03}",
            Subnets=[subnets[ZONES[0]], subnets[ZONES[1]]],
            SecurityGroups=[group],
            Tags=pairs(team("heron")),
        )


def user_without_balancers(account):
    """An IAM user that may read everything but load balancers; its keys are printed."""
    user(account, "marker", ["sts:*", "ec2:Describe*", "autoscaling:Describe*"])


def user_without_health(account):
    """An IAM user that may read everything but the health of targets; its keys are printed."""
    listings = [
        "elasticloadbalancing:Describe" + what for what in ("LoadBalancers", "TargetGroups", "Tags", "Listeners", "Rules")
    ]
    user(account, "guest", ["sts:*", "ec2:Describe*", "autoscaling:Describe*", *listings])


def user(account, name, actions):
    account.iam.create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    account.iam.put_user_policy(UserName=name, PolicyName="reads", PolicyDocument=json.dumps(document))
    key = account.iam.create_access_key(UserName=name)["AccessKey"]
    print(key["AccessKeyId"], key["SecretAccessKey"])


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (three_stacks, tagged_balancer, many, user_without_balancers, user_without_health)
}

if __name__ == "__main__":
    endpoint, *names = sys.argv[1:]
    for scenario in names:
        SCENARIOS[scenario](Account(endpoint))
