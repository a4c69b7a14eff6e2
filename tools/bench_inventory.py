"""Times the inventory of an account against a plain boto3 loop: bench_inventory.py COLLECTOR [RESOURCES [DELAY_MS]].

COLLECTOR is the built example `collect_aws`. The account is an emulator's (moto), seeded here and ended here. DELAY_MS is waited
before each call is answered, as a distant region does: calls that are made side by side wait together. Each client runs twice,
and the second run is timed: it gets the emulator's answers to the first from memory, for moto takes longer than AWS does. The
last row sends the very calls of Stackmark's first row again, one after the other over one connection: the same reads.
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
import urllib3

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
    """A proxy that waits, counts what passes through it, and answers from memory what was asked before."""

    answers = {}

    def __init__(self, endpoint, delay):
        counter = self
        self.calls = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                counter.calls.append((self.command, self.path, dict(self.headers), body))
                time.sleep(delay)
                # Services share paths; who is asked stands in the head.
                scope = self.headers.get("Authorization", "").split(",")[0].split("/")[2:]
                key = self.command, self.path, self.headers.get("X-Amz-Target"), tuple(scope), body
                if key not in counter.answers:
                    counter.answers[key] = self.asked(body)
                status, headers, data = counter.answers[key]
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def asked(self, body):
                request = Request(endpoint + self.path, data=body or None, method=self.command)
                for name, value in self.headers.items():
                    if name.lower() not in ("host", "content-length", "connection"):
                        request.add_header(name, value)
                try:
                    reply = urlopen(request)
                except OSError as error:
                    reply = error
                own = ("transfer-encoding", "content-length", "connection", "server", "date")
                headers = [(name, value) for name, value in reply.headers.items() if name.lower() not in own]
                return reply.status, headers, reply.read()

            do_GET = do_POST = do_HEAD = forward

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            # Connections that wait to be accepted: at the default of five, more that begin at once are refused.
            request_queue_size = 128
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
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


def one_after_the_other(endpoint, calls):
    """Sends recorded calls again; returns how many were answered as they should be."""
    pool = urllib3.HTTPConnectionPool(endpoint.removeprefix("http://"), maxsize=1)
    fine = 0
    for method, path, headers, body in calls:
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
        fine += pool.request(method, path, body=body or None, headers=kept, retries=False).status < 400
    return fine


def timed(run):
    begun = time.monotonic()
    result = run()
    return time.monotonic() - begun, result


def main():
    collector, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    delay = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else 0
    recorded = []
    server, endpoint = start_emulator()
    try:
        seconds, _ = timed(lambda: seed(endpoint, count))
        print(f"seeded {count} resources in {seconds:.0f} s", flush=True)
        tags = [f"{tag['Key']}={tag['Value']}" for tag in TAGS]
        for name, arguments in (("stackmark, whole account", []), ("stackmark, by tags", tags)):
            subprocess.run([collector, Counter(endpoint, 0).endpoint, *arguments], stdout=subprocess.DEVNULL)
            counter = Counter(endpoint, delay)
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
                f"{name}: {seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} CPU s, {usage.ru_maxrss >> 10} MiB, "
                f"{len(counter.calls)} calls, {rows} rows, "
                f"status {status}, not read: {', '.join(unread) or 'nothing'}",
                flush=True,
            )
            recorded = recorded or list(counter.calls)
        plain_loop(Counter(endpoint, 0).endpoint)
        counter = Counter(endpoint, delay)
        seconds, seen = timed(lambda: plain_loop(counter.endpoint))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"plain loop: {seconds:.1f} s, {peak} MiB, {len(counter.calls)} calls, {seen} rows", flush=True)
        counter = Counter(endpoint, delay)
        seconds, fine = timed(lambda: one_after_the_other(counter.endpoint, recorded))
        print(f"Stackmark's calls, one after the other: {seconds:.1f} s, {fine} of {len(recorded)} succeeded", flush=True)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
