"""Holds `stackmark commits` against labels: how well the probability parts single from several changes, and how reliable it is.

    for repository in mirrors/*; do target/release/stackmark commits "$repository"; done > scores.jsonl
    python3 benches/atomicity.py scores.jsonl

The labels are in benches/atomicity_labels.jsonl, the rules by which they were given in benches/atomicity.md. Commits are
known by their ids alone. Prints the agreement of the two passes, AUC, precision, recall and F1 at the shipped threshold, and a
table of reliability; each commit weighs as much as the commits that it was drawn to stand for.
"""

import json
import pathlib
import sys

LABELS = pathlib.Path(__file__).with_name("atomicity_labels.jsonl")
THRESHOLD = 0.55
BANDS = 5


def auc(rows):
    """Chance that a commit of several changes has the higher probability, rows of (label, probability, weight)."""
    ones = [(p, w) for label, p, w in rows if label == 1]
    zeros = [(p, w) for label, p, w in rows if label == 0]
    won = sum(v * w * ((p > q) + 0.5 * (p == q)) for p, v in ones for q, w in zeros)
    return won / (sum(w for _, w in ones) * sum(w for _, w in zeros))


def main():
    labels = [json.loads(line) for line in LABELS.read_text().splitlines()]
    twice = [label for label in labels if "second" in label]
    same = sum(label["first"] == label["second"] for label in twice)
    print(f"labels: {len(labels)}, of them {sum(label['first'] is None for label in labels)} doubtful and left out")
    print(f"both passes say the same of {same} of {len(twice)}")
    scores = {}
    for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
        commit = json.loads(line)
        if commit["tangled"] is not None:
            scores[commit["sha"]] = commit["tangled"]
    known = [label for label in labels if label["first"] is not None and label["sha"] in scores]
    rows = [(label["first"], scores[label["sha"]], label["weight"]) for label in known]
    if {row[0] for row in rows} != {0, 1}:
        sys.exit(f"{len(rows)} labelled commits have a score: too few to say anything")
    print(f"scored: {len(rows)}, AUC {auc(rows):.3f}, unweighed {auc([(y, p, 1) for y, p, _ in rows]):.3f}")
    hit = sum(w for y, p, w in rows if y == 1 and p >= THRESHOLD)
    flagged = sum(w for _, p, w in rows if p >= THRESHOLD)
    all_ones = sum(w for y, _, w in rows if y == 1)
    precision, recall, f1 = hit / max(flagged, 1e-9), hit / all_ones, 2 * hit / (flagged + all_ones)
    print(f"from {THRESHOLD}: precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")
    print("| P(tangled) | commits stood for | mean P | several changes |\n|---|---|---|---|")
    for band in range(BANDS):
        inside = [row for row in rows if min(BANDS - 1, int(row[1] * BANDS)) == band]
        weight = sum(w for _, _, w in inside)
        if weight:
            mean = sum(p * w for _, p, w in inside) / weight
            several = sum(w for y, _, w in inside if y == 1) / weight
            print(f"| {band / BANDS:.1f} to {(band + 1) / BANDS:.1f} | {weight:.0f} | {mean:.2f} | {several:.2f} |")


if __name__ == "__main__":
    main()
