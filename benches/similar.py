"""Finds planted copies in an invented class, beside Dolos' library, compare50 and copydetect, in one run.

    cargo build --release
    pip install compare50 copydetect           # a peer that is missing is left out
    npm install @dodona/dolos-lib              # in the folder that --dolos names
    python3 benches/similar.py --teams 60 --dolos NODE_FOLDER > table.md

The class is `similar_class.make`'s: independent works of one assignment with starter code, copies of ten kinds, and decoys.
Every tool gets the same files and the starter code. Dolos and copydetect compare files, so they get each team's Python
as one file; compare50 gets each team's folder. Each tool gives a figure for each pair of teams; its recall is taken at the
figure of the most alike pair that nobody planted, so that all are compared at the same precision: no decoy flagged. Beside
it stands the recall at the cut that the tool itself suggests, where it has one. CPU seconds and peak memory are those of the
tool's process and its children; only the ratios mean anything, and only while nothing else runs.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

from similar_class import make

ROOT = pathlib.Path(__file__).resolve().parent.parent

DOLOS = """
import { readFileSync, writeFileSync } from "node:fs";
import { Dolos } from "@dodona/dolos-lib";
const [list, ignore, answer] = process.argv.slice(2);
const paths = readFileSync(list, "utf8").trim().split("\\n");
const dolos = new Dolos({ language: "python", ignore });
const report = await dolos.analyzePaths(paths);
const name = (file) => file.path.split("/").at(-1).replace(/\\.py$/, "");
writeFileSync(answer, JSON.stringify(report.allPairs().map((pair) => [name(pair.leftFile), name(pair.rightFile), pair.similarity])));
"""
COMPARE50 = """
import json, pathlib, sys
from compare50 import _api, _data, passes

def run(tokens):
    for step in passes.structure.preprocessors:
        tokens = step(tokens)
    return tokens

def prepared(path):
    files = sorted(file.relative_to(path) for file in path.rglob("*") if file.is_file())
    return _data.Submission(path, files, preprocessor=run)

if __name__ == "__main__":
    folder, starter, answer = map(pathlib.Path, sys.argv[1:4])
    submissions = [prepared(path) for path in sorted(folder.iterdir())]
    ignored = set(prepared(starter).files)
    scores = _api.rank(submissions, [], ignored, passes.structure, n=len(submissions) ** 2)
    answer.write_text(json.dumps([[score.sub_a.path.name, score.sub_b.path.name, float(score.score)] for score in scores]))
"""
COPYDETECT = """
import json, sys
from copydetect import CopyDetector
folder, starter, answer = sys.argv[1:4]
detector = CopyDetector(test_dirs=[folder], boilerplate_dirs=[starter], extensions=["py"], display_t=0, silent=True, autoopen=False)
detector.run()
best = {}
matrix, tests, refs = detector.similarity_matrix, detector.test_files, detector.ref_files
team = lambda path: str(path).split(folder.rstrip("/") + "/")[1].split("/")[0]
for i, one in enumerate(tests):
    for j, other in enumerate(refs):
        a, b = team(one), team(other)
        if a != b:
            key = tuple(sorted((a, b)))
            best[key] = max(best.get(key, 0.0), float(max(matrix[i, j, 0], matrix[i, j, 1])))
json.dump([[a, b, score] for (a, b), score in best.items()], open(answer, "w"))
"""


def measured(command, **more):
    """CPU seconds and peak megabytes of a command; the peak is that of the largest process so far that ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    said = pid.stderr.read()
    _, status, usage = os.wait4(pid.pid, 0)
    if status:
        raise RuntimeError(f"{command[0]}: {said.decode(errors='replace')[-600:]}")
    del before
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def write(folder, files):
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "One"), ("EMAIL", "one@uni.example"), ("DATE", "2026-03-01T10:00:00Z"))}
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True, env={**environment, **people}).stdout.strip()


def stackmark(binary, works, starter, folder):
    roster = []
    for team, files in works.items():
        repository = folder / "repositories" / team
        write(repository, starter)
        git(repository, "init", "-q", "-b", "main")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "Starter code")
        base = git(repository, "rev-parse", "HEAD")
        write(repository, files)
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "Deliver the assignment")
        roster.append(f'[[team]]\nid = "{team}"\nrepository = "repositories/{team}"\nbase_commit = "{base}"\n[[team.member]]\nname = "{team}"\nemails = ["{team}@uni.example"]\n')
    (folder / "roster.toml").write_text("\n".join(roster))
    used = measured([str(binary), "similar", "--quiet"], cwd=folder)
    again = measured([str(binary), "similar", "--quiet"], cwd=folder)
    found = json.loads((folder / "results/similar.json").read_text())
    cuts = {channel["channel"]: channel["cut"] for channel in found["channels"]}
    # Above its cut by so much: channels have cuts of their own.
    scores, flagged = {}, set()
    for pair in found["pairs"]:
        key = tuple(sorted((pair["a"]["id"], pair["b"]["id"])))
        parts = [(pair[name], cuts[name]) for name in ("code", "infrastructure", "prose") if pair[name]]
        scores[key] = max(max(part["of_a"], part["of_b"]) - cut for part, cut in parts)
        if pair["above_cut"]:
            flagged.add(key)
    return scores, flagged, used, again


