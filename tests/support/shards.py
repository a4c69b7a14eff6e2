"""A class in S3 and on Batch, in an emulator: shards.py ENDPOINT bucket|download|etags|upload|batch …."""

import json
import pathlib
import sys
import urllib.request

import boto3

endpoint, command, *arguments = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def bucket(name):
    client("s3").create_bucket(Bucket=name)


def objects(name):
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=name):
        yield from page.get("Contents", [])


def download(name, folder):
    """Every object, and whether each has its SHA-256."""
    for entry in objects(name):
        reply = client("s3").get_object(Bucket=name, Key=entry["Key"], ChecksumMode="ENABLED")
        # What the instructor put there came without.
        given = entry["Key"].startswith("course/")
        assert given or reply.get("ChecksumSHA256"), f"{entry['Key']} has no checksum"
        path = pathlib.Path(folder, entry["Key"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(reply["Body"].read())


def etags(name):
    for entry in objects(name):
        print(entry["Key"], entry["ETag"], entry["LastModified"].isoformat())


def upload(name, folder, prefix):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            key = f"{prefix}/{path.relative_to(folder).as_posix()}"
            client("s3").put_object(Bucket=name, Key=key, Body=path.read_bytes())


def batch(template, size):
    """Builds the stack, submits an array job, and prints what Batch knows of it."""
    settings = json.dumps({"batch": {"use_docker": False}}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/config", data=settings, method="POST"))
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    parameters = {
        "Image": "registry.example/stackmark@sha256:" + "0" * 64,
        "Vpc": vpc,
        "Subnets": subnet,
        "TeamRoles": "arn:aws:iam::*:role/stackmark",
        "GitTokenSecret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf",
    }
    trust = {"Version": "2012-10-17", "Statement": []}
    role = client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    # AWS makes and takes its own service-linked role; the emulator wants one named.
    body = pathlib.Path(template).read_text().replace("      Type: MANAGED\n", f"      Type: MANAGED\n      ServiceRole: {role}\n")
    formation = client("cloudformation")
    formation.create_stack(
        StackName="class",
        TemplateBody=body,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    stack = formation.describe_stacks(StackName="class")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    service = client("batch")
    submitted = service.submit_job(
        jobName="class",
        jobQueue=outputs["Queue"],
        jobDefinition=outputs["Job"],
        arrayProperties={"size": int(size)},
    )
    job = service.describe_jobs(jobs=[submitted["jobId"]])["jobs"][0]
    definition = service.describe_job_definitions(jobDefinitions=[outputs["Job"]])["jobDefinitions"][0]
    roles = {}
    iam = client("iam")
    for resource in formation.describe_stack_resources(StackName="class")["StackResources"]:
        if resource.get("ResourceType") == "AWS::IAM::Role":
            name = resource["PhysicalResourceId"]
            policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
            roles[resource["LogicalResourceId"]] = [
                iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in policies
            ]
    print(json.dumps({"outputs": outputs, "job": job, "definition": definition, "roles": roles}, default=str))


COMMANDS = {"bucket": bucket, "download": download, "etags": etags, "upload": upload, "batch": batch}
COMMANDS[command](*arguments)
