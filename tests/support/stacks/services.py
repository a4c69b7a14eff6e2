"""The further services of the slides: what the emulator knows is made in it, the rest is recorded in Cloud Control's form."""

import json

import cloud_control
from account import pairs
from compute import archive

TAGS = {"team": "heron"}
GOOD = {
    "aws-services": {
        "region": "us-east-1",
        "environment": "ENABLED",
        "queue": "ENABLED",
        "definition": True,
        "instance": "running",
        "container": True,
        "distribution": True,
        "function": True,
        "schedule": "rate(1 day)",
        "events": True,
        "socket": "WEBSOCKET",
        "key": True,
        "throttle": True,
        "repository": True,
        "packages": True,
        "parameter": True,
        "association": True,
        "baseline": True,
        "tier": "WebServer",
    }
}


def batch(account, s):
    """Environment, queue and definition of jobs; the service has no tags in the emulator's listings."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = account.iam.create_role(RoleName="batch", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if s["environment"]:
        environment = account.batch.create_compute_environment(
            computeEnvironmentName="fleet", type="UNMANAGED", state=s["environment"], serviceRole=role, tags=TAGS
        )["computeEnvironmentArn"]
        if s["queue"]:
            account.batch.create_job_queue(
                jobQueueName="jobs",
                state=s["queue"],
                priority=1,
                computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
                tags=TAGS,
            )
    if s["definition"]:
        account.batch.register_job_definition(
            jobDefinitionName="count",
            type="container",
            containerProperties={"image": "busybox", "vcpus": 1, "memory": 128, "command": ["true"]},
            tags=TAGS,
        )


def functions(account, s):
    """A function, its schedule, the bucket whose objects it takes, and the APIs."""
    if s["function"]:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = account.iam.create_role(RoleName="functions", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        arn = getattr(account, "lambda").create_function(
            FunctionName="thumbnails",
            Runtime="python3.12",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": archive()},
            Timeout=900,
            Tags=TAGS,
        )["FunctionArn"]
    if s["schedule"]:
        account.events.put_rule(Name="nightly", ScheduleExpression=s["schedule"], Tags=pairs(TAGS))
    account.s3.create_bucket(Bucket="heron-pictures")
    account.s3.put_bucket_tagging(Bucket="heron-pictures", Tagging={"TagSet": pairs(TAGS)})
    if s["function"] and s["events"]:
        account.s3.put_bucket_notification_configuration(
            Bucket="heron-pictures",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
            },
        )
    account.apigatewayv2.create_api(
        Name="chat", ProtocolType=s["socket"], RouteSelectionExpression="$request.body.action", Tags=TAGS
    )
    if s["key"]:
        account.apigateway.create_api_key(name="heron", enabled=True, tags=TAGS)
    account.apigateway.create_usage_plan(
        name="heron", tags=TAGS, **({"throttle": {"rateLimit": 10.0, "burstLimit": 5}} if s["throttle"] else {})
    )


def recorded(s):
    """What the emulator lacks, as Cloud Control answers."""
    tags = {"Tags": pairs(TAGS)}
    rows = {
        "AWS::Lightsail::Instance": s["instance"] and ("shop", {"State": {"Code": 16, "Name": s["instance"]}}),
        "AWS::Lightsail::Container": s["container"] and ("shop", {"ServiceName": "shop", "Power": "nano"}),
        "AWS::Lightsail::Distribution": s["distribution"] and ("shop", {"DistributionName": "shop"}),
        "AWS::CodeArtifact::Repository": s["packages"] and ("packages", {"RepositoryName": "packages"}),
        "AWS::SSM::Association": s["association"] and ("update", {"Name": "AWS-RunShellScript"}),
        "AWS::SSM::PatchBaseline": s["baseline"] and ("baseline", {"OperatingSystem": "AMAZON_LINUX_2023"}),
        "AWS::ElasticBeanstalk::Environment": s["tier"] and ("env", {"Tier": {"Name": s["tier"]}}),
    }
    return {kind: [(row[0], {**row[1], **tags})] if row else [] for kind, row in rows.items()}


def build(account, s):
    """All of them."""
    batch(account, s)
    functions(account, s)
    if s["repository"]:
        account.codecommit.create_repository(repositoryName="web", tags=TAGS)
    if s["parameter"]:
        account.ssm.put_parameter(Name="/web/colour", Value="green", Type="String", Tags=pairs(TAGS))
    cloud_control.RECORDED.update(recorded(s))


BUILD = {"aws-services": build}
