"""The scenarios are what the assignment asks for."""

from client.benchmark import Outcome, play
from client.scenarios import STEADY, WITH_REST, Pause, Requests, total_requests


def test_steady_sends_a_thousand_requests():
    """The first thread never rests."""
    assert total_requests(STEADY) == 1000
    assert not any(isinstance(step, Pause) for step in STEADY)


def test_second_thread_rests_for_a_minute_between_its_loads():
    """500 requests, 60 seconds, 1000 requests, in this order."""
    assert WITH_REST == (Requests(500), Pause(60), Requests(1000))


def test_failed_requests_are_counted_and_do_not_stop_the_thread():
    """Nothing listens on port 9, so that every request fails."""
    outcome = Outcome(cluster="cluster1", scenario="steady", started=0.0)
    play((Requests(3),), "http://127.0.0.1:9/cluster1", outcome)
    assert outcome.failures == 3
    assert outcome.latencies == []