def peer(name, works, starter, folder, arguments):
    submissions, given = folder / "submissions", folder / "starter"
    write(given, {path.rsplit("/", 1)[-1]: text for path, text in starter.items()})
    answer = folder / "answer.json"
    if name == "Dolos":
        given_file = next(given.iterdir())
        for team, files in works.items():
            write(submissions, {f"{team}.py": "\n\n".join(text for path, text in sorted(files.items()) if path.endswith(".py"))})
        (folder / "list.txt").write_text("\n".join(str(path) for path in sorted(submissions.iterdir())))
        script = pathlib.Path(arguments.dolos) / "stackmark-bench.mjs"
        script.write_text(DOLOS)
        try:
            used = measured(["node", str(script), str(folder / "list.txt"), str(given_file), str(answer)])
        finally:
            script.unlink()
    else:
        for team, files in works.items():
            programs = {path.replace("/", "_"): text for path, text in files.items() if path.endswith(".py")}
            write(submissions / team, programs if name == "compare50" else {"all.py": "\n\n".join(programs.values())})
        script = folder / "peer.py"
        script.write_text(COMPARE50 if name == "compare50" else COPYDETECT)
        used = measured([arguments.python, str(script), str(submissions), str(given), str(answer)], cwd=folder)
    scores = {tuple(sorted((a, b))): score for a, b, score in json.loads(answer.read_text())}
    return scores, None, used, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teams", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/stackmark")
    parser.add_argument("--python", default=sys.executable, help="has compare50 and copydetect")
    parser.add_argument("--dolos", help="folder with node_modules/@dodona/dolos-lib")
    parser.add_argument("--only", action="append", help="this tool only; may be given several times")
    arguments = parser.parse_args()
    works, starter, planted = make(arguments.seed, arguments.teams)
    kinds = list(dict.fromkeys(kind for kind, _, _ in planted))
    known = {tuple(sorted((a, b))): kind for kind, a, b in planted}
    tools = ["Stackmark", "Dolos", "compare50", "copydetect"]
    results = {}
    for name in tools if not arguments.only else arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            try:
                if name == "Stackmark":
                    results[name] = stackmark(arguments.binary, works, starter, folder)
                elif name == "Dolos" and not arguments.dolos:
                    continue
                else:
                    results[name] = peer(name, works, starter, folder, arguments)
            except (RuntimeError, OSError) as failure:
                print(f"{name} is left out: {failure}", file=sys.stderr)
    print(f"{arguments.teams} teams, {len(planted)} planted pairs, seed {arguments.seed}\n")
    print("| kind | " + " | ".join(results) + " |\n|---|" + "---|" * len(results))
    rows = {}
    for name, (scores, flagged, _, _) in results.items():
        worst = max((score for pair, score in scores.items() if pair not in known), default=0.0)
        rows[name] = {kind: [scores.get(pair, float("-inf")) > worst for pair, other in known.items() if other == kind] for kind in kinds}
    for kind in kinds:
        print(f"| {kind} | " + " | ".join(f"{sum(row[kind])} of {len(row[kind])}" for row in rows.values()) + " |")
    print("| all, no decoy above | " + " | ".join(f"{sum(map(sum, row.values()))} of {len(planted)}" for row in rows.values()) + " |")
    for name, (_, flagged, _, _) in results.items():
        if flagged is not None:
            hits = sum(pair in known for pair in flagged)
            print(f"\n{name} at its own cut: {hits} of {len(planted)} found, {len(flagged) - hits} others flagged.")
    print("\n| tool | CPU s | peak MB | again, nothing changed: CPU s |\n|---|---|---|---|")
    for name, (_, _, (cpu, memory), again) in results.items():
        print(f"| {name} | {cpu:.1f} | {memory:.0f} | {f'{again[0]:.1f}' if again else '–'} |")


if __name__ == "__main__":
    if not shutil.which("git"):
        sys.exit("git is needed")
    main()
