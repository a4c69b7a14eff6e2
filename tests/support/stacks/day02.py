"""Storage, a Flask API, and the infrastructure around it, with either generation of load balancer."""

import lacking

TAGS = {"project_name": "day02"}
COMMON = {
    "region": "eu-west-1",
    "alarm": True,
    "threshold": 1.0,
    "charges_of": "",
    "topic": "BillingAlarm",
    "confirmed": True,
    "description": "The bill has reached one dollar",
    "bucket": "day02-20240501",
    "private": True,
    "object": "appstore_games.csv",
    "key": True,
    "user": "AdministratorAccess",
    "user_group": "",
    "root_keys": False,
    "role": "s3_access",
    "profile": "",
    "policy": "AmazonS3FullAccess",
    "image": "day02-flask-api-ami",
    "own_image": True,
    "cidr": "10.0.0.0/16",
    "dns": True,
    "subnets": [["eu-west-1a", "10.0.1.0/24"], ["eu-west-1b", "10.0.2.0/24"]],
    "public": True,
    "tags": TAGS,
    "names": {
        "vpc": "day02-vpc",
        "subnet1": "day02-sn-pub-1",
        "subnet2": "day02-sn-pub-2",
        "gateway": "day02-igw",
        "table": "day02-rt",
    },
    "gateway": True,
    "route": True,
    "associate": True,
    "group": "day02-flask-sg",
    "in_group": True,
    "ports": [22, 5000],
    "type": "t2.micro",
    "user_data": "#!/bin/bash\ncd /home/ec2-user\nnohup python3 app.py &\n",
    "sizes": [2, 2, 2],
    "default_network": False,
    "group_subnets": 2,
    "group_tags": {"Autoscaling Flask": "flask-asg"},
    "propagate": True,
    "attached": True,
    "health_check_type": "ELB",
    "balancer": True,
    "balancer_port": 5000,
    "balancer_open": 5000,
    "own_front": True,
    "other_project": False,
    "by_hand": 0,
    "interval": 30,
    "healthy": 2,
    "cross_zone": True,
}
GOOD = {
    "day02": {
        **COMMON, "target": "HTTP:5000/", "application": False, "path": "/", "check_port": "5000", "listener": True
    },
    "day02-alb": {**COMMON, "path": "/", "check_port": "5000", "listener": True},
}


def storage(account, s):
    """The alarm on the bill, the root user's keys, the bucket and the key pair."""
    lacking.COUNTED["AccountAccessKeysPresent"] = int(s["root_keys"])
    from account import client

    watch = client(account.endpoint, "us-east-1", "cloudwatch")
    topics = client(account.endpoint, "us-east-1", "sns")
    topic = topics.create_topic(Name=s["topic"])["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="email", Endpoint="heron@example.org")
    if not s["confirmed"]:
        lacking.PENDING.add(topic)
    if s["alarm"]:
        watch.put_metric_alarm(
            AlarmName="bill",
            Namespace="AWS/Billing",
            MetricName="EstimatedCharges",
            Dimensions=[
                {"Name": "Currency", "Value": "USD"},
                *([{"Name": "ServiceName", "Value": s["charges_of"]}] if s["charges_of"] else []),
            ],
            Statistic="Maximum",
            Period=21600,
            EvaluationPeriods=1,
            Threshold=s["threshold"],
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[topic],
            **({"AlarmDescription": s["description"]} if s["description"] else {}),
        )
    if s["bucket"]:
        account.s3.create_bucket(
            Bucket=s["bucket"], CreateBucketConfiguration={"LocationConstraint": account.region}
        )
        account.s3.put_public_access_block(
            Bucket=s["bucket"],
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": s["private"],
                "RestrictPublicBuckets": s["private"],
            },
        )
        if s["object"]:
            account.s3.put_object(Bucket=s["bucket"], Key=s["object"], Body=b"id,name\n1,chess\n")
    if s["key"]:
        account.ec2.create_key_pair(KeyName="day02")


def classic(account, s, subnets, group):
    """The classic load balancer."""
    account.elb.create_load_balancer(
        LoadBalancerName="day02-elb",
        Listeners=[
            {
                "Protocol": "HTTP",
                "LoadBalancerPort": s["balancer_port"],
                "InstanceProtocol": "HTTP",
                "InstancePort": 5000,
            }
        ],
        Subnets=subnets,
        SecurityGroups=[group],
    )
    account.elb.configure_health_check(
        LoadBalancerName="day02-elb",
        HealthCheck={
            "Target": s["target"],
            "Interval": s["interval"],
            "Timeout": 3,
            "UnhealthyThreshold": 2,
            "HealthyThreshold": s["healthy"],
        },
    )
    account.elb.modify_load_balancer_attributes(
        LoadBalancerName="day02-elb",
        LoadBalancerAttributes={"CrossZoneLoadBalancing": {"Enabled": s["cross_zone"]}},
    )
    return {"LoadBalancerNames": ["day02-elb"]}


def modern(account, s, vpc, subnets, group):
    """The application load balancer."""
    check = {
        "HealthCheckPath": s["path"],
        "HealthCheckPort": s["check_port"],
        "HealthCheckIntervalSeconds": s["interval"],
        "HealthyThresholdCount": s["healthy"],
    }
    _, target = account.balancer(
        "day02-alb", subnets, group, vpc, s["balancer_port"], check, target_port=5000, listener=s["listener"]
    )
    return {"TargetGroupARNs": [target]}


def build(account, s):
    """The whole stack."""
    storage(account, s)
    base = account.image("amzn2-ami-hvm*")
    image = account.own_image(s["image"], base) if s["own_image"] else base
    if s["user"]:
        account.user("heron", s["user"], s["user_group"])
    profile = account.role(s["role"], [s["policy"]], s["profile"])
    if s["other_project"]:
        account.network(
            "192.168.0.0/16", [["eu-west-1c", "192.168.1.0/24"]], gateway=False, associate=False, dns=False, public=False
        )
    vpc, subnets = account.network(
        s["cidr"],
        s["subnets"],
        tags=s["tags"],
        names=s["names"],
        gateway=s["gateway"],
        route=s["route"],
        associate=s["associate"],
        dns=s["dns"],
        public=s["public"],
    )
    web = account.group(vpc, s["group"], [(port, "0.0.0.0/0") for port in s["ports"]])
    front = account.group(vpc, "day02-elb-sg", [(s["balancer_open"], "0.0.0.0/0")]) if s["own_front"] else web
    used = web if s["in_group"] else account.group(vpc, "launch-wizard-1", [(22, "0.0.0.0/0")])
    launch = {
        "LaunchConfigurationName": "day02-flask",
        "ImageId": image,
        "InstanceType": s["type"],
        "SecurityGroups": [used],
        "IamInstanceProfile": profile,
        "AssociatePublicIpAddress": True,
        "UserData": s["user_data"],
    }
    account.autoscaling.create_launch_configuration(**launch)
    attachment = {}
    if s["balancer"]:
        of_old = "target" in s and not s["application"]
        attachment = classic(account, s, subnets, front) if of_old else modern(account, s, vpc, subnets, front)
    chosen = subnets[: s["group_subnets"]]
    if s["default_network"]:
        chosen = list(account.default_network()[1].values())[:2]
    account.scaling_group(
        "day02-asg",
        s["sizes"],
        chosen,
        tags=s["group_tags"],
        propagate=s["propagate"],
        LaunchConfigurationName="day02-flask",
        HealthCheckType=s["health_check_type"],
        **(attachment if s["attached"] else {}),
    )
    account.by_hand(s["by_hand"], image)


BUILD = {"day02": build, "day02-alb": build}
