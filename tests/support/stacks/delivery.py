"""A CloudFormation stack, a Beanstalk environment, and a delivery pipeline."""

import json

import lacking
from account import pairs

CLOUDFORMATION = {"project": "cloudformation-stack", "team": "heron"}
BEANSTALK = {"project": "beanstalk-app", "team": "heron"}
PIPELINE = {"project": "delivery-pipeline", "team": "heron"}
GOOD = {
    "cloudformation-stack": {
        "region": "us-east-1",
        "stack": True,
        "instances": 2,
        "bucket": True,
        "balancer": True,
        "outputs": True,
        "deleted": True,
        "ssh": "203.0.113.7/32",
        "by_hand": 0,
    },
    "beanstalk-app": {
        "region": "us-east-1",
        "application": True,
        "environment": True,
        "health": "Green",
        "policy_of_versions": "Rolling",
        "sizes": [2, 4, 2],
        "subnets": 2,
        "attached": True,
        "policy": True,
        "alarm": True,
        "balancer": True,
        "scheme": "internet-facing",
        "propagate": True,
    },
    "delivery-pipeline": {
        "region": "us-east-1",
        "pipeline": True,
        "stages": ["Source", "Build", "Deploy"],
        "source": "CodeCommit",
        "deployer": "CodeDeploy",
        "runs": [["Succeeded", "WebhookV2"]],
        "build": True,
        "deploy": True,
        "group": True,
        "bucket": True,
        "private": True,
        "public_policy": False,
        "profile": True,
        "policies": ["AmazonEC2RoleforAWSCodeDeploy", "AmazonSSMManagedInstanceCore"],
        "ssh": False,
        "user_data": "#!/bin/bash\nyum install -y ruby\n./install auto\nservice codedeploy-agent start\n",
    },
}


def template(vpc, subnets, image, s):
    """The template of the slides' example."""
    resources = {
        "Web": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "web",
                "VpcId": vpc,
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"},
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": s["ssh"]},
                ],
                "Tags": pairs(CLOUDFORMATION),
            },
        }
    }
    for number in range(s["instances"]):
        resources[f"Machine{number}"] = {
            "Type": "AWS::EC2::Instance",
            "Properties": {
                "ImageId": image,
                "InstanceType": "t2.micro",
                "SubnetId": subnets[number % 2],
                "SecurityGroupIds": [{"Fn::GetAtt": ["Web", "GroupId"]}],
                "Tags": pairs(CLOUDFORMATION),
            },
        }
    if s["bucket"]:
        resources["Data"] = {"Type": "AWS::S3::Bucket", "Properties": {"Tags": pairs(CLOUDFORMATION)}}
    if s["balancer"]:
        resources["Front"] = {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "Name": "front",
                "Subnets": subnets[:2],
                "SecurityGroups": [{"Fn::GetAtt": ["Web", "GroupId"]}],
                "Tags": pairs(CLOUDFORMATION),
            },
        }
        resources["Targets"] = {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "Name": "machines",
                "Protocol": "HTTP",
                "Port": 80,
                "VpcId": vpc,
                "Tags": pairs(CLOUDFORMATION),
            },
        }
        resources["Listener"] = {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Front"},
                "Protocol": "HTTP",
                "Port": 80,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
            },
        }
    body = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    if s["outputs"]:
        body["Outputs"] = {"Group": {"Value": {"Ref": "Web"}}}
    return json.dumps(body)


def complete(account):
    """The targets and the tags of the load balancer's parts, which the emulator leaves out of a template."""
    made = account.cloudformation.list_stack_resources(StackName="web")["StackResourceSummaries"]
    ids = {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in made}
    if "Targets" in ids:
        machines = [{"Id": id} for name, id in ids.items() if name.startswith("Machine")]
        account.elbv2.register_targets(TargetGroupArn=ids["Targets"], Targets=machines)
        account.elbv2.add_tags(ResourceArns=[ids["Targets"], ids["Front"]], Tags=pairs(CLOUDFORMATION))


def cloudformation(account, s):
    """The stack, and what was made beside it."""
    if s["deleted"]:
        lacking.EVENTS.append("DeleteStack")
    vpc, zones = account.default_network()
    subnets = [zones[zone] for zone in sorted(zones)]
    image = account.image("amzn2-ami-hvm*")
    if s["stack"]:
        account.cloudformation.create_stack(
            StackName="web", TemplateBody=template(vpc, subnets, image, s), Tags=pairs(CLOUDFORMATION)
        )
        complete(account)
    for _ in range(s["by_hand"]):
        account.ec2.run_instances(
            ImageId=image,
            InstanceType="t2.micro",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": pairs(CLOUDFORMATION)}],
        )


