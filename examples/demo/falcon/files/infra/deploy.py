"""Builds the whole stack and writes what the other programs need into stack.json."""

import json
from pathlib import Path

import boto3

from infra import instances, load_balancer, network
from infra.settings import CLUSTERS, REGION

STATE = Path("stack.json")


def deploy(session: boto3.Session) -> dict:
    """Makes network, machines and load balancer; gives their names and ids.

    Returns the DNS name and the ARN of the load balancer, and for each cluster its instances and its target group.
    """
    ec2, elb, ssm = (session.client(name) for name in ("ec2", "elbv2", "ssm"))
    vpc_id = network.default_vpc(ec2)
    subnets = network.subnets_by_zone(ec2, vpc_id, {cluster.instance_type for cluster in CLUSTERS})
    group_id = network.security_group(ec2, vpc_id)
    image = instances.newest_image(ssm)

    # Start all machines before waiting for any: they boot side by side.
    members = {cluster: instances.launch(ec2, cluster, image, group_id, subnets) for cluster in CLUSTERS}
    for ids in members.values():
        instances.wait_until_running(ec2, ids)

    balancer_arn, dns_name = load_balancer.create(elb, subnets, group_id)
    listener_arn = load_balancer.listener(elb, balancer_arn)
    stack = {"dns_name": dns_name, "load_balancer": balancer_arn, "clusters": {}}
    for priority, (cluster, ids) in enumerate(members.items(), start=1):
        group_arn = load_balancer.target_group(elb, cluster, vpc_id, ids)
        load_balancer.route(elb, listener_arn, cluster, group_arn, priority)
        stack["clusters"][cluster.name] = {"instances": ids, "target_group": group_arn}

    for cluster in stack["clusters"].values():
        load_balancer.wait_until_healthy(elb, cluster["target_group"])
    return stack


def main() -> None:
    """Deploys into the account of the default profile."""
    stack = deploy(boto3.Session(region_name=REGION))
    STATE.write_text(json.dumps(stack, indent=2), encoding="utf-8")
    print(f"http://{stack['dns_name']}/cluster1")
    print(f"http://{stack['dns_name']}/cluster2")


if __name__ == "__main__":
    main()
