"""Turns the collected metrics into the tables and the diagrams of the report."""

import json
from pathlib import Path
from statistics import mean, quantiles

import boto3
import matplotlib

# No display on the machine that runs this: draw into files.
matplotlib.use("Agg")
import matplotlib.pyplot as plt

from infra.settings import REGION
from metrics.collect import fetch, window

FIGURES = Path("figures")


def client_table(outcomes: list[dict]) -> str:
    """What the client measured, as a Markdown table with one line a thread."""
    lines = [
        "| cluster | thread | answered | failed | mean ms | p95 ms | instances |",
        "|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        milliseconds = [1000 * latency for latency in outcome["latencies"]]
        # quantiles wants two values at least.
        p95 = quantiles(milliseconds, n=20)[-1] if len(milliseconds) > 1 else float("nan")
        average = mean(milliseconds) if milliseconds else float("nan")
        lines.append(
            f"| {outcome['cluster']} | {outcome['scenario']} | {len(milliseconds)} | {outcome['failures']} "
            f"| {average:.1f} | {p95:.1f} | {len(outcome['instances'])} |"
        )
    return "\n".join(lines)


def metric_table(series: dict[str, dict]) -> str:
    """What CloudWatch measured, as a Markdown table with one line a metric."""
    lines = ["| metric | minutes | lowest | mean | highest |", "|---|---|---|---|---|"]
    for label, points in sorted(series.items()):
        values = list(points.values())
        if values:
            lines.append(f"| {label} | {len(values)} | {min(values):.3f} | {mean(values):.3f} | {max(values):.3f} |")
        else:
            # Said, not left out: an empty metric is news of its own.
            lines.append(f"| {label} | 0 | | | |")
    return "\n".join(lines)


def draw(cluster: str, metric: str, series: dict[str, dict]) -> Path:
    """Draws every series of `metric` over time into one file, and gives its path."""
    figure, axes = plt.subplots(figsize=(8, 4))
    for label, points in sorted(series.items()):
        if label.startswith(f"{metric} "):
            axes.plot(list(points), list(points.values()), marker=".", label=label.split()[-1])
    axes.set_title(f"{cluster}: {metric}")
    axes.set_xlabel("time (UTC)")
    axes.legend(fontsize="small")
    figure.autofmt_xdate()
    FIGURES.mkdir(exist_ok=True)
    path = FIGURES / f"{cluster}-{metric}.png"
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path


def main() -> None:
    """Prints the tables and draws the diagrams of the last benchmark."""
    stack = json.loads(Path("stack.json").read_text(encoding="utf-8"))
    outcomes = json.loads(Path("benchmark.json").read_text(encoding="utf-8"))
    session = boto3.Session(region_name=REGION)
    start, end = window(outcomes)
    print(client_table(outcomes))
    for cluster in sorted(stack["clusters"]):
        series = fetch(session, stack, cluster, start, end)
        print(f"\n## {cluster}\n\n{metric_table(series)}")
        for metric in ("CPUUtilization", "RequestCountPerTarget", "TargetResponseTime"):
            print(draw(cluster, metric, series))


if __name__ == "__main__":
    main()
