"""The application load balancer: a target group a cluster, and a path rule that leads to each."""

from infra.settings import Cluster, PORT, tag_list


def create(elb, subnets: list[str], group_id: str) -> tuple[str, str]:
    """Makes an internet-facing load balancer over `subnets`; gives its ARN and its DNS name."""
    balancer = elb.create_load_balancer(
        Name="falcon-alb",
        Type="application",
        Scheme="internet-facing",
        Subnets=subnets,
        SecurityGroups=[group_id],
        Tags=tag_list(),
    )["LoadBalancers"][0]
    return balancer["LoadBalancerArn"], balancer["DNSName"]


def target_group(elb, cluster: Cluster, vpc_id: str, instances: list[str]) -> str:
    """Makes the target group of `cluster`, puts `instances` into it, and gives its ARN."""
    arn = elb.create_target_group(
        Name=f"falcon-{cluster.name}",
        Protocol="HTTP",
        Port=PORT,
        VpcId=vpc_id,
        TargetType="instance",
        HealthCheckPath="/health",
        # Two good answers ten seconds apart: a fresh instance gets traffic after twenty seconds.
        HealthCheckIntervalSeconds=10,
        HealthyThresholdCount=2,
        Tags=tag_list(cluster=cluster.name),
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance} for instance in instances])
    return arn


def listener(elb, balancer_arn: str) -> str:
    """Listens for HTTP; what no rule knows is answered with 404 rather than sent to either cluster."""
    return elb.create_listener(
        LoadBalancerArn=balancer_arn,
        Protocol="HTTP",
        Port=PORT,
        DefaultActions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {
                    "StatusCode": "404",
                    "ContentType": "text/plain",
                    "MessageBody": "try /cluster1 or /cluster2",
                },
            }
        ],
        Tags=tag_list(),
    )["Listeners"][0]["ListenerArn"]


def route(elb, listener_arn: str, cluster: Cluster, group_arn: str, priority: int) -> None:
    """Sends the path of `cluster`, and what lies below it, to its target group."""
    elb.create_rule(
        ListenerArn=listener_arn,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [cluster.path, f"{cluster.path}/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group_arn}],
        Tags=tag_list(),
    )


def wait_until_healthy(elb, group_arn: str) -> None:
    """Blocks until every target answers its health check, for ten minutes at most."""
    elb.get_waiter("target_in_service").wait(
        TargetGroupArn=group_arn, WaiterConfig={"Delay": 15, "MaxAttempts": 40}
    )
