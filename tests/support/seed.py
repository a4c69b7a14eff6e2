"""Builds stacks of a LOG8415-like assignment in an emulator: seed.py ENDPOINT SCENARIO."""

import functools
import io
import json
import sys
import zipfile

import boto3

REGION = "us-east-1"
ZONES = [REGION + letter for letter in "abcdef"]


class Account:
    """Clients of one account on one endpoint."""

    def __init__(self, endpoint, key="testing", secret="testing"):
        def client(service, region=REGION):
            return boto3.client(
                service, endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret
            )

        self.client = client
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


def scaled(account):
    """Two groups of two instances, each another team's."""
    scaling_group(account, "heron", team("heron"))
    scaling_group(account, "decoy", team("decoy"))


def tagged_balancer(account):
    """Only the load balancer carries the tags; beside it, another team's target group behind the same one."""
    group = security_group(account, "shared-web", {})
    first = target_group(account, "mine", "/", instances(account, 2, "t2.micro", group, {}), {})
    theirs = instances(account, 1, "t2.micro", group, team("decoy"))
    second = target_group(account, "theirs", "/", theirs, team("decoy"))
    load_balancer(account, "front", group, team("heron"), [("/theirs", second)], first)


def balancer_before_balancer(account):
    """Only the application load balancer carries the tags; a network load balancer is in front of it."""
    group = security_group(account, "inner-web", {})
    default = target_group(account, "mine", "/", instances(account, 1, "t2.micro", group, {}), {})
    inner = load_balancer(account, "inner", group, team("heron"), [], default)
    vpc, subnets = account.default_network()
    arguments = dict(Name="to-inner", Protocol="TCP", Port=80, VpcId=vpc, TargetType="alb")
    to_inner = account.elb.create_target_group(**arguments)["TargetGroups"][0]["TargetGroupArn"]
    account.elb.register_targets(TargetGroupArn=to_inner, Targets=[{"Id": inner, "Port": 80}])
    arguments = dict(Name="front", Subnets=[subnets[ZONES[0]], subnets[ZONES[1]]], Type="network")
    front = account.elb.create_load_balancer(**arguments)["LoadBalancers"][0]["LoadBalancerArn"]
    action = {"Type": "forward", "TargetGroupArn": to_inner}
    account.elb.create_listener(LoadBalancerArn=front, Protocol="TCP", Port=80, DefaultActions=[action])


def bare(account):
    """A stack without tags, alone in its account."""
    stack(account, "bare", {})


def tag_one_more(account):
    """One instance more carries the tags."""
    reservations = account.ec2.describe_instances()["Reservations"]
    found = sorted((row for it in reservations for row in it["Instances"]), key=lambda row: row["InstanceId"])
    plain = [row["InstanceId"] for row in found if not row.get("Tags")]
    account.ec2.create_tags(Resources=plain[:1], Tags=pairs(team("heron")))


def bare_machines(account):
    """The same machines without a load balancer."""
    group = security_group(account, "bare-web", {})
    instances(account, 5, "m4.large", group, {})
    instances(account, 4, "t2.large", group, {})


def slip(account):
    """A stack whose tags are spelled otherwise."""
    stack(account, "heron", {"project": "log8415-a1", "Team": "heron "})


def by_address(account):
    """Only the load balancer carries the tags, and its targets are addresses."""
    group = security_group(account, "web", {})
    machines = instances(account, 2, "t2.micro", group, {})
    vpc, _ = account.default_network()
    found = account.ec2.describe_instances(InstanceIds=machines)["Reservations"]
    addresses = [row["PrivateIpAddress"] for it in found for row in it["Instances"]]
    arn = account.elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = arn["TargetGroups"][0]["TargetGroupArn"]
    account.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": address} for address in addresses])
    load_balancer(account, "front", group, team("heron"), [], arn)


def tagged_bucket(account):
    """A bucket with the tags."""
    storage = account.client("s3")
    storage.create_bucket(Bucket="heron-files")
    storage.put_bucket_tagging(Bucket="heron-files", Tagging={"TagSet": pairs(team("heron"))})


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


def network(account, name, tags):
    """A VPC with a public and a private subnet; only the VPC carries the tags. Returns VPC, subnets and a group."""
    ec2 = account.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    if tags:
        ec2.create_tags(Resources=[vpc], Tags=pairs(tags))
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(ZONES[:2], start=1)
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    main = ec2.describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    group = ec2.create_security_group(GroupName=name + "-web", Description="web", VpcId=vpc)["GroupId"]
    everyone = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    itself = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone, itself])
    return vpc, subnets, group


