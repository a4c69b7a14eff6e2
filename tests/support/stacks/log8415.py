"""Two clusters behind one application load balancer."""

from account import pairs, spec

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
TAGS = {"project": "log8415-a1", "team": "heron"}
GOOD = {
    "log8415-a1": {
        "region": "us-east-1",
        "first": 5,
        "first_type": "m4.large",
        "second": 4,
        "second_type": "t2.large",
        "zones": ZONES,
        "balancer": True,
        "scheme": "internet-facing",
        "listener": True,
        "balancer_zones": 2,
        "rules": [["/cluster1", 0], ["/cluster2", 1]],
        "port": 80,
        "ssh": False,
        "second_targets": True,
        "instance_tags": True,
    }
}
# The slides ask less of the same stack.
GOOD["log8415-slides"] = GOOD["log8415-a1"]


def build(account, s):
    """The whole stack."""
    vpc, subnets = account.default_network()
    rules = [(s["port"], "0.0.0.0/0")] + ([(22, "0.0.0.0/0")] if s["ssh"] else [])
    group = account.group(vpc, "heron-web", rules, TAGS)
    image = account.image("ubuntu*")
    arns = []
    for number, (count, kind) in enumerate([(s["first"], s["first_type"]), (s["second"], s["second_type"])], start=1):
        ids = []
        for index in range(count):
            ids += account.ec2.run_instances(
                ImageId=image,
                InstanceType=kind,
                MinCount=1,
                MaxCount=1,
                SubnetId=subnets[s["zones"][index % len(s["zones"])]],
                SecurityGroupIds=[group],
                **spec("instance", TAGS if s["instance_tags"] or number == 1 else {}),
            )["Instances"]
        arn = account.elbv2.create_target_group(
            Name=f"heron-{number}",
            Protocol="HTTP",
            Port=80,
            VpcId=vpc,
            HealthCheckPath=f"/cluster{number}",
            TargetType="instance",
            Tags=pairs(TAGS),
        )["TargetGroups"][0]["TargetGroupArn"]
        if number == 1 or s["second_targets"]:
            account.elbv2.register_targets(
                TargetGroupArn=arn, Targets=[{"Id": instance["InstanceId"]} for instance in ids]
            )
        arns.append(arn)
    if not s["balancer"]:
        return
    arn = account.elbv2.create_load_balancer(
        Name="heron-alb",
        Subnets=[subnets[zone] for zone in ZONES[: s["balancer_zones"]]],
        SecurityGroups=[group],
        Scheme=s["scheme"],
        Tags=pairs(TAGS),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    if not s["listener"]:
        return
    listener = account.elbv2.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arns[0]}],
    )["Listeners"][0]["ListenerArn"]
    for priority, (path, target) in enumerate(s["rules"], start=1):
        account.elbv2.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": arns[target]}],
        )


BUILD = {"log8415-a1": build, "log8415-slides": build}
