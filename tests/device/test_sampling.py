"""Recording from a node that restarts, or stops: what it took before is kept, and it is said."""

import numpy as np
import pytest

from tinyml.device import sampling
from tinyml.device.node import Samples
from tinyml.device.sampling import Take, record
from tinyml.errors import NoAnswerError

RING = 50  # samples that it keeps
STEP = 20  # samples between two questions
MS = 10  # a sample


class FakeNode:
    """Takes a sample each 10 ms of its own clock; restarts where it is told to."""

    port = "fake"

    def __init__(self, restarts=(), stops_at=None):
        self.boot, self.taken, self.asked = 0, 0, 0
        self.restarts, self.stops_at = set(restarts), stops_at

    def samples(self, after):
        self.asked += 1
        if self.asked in self.restarts:
            self.boot, self.taken = self.boot + 1, 0
        if self.stops_at is None or self.asked < self.stops_at:
            self.taken += STEP
        first = min(max(after, self.taken - RING, 0), self.taken)
        numbers = np.arange(first, self.taken)
        counts = (1000 * self.boot + numbers).astype(np.int16)[:, np.newaxis]
        return Samples(first, counts, self.taken, 100 + MS * self.taken)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(sampling, "_PAUSE_S", 0)
    monkeypatch.setattr(sampling, "_PATIENCE_S", 0.05)


def test_a_restart_begins_a_new_stretch():
    take, losses = Take(), []
    record(FakeNode(restarts={6}), take, samples=300,
           listener=lambda found, lost: losses.append(lost))  # fmt: skip
    assert (take.samples, take.restarts, take.lost) == (300, 1, 0)
    before, after = take.stretches(np.ones(1))
    assert before[:, 0].tolist() == list(range(20, 100))
    assert after[:, 0].tolist() == list(range(1000, 1220))
    assert take.measured_rate_hz == 100
    assert losses.count(1) == 1, "the journal has a hole there"


def test_a_restart_that_has_overtaken_the_count_is_seen_by_the_clock():
    node = FakeNode()
    take = Take()

    def listener(found, lost):
        if node.asked == 3:
            node.boot, node.taken = 1, 0

    node.samples(0)
    before = node.samples

    def hurried(after):
        found = before(after)
        if node.boot == 1 and node.taken < 200:  # as many samples, in less time since the boot
            node.taken = 200
            found = before(after)
            return Samples(found.first, found.counts, found.sampled, 5)
        return found

    node.samples = hurried
    record(node, take, samples=200, listener=listener)
    assert take.restarts >= 1 and len(take.stretches(np.ones(1))) >= 2


def test_seconds_go_on_over_a_restart():
    take = Take()
    record(FakeNode(restarts={10}), take, seconds=5)
    assert take.restarts == 1 and 5000 <= take.elapsed_ms < 5500


def test_a_node_that_stops_is_an_error_and_what_it_took_is_kept():
    take = Take()
    with pytest.raises(NoAnswerError, match="fake has taken no samples for 0 s; check that its"):
        record(FakeNode(stops_at=6), take, samples=300)
    assert take.samples == 80
    take = Take()
    record(FakeNode(stops_at=1), take, samples=300)
    assert take.samples == 0
