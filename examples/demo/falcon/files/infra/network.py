"""The network that the clusters live in: default VPC, one subnet a zone, one security group."""

from botocore.exceptions import ClientError

from infra.settings import PORT, tag_list

GROUP_NAME = "falcon-web"


def default_vpc(ec2) -> str:
    """Id of the account's default VPC.

    Raises LookupError where the account has none, as some sandboxes do.
    """
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise LookupError("this account has no default VPC in the region")
    return vpcs[0]["VpcId"]


def subnets_by_zone(ec2, vpc_id: str, instance_types: set[str]) -> list[str]:
    """One subnet for each availability zone that offers all of `instance_types`.

    us-east-1e sells no m4.large, and run_instances fails there only after minutes: ask first.
    """
    offers: dict[str, set[str]] = {}
    pages = ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": sorted(instance_types)}],
    )
    for page in pages:
        for offer in page["InstanceTypeOfferings"]:
            offers.setdefault(offer["Location"], set()).add(offer["InstanceType"])

    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["Subnets"]
    # Sorted, so that two runs place the instances alike.
    by_zone = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}
    return [by_zone[zone] for zone in sorted(by_zone) if instance_types <= offers.get(zone, set())]


def security_group(ec2, vpc_id: str) -> str:
    """Id of the group that lets the world reach the application's port, made if it is not there."""
    try:
        group_id = ec2.create_security_group(
            GroupName=GROUP_NAME,
            Description="HTTP from anywhere to the Falcon clusters",
            VpcId=vpc_id,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tag_list()}],
        )["GroupId"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidGroup.Duplicate":
            raise
        # A run that stopped half-way left it: use it again.
        filters = [{"Name": "group-name", "Values": [GROUP_NAME]}, {"Name": "vpc-id", "Values": [vpc_id]}]
        return ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]

    open_http(ec2, group_id)
    return group_id


def open_http(ec2, group_id: str) -> None:
    """Lets TCP traffic from anywhere reach the application's port. SSH stays closed: user data does it all."""
    ec2.authorize_security_group_ingress(
        GroupId=group_id,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": PORT,
                "ToPort": PORT,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "HTTP"}],
            }
        ],
    )
