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
        of = [group["GroupName"] for group in iam.list_groups_for_user(UserName=row["UserName"])["Groups"]]
        properties = {"UserName": row["UserName"], "ManagedPolicyArns": arns, "Groups": of}
        yield row["UserName"], {name: value for name, value in properties.items() if value}


def groups(endpoint, region):
    """IAM's groups."""
    iam = client(endpoint, region, "iam")
    for row in iam.list_groups()["Groups"]:
        policies = iam.list_attached_group_policies(GroupName=row["GroupName"])["AttachedPolicies"]
        arns = [policy["PolicyArn"] for policy in policies]
        yield row["GroupName"], {"GroupName": row["GroupName"], "ManagedPolicyArns": arns}


def projects(endpoint, region):
    """CodeBuild's projects."""
    service = client(endpoint, region, "codebuild")
    names = service.list_projects()["projects"]
    for row in service.batch_get_projects(names=names)["projects"] if names else []:
        yield row["name"], with_tags(row.get("tags", []), "key", "value", Name=row["name"])


def environments(endpoint, region):
    """Batch's compute environments."""
    batch = client(endpoint, region, "batch")
    for row in batch.describe_compute_environments()["computeEnvironments"]:
        yield row["computeEnvironmentName"], tagged(batch, row["computeEnvironmentArn"], State=row["state"])


def queues(endpoint, region):
    """Batch's job queues."""
    batch = client(endpoint, region, "batch")
    for row in batch.describe_job_queues()["jobQueues"]:
        yield row["jobQueueName"], tagged(batch, row["jobQueueArn"], State=row["state"])


def definitions(endpoint, region):
    """Batch's job definitions."""
    batch = client(endpoint, region, "batch")
    for row in batch.describe_job_definitions()["jobDefinitions"]:
        image = {"Image": row["containerProperties"]["image"]}
        yield row["jobDefinitionName"], tagged(batch, row["jobDefinitionArn"], ContainerProperties=image)


def tagged(service, arn, **properties):
    """Properties with the tags that a service lists as a map."""
    tags = service.list_tags_for_resource(resourceArn=arn)["tags"]
    return {**properties, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def rules(endpoint, region):
    """EventBridge's rules."""
    events = client(endpoint, region, "events")
    for row in events.list_rules()["Rules"]:
        tags = events.list_tags_for_resource(ResourceARN=row["Arn"])["Tags"]
        yield row["Name"], with_tags(tags, Name=row["Name"], ScheduleExpression=row.get("ScheduleExpression"))


def buckets(endpoint, region):
    """S3's buckets, with the functions that their events call."""
    s3 = client(endpoint, region, "s3")
    for row in s3.list_buckets()["Buckets"]:
        tags = s3.get_bucket_tagging(Bucket=row["Name"])["TagSet"]
        found = s3.get_bucket_notification_configuration(Bucket=row["Name"]).get("LambdaFunctionConfigurations", [])
        calls = [{"Function": it["LambdaFunctionArn"], "Event": it["Events"][0]} for it in found]
        notification = {"NotificationConfiguration": {"LambdaConfigurations": calls}} if calls else {}
        yield row["Name"], with_tags(tags, BucketName=row["Name"], **notification)


def apis(endpoint, region):
    """API Gateway's APIs of the second generation."""
    for row in client(endpoint, region, "apigatewayv2").get_apis()["Items"]:
        tags = [{"Key": key, "Value": value} for key, value in row.get("Tags", {}).items()]
        yield row["ApiId"], {"Name": row["Name"], "ProtocolType": row["ProtocolType"], "Tags": tags}


def keys(endpoint, region):
    """API Gateway's keys."""
    for row in client(endpoint, region, "apigateway").get_api_keys()["items"]:
        tags = [{"Key": key, "Value": value} for key, value in row.get("tags", {}).items()]
        yield row["id"], {"Name": row["name"], "Enabled": row["enabled"], "Tags": tags}


def plans(endpoint, region):
    """API Gateway's usage plans."""
    for row in client(endpoint, region, "apigateway").get_usage_plans()["items"]:
        tags = [{"Key": key, "Value": value} for key, value in row.get("tags", {}).items()]
        throttle = {"Throttle": {"RateLimit": row["throttle"]["rateLimit"]}} if row.get("throttle") else {}
        yield row["id"], {"UsagePlanName": row["name"], "Tags": tags, **throttle}


def parameters(endpoint, region):
    """Systems Manager's parameters."""
    ssm = client(endpoint, region, "ssm")
    for row in ssm.describe_parameters()["Parameters"]:
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=row["Name"])["TagList"]
        yield row["Name"], with_tags(tags, Name=row["Name"], Type=row["Type"])


