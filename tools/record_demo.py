"""Records the AWS replies of the demo's teams into examples/demo/aws.

    python3 -m venv target/test-python && target/test-python/bin/pip install -r tests/requirements.txt
    cargo build --example collect_aws
    target/test-python/bin/python tools/record_demo.py

Each team's stack is built in an emulator; the collector reads it through a proxy that writes down every reply.
"""

import hashlib
import http.server
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "support"))

import seed  # noqa: E402

TARGET = ROOT / "examples" / "demo" / "aws"
COLLECTOR = ROOT / "target" / "debug" / "examples" / "collect_aws"
PROJECT = "log8415-a1"
# Parameters that the replay server ignores as well.
PAGING = ("Action", "Version", "MaxResults", "MaxRecords", "PageSize")


def falcon(account):
    """All as the assignment asks."""
    seed.stack(account, "falcon", tags("falcon"))


def heron(account):
    """Complete, with every instance in one zone."""
    own = tags("heron")
    group = seed.security_group(account, "heron-web", own)
    zone = seed.ZONES[:1]
    first = seed.target_group(
        account, "heron-1", "/cluster1", seed.instances(account, 5, "m4.large", group, own, zone), own
    )
    second = seed.target_group(
        account, "heron-2", "/cluster2", seed.instances(account, 4, "t2.large", group, own, zone), own
    )
    seed.load_balancer(account, "heron-alb", group, own, [("/cluster1", first), ("/cluster2", second)], first)


def osprey(account):
    """An instance short, one rule only, a wrong health check, everything open, half of it without tags."""
    own = tags("osprey")
    group = seed.security_group(account, "osprey-web", {}, port=22)
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everything])
    big = seed.instances(account, 3, "m4.large", group, own) + seed.instances(account, 2, "m4.large", group, {})
    small = seed.instances(account, 1, "t2.large", group, own) + seed.instances(account, 2, "t2.large", group, {})
    first = seed.target_group(account, "osprey-1", "/cluster1", big, own)
    seed.target_group(account, "osprey-2", "/", small, {})
    seed.load_balancer(account, "osprey-alb", group, own, [("/cluster1", first)], first)


def tags(team):
    return {"project": PROJECT, "team": team}


def mark_one_unhealthy(service, action, parameters, body):
    """The emulator's targets are always healthy."""
    if action == "DescribeTargetHealth" and "osprey-2" in parameters["TargetGroupArn"]:
        unhealthy = (
            "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason>"
            "<Description>Health checks failed with these codes: [404]</Description>"
        )
        body, changed = re.subn("<State>healthy</State>", unhealthy, body, count=1)
        assert changed == 1, body
    return body


def settle(body):
    """Takes out what differs between two recordings of the same stack."""
    body = re.sub(r"<RequestId>[^<]*</RequestId>", "<RequestId>recorded</RequestId>", body)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "2024-10-01T12:00:00Z", body)


class Recorder(http.server.BaseHTTPRequestHandler):
    """Hands requests on and notes the replies."""

    protocol_version = "HTTP/1.1"
    upstream = ""
    replies = {}

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["content-length"]))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        with urllib.request.urlopen(urllib.request.Request(self.upstream, asked, headers)) as reply:
            body = reply.read().decode()
        parameters = dict(urllib.parse.parse_qsl(asked.decode(), keep_blank_values=True))
        action = parameters["Action"]
        service = re.search(r"Credential=([^,]*)", self.headers["authorization"]).group(1).split("/")[3]
        parameters = {name: value for name, value in sorted(parameters.items()) if name not in PAGING}
        body = mark_one_unhealthy(service, action, parameters, settle(body))
        self.replies[service, action, json.dumps(parameters)] = body
        body = body.encode()
        self.send_response(200)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def emulator():
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    raise SystemExit("moto does not listen")


def record(team, endpoint, proxy):
    def ask(path):
        urllib.request.urlopen(urllib.request.Request(endpoint + path, b"", method="POST")).read()

    ask("/moto-api/reset")
    ask("/moto-api/seed?a=" + str(int(hashlib.sha256(team.encode()).hexdigest()[:6], 16)))
    globals()[team](seed.Account(endpoint))

    Recorder.replies = {}
    scopes = [[], [f"team={team}"], [f"project={PROJECT}", f"team={team}"]]
    for scope in scopes:
        subprocess.run([COLLECTOR, proxy, *scope], check=True, stdout=subprocess.DEVNULL)

    folder = TARGET / team
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    index, files = [], {}
    for (service, action, parameters), body in sorted(Recorder.replies.items()):
        if body not in files:
            files[body] = f"{len(files) + 1:03}-{service}.{action}.xml"
            (folder / files[body]).write_text(body)
        index.append({"service": service, "action": action, "match": json.loads(parameters), "file": files[body]})
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    print(team, len(index), "requests,", len(files), "replies,", sum(map(len, files)), "bytes")


def main():
    server, endpoint = emulator()
    try:
        Recorder.upstream = endpoint
        # As many may wait to be accepted as begin at once; the default is five.
        http.server.ThreadingHTTPServer.request_queue_size = 128
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        for team in ("falcon", "heron", "osprey"):
            record(team, endpoint, f"http://127.0.0.1:{proxy.server_address[1]}")
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
