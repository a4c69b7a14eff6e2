"""The machines: which image they boot, what they run first, and where they are placed."""

from itertools import cycle
from pathlib import Path
from string import Template

from infra.settings import Cluster, PORT, tag_list

# Canonical publishes the newest Ubuntu image of each region under this parameter.
IMAGE_PARAMETER = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"

APP = Path(__file__).resolve().parent.parent / "app"


def newest_image(ssm) -> str:
    """Id of the newest Ubuntu 22.04 image, so that no id is hard-coded for one region."""
    return ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]["Value"]


def user_data(cluster: Cluster) -> str:
    """The script that an instance of `cluster` runs at its first boot, with the application inside."""
    script = Template((APP / "user_data.sh").read_text(encoding="utf-8"))
    server = (APP / "server.py").read_text(encoding="utf-8")
    return script.substitute(cluster=cluster.name, port=PORT, server=server)


def launch(ec2, cluster: Cluster, image: str, group_id: str, subnets: list[str]) -> list[str]:
    """Starts the instances of `cluster`, dealt out over `subnets`, and gives their ids."""
    ids = []
    for number, subnet in zip(range(1, cluster.size + 1), cycle(subnets)):
        reply = ec2.run_instances(
            ImageId=image,
            InstanceType=cluster.instance_type,
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            SecurityGroupIds=[group_id],
            UserData=user_data(cluster),
            # One-minute data points: with the default of five the benchmark would be two dots.
            Monitoring={"Enabled": True},
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": tag_list(Name=f"falcon-{cluster.name}-{number}", cluster=cluster.name),
                }
            ],
        )
        ids.append(reply["Instances"][0]["InstanceId"])
    return ids


def wait_until_running(ec2, ids: list[str]) -> None:
    """Blocks until EC2 calls every instance running; the application needs two minutes more."""
    ec2.get_waiter("instance_running").wait(InstanceIds=ids)
