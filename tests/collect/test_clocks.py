"""The host's clock may be set while records are collected: that is told from a node's drift."""

import time

import pytest

from tinyml.collect.clocks import ClockMark, HostClock, continues, jumps, mended, wall_time_at

Y2001, Y2026 = 978_307_200.0, 1_796_000_000.0
HOUR_MS = 3_600_000


def at(monotonic_ms, *marks):
    return wall_time_at(monotonic_ms, mended([ClockMark(*mark) for mark in marks]))


def test_a_host_that_gets_the_time_later_dates_what_came_before_it_too():
    """2001 and 2026 do not make 2013."""
    marks = [(0, Y2001), (60_000, Y2001 + 60), (120_000, Y2026 + 120), (180_000, Y2026 + 180)]
    for moment in (0, 30_000, 90_000, 120_000, 300_000):
        assert at(moment, *marks) == pytest.approx(Y2026 + moment / 1000, abs=1e-3)


def test_a_host_that_loses_the_time_is_not_believed():
    marks = [(0, Y2026), (60_000, Y2026 + 60), (120_000, 500.0), (180_000, 560.0)]
    assert at(150_000, *marks) == pytest.approx(Y2026 + 150)


def test_a_jump_there_and_back_leaves_the_middle_where_it_was():
    marks = [(0, Y2026), (60_000, 99.0), (120_000, 159.0), (180_000, Y2026 + 180)]
    assert jumps([ClockMark(*mark) for mark in marks])[1] == 0
    assert at(90_000, *marks) == pytest.approx(Y2026 + 90)


@pytest.mark.parametrize("drift", [1.0, 1.0005, 0.97, 1.09])
def test_drift_is_none(drift):
    marks = [ClockMark(n * HOUR_MS, Y2026 + 3600 * n * drift) for n in range(5)]
    assert jumps(marks) == [0.0] * 4 and mended(marks) == marks
    assert wall_time_at(HOUR_MS // 2, marks) == pytest.approx(Y2026 + 1800 * drift)


def test_a_minute_within_an_hour_is_a_jump_once_the_drift_is_known():
    marks = [
        ClockMark(n * HOUR_MS, Y2026 + 3600 * n * 1.0002 + (60 if n > 3 else 0)) for n in range(8)
    ]
    found = jumps(marks)
    assert found[3] == pytest.approx(60, abs=0.1) and sum(map(bool, found)) == 1
    assert wall_time_at(0, mended(marks)) == pytest.approx(Y2026 + 60, abs=0.1)


def test_two_marks_that_do_not_tell_are_taken_for_drift():
    assert jumps([ClockMark(0, Y2026), ClockMark(HOUR_MS, Y2026 + 3660)]) == [0.0]
    assert jumps([]) == [] and mended([]) == []


def test_the_host_notices_that_it_is_set(monkeypatch):
    now = time.time()
    clock = HostClock()
    assert clock.set_by() == 0
    monkeypatch.setattr(time, "time", lambda: now + 7200)
    assert clock.set_by() == pytest.approx(7200, abs=2)
    assert clock.set_by() == 0


def test_sleep_of_the_host_does_not_continue():
    """Its clock that nobody sets stood still, the node's went on."""
    before = ClockMark(0, Y2026)
    assert not continues(before, ClockMark(8 * HOUR_MS, Y2026 + 5))
    assert continues(before, ClockMark(5_000, Y2026 + 5))