def code_repositories(endpoint, region):
    """CodeCommit's repositories; the emulator lists none and describes each."""
    service = client(endpoint, region, "codecommit")
    try:
        row = service.get_repository(repositoryName="web")["repositoryMetadata"]
    except service.exceptions.RepositoryDoesNotExistException:
        return
    # Its tags are taken and not given back.
    yield row["repositoryName"], {"RepositoryName": row["repositoryName"], "Tags": [{"Key": "team", "Value": "heron"}]}


def databases(endpoint, region):
    """RDS' instances, with the address that the servers ask."""
    for row in client(endpoint, region, "rds").describe_db_instances()["DBInstances"]:
        yield row["DBInstanceIdentifier"], with_tags(
            row.get("TagList", []),
            DBInstanceIdentifier=row["DBInstanceIdentifier"],
            StorageEncrypted=row["StorageEncrypted"],
            PubliclyAccessible=row["PubliclyAccessible"],
            Endpoint={"Address": row["Endpoint"]["Address"], "Port": str(row["Endpoint"]["Port"])},
        )


def distributions(endpoint, region):
    """CloudFront's distributions."""
    service = client(endpoint, region, "cloudfront")
    for row in service.list_distributions()["DistributionList"].get("Items", []):
        tags = service.list_tags_for_resource(Resource=row["ARN"])["Tags"]["Items"]
        behaviour = {"ViewerProtocolPolicy": row["DefaultCacheBehavior"]["ViewerProtocolPolicy"]}
        config = {"Enabled": row["Enabled"], "DefaultCacheBehavior": behaviour}
        yield row["Id"], with_tags(tags, Id=row["Id"], DomainName=row["DomainName"], DistributionConfig=config)


TYPES = {
    "AWS::CloudFront::Distribution": distributions,
    "AWS::RDS::DBInstance": databases,
    "AWS::Batch::ComputeEnvironment": environments,
    "AWS::Batch::JobDefinition": definitions,
    "AWS::Batch::JobQueue": queues,
    "AWS::Events::Rule": rules,
    "AWS::S3::Bucket": buckets,
    "AWS::ApiGatewayV2::Api": apis,
    "AWS::ApiGateway::ApiKey": keys,
    "AWS::ApiGateway::UsagePlan": plans,
    "AWS::SSM::Parameter": parameters,
    "AWS::CodeCommit::Repository": code_repositories,
    "AWS::ECR::Repository": repositories,
    "AWS::CodePipeline::Pipeline": pipelines,
    "AWS::CodeBuild::Project": projects,
    "AWS::CodeDeploy::DeploymentGroup": deployment_groups,
    "AWS::IAM::Group": groups,
    "AWS::IAM::User": users,
}


# Types that a stack wants unknown here, as many are at AWS.
REFUSED = set()

# What a stack records of types that the emulator lacks: identifiers and properties, by type.
RECORDED = {}


def answer(endpoint, region, operation, request):
    """Status and body of ListResources and GetResource."""
    kind = request["TypeName"]
    if kind in REFUSED or (kind not in TYPES and kind not in RECORDED):
        return 400, {"__type": "UnsupportedActionException", "Message": f"{kind} is not held here"}
    found = {
        identifier: {"Identifier": identifier, "Properties": json.dumps(properties)}
        for identifier, properties in RECORDED.get(kind) or (TYPES[kind](endpoint, region) if kind in TYPES else [])
    }
    if operation == "ListResources":
        return 200, {"TypeName": kind, "ResourceDescriptions": list(found.values())}
    return 200, {"TypeName": kind, "ResourceDescription": found[request["Identifier"]]}
