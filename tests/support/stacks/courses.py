"""The two courses of examples/courses: a database behind nginx, and a static site with a function."""

import json

import cloud_control
from account import pairs, spec
from compute import archive

TAGS = {"team": "heron"}
GOOD = {
    "rds-nginx": {
        "region": "us-east-1",
        "database": True,
        "encrypted": True,
        "public": False,
        "tags": TAGS,
        # Whether Cloud Control knows the type; the tagging API alone tells of what is there otherwise.
        "cloud_control": True,
        "servers": 1,
    },
    "static-site": {
        "region": "us-east-1",
        "bucket": True,
        "blocked": True,
        "open_to_all": False,
        "distribution": True,
        "policy": "redirect-to-https",
        "tags": TAGS,
        "function": True,
    },
}

NGINX = """#!/bin/bash
dnf install -y nginx
systemctl enable --now nginx
"""


def database_behind_nginx(account, s):
    """A database that the servers' group alone reaches, in a network of its own."""
    vpc, subnets = account.network(
        "10.0.0.0/16", [["us-east-1a", "10.0.1.0/24"], ["us-east-1b", "10.0.2.0/24"]], tags=TAGS
    )
    web = account.group(vpc, "web", [(80, "0.0.0.0/0")], TAGS)
    data = account.group(vpc, "data", [(5432, web)], TAGS)
    if s["servers"]:
        account.ec2.run_instances(
            ImageId=account.image("amzn2-ami-hvm*"),
            InstanceType="t2.micro",
            MinCount=s["servers"],
            MaxCount=s["servers"],
            SubnetId=subnets[0],
            SecurityGroupIds=[web],
            UserData=NGINX,
            **spec("instance", TAGS),
        )
    if s["database"]:
        account.rds.create_db_subnet_group(
            DBSubnetGroupName="main", DBSubnetGroupDescription="both zones", SubnetIds=subnets
        )
        account.rds.create_db_instance(
            DBInstanceIdentifier="main",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            MasterUsername="heron",
            MasterUserPassword="only-for-the-emulator",
            AllocatedStorage=20,
            DBSubnetGroupName="main",
            VpcSecurityGroupIds=[data],
            StorageEncrypted=s["encrypted"],
            PubliclyAccessible=s["public"],
            Tags=pairs(s["tags"]),
        )
    if not s["cloud_control"]:
        cloud_control.REFUSED.add("AWS::RDS::DBInstance")


def static_site(account, s):
    """A bucket that CloudFront alone reads, and the function of its form."""
    if s["bucket"]:
        account.s3.create_bucket(Bucket="heron-site")
        account.s3.put_bucket_tagging(Bucket="heron-site", Tagging={"TagSet": pairs(TAGS)})
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        account.s3.put_public_access_block(
            Bucket="heron-site", PublicAccessBlockConfiguration={name: s["blocked"] for name in names}
        )
        reader = "*" if s["open_to_all"] else {"Service": "cloudfront.amazonaws.com"}
        statement = {
            "Effect": "Allow",
            "Principal": reader,
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::heron-site/*",
        }
        account.s3.put_bucket_policy(
            Bucket="heron-site", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )
    if s["distribution"]:
        account.cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={
                "DistributionConfig": {
                    "CallerReference": "heron",
                    "Comment": "",
                    "Enabled": True,
                    "Origins": {
                        "Quantity": 1,
                        "Items": [
                            {
                                "Id": "site",
                                "DomainName": "heron-site.s3.us-east-1.amazonaws.com",
                                "S3OriginConfig": {"OriginAccessIdentity": ""},
                            }
                        ],
                    },
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "site",
                        "ViewerProtocolPolicy": s["policy"],
                        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                        "MinTTL": 0,
                    },
                },
                "Tags": {"Items": pairs(s["tags"])},
            }
        )
    if s["function"]:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = account.iam.create_role(RoleName="form", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        functions = getattr(account, "lambda")  # a word of the language
        functions.create_function(
            FunctionName="form",
            Runtime="python3.12",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": archive()},
            Tags=TAGS,
        )


BUILD = {"rds-nginx": database_behind_nginx, "static-site": static_site}
