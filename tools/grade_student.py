"""Deploys a student repository's unmodified code to an emulator, and grades the team with Stackmark.

    python3 -m venv target/test-python && target/test-python/bin/pip install -r tests/requirements.txt
    cargo build
    target/test-python/bin/python tools/grade_student.py REPOSITORY --folder FOLDER --run COMMAND

docs/student-stacks.md has examples. Everything happens on loopback and in a throw-away copy:

1. the repository is cloned into a temporary folder, and the commands run there, as they are, against a moto server;
   a gate before it notes every call and ends the deployment at its first attempt to tear the stack down;
2. a local server stands for the load balancer: it follows the deployed listeners and rules, and names the instance
   that the load balancer would have reached;
3. `stackmark grade` reads the repository, the stack and that server's answers, and writes the report.
"""

import argparse
import collections
import fnmatch
import http.client
import http.server
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import venv

import boto3

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACKMARK = ROOT / "target" / "debug" / "stackmark"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
TEAR_DOWN = re.compile(r"(Terminate|Stop)Instances|(Delete|Deregister)(LoadBalancer|Listener|Rule|TargetGroup|Target|AutoScalingGroup)s?")
# Loaded by every Python that the deployment starts: no long naps, and no way out of this machine.
SITECUSTOMIZE = '''
import socket, time
_sleep, _connect, _look_up = time.sleep, socket.socket.connect, socket.getaddrinfo
LOCAL = ("127.0.0.1", "localhost", "::1")
def connect(self, address):
    if isinstance(address, tuple) and address[0] not in LOCAL:
        raise ConnectionRefusedError(f"no way out of the experiment: {address[0]}")
    return _connect(self, address)
def look_up(host, *rest, **named):
    if host not in LOCAL + (None, ""):
        raise socket.gaierror(f"no way out of the experiment: {host}")
    return _look_up(host, *rest, **named)
time.sleep = lambda seconds: _sleep(min(seconds, %(nap)s))
socket.socket.connect, socket.getaddrinfo = connect, look_up
'''


