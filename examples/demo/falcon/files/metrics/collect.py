"""Asks CloudWatch how the load balancer and the instances fared while the benchmark ran."""

from datetime import datetime, timedelta, timezone

# Metric, namespace and statistic; each is asked for every target group or every instance.
TARGET_GROUP_METRICS = (
    ("RequestCountPerTarget", "Sum"),
    ("TargetResponseTime", "Average"),
    ("HTTPCode_Target_2XX_Count", "Sum"),
    ("UnHealthyHostCount", "Maximum"),
)
INSTANCE_METRICS = (("CPUUtilization", "Average"), ("NetworkIn", "Sum"))

# CloudWatch gathers a minute at a time.
PERIOD = 60


def window(outcomes: list[dict]) -> tuple[datetime, datetime]:
    """From a minute before the first request to two after the last: metrics arrive late."""
    start = min(outcome["started"] for outcome in outcomes)
    end = max(outcome["ended"] for outcome in outcomes)
    utc = timezone.utc
    return (
        datetime.fromtimestamp(start, utc) - timedelta(minutes=1),
        datetime.fromtimestamp(end, utc) + timedelta(minutes=2),
    )


def dimension_of(arn: str) -> str:
    """The part of an ARN that CloudWatch knows a load balancer or a target group by.

    A target group keeps its `targetgroup/` there; a load balancer loses its `loadbalancer/`.
    """
    return arn.split(":")[-1].removeprefix("loadbalancer/")


def query(number: int, namespace: str, metric: str, statistic: str, dimensions: dict[str, str]) -> dict:
    """One entry of get_metric_data; its label says later what the numbers are."""
    return {
        "Id": f"q{number}",
        "Label": f"{metric} {' '.join(dimensions.values())}",
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": PERIOD,
            "Stat": statistic,
        },
    }


def queries(stack: dict, cluster: str) -> list[dict]:
    """All queries about one cluster of `stack`."""
    members = stack["clusters"][cluster]
    balancer = dimension_of(stack["load_balancer"])
    group = dimension_of(members["target_group"])
    wanted = [
        ("AWS/ApplicationELB", metric, statistic, {"LoadBalancer": balancer, "TargetGroup": group})
        for metric, statistic in TARGET_GROUP_METRICS
    ]
    wanted += [
        ("AWS/EC2", metric, statistic, {"InstanceId": instance})
        for metric, statistic in INSTANCE_METRICS
        for instance in members["instances"]
    ]
    return [query(number, *parts) for number, parts in enumerate(wanted)]


def collect(cloudwatch, stack: dict, cluster: str, start: datetime, end: datetime) -> dict[str, dict]:
    """The data points of `cluster` between `start` and `end`, by label."""
    series: dict[str, dict] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries(stack, cluster), StartTime=start, EndTime=end, ScanBy="TimestampAscending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            # A result may be cut in two by a page: the parts are put together again.
            points = series.setdefault(result["Label"], {})
            points.update(zip(result["Timestamps"], result["Values"]))
    return series


def fetch(session, stack: dict, cluster: str, start: datetime, end: datetime) -> dict[str, dict]:
    """`collect` with a CloudWatch client of `session`: one call of get_metric_data a page."""
    return collect(session.client("cloudwatch"), stack, cluster, start, end)
