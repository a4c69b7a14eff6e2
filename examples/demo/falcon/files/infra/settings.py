"""Everything a reader may want to change about the deployment, in one place."""

from dataclasses import dataclass

REGION = "us-east-1"

# Every resource carries these tags: teardown.py finds by them what it may remove, and nothing else.
TAGS = {"project": "log8415-a1", "team": "falcon"}

# The application listens on the port that browsers assume, so the URLs need none.
PORT = 80


@dataclass(frozen=True)
class Cluster:
    """A group of identical instances behind one path of the load balancer."""

    name: str
    instance_type: str
    size: int

    @property
    def path(self) -> str:
        """Path that the load balancer routes to this cluster."""
        return f"/{self.name}"


CLUSTERS = (
    Cluster(name="cluster1", instance_type="m4.large", size=5),
    Cluster(name="cluster2", instance_type="t2.large", size=4),
)


def tag_list(**more: str) -> list[dict[str, str]]:
    """Our tags, and `more`, in the form that the EC2 and ELB APIs take."""
    return [{"Key": key, "Value": value} for key, value in {**TAGS, **more}.items()]


def tag_filters() -> list[dict]:
    """Filters that match only the resources of this team."""
    return [{"Name": f"tag:{key}", "Values": [value]} for key, value in TAGS.items()]