def beanstalk(account, s):
    """The application; an emulated environment makes nothing, so its machines are made here."""
    vpc, zones = account.default_network()
    subnets = [zones[zone] for zone in sorted(zones)]
    lacking.HEALTH.append(s["health"])
    lacking.POLICIES.append(s["policy_of_versions"])
    if s["application"]:
        account.elasticbeanstalk.create_application(ApplicationName="app", Tags=pairs(BEANSTALK))
        if s["environment"]:
            account.elasticbeanstalk.create_environment(
                ApplicationName="app",
                EnvironmentName="app-env",
                SolutionStackName="64bit Amazon Linux 2 v3.1.1 running Python 3.7",
                Tags=pairs(BEANSTALK),
            )
    group = account.group(vpc, "env-web", [(80, "0.0.0.0/0")], BEANSTALK)
    attachment = {}
    if s["balancer"]:
        _, target = account.balancer(
            "env", subnets[:2], group, vpc, 80, {"HealthCheckPath": "/"}, tags=BEANSTALK, scheme=s["scheme"]
        )
        attachment = {"TargetGroupARNs": [target]} if s["attached"] else {}
    account.ec2.create_launch_template(
        LaunchTemplateName="env",
        LaunchTemplateData={
            "ImageId": account.image("amzn2-ami-hvm*"),
            "InstanceType": "t2.micro",
            "SecurityGroupIds": [group],
        },
    )
    account.scaling_group(
        "env",
        s["sizes"],
        subnets[: s["subnets"]],
        tags=BEANSTALK,
        propagate=s["propagate"],
        LaunchTemplate={"LaunchTemplateName": "env", "Version": "$Latest"},
        **attachment,
    )
    if s["policy"]:
        account.target_tracking("env", "ASGAverageCPUUtilization", 60.0)
    if s["alarm"]:
        account.cloudwatch.put_metric_alarm(
            AlarmName="health",
            Namespace="AWS/ElasticBeanstalk",
            MetricName="EnvironmentHealth",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=15,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[account.sns.create_topic(Name="health")["TopicArn"]],
            Tags=pairs(BEANSTALK),
        )


def stages(account, s):
    """The pipeline itself, and its build."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "codepipeline.amazonaws.com"}}
    role = account.iam.create_role(
        RoleName="delivery", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    tags = [{"key": key, "value": value} for key, value in PIPELINE.items()]
    if s["build"]:
        account.codebuild.create_project(
            name="web",
            source={"type": "CODEPIPELINE", "location": "web"},
            artifacts={"type": "CODEPIPELINE", "location": "heron-artifacts"},
            environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                         "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=role,
            tags=tags,
        )
    if s["pipeline"]:
        lacking.RUNS.extend(s["runs"])

        def stage(name, category, provider, reads, writes):
            """One stage of one action."""
            action = {"name": name, "actionTypeId": {"category": category, "owner": "AWS", "provider": provider,
                                                     "version": "1"},
                      "inputArtifacts": [{"name": name} for name in reads],
                      "outputArtifacts": [{"name": name} for name in writes]}
            return {"name": name, "actions": [action]}

        made = {
            "Source": stage("Source", "Source", s["source"], [], ["source"]),
            "Build": stage("Build", "Build", "CodeBuild", ["source"], ["build"]),
            "Deploy": stage("Deploy", "Deploy", s["deployer"], ["build"], []),
        }
        account.codepipeline.create_pipeline(
            pipeline={
                "name": "web",
                "roleArn": role,
                "artifactStore": {"type": "S3", "location": "heron-artifacts"},
                "stages": [made[name] for name in s["stages"]],
            },
            tags=tags,
        )


def pipeline(account, s):
    """The pipeline, and the machine that it deploys to."""
    stages(account, s)
    if s["deploy"]:
        account.codedeploy.create_application(
            applicationName="web", computePlatform="Server", tags=pairs(PIPELINE)
        )
        if s["group"]:
            account.codedeploy.create_deployment_group(
                applicationName="web",
                deploymentGroupName="machines",
                serviceRoleArn="arn:aws:iam::123456789012:role/delivery",
                tags=pairs(PIPELINE),
            )
    if s["bucket"]:
        account.s3.create_bucket(Bucket="heron-artifacts")
        account.s3.put_bucket_tagging(Bucket="heron-artifacts", Tagging={"TagSet": pairs(PIPELINE)})
        account.s3.put_public_access_block(
            Bucket="heron-artifacts",
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": s["private"],
                "RestrictPublicBuckets": s["private"],
            },
        )
        if s["public_policy"]:
            statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                         "Resource": "arn:aws:s3:::heron-artifacts/*"}
            account.s3.put_bucket_policy(
                Bucket="heron-artifacts", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            )
    profile = account.role("deployed", s["policies"])
    vpc, _ = account.default_network()
    group = account.group(vpc, "deployed", [(80, "0.0.0.0/0")] + ([(22, "203.0.113.7/32")] if s["ssh"] else []), PIPELINE)
    account.ec2.run_instances(
        ImageId=account.image("amzn2-ami-hvm*"),
        InstanceType="t2.micro",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": pairs(PIPELINE)}],
        UserData=s["user_data"],
        SecurityGroupIds=[group],
        **({"IamInstanceProfile": {"Name": profile}} if s["profile"] else {}),
    )


BUILD = {"cloudformation-stack": cloudformation, "beanstalk-app": beanstalk, "delivery-pipeline": pipeline}
