"""Times the git half of Stackmark beside git and its peers, in one run, on repositories of your own.

    cargo build --release
    python3 -m venv target/bench-python && target/bench-python/bin/pip install git-fame==4.2.1
    python3 benches/history.py path/to/repository [another …] > table.md

Needs hyperfine; gitinspector and git-fame are left out where they are missing. Prints a Markdown table: mean wall time
with its deviation, peak resident memory of the largest process, and how many times longer than Stackmark each takes.
Stackmark's row is the whole of `stackmark check`: start, both ledgers, atomicity, messages, coordination, secrets of
all commits, and the code's documentation. The others do a part of it each.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACKMARK = ROOT / "target" / "release" / "stackmark"
PYTHON = ROOT / "target" / "bench-python" / "bin"
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


def measure(command, runs):
    """Mean and deviation of the wall time in seconds, peak memory in MB; `None` where it fails."""
    quiet = f"({command}) > /dev/null 2>&1"
    with tempfile.NamedTemporaryFile(suffix=".json") as times:
        timed = subprocess.run(
            ["hyperfine", "--style", "none", "--warmup", "1", "--runs", str(runs), "--export-json", times.name, quiet],
            capture_output=True,
            timeout=PATIENCE * (runs + 1),
        )
        if timed.returncode != 0:
            return None
        result = json.load(times)["results"][0]
    process = subprocess.Popen(["sh", "-c", quiet])
    _, _, usage = os.wait4(process.pid, 0)
    return result["mean"], result["stddev"] or 0.0, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", nargs="+", type=pathlib.Path)
    options.add_argument("--runs", type=int, default=5)
    arguments = options.parse_args()
    for needed in ("hyperfine", "git"):
        if not shutil.which(needed):
            sys.exit(f"{needed} is not installed")
    if not STACKMARK.is_file():
        sys.exit("build first: cargo build --release")
    for repository in arguments.repositories:
        repository = repository.resolve()
        commits = subprocess.check_output(["git", "-C", repository, "rev-list", "--count", "HEAD"], text=True).strip()
        files = len(subprocess.check_output(["git", "-C", repository, "ls-tree", "-r", "--name-only", "HEAD"]).split(b"\n")) - 1
        print(f"\n{repository.name}: {commits} commits, {files} files\n")
        print("| | wall s | peak MB | ratio |\n|---|---:|---:|---:|")
        ours = None
        for name, command in [("stackmark check", f"{STACKMARK} check --quiet {repository}"), *peers(repository)]:
            found = measure(command, arguments.runs)
            if found is None:
                print(f"| {name} | failed | – | – |", flush=True)
                continue
            mean, deviation, peak = found
            ours = ours or mean
            print(f"| {name} | {mean:.2f} ± {deviation:.2f} | {peak:.0f} | {mean / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main()
