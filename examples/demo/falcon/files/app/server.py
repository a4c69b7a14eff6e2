"""The benchmarked application: it answers with the id of the instance that it runs on."""

import os
import urllib.request

from flask import Flask, jsonify

METADATA = "http://169.254.169.254/latest"

app = Flask(__name__)


def instance_id() -> str:
    """Asks the instance metadata service, version 2, who we are."""
    # Version 2 wants a token first; version 1 is switched off in run_instances.
    token_request = urllib.request.Request(
        f"{METADATA}/api/token",
        method="PUT",
        headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"},
    )
    with urllib.request.urlopen(token_request, timeout=2) as reply:
        token = reply.read().decode()
    request = urllib.request.Request(
        f"{METADATA}/meta-data/instance-id", headers={"X-aws-ec2-metadata-token": token}
    )
    with urllib.request.urlopen(request, timeout=2) as reply:
        return reply.read().decode()


# Asked once at the start: the id never changes, and the benchmark is not to measure the metadata service.
INSTANCE_ID = os.environ.get("INSTANCE_ID") or instance_id()
CLUSTER = os.environ.get("CLUSTER", "cluster1")


@app.get("/health")
def health():
    """The load balancer's question whether this instance may get traffic."""
    return jsonify(status="ok")


@app.get(f"/{CLUSTER}")
def who():
    """Which instance of which cluster answers."""
    return jsonify(cluster=CLUSTER, instance_id=INSTANCE_ID, message=f"instance {INSTANCE_ID} is responding now")