class Gate(http.server.BaseHTTPRequestHandler):
    """Hands AWS requests on, counts them, and refuses to tear down what is up."""

    protocol_version = "HTTP/1.1"
    upstream = ("127.0.0.1", 0)
    may_tear_down = False
    calls = collections.Counter()
    stopped = threading.Event()

    def answer(self):
        asked = self.rfile.read(int(self.headers.get("content-length") or 0))
        action = urllib.parse.parse_qs(asked.decode(errors="replace")).get("Action", ["?"])[0]
        is_up = self.calls["CreateListener"] or self.calls["CreateAutoScalingGroup"]
        if is_up and not self.may_tear_down and TEAR_DOWN.fullmatch(action):
            self.calls[f"{action}, refused"] += 1
            self.stopped.set()
            return self.reply(400, [], b"<Response><Errors><Error><Code>TheStackStays</Code></Error></Errors></Response>")
        connection = http.client.HTTPConnection(*self.upstream, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        connection.request(self.command, self.path, asked, headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        self.calls[action if reply.status < 400 else f"{action}, failed"] += 1
        return self.reply(reply.status, reply.getheaders(), body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def reply(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def log_message(self, *_):
        pass


class LoadBalancer(http.server.BaseHTTPRequestHandler):
    """Answers as the first deployed listener would: its rules by priority, then its default action, targets in turn."""

    rules, default, turns = [], [], {}

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        fits = (targets for patterns, targets in self.rules if any(fnmatch.fnmatchcase(path, p) for p in patterns))
        targets = next(fits, self.default)
        if targets:
            turn = next(self.turns.setdefault(tuple(targets), itertools.count()))
            status, body = 200, f"Instance {targets[turn % len(targets)]} is responding now!\n"
        else:
            status, body = 503, "Service Temporarily Unavailable\n"
        self.send_response(status)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Stack:
    """What stands in the emulator."""

    def __init__(self, endpoint, region):
        clients = [
            boto3.client(
                name,
                endpoint_url=endpoint,
                region_name=region,
                aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            )
            for name in ("ec2", "elbv2", "autoscaling")
        ]
        self.ec2, self.elb, self.autoscaling = clients

    def instances(self):
        found = [i for r in self.ec2.describe_instances()["Reservations"] for i in r["Instances"]]
        return [instance for instance in found if instance["State"]["Name"] == "running"]

    def listeners(self):
        balancers = self.elb.describe_load_balancers()["LoadBalancers"]
        return [
            listener
            for balancer in balancers
            for listener in self.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        ]

    def targets(self, actions):
        """Ids of the instances that forward actions reach, as often as a group's weight says."""
        ids = []
        for action in (action for action in actions if action["Type"] == "forward"):
            one = [{"TargetGroupArn": action.get("TargetGroupArn"), "Weight": 1}]
            for group in action.get("ForwardConfig", {}).get("TargetGroups") or one:
                health = self.elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
                ids += [t["Target"]["Id"] for t in health["TargetHealthDescriptions"]] * group.get("Weight", 1)
        return ids

    def routes(self):
        """Rules by priority as (patterns, targets), and the default action's targets."""
        listeners = self.listeners()
        if not listeners:
            return [], [instance["InstanceId"] for instance in self.instances()]
        rules = self.elb.describe_rules(ListenerArn=listeners[0]["ListenerArn"])["Rules"]
        routes = []
        for rule in sorted((r for r in rules if not r["IsDefault"]), key=lambda r: int(r["Priority"])):
            conditions = [c for c in rule["Conditions"] if c["Field"] == "path-pattern"]
            patterns = [v for c in conditions for v in c.get("Values") or c["PathPatternConfig"]["Values"]]
            routes.append((patterns, self.targets(rule["Actions"])))
        return routes, self.targets(listeners[0]["DefaultActions"])

    def summary(self):
        types = collections.Counter(instance["InstanceType"] for instance in self.instances())
        rules, default = self.routes()
        return {
            "running instances": dict(sorted(types.items())),
            "load balancers": len(self.elb.describe_load_balancers()["LoadBalancers"]),
            "listener ports": [listener.get("Port") for listener in self.listeners()],
            "target groups": len(self.elb.describe_target_groups()["TargetGroups"]),
            "rules": {", ".join(patterns): len(targets) for patterns, targets in rules},
            "default targets": len(default),
            "auto scaling groups": len(self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]),
        }


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def emulator(home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env={"HOME": str(home), "PATH": os.defpath}, **quiet)
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, port
        time.sleep(0.1)
    server.kill()
    raise SystemExit("moto does not listen")


def python_for(args, copy, out):
    """An environment with what the deployment imports, of the same boto3 as the tests'."""
    folder = out / "python"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    wanted = ["boto3", *args.package]
    if args.requirements:
        wanted += ["-r", str(copy / args.folder / args.requirements)]
    pins = ROOT / "tests" / "requirements.txt"
    constraints = out / "constraints.txt"
    constraints.write_text("".join(line for line in pins.open() if line.startswith("boto3")))
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints]
    subprocess.run([*pip, *wanted], check=True)
    return folder


def deploy(args, folder, environment, log):
    """Runs the commands one after the other; True when all ended by themselves with status 0."""
    fine = True
    ends = time.monotonic() + args.time_cap
    for command in args.run:
        log.write(f"$ {command}\n".encode())
        log.flush()
        ran = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while ran.poll() is None and time.monotonic() < ends and not Gate.stopped.is_set():
            time.sleep(0.1)
        how = f"ended with status {ran.poll()}"
        if ran.poll() is None:
            how = "was ended before it tore the stack down" if Gate.stopped.is_set() else "was ended by --time-cap"
        try:
            # Its own process group, whose id is its own: children that it left behind end with it.
            os.killpg(ran.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        ran.wait()
        print(f"`{command}` {how}")
        fine &= how == "ended with status 0"
        if Gate.stopped.is_set():
            break
    return fine


def members(args):
    """People of the history: identities that share a name or an address, or that --same joins, are one."""
    git = ["git", "-C", args.repository, "shortlog", "-se", args.branch or "HEAD"]
    lines = subprocess.run([*git, "--"], check=True, capture_output=True, text=True).stdout.splitlines()
    people = [set(map(str.lower, names.split(","))) for names in args.same]
    known = {}
    for line in lines:
        name, address = re.fullmatch(r"\s*\d+\t(.*) <(.*)>", line).groups()
        if re.search(r"\[bot\]|^GitHub$", name):
            continue
        ids = {name.lower(), address.lower()}
        known |= {name.lower(): name, address.lower(): address}
        joined = [person for person in people if person & ids]
        people = [person for person in people if not person & ids] + [ids.union(*joined)]
    entries = []
    for person in people:
        addresses = sorted(known[i] for i in person if i in known and "@" in i)
        names = sorted((known[i] for i in person if i in known and "@" not in i), key=lambda n: (-len(n.split()), n))
        if names or addresses:
            entries.append((names[0] if names else addresses[0], names[1:], addresses))
    return sorted(entries)


def roster(args, endpoint):
    def quoted(value):
        return json.dumps(value, ensure_ascii=False)

    text = [f'[[team]]\nid = "student"\nrepository = {quoted(str(pathlib.Path(args.repository).resolve()))}\n']
    if args.branch:
        text.append(f"branch = {quoted(args.branch)}\n")
    if args.folder != ".":
        text.append(f"folder = {quoted(args.folder)}\n")
    if args.tag:
        tags = (tag.partition("=") for tag in args.tag)
        text.append("tags = { " + ", ".join(f"{quoted(key)} = {quoted(value)}" for key, _, value in tags) + " }\n")
    text.append(f"aws = {{ region = {quoted(args.region)}, endpoint_url = {quoted(endpoint)} }}\n")
    for name, aliases, addresses in members(args):
        text.append(f"\n[[team.member]]\nname = {quoted(name)}\nemails = {quoted(addresses)}\n")
        if aliases:
            text.append(f"aliases = {quoted(aliases)}\n")
    return "".join(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", help="a git directory or work tree on this machine")
    parser.add_argument("--folder", default=".", help="the assignment's folder; the commands run in it")
    parser.add_argument("--run", action="append", required=True, metavar="COMMAND", help="deploys; may be repeated")
    parser.add_argument("--branch", help="instead of the repository's default")
    parser.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE", help="of the team, for the roster")
    parser.add_argument("--same", action="append", default=[], metavar="A,B", help="names or addresses of one person")
    parser.add_argument("--package", action="append", default=[], help="what the code imports, from the package index")
    parser.add_argument("--requirements", metavar="FILE", help="the repository's own list of packages, in FOLDER")
    parser.add_argument("--key-pair", action="append", default=["vockey"], metavar="NAME", help="exists before it runs")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--time-cap", type=float, default=120, metavar="SECONDS", help="for all commands together")
    parser.add_argument("--nap", type=float, default=0.05, metavar="SECONDS", help="longest time.sleep")
    parser.add_argument("--tear-down", action="store_true", help="let the code tear its stack down again")
    parser.add_argument("--rubric", default="log8415-a1", help="name, or path of a .toml file")
    parser.add_argument("--out", type=pathlib.Path, help="target/student/NAME where it is not given")
    return parser.parse_args()


def experiment(args, out, scratch):
    copy, home, patch = scratch / "copy", scratch / "home", scratch / "patch"
    branch = ["--branch", args.branch] if args.branch else []
    subprocess.run(["git", "clone", "--quiet", *branch, "--", args.repository, copy], check=True)
    home.mkdir()
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(SITECUSTOMIZE % {"nap": args.nap})
    python = python_for(args, copy, out)

    server, port = emulator(home)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        stack = Stack(endpoint, args.region)
        for name in args.key_pair:
            stack.ec2.create_key_pair(KeyName=name)
        Gate.upstream, Gate.may_tear_down = ("127.0.0.1", port), args.tear_down
        dead = "http://127.0.0.1:9"
        environment = KEYS | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{serve(Gate)}",
            "AWS_DEFAULT_REGION": args.region,
            "AWS_REGION": args.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(home),
            "PATH": f"{python / 'bin'}:{os.defpath}",
            "PYTHONPATH": str(patch),
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg",
            "LANG": "C.UTF-8",
            **{name: dead for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")},
            **{name: "127.0.0.1,localhost" for name in ("no_proxy", "NO_PROXY")},
        }
        with (out / "deploy.log").open("wb") as log:
            deploy(args, copy / args.folder, environment, log)
        (out / "calls.json").write_text(json.dumps(dict(sorted(Gate.calls.items())), indent=1) + "\n")
        print("what stands:", json.dumps(stack.summary()))

        LoadBalancer.rules, LoadBalancer.default = stack.routes()
        local = serve(LoadBalancer)
        (out / "roster.toml").write_text(roster(args, endpoint))
        ports = {listener.get("Port") or 80 for listener in stack.listeners()} or {80}
        resolve = [word for port in sorted(ports) for word in ("--resolve", f"*:{port}:127.0.0.1:{local}")]
        command = [STACKMARK, "grade", "--roster", out / "roster.toml", "--rubric", args.rubric, *resolve]
        began = time.monotonic()
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        graded = subprocess.run([*command, "--fresh", "--out", out / "results"], env=own | KEYS)
        print(f"stackmark ended with status {graded.returncode} after {time.monotonic() - began:.1f} s")
        print("report:", out / "results" / "teams" / "student" / "report.md")
        return graded.returncode
    finally:
        server.kill()
        server.wait()


def main():
    args = arguments()
    args.repository = str(pathlib.Path(args.repository).resolve())
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", args.repository.strip("/"))[-60:]
    out = (args.out or ROOT / "target" / "student" / name).resolve()
    out.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="stackmark-student-"))
    try:
        sys.exit(experiment(args, out, scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
