"""Times the git half of Stackmark beside git and its peers, in one run, on repositories of your own.

    cargo build --release
    python3 -m venv target/bench-python && target/bench-python/bin/pip install git-fame==4.2.1
    python3 benches/history.py path/to/repository [another …] > table.md

gitinspector and git-fame are left out where they are missing. All run in turn, round by round. Prints a Markdown table: the
medians of wall time, processor time and peak memory of the largest process, and what part of each peer's time Stackmark
takes, as the median over the rounds; then the steps of one run. Processor time and ratios bear a busy machine, wall time does not.
Stackmark's row is the whole of `stackmark check`: start, both ledgers, atomicity, messages, coordination, secrets of
all commits, and the code's documentation. The others do a part of it each.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACKMARK = pathlib.Path(os.environ.get("STACKMARK", ROOT / "target" / "release" / "stackmark"))
PYTHON = pathlib.Path(os.environ.get("BENCH_PYTHON", ROOT / "target" / "bench-python" / "bin"))
# Seconds after which a peer is not waited for.
PATIENCE = 1200


def peers(repository):
    """Name and shell command of each that is installed; every one reads the same commit."""
    at = f"git -C {repository}"
    blame = (
        f"{at} ls-tree -r --name-only -z HEAD"
        f" | xargs -0 -n 8 -P 2 sh -c 'for f; do {at} blame -w -M --line-porcelain HEAD -- \"$f\"; done' sh"
    )
    found = [
        ("git blame -w -M, all files, two jobs", blame),
        ("git log --numstat -M -w --no-merges", f"{at} log --numstat -M -w --no-merges HEAD"),
    ]
    fame = shutil.which("git-fame", path=f"{PYTHON}:{os.environ.get('PATH', '')}")
    if fame:
        found += [
            ("git-fame -w -M, lines that stand", f"{fame} --silent-progress -w -M {repository}"),
            ("git-fame, added and deleted", f"{fame} --silent-progress --loc ins,del {repository}"),
        ]
    if shutil.which("gitinspector"):
        found.append(("gitinspector", f"gitinspector --grading=false {repository}"))
    return found


def once(command):
    """Wall and processor seconds, and peak megabytes of the largest process; `None` if it fails."""
    begun = time.monotonic()
    process = subprocess.Popen(["sh", "-c", f"({command}) > /dev/null 2>&1"])
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    if status:
        return None
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_turn(commands, runs):
    """What each command took in each round, after a round that is not counted; rounds, so that a busy moment meets all.

    A command that failed is left out of the rounds after it.
    """
    found = {name: [] for name, _ in commands}
    for number in range(runs + 1):
        for name, command in commands:
            if found[name] is None:
                continue
            measured = once(command)
            if measured is None:
                found[name] = None
            elif number:
                found[name].append(measured)
    return found


def phases(repository):
    """The largest steps of one more run, as `stackmark check --timings` has them."""
    command = [STACKMARK, "check", "--quiet", "--timings", repository]
    said = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
    return [line.split(maxsplit=2) for line in said.splitlines() if re.match(r"\s*[\d.]+ s  ", line)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", nargs="+", type=pathlib.Path)
    options.add_argument("--runs", type=int, default=5)
    arguments = options.parse_args()
    if not shutil.which("git"):
        sys.exit("git is not installed")
    if not STACKMARK.is_file():
        sys.exit("build first: cargo build --release")
    for repository in arguments.repositories:
        repository = repository.resolve()
        commits = subprocess.check_output(["git", "-C", repository, "rev-list", "--count", "HEAD"], text=True).strip()
        files = len(subprocess.check_output(["git", "-C", repository, "ls-tree", "-r", "--name-only", "HEAD"]).split(b"\n")) - 1
        load = f"{os.getloadavg()[0]:.1f}"
        commands = [("stackmark check", f"{STACKMARK} check --quiet {repository}"), *peers(repository)]
        found = in_turn(commands, arguments.runs)
        print(f"\n{repository.name}: {commits} commits, {files} files; {os.cpu_count()} processors, load before {load}\n")
        print("| | wall s | CPU s | peak MB | stackmark's wall | CPU |\n|---|---:|---:|---:|---:|---:|")
        ours = found["stackmark check"]
        for name, rounds in found.items():
            if not rounds:
                print(f"| {name} | failed | – | – | – | – |")
                continue
            wall, cpu, peak = (statistics.median(column) for column in zip(*rounds))
            ratios = ["", ""]
            if name != "stackmark check" and ours:
                pairs = list(zip(ours, rounds))
                ratios = [f"{statistics.median(a[at] / b[at] for a, b in pairs):.2f}" for at in (0, 1)]
            print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {' | '.join(ratios)} |", flush=True)
        print("\n| step of one run | wall s |\n|---|---:|")
        for seconds, _, what in phases(repository):
            print(f"| {what} | {seconds} |")


if __name__ == "__main__":
    main()
