"""Sends both scenarios to both clusters and writes what came back into benchmark.json."""

import json
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import requests

from client.scenarios import STEADY, WITH_REST, Pause

RESULT = Path("benchmark.json")


@dataclass
class Outcome:
    """What one thread saw."""

    cluster: str
    scenario: str
    started: float
    ended: float = 0.0
    failures: int = 0
    # Seconds from the request to the whole answer.
    latencies: list[float] = field(default_factory=list)
    # Instance id to how often it answered.
    instances: Counter = field(default_factory=Counter)


def send(session: requests.Session, url: str, outcome: Outcome) -> None:
    """Sends one GET and notes in `outcome` how long it took and who answered."""
    before = time.perf_counter()
    try:
        reply = session.get(url, timeout=10)
        reply.raise_for_status()
    except requests.RequestException:
        # A failed request is a result as well; the benchmark goes on.
        outcome.failures += 1
        return
    outcome.latencies.append(time.perf_counter() - before)
    outcome.instances[reply.json()["instance_id"]] += 1


def play(scenario, url: str, outcome: Outcome) -> None:
    """Goes through the steps of `scenario` in order."""
    # One session a thread: it keeps its connection open, as a browser would.
    with requests.Session() as session:
        for step in scenario:
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                continue
            for _ in range(step.count):
                send(session, url, outcome)
    outcome.ended = time.time()


def benchmark(dns_name: str, clusters: list[str]) -> list[Outcome]:
    """Runs the two threads against each of `clusters`, one cluster after the other.

    One after the other, because both share the client's own network and would slow each other down.
    """
    outcomes = []
    for cluster in clusters:
        threads = []
        for name, scenario in (("steady", STEADY), ("with rest", WITH_REST)):
            outcome = Outcome(cluster=cluster, scenario=name, started=time.time())
            outcomes.append(outcome)
            arguments = (scenario, f"http://{dns_name}/{cluster}", outcome)
            threads.append(threading.Thread(target=play, args=arguments, name=name))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


def main() -> None:
    """Benchmarks the stack that stack.json names."""
    stack = json.loads(Path("stack.json").read_text(encoding="utf-8"))
    outcomes = benchmark(stack["dns_name"], sorted(stack["clusters"]))
    RESULT.write_text(json.dumps([asdict(outcome) for outcome in outcomes]), encoding="utf-8")


if __name__ == "__main__":
    main()
