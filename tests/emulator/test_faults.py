"""Injected faults: told in words, and the same at every run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml.emulator.faults import Faults, FaultyLine, Schedule
from tinyml.errors import EmulatorError

DATA = bytes(range(256)) * 40


@given(st.integers(0, 1000), st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_damage_does_not_depend_on_how_bytes_are_bundled(seed, sizes):
    faults = Faults.parse(["noise:0.05", "drop:0.05"], seed)
    whole, pieces = FaultyLine(faults, "to"), FaultyLine(faults, "to")
    data = DATA[: sum(sizes)]
    arrived, start = b"", 0
    for size in sizes:
        arrived += pieces.pass_on(data[start : start + size])
        start += size
    assert whole.pass_on(data) == arrived


def test_another_seed_or_direction_is_other_damage():
    def damage(seed, direction):
        return FaultyLine(Faults.parse(["noise:0.05"], seed), direction).pass_on(DATA)

    assert len({damage(1, "to"), damage(2, "to"), damage(1, "from"), DATA}) == 4


@pytest.mark.parametrize(
    ("fault", "length", "differing"),
    [("noise:0", 10240, (0, 0)), ("noise:0.1", 10240, (800, 1250)), ("noise:1", 10240, None)],
)
def test_noise_flips_one_bit_of_some(fault, length, differing):
    arrived = FaultyLine(Faults.parse([fault], 7), "to").pass_on(DATA)
    flips = [a ^ b for a, b in zip(DATA, arrived, strict=True)]
    assert len(arrived) == length
    assert all(flip.bit_count() <= 1 for flip in flips)
    least, most = differing or (length, length)
    assert least <= sum(flip != 0 for flip in flips) <= most


def test_dropped_bytes_are_gone():
    assert FaultyLine(Faults.parse(["drop:1"], 1), "to").pass_on(DATA) == b""
    arrived = FaultyLine(Faults.parse(["drop:0.5"], 1), "to").pass_on(DATA)
    assert 4500 < len(arrived) < 5700


def test_events_come_in_their_order_and_once():
    schedule = Schedule(Faults.parse(["unplug@300", "reset@100", "brown-out@120"], 0))
    assert schedule.after(99) == []
    assert schedule.after(30) == ["reset", "brown-out"]
    assert schedule.after(1000) == ["unplug"]
    assert schedule.after(1000) == []


@pytest.mark.parametrize("text", ["", "noise", "noise:2", "drop:-1", "reset", "reset@x", "fire@9"])
def test_what_is_no_fault_is_told(text):
    with pytest.raises(EmulatorError, match="is not a fault"):
        Faults.parse([text], 0)
