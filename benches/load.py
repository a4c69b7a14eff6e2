"""Times Stackmark's load engine beside oha and wrk against the same local server, in one run.

    cargo build --release -p stackmark-http --example load     # the engine alone; or --engine PATH
    cargo install oha                          # a peer that is missing is left out
    apt-get install wrk nginx-light
    python3 benches/load.py > table.md

nginx answers a fixed body of 43 bytes with one worker process; all connections are kept alive. Each tool gets the same
number of requests (wrk, which knows durations only, the time that Stackmark took) at concurrency 1, 50 and 500, in turn
and in `--runs` rounds; the table has the median round of each, and Stackmark's ratio to each peer. Client and server
share this machine's cores, so only the ratios mean anything, and only while nothing else runs.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONF = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location / {{ default_type text/plain; return 200 "Instance i-0123456789abcdef0 is responding\\n"; }}
  }}
}}
"""


def stackmark(engine, url, requests, concurrency, _seconds):
    text = subprocess.check_output([engine, url, str(requests), str(concurrency)], text=True)
    met = json.loads(text)["value"]
    if met["answered"] != requests:
        sys.exit(f"stackmark: {met['answered']} of {requests} were answered: {met['errors']} {met['cut_short']}")
    return met["requests_per_second"], met["p50_ms"], met["p99_ms"]


def oha(program, url, requests, concurrency, _seconds):
    command = [program, "-n", str(requests), "-c", str(concurrency), "--no-tui", "--output-format", "json", url]
    met = json.loads(subprocess.check_output(command, text=True))
    times = met["latencyPercentiles"]
    return met["summary"]["requestsPerSec"], times["p50"] * 1000, times["p99"] * 1000


def wrk(program, url, _requests, concurrency, seconds):
    threads = min(concurrency, os.cpu_count() or 1)
    command = [program, f"-t{threads}", f"-c{concurrency}", f"-d{max(1, round(seconds))}s", "--latency", url]
    text = subprocess.check_output(command, text=True)
    unit = {"us": 0.001, "ms": 1, "s": 1000}

    def percentile(name):
        number, word = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(number) * unit[word]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), percentile(50), percentile(99)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--engine", type=pathlib.Path, default=ROOT / "target" / "release" / "examples" / "load")
    options.add_argument("--oha", default=shutil.which("oha"))
    options.add_argument("--wrk", default=shutil.which("wrk"))
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--port", type=int, default=18099)
    arguments = options.parse_args()
    engine = arguments.engine
    if not engine.is_file():
        sys.exit("build first: cargo build --release -p stackmark-http --example load")
    if not shutil.which("nginx"):
        sys.exit("nginx is not installed")
    tools = [("stackmark", stackmark, engine), ("oha", oha, arguments.oha), ("wrk", wrk, arguments.wrk)]
    tools = [tool for tool in tools if tool[2]]
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder) / "nginx.conf"
        conf.write_text(CONF.format(folder=folder, port=arguments.port))
        server = subprocess.Popen(["nginx", "-c", conf], stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{arguments.port}/"
        try:
            for _ in range(50):
                try:
                    urllib.request.urlopen(url).read()
                    break
                except OSError:
                    time.sleep(0.1)
            compare(tools, url, arguments)
        finally:
            server.terminate()
            server.wait()


def compare(tools, url, arguments):
    print("| concurrency | tool | requests/s | p50 ms | p99 ms | stackmark: requests/s | p50 | p99 |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for concurrency in (1, 50, 500):
        rounds = {name: [] for name, _, _ in tools}
        for number in range(arguments.runs):
            # Whoever comes first in a round comes last in the next.
            order = tools[number % len(tools):] + tools[: number % len(tools)]
            for name, run, program in order:
                earlier = rounds["stackmark"]
                seconds = arguments.requests / earlier[-1][0] if earlier else 3
                rounds[name].append(run(program, url, arguments.requests, concurrency, seconds))
        median = {name: [statistics.median(column) for column in zip(*found)] for name, found in rounds.items()}
        ours = median["stackmark"]
        for name, _, _ in tools:
            rate, half, most = median[name]
            ratios = ["", "", ""] if name == "stackmark" else [f"{mine / theirs:.2f}" for mine, theirs in zip(ours, median[name])]
            print(f"| {concurrency} | {name} | {rate:.0f} | {half:.3f} | {most:.3f} | {' | '.join(ratios)} |", flush=True)


if __name__ == "__main__":
    main()
