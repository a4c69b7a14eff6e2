"""Times a class of invented teams: graded from nothing, graded again unchanged, and judged and rendered from what is stored.

    cargo build --release
    python3 benches/class.py --teams 1000 > table.md

Each team has four members and a repository of `--commits` commits, written by `git fast-import` into one pack: a program, Terraform, tests
and a README that grow and change. Read is what a repository alone shows (`--only git,code,report`): neither account nor
network. Prints a Markdown table of wall and processor time and of the peak of the largest process, then the steps of the first
run, and the size of class.html.
"""

import argparse
import os
import pathlib
import random
import subprocess
import tempfile
import time

from similar_class import Writer

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEMBERS = ["ada", "ben", "cleo", "dan"]
VERBS = ["Add", "Fix", "Move", "Describe", "Test", "Rename", "Tune", "Remove"]
START = 1_772_000_000


def content(path, parts):
    if path.endswith(".md"):
        return "# Deploying the cluster\n\n" + "\n\n".join(parts) + "\n"
    return "\n\n".join(parts) + "\n"


def stream(seed, team, commits):
    """A history for fast-import: each commit adds a part to one file, or writes one of its parts anew."""
    rng = random.Random(f"{seed}-{team}")
    writer = Writer(rng)
    files = {"deploy.py": [], "network.py": [], "main.tf": [], "tests/test_deploy.py": [], "README.md": []}
    out = []
    for number in range(commits):
        path = rng.choice(list(files))
        if path.endswith(".md"):
            part = " ".join(rng.choice(["the", "cluster", "balancer", "each", "instance", "answers", "on", "port", "run"]) for _ in range(30))
        elif path.endswith(".tf"):
            part = rng.choice(writer.terraform())
        else:
            part = writer.function(rng.choice(["run_instances", "create_rule", "create_listener", "describe_instances"]))
        parts = files[path]
        if parts and rng.random() < 0.4:
            parts[rng.randrange(len(parts))] = part
        else:
            parts.append(part)
        member = rng.choice(MEMBERS)
        who = f"{member} <{member}@{team}.example> {START + number * 7_000} +0000"
        message = f"{rng.choice(VERBS)} {pathlib.Path(path).stem} for {rng.choice(['the cluster', 'cluster 2', 'the balancer', 'the network'])}\n"
        text = content(path, parts)
        out.append(f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}")
        out.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    return "".join(out)


def make(folder, teams, commits, seed):
    roster = ['rubric = "log8415-a1"\n']
    for number in range(teams):
        team = f"team-{number:04}"
        repository = folder / "repositories" / f"{team}.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", repository], check=True)
        subprocess.run(["git", "-C", repository, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"], input=stream(seed, team, commits).encode(), check=True)
        roster.append(f'[[team]]\nid = "{team}"\nrepository = "repositories/{team}.git"\n')
        roster += [f'[[team.member]]\nname = "{name}"\nemails = ["{name}@{team}.example"]\n' for name in MEMBERS]
    (folder / "roster.toml").write_text("\n".join(roster))


def measured(command, folder):
    """Wall and processor seconds, peak megabytes of the largest process, exit status, and what it said."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        text = said.read()
    wall = time.monotonic() - begun
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teams", type=int, default=1000)
    parser.add_argument("--commits", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/stackmark")
    arguments = parser.parse_args()
    binary = str(arguments.binary.resolve())
    grade = [binary, "grade", "--quiet", "--timings", "--only", "git,code,report", "--jobs", str(arguments.jobs)]
    report = [binary, "report", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make(folder, arguments.teams, arguments.commits, arguments.seed)
        load = os.getloadavg()[0]
        print(f"{arguments.teams} teams of {arguments.commits} commits, {arguments.jobs} jobs, {os.cpu_count()} processors, load before {load:.1f}\n")
        print("| | wall s | CPU s | CPU ms a team | peak MB | exit |\n|---|---:|---:|---:|---:|---:|")
        steps = None
        for name, command in [("graded", grade), ("graded again, unchanged", grade), ("judged and rendered", report)]:
            wall, cpu, peak, status, said = measured(command, folder)
            steps = steps or said
            each = cpu * 1000 / arguments.teams
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {each:.0f} | {peak:.0f} | {status} |", flush=True)
        page = folder / "results/class.html"
        print(f"\nclass.html: {page.stat().st_size / 1e6:.2f} MB\n")
        print("```\n" + "\n".join(line for line in steps.splitlines() if " s  " in line) + "\n```")


if __name__ == "__main__":
    main()
