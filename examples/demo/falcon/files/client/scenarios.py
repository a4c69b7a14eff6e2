"""The two loads of the assignment, as lists of steps, apart from the code that sends them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Requests:
    """So many GET requests, one after the other."""

    count: int


@dataclass(frozen=True)
class Pause:
    """So many seconds of silence, for the clusters to come to rest."""

    seconds: float


# What the first thread does: a long, even load.
STEADY = (Requests(1000),)

# What the second thread does: a short load, a minute of rest, and a long one.
WITH_REST = (Requests(500), Pause(60), Requests(1000))


def total_requests(scenario) -> int:
    """How many requests `scenario` sends."""
    return sum(step.count for step in scenario if isinstance(step, Requests))