def classic_stack(account, name, tags):
    """Two instances from a launch configuration behind a classic load balancer; the group and the network are tagged."""
    _, subnets, group = network(account, name, tags)
    key = account.ec2.create_key_pair(KeyName=name + "-key")["KeyName"]
    account.iam.create_role(RoleName=name + "-role", AssumeRolePolicyDocument="{}")
    account.iam.put_role_policy(
        RoleName=name + "-role",
        PolicyName="reads-buckets",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
        ),
    )
    account.iam.create_instance_profile(InstanceProfileName=name + "-profile")
    account.iam.add_role_to_instance_profile(InstanceProfileName=name + "-profile", RoleName=name + "-role")
    account.client("elb").create_load_balancer(
        LoadBalancerName=name + "-front",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}],
        Subnets=subnets,
        SecurityGroups=[group],
    )
    account.client("elb").configure_health_check(
        LoadBalancerName=name + "-front",
        HealthCheck=dict(Target="HTTP:8080/health", Interval=30, Timeout=5, HealthyThreshold=2, UnhealthyThreshold=3),
    )
    account.scaling.create_launch_configuration(
        LaunchConfigurationName=name + "-servers",
        ImageId=account.image(),
        InstanceType="t2.micro",
        KeyName=key,
        SecurityGroups=[group],
        IamInstanceProfile=name + "-profile",
        UserData="#!/bin/sh\nexport DB_PASSWORD=correct-horse-7\nyum install -y httpd\n",
    )
    account.scaling.create_auto_scaling_group(
        AutoScalingGroupName=name + "-servers",
        MinSize=2,
        MaxSize=4,
        DesiredCapacity=2,
        LaunchConfigurationName=name + "-servers",
        LoadBalancerNames=[name + "-front"],
        VPCZoneIdentifier=",".join(subnets),
        Tags=[
            dict(tag, ResourceId=name, ResourceType="auto-scaling-group", PropagateAtLaunch=False)
            for tag in pairs(tags)
        ],
    )
    policy = account.scaling.put_scaling_policy(
        AutoScalingGroupName=name + "-servers",
        PolicyName=name + "-out",
        PolicyType="SimpleScaling",
        AdjustmentType="ChangeInCapacity",
        ScalingAdjustment=1,
        Cooldown=60,
    )
    alarm(account, name + "-busy", "AWS/EC2", {"AutoScalingGroupName": name + "-servers"}, policy.get("PolicyARN"))


def alarm(account, name, namespace, dimensions, action=None, tags=None, region=REGION):
    arguments = dict(
        AlarmName=name,
        Namespace=namespace,
        MetricName="EstimatedCharges" if namespace == "AWS/Billing" else "CPUUtilization",
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        Statistic="Average",
        Period=300,
        EvaluationPeriods=2,
        Threshold=60.5,
        ComparisonOperator="GreaterThanThreshold",
    )
    if action:
        arguments["AlarmActions"] = [action]
    if tags:
        arguments["Tags"] = pairs(tags)
    account.client("cloudwatch", region).put_metric_alarm(**arguments)


def bucket(account, name, tags, keys=()):
    client = account.client("s3")
    client.create_bucket(Bucket=name)
    if tags:
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags)})
    for key in keys:
        client.put_object(Bucket=name, Key=key, Body=b"0123456789")


def classic(account):
    """A classic stack with all that hangs on it, another team's, and a billing alarm."""
    classic_stack(account, "heron", team("heron"))
    classic_stack(account, "decoy", team("decoy"))
    alarm(account, "bill", "AWS/Billing", {"Currency": "USD"})
    account.ec2.create_key_pair(KeyName="nobodys")
    bucket(account, "heron-site", team("heron"), ["index.html", "img/logo.png"])
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    account.client("s3").put_public_access_block(Bucket="heron-site", PublicAccessBlockConfiguration=block)
    bucket(account, "decoy-site", team("decoy"), ["index.html"])
    bucket(account, "nobodys-site", {})


def templates(account):
    """A tagged group from an untagged launch template of two versions, and a tagged one that nothing uses."""
    data = {"ImageId": account.image(), "InstanceType": "t2.micro"}
    account.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    account.ec2.create_launch_template_version(
        LaunchTemplateName="web", LaunchTemplateData=dict(data, InstanceType="t3.micro")
    )
    # moto cannot start an instance from a template with user data.
    account.ec2.create_launch_template(
        LaunchTemplateName="spare",
        LaunchTemplateData=dict(data, UserData="IyEvYmluL3NoCg==", IamInstanceProfile={"Name": "never-made"}),
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": pairs(team("heron"))}],
    )
    account.ec2.create_launch_template(LaunchTemplateName="unused", LaunchTemplateData=data)
    _, subnets = account.default_network()
    account.scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
        VPCZoneIdentifier=subnets[ZONES[0]],
        Tags=[
            dict(tag, ResourceId="web", ResourceType="auto-scaling-group", PropagateAtLaunch=True)
            for tag in pairs(team("heron"))
        ],
    )


