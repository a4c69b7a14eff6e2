"""Containers on Fargate, and a serverless API."""

import io
import json
import zipfile

from account import pairs

FARGATE = {"project": "containers-fargate", "team": "heron"}
SERVERLESS = {"project": "serverless-api", "team": "heron"}
ON_MACHINES = {"project": "containers-ecs", "team": "heron"}
GOOD = {
    "containers-fargate": {
        "region": "us-east-1",
        "tags": FARGATE,
        "machines": 0,
        "repository": True,
        "launch_type": "FARGATE",
        "network_mode": "awsvpc",
        "count": 2,
        "subnets": [["us-east-1a", "10.0.1.0/24"], ["us-east-1b", "10.0.2.0/24"]],
        "service_subnets": 2,
        "route": True,
        "nat": False,
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1",
        "sizes": ["256", "512"],
        "role": True,
        "log_driver": "awslogs",
        "attached": True,
        "target_type": "ip",
        "balancer": True,
        "listener": True,
        "targets": True,
        "group_tags": FARGATE,
    },
    "serverless-api": {
        "region": "us-east-1",
        "function": True,
        "timeout": 10,
        "memory": 256,
        "routes": ["GET /items", "POST /items"],
        "integration": "function",
        "stage": True,
        "table": True,
        "bucket": False,
        "alarm": True,
        "alarm_action": True,
    },
}
# The same on instances of the team's own.
GOOD["containers-ecs"] = {
    **GOOD["containers-fargate"],
    "tags": ON_MACHINES,
    "group_tags": ON_MACHINES,
    "machines": 2,
    "launch_type": "EC2",
    "network_mode": "bridge",
    "target_type": "instance",
    "role": False,
}


def lower(tags):
    """Tags as ECS takes them."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def nat(account, subnets):
    """Replaces the way out of the subnets by a NAT gateway."""
    address = account.ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = account.ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    tables = account.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": subnets}])
    for table in tables["RouteTables"]:
        account.ec2.create_route(
            RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway
        )


def machines(account, s, subnets, group):
    """The cluster's instances, one a subnet."""
    ids = []
    for number in range(s["machines"]):
        made = account.ec2.run_instances(
            ImageId=account.image("amzn2-ami-hvm*"),
            InstanceType="t3.small",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnets[number],
            SecurityGroupIds=[group],
            TagSpecifications=[{"ResourceType": "instance", "Tags": pairs(s["tags"])}],
        )
        ids.append(made["Instances"][0]["InstanceId"])
    return ids


def fargate(account, s):
    """Cluster, service, registry and load balancer."""
    vpc, subnets = account.network("10.0.0.0/16", s["subnets"], tags=s["tags"], route=s["route"])
    if s["nat"]:
        nat(account, subnets)
    group = account.group(vpc, "web", [(80, "0.0.0.0/0")], s["group_tags"])
    if s["repository"]:
        account.ecr.create_repository(repositoryName="web", tags=pairs(s["tags"]))
    entry = []
    if s["balancer"]:
        _, target = account.balancer(
            "web", subnets, group, vpc, 80, {"HealthCheckPath": "/"}, target_type=s["target_type"], tags=s["tags"],
            listener=s["listener"],
        )
        if s["targets"]:
            ids = ["10.0.1.10", "10.0.2.10"] if s["target_type"] == "ip" else machines(account, s, subnets, group)
            account.elbv2.register_targets(TargetGroupArn=target, Targets=[{"Id": id, "Port": 80} for id in ids])
        if s["attached"]:
            entry = [{"targetGroupArn": target, "containerName": "web", "containerPort": 80}]
    cpu, memory = s["sizes"]
    container = {
        "name": "web",
        "image": s["image"],
        "essential": True,
        "portMappings": [{"containerPort": 80, "protocol": "tcp"}],
    }
    if s["log_driver"]:
        container["logConfiguration"] = {"logDriver": s["log_driver"], "options": {}}
    account.ecs.register_task_definition(
        family="web",
        networkMode=s["network_mode"],
        requiresCompatibilities=[s["launch_type"]],
        cpu=cpu,
        memory=memory,
        containerDefinitions=[container],
        **({"executionRoleArn": "arn:aws:iam::123456789012:role/tasks"} if s["role"] else {}),
    )
    network = {
        "subnets": subnets[: s["service_subnets"]],
        "securityGroups": [group],
        "assignPublicIp": "ENABLED",
    }
    account.ecs.create_cluster(clusterName="web", tags=lower(s["tags"]))
    account.ecs.create_service(
        cluster="web",
        serviceName="web",
        taskDefinition="web",
        desiredCount=s["count"],
        launchType=s["launch_type"],
        loadBalancers=entry,
        tags=lower(s["tags"]),
        **({"networkConfiguration": {"awsvpcConfiguration": network}} if s["network_mode"] == "awsvpc" else {}),
    )


def archive():
    """A function's code."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return {'statusCode': 200}\n")
    return buffer.getvalue()


def serverless(account, s):
    """Function, API, table and alarm."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = account.iam.create_role(RoleName="functions", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    uri = "https://example.org/"
    if s["function"]:
        functions = getattr(account, "lambda")  # a word of the language
        arn = functions.create_function(
            FunctionName="items",
            Runtime="python3.12",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": archive()},
            Timeout=s["timeout"],
            MemorySize=s["memory"],
            Tags=SERVERLESS,
        )["FunctionArn"]
        if s["integration"] == "function":
            uri = f"arn:aws:apigateway:{account.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api = account.apigatewayv2.create_api(Name="items", ProtocolType="HTTP", Tags=SERVERLESS)["ApiId"]
    kind = "AWS_PROXY" if uri.startswith("arn:") else "HTTP_PROXY"
    integration = account.apigatewayv2.create_integration(
        ApiId=api, IntegrationType=kind, IntegrationUri=uri, PayloadFormatVersion="2.0", IntegrationMethod="POST"
    )["IntegrationId"]
    for route in s["routes"]:
        account.apigatewayv2.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
    if s["stage"]:
        account.apigatewayv2.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    if s["table"]:
        account.dynamodb.create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=pairs(SERVERLESS),
        )
    if s["bucket"]:
        account.s3.create_bucket(Bucket="heron-items")
        account.s3.put_bucket_tagging(Bucket="heron-items", Tagging={"TagSet": pairs(SERVERLESS)})
    if s["alarm"]:
        topic = account.sns.create_topic(Name="errors")["TopicArn"]
        account.cloudwatch.put_metric_alarm(
            AlarmName="errors",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[topic] if s["alarm_action"] else [],
            Tags=pairs(SERVERLESS),
        )


BUILD = {"containers-fargate": fargate, "containers-ecs": fargate, "serverless-api": serverless}
