"""Times the inventory of a large account against a plain boto3 loop: bench_inventory.py COLLECTOR [RESOURCES].

COLLECTOR is the built example `collect_aws`. The account is an emulator's (moto), seeded here and ended here.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import boto3

REGION = "us-east-1"
TAGS = [{"Key": "project", "Value": "bench"}, {"Key": "team", "Value": "heron"}]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_emulator():
    """A moto server of its own; returns the process and its endpoint."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    sys.exit("moto does not listen")


def client(endpoint, service):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )


def seed(endpoint, count):
    """`count` tagged resources: a fifth each of instances (with volumes), security groups, subnets, volumes, buckets
    (a tenth), key pairs (a tenth)."""
    ec2, s3 = client(endpoint, "ec2"), client(endpoint, "s3")
    image = sorted(image["ImageId"] for image in ec2.describe_images(Owners=["amazon"])["Images"])[0]
    spec = lambda kind: [{"ResourceType": kind, "Tags": TAGS}]
    fifth = count // 5
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
    for start in range(0, fifth, 100):
        size = min(100, fifth - start)
        ec2.run_instances(
            ImageId=image, InstanceType="t2.micro", MinCount=size, MaxCount=size, TagSpecifications=spec("instance")
        )
    for number in range(fifth):
        ec2.create_security_group(
            GroupName=f"g{number}", Description="x", VpcId=vpc, TagSpecifications=spec("security-group")
        )
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number // 4}.{number % 4 * 64}/26", TagSpecifications=spec("subnet")
        )
        ec2.create_volume(AvailabilityZone=REGION + "a", Size=1, TagSpecifications=spec("volume"))
    for number in range(count // 10):
        ec2.create_key_pair(KeyName=f"k{number}", TagSpecifications=spec("key-pair"))
        s3.create_bucket(Bucket=f"bench-{number}")
        s3.put_bucket_tagging(Bucket=f"bench-{number}", Tagging={"TagSet": TAGS})


class Counter:
    """A proxy that counts what passes through it."""

    def __init__(self, endpoint):
        counter = self
        self.calls = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                counter.calls += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(endpoint + self.path, data=body or None, method=self.command)
                for name, value in self.headers.items():
                    if name.lower() not in ("host", "content-length", "connection"):
                        request.add_header(name, value)
                try:
                    reply = urlopen(request)
                except OSError as error:
                    reply = error
                data = reply.read()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_HEAD = forward

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"


def plain_loop(endpoint):
    """The same tables, one call after the other, as a script would; returns how many rows it saw."""
    ec2, s3, elb, elbv2, scaling, iam = (
        client(endpoint, name) for name in ("ec2", "s3", "elb", "elbv2", "autoscaling", "iam")
    )
    watch, stacks, ecs, functions = (client(endpoint, n) for n in ("cloudwatch", "cloudformation", "ecs", "lambda"))
    seen = 0

    def pages(api, operation, key):
        rows = [row for page in api.get_paginator(operation).paginate() for row in page.get(key, [])]
        return rows

    instances = [i for r in pages(ec2, "describe_instances", "Reservations") for i in r["Instances"]]
    for instance in instances:
        ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    seen += len(instances)
    for operation, key in [
        ("describe_security_groups", "SecurityGroups"),
        ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"),
        ("describe_volumes", "Volumes"),
        ("describe_internet_gateways", "InternetGateways"),
        ("describe_nat_gateways", "NatGateways"),
        ("describe_route_tables", "RouteTables"),
        ("describe_network_acls", "NetworkAcls"),
        ("describe_launch_templates", "LaunchTemplates"),
    ]:
        seen += len(pages(ec2, operation, key))
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
    seen += len(ec2.describe_addresses()["Addresses"]) + len(ec2.describe_key_pairs()["KeyPairs"])
    ec2.describe_images(Owners=["self"])
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        seen += 1
        for call in ("get_bucket_location", "get_bucket_tagging", "get_public_access_block", "get_bucket_policy_status"):
            try:
                getattr(s3, call)(Bucket=name)
            except s3.exceptions.ClientError:
                pass
        s3.list_objects_v2(Bucket=name)
    elb.describe_load_balancers()
    elbv2.describe_load_balancers()
    elbv2.describe_target_groups()
    scaling.describe_auto_scaling_groups()
    scaling.describe_launch_configurations()
    watch.describe_alarms()
    stacks.describe_stacks()
    ecs.list_clusters()
    functions.list_functions()
    return seen


def timed(run):
    begun = time.monotonic()
    result = run()
    return time.monotonic() - begun, result


def main():
    collector, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    server, endpoint = start_emulator()
    try:
        seconds, _ = timed(lambda: seed(endpoint, count))
        print(f"seeded {count} resources in {seconds:.0f} s", flush=True)
        tags = [f"{tag['Key']}={tag['Value']}" for tag in TAGS]
        for name, arguments in (("stackmark, whole account", []), ("stackmark, by tags", tags)):
            counter = Counter(endpoint)
            command = [collector, counter.endpoint, *arguments]
            with tempfile.TemporaryFile() as output:
                process = subprocess.Popen(command, stdout=output)
                begun = time.monotonic()
                _, status, usage = os.wait4(process.pid, 0)
                seconds = time.monotonic() - begun
                output.seek(0)
                evidence = json.load(output)
            tables = {name: reading for name, reading in evidence.items() if isinstance(reading, dict)}
            rows = sum(len(it["value"]) for it in tables.values() if isinstance(it.get("value"), list))
            unread = [f"{name} ({it['cause']})" for name, it in tables.items() if it.get("state") == "unreadable"]
            print(
                f"{name}: {seconds:.1f} s, {usage.ru_maxrss >> 10} MiB, {counter.calls} calls, {rows} rows, "
                f"status {status}, not read: {', '.join(unread) or 'nothing'}",
                flush=True,
            )
        counter = Counter(endpoint)
        seconds, seen = timed(lambda: plain_loop(counter.endpoint))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"plain loop: {seconds:.1f} s, {peak} MiB, {counter.calls} calls, {seen} rows", flush=True)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