STACK = {
    "Parameters": {"Size": {"Type": "String", "Default": "small"}},
    "Resources": {
        "Site": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "made-by-a-stack"}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    },
    "Outputs": {"Address": {"Value": "http://example.org"}},
}


def services(account):
    """A stack, a container service, a function behind two APIs, a table and a topic; beside them, another team's."""
    stacks = account.client("cloudformation")
    for name, tags in (("heron-stack", team("heron")), ("decoy-stack", team("decoy"))):
        body = json.dumps(STACK).replace("made-by-a-stack", "made-by-" + name)
        stacks.create_stack(StackName=name, TemplateBody=body, Tags=pairs(tags), Capabilities=["CAPABILITY_IAM"])
    ecs = account.client("ecs")
    _, subnets = account.default_network()
    group = security_group(account, "containers", {})
    ecs.register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "web",
                "image": "nginx:1.27",
                "portMappings": [{"containerPort": 80}],
                "environment": [{"name": "MODE", "value": "live"}],
            }
        ],
    )
    for cluster, tags in (("heron", team("heron")), ("decoy", team("decoy"))):
        ecs.create_cluster(clusterName=cluster, tags=[{"key": key, "value": value} for key, value in tags.items()])
        for number in range(11 if cluster == "heron" else 1):
            ecs.create_service(
                cluster=cluster,
                serviceName=f"web-{number:02}",
                taskDefinition="web",
                desiredCount=2,
                launchType="FARGATE",
                networkConfiguration={
                    "awsvpcConfiguration": {
                        "subnets": [subnets[ZONES[0]]],
                        "securityGroups": [group],
                        "assignPublicIp": "ENABLED",
                    }
                },
            )
    role = account.iam.create_role(RoleName="runs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context): return {}")
    functions = {}
    for name in ("heron-api", "decoy-api"):
        functions[name] = account.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"TABLE": "items"}},
        )["FunctionArn"]
    alarm(account, "heron-errors", "AWS/Lambda", {"FunctionName": "heron-api"})
    alarm(account, "heron-crowd", "AWS/ECS", {"ClusterName": "heron", "ServiceName": "web-00"})
    alarm(account, "decoy-errors", "AWS/Lambda", {"FunctionName": "decoy-api"})
    http = account.client("apigatewayv2")
    api = http.create_api(Name="heron-http", ProtocolType="HTTP", Tags=team("heron"))["ApiId"]
    target = http.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=functions["heron-api"], PayloadFormatVersion="2.0"
    )["IntegrationId"]
    http.create_route(ApiId=api, RouteKey="GET /items/{id}", Target="integrations/" + target)
    http.create_route(ApiId=api, RouteKey="$default")
    http.create_stage(ApiId=api, StageName="live")
    rest = account.client("apigateway")
    api = rest.create_rest_api(name="heron-rest", tags=team("heron"))["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    items = rest.create_resource(restApiId=api, parentId=root, pathPart="items")["id"]
    rest.put_method(restApiId=api, resourceId=items, httpMethod="GET", authorizationType="NONE")
    rest.put_integration(
        restApiId=api, resourceId=items, httpMethod="GET", type="MOCK", requestTemplates={"application/json": "{}"}
    )
    rest.create_rest_api(name="decoy-rest", tags=team("decoy"))
    for name in ("heron", "decoy"):
        account.client("sns").create_topic(Name=name + "-alerts", Tags=pairs(team(name)))
        account.client("dynamodb").create_table(
            TableName=name + "-items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=pairs(team(name)),
        )


def two_regions(account):
    """A tagged instance in each of two regions, and a billing alarm."""
    for region in (REGION, "eu-west-1"):
        ec2 = account.client("ec2", region)
        image = sorted(image["ImageId"] for image in ec2.describe_images(Owners=["amazon"])["Images"])[0]
        tags = [{"ResourceType": "instance", "Tags": pairs(team("heron"))}]
        ec2.run_instances(ImageId=image, InstanceType="t2.micro", MinCount=1, MaxCount=1, TagSpecifications=tags)
    alarm(account, "bill", "AWS/Billing", {"Currency": "USD"})
    bucket(account, "heron-once", team("heron"))


def user_without_buckets(account):
    """An IAM user that may list the buckets and no more of them; its keys are printed."""
    user(account, "visitor", ["sts:*", "ec2:Describe*", "s3:ListAllMyBuckets"])


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
    for scenario in (
        three_stacks,
        tagged_balancer,
        balancer_before_balancer,
        bare,
        bare_machines,
        tag_one_more,
        tagged_bucket,
        slip,
        by_address,
        many,
        scaled,
        classic,
        templates,
        services,
        two_regions,
        user_without_balancers,
        user_without_buckets,
        user_without_health,
    )
}

if __name__ == "__main__":
    endpoint, *names = sys.argv[1:]
    for scenario in names:
        SCENARIOS[scenario](Account(endpoint))
