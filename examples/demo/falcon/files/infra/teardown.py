"""Removes what deploy.py made, found by our tags: nothing else in the account is touched."""

import json

import boto3

from infra.deploy import STATE
from infra.settings import REGION, tag_filters


def remove_balancer(elb, stack: dict) -> None:
    """Removes the load balancer with its rules, then the target groups that it no longer uses."""
    elb.delete_load_balancer(LoadBalancerArn=stack["load_balancer"])
    elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[stack["load_balancer"]])
    for cluster in stack["clusters"].values():
        elb.delete_target_group(TargetGroupArn=cluster["target_group"])


def terminate_instances(ec2) -> None:
    """Ends every instance that carries our tags, and waits: the security group is in use until then."""
    pages = ec2.get_paginator("describe_instances").paginate(Filters=tag_filters())
    ids = [
        instance["InstanceId"]
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
    if ids:
        ec2.terminate_instances(InstanceIds=ids)
        ec2.get_waiter("instance_terminated").wait(InstanceIds=ids)


def main() -> None:
    """Tears the stack of stack.json down and forgets it."""
    session = boto3.Session(region_name=REGION)
    ec2, elb = session.client("ec2"), session.client("elbv2")
    remove_balancer(elb, json.loads(STATE.read_text(encoding="utf-8")))
    terminate_instances(ec2)
    for group in ec2.describe_security_groups(Filters=tag_filters())["SecurityGroups"]:
        ec2.delete_security_group(GroupId=group["GroupId"])
    STATE.unlink()


if __name__ == "__main__":
    main()
