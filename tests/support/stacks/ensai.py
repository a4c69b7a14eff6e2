"""A launch template, an Auto Scaling group of it, and a load balancer, in the default network."""

import base64

import lacking

SCRIPT = """#!/bin/bash
apt install -y python3-pip python3.12-venv
git clone https://example.org/webservice.git
cd webservice
python3 -m venv venv
venv/bin/pip3 install -r requirements.txt
venv/bin/python app.py
"""
GOOD = {
    "ensai-tp1": {
        "region": "us-east-1",
        "image": "ubuntu*",
        "type": "t2.micro",
        "key": "vockey",
        "port": 80,
        "open_to": "0.0.0.0/0",
        "in_group": True,
        "fixed_subnet": False,
        "volume": 8,
        "events": ["StopInstances", "StartInstances", "RebootInstances", "TerminateInstances"],
        "template": "modele-webservice",
        "user_data": SCRIPT,
        "sizes": [2, 4, 2],
        "subnets": 2,
        "policy": True,
        "metric": "ASGAverageCPUUtilization",
        "target": 50.0,
        "attached": True,
        "balancer": True,
        "scheme": "internet-facing",
        "listener": True,
    }
}


def build(account, s):
    """The whole stack."""
    lacking.EVENTS.extend(s["events"])
    vpc, zones = account.default_network()
    subnets = [zones[zone] for zone in sorted(zones)]
    group = account.group(vpc, "launch-wizard-1", [(22, "0.0.0.0/0"), (s["port"], s["open_to"])])
    used = group if s["in_group"] else account.group(vpc, "mine", [(22, "0.0.0.0/0")])
    account.ec2.create_key_pair(KeyName=s["key"])
    account.ec2.create_launch_template(
        LaunchTemplateName=s["template"],
        LaunchTemplateData={
            "ImageId": account.image(s["image"]),
            "InstanceType": s["type"],
            "KeyName": s["key"],
            **(
                {"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnets[0], "Groups": [used]}]}
                if s["fixed_subnet"]
                else {"SecurityGroupIds": [used]}
            ),
            "UserData": base64.b64encode(s["user_data"].encode()).decode(),
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": s["volume"]}}],
        },
    )
    attachment = {}
    if s["balancer"]:
        _, target = account.balancer(
            "webservice", subnets[:2], group, vpc, 80, {"HealthCheckPath": "/"}, scheme=s["scheme"],
            listener=s["listener"],
        )
        attachment = {"TargetGroupARNs": [target]} if s["attached"] else {}
    account.scaling_group(
        "ASG-webservice",
        s["sizes"],
        subnets[: s["subnets"]],
        LaunchTemplate={"LaunchTemplateName": s["template"], "Version": "$Latest"},
        **attachment,
    )
    if s["policy"]:
        account.target_tracking("ASG-webservice", s["metric"], s["target"])


BUILD = {"ensai-tp1": build}
