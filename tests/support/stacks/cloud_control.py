"""Cloud Control over the emulator's own store, for the types of the rubrics that its tagging API leaves out."""

import json

from account import client


def with_tags(tags, key="Key", value="Value", **properties):
    """Properties with tags as CloudFormation has them."""
    return {**properties, "Tags": [{"Key": tag[key], "Value": tag[value]} for tag in tags]}


def repositories(endpoint, region):
    """ECR's repositories."""
    ecr = client(endpoint, region, "ecr")
    for row in ecr.describe_repositories()["repositories"]:
        tags = ecr.list_tags_for_resource(resourceArn=row["repositoryArn"])["tags"]
        yield row["repositoryName"], with_tags(tags, RepositoryName=row["repositoryName"])


def pipelines(endpoint, region):
    """CodePipeline's pipelines."""
    service = client(endpoint, region, "codepipeline")
    for row in service.list_pipelines()["pipelines"]:
        arn = service.get_pipeline(name=row["name"])["metadata"]["pipelineArn"]
        tags = service.list_tags_for_resource(resourceArn=arn)["tags"]
        stages = [
            {"Name": stage["name"], "Actions": [{"ActionTypeId": capitalized(it["actionTypeId"])} for it in stage["actions"]]}
            for stage in service.get_pipeline(name=row["name"])["pipeline"]["stages"]
        ]
        yield row["name"], with_tags(tags, "key", "value", Name=row["name"], Stages=stages)


def capitalized(fields):
    """Fields as CloudFormation names them."""
    return {name[0].upper() + name[1:]: value for name, value in fields.items()}


def deployment_groups(endpoint, region):
    """CodeDeploy's deployment groups."""
    service = client(endpoint, region, "codedeploy")
    for application in service.list_applications()["applications"]:
        for name in service.list_deployment_groups(applicationName=application)["deploymentGroups"]:
            arn = f"arn:aws:codedeploy:{region}:123456789012:deploymentgroup:{application}/{name}"
            tags = service.list_tags_for_resource(ResourceArn=arn)["Tags"]
            yield f"{application}|{name}", with_tags(tags, ApplicationName=application, DeploymentGroupName=name)


def users(endpoint, region):
    """IAM's users."""
    iam = client(endpoint, region, "iam")
    for row in iam.list_users()["Users"]:
        policies = iam.list_attached_user_policies(UserName=row["UserName"])["AttachedPolicies"]
        arns = [policy["PolicyArn"] for policy in policies]
        yield row["UserName"], {"UserName": row["UserName"], "ManagedPolicyArns": arns}


def projects(endpoint, region):
    """CodeBuild's projects."""
    service = client(endpoint, region, "codebuild")
    names = service.list_projects()["projects"]
    for row in service.batch_get_projects(names=names)["projects"] if names else []:
        yield row["name"], with_tags(row.get("tags", []), "key", "value", Name=row["name"])


TYPES = {
    "AWS::ECR::Repository": repositories,
    "AWS::CodePipeline::Pipeline": pipelines,
    "AWS::CodeBuild::Project": projects,
    "AWS::CodeDeploy::DeploymentGroup": deployment_groups,
    "AWS::IAM::User": users,
}


def answer(endpoint, region, operation, request):
    """Status and body of ListResources and GetResource."""
    kind = request["TypeName"]
    if kind not in TYPES:
        return 400, {"__type": "UnsupportedActionException", "Message": f"{kind} is not held here"}
    found = {
        identifier: {"Identifier": identifier, "Properties": json.dumps(properties)}
        for identifier, properties in TYPES[kind](endpoint, region)
    }
    if operation == "ListResources":
        return 200, {"TypeName": kind, "ResourceDescriptions": list(found.values())}
    return 200, {"TypeName": kind, "ResourceDescription": found[request["Identifier"]]}
