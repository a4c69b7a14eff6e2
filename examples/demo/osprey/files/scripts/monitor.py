import datetime
import sys

import boto3

cloudwatch = boto3.client("cloudwatch", region_name="us-east-1")


def cpu(instance, minutes):
    """Average CPU of one instance over the last minutes."""
    now = datetime.datetime.now(datetime.timezone.utc)
    response = cloudwatch.get_metric_statistics(
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        StartTime=now - datetime.timedelta(minutes=minutes),
        EndTime=now,
        Period=300,
        Statistics=["Average"],
    )
    return [point["Average"] for point in response["Datapoints"]]


for instance in sys.argv[1:]:
    print(instance, cpu(instance, 30))
