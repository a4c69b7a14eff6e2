"""A web application in a network of its own, from an image of its own, behind a load balancer."""

from account import spec

TAGS = {"project": "photogallery", "team": "heron"}
GOOD = {
    "photogallery": {
        "region": "us-east-1",
        "own_network": True,
        "subnets": [["us-east-1a", "10.0.1.0/24"], ["us-east-1b", "10.0.2.0/24"]],
        "gateway": True,
        "route": True,
        "associate": True,
        "own_image": True,
        "balancer": True,
        "scheme": "internet-facing",
        "listener": True,
        "port": 80,
        "protocol": "HTTP",
        "path": "/",
        "balancer_open": 80,
        "instances_open": "balancer",
        "sizes": [2, 5, 2],
        "group_subnets": 2,
        "attached": True,
        "policy": True,
        "group_tags": TAGS,
        "propagate": True,
        "by_hand": 0,
    }
}


def build(account, s):
    """The whole stack."""
    if s["own_network"]:
        vpc, subnets = account.network(
            "10.0.0.0/16",
            s["subnets"],
            tags=TAGS,
            gateway=s["gateway"],
            route=s["route"],
            associate=s["associate"],
        )
    else:
        vpc, zones = account.default_network()
        subnets = [zones["us-east-1a"], zones["us-east-1b"]]
    base = account.image("amzn2-ami-hvm*")
    image = account.own_image("photogallery", base) if s["own_image"] else base
    front = account.group(vpc, "gallery-front", [(s["balancer_open"], "0.0.0.0/0")], TAGS)
    source = front if s["instances_open"] == "balancer" else s["instances_open"]
    web = account.group(vpc, "gallery-web", [(80, source)], TAGS)
    account.ec2.create_launch_template(
        LaunchTemplateName="photogallery",
        LaunchTemplateData={"ImageId": image, "InstanceType": "t2.micro", "SecurityGroupIds": [web]},
        **spec("launch-template", TAGS),
    )
    attachment = {}
    if s["balancer"]:
        # Another load balancer needs two subnets, whatever the stack under test has.
        _, target = account.balancer(
            "gallery", subnets, front, vpc, s["port"], {"HealthCheckPath": s["path"]}, target_port=80, tags=TAGS,
            scheme=s["scheme"], listener=s["listener"], protocol=s["protocol"],
        )
        attachment = {"TargetGroupARNs": [target]} if s["attached"] else {}
    account.scaling_group(
        "gallery",
        s["sizes"],
        subnets[: s["group_subnets"]],
        tags=s["group_tags"],
        propagate=s["propagate"],
        LaunchTemplate={"LaunchTemplateName": "photogallery", "Version": "$Latest"},
        **attachment,
    )
    if s["policy"]:
        account.target_tracking("gallery", "ASGAverageCPUUtilization", 60.0)
    account.by_hand(s["by_hand"], image, TAGS)


BUILD = {"photogallery": build}
