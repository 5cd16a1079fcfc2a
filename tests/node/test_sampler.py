"""When samples are due, and which were missed: the sampler in C, under the sanitizers."""

import subprocess
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.targets import SANITIZERS, require_native
from tinyml.resources import folder

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wconversion"]
HOUR_US = 3_600_000_000
CENTURY_US = 100 * 365 * 24 * HOUR_US


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    firmware = folder("firmware")
    made = tmp_path_factory.mktemp("sampler") / "sampler"
    sources = [str(firmware / "node" / "sampler.c"), str(Path(__file__).with_name("sampler.c"))]
    command = [require_native(), "-std=c11", "-g", "-O1", *WARNINGS, *SANITIZERS]
    subprocess.run([*command, f"-I{firmware / 'include'}", *sources, "-o", str(made)], check=True)
    return made


def ask(program, period, buffered, begun, times):
    """A row a time: due, missed, microseconds to wait."""
    done = subprocess.run(
        [str(program), str(period), str(buffered), str(begun)],
        input="\n".join(map(str, times)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("period", "buffered", "times", "expected"),
    [
        # In time: at once, and not again before a period has passed.
        (10, 0, [0, 1, 9, 10, 20], [(1, 0, 10), (0, 0, 9), (0, 0, 1), (1, 0, 10), (1, 0, 10)]),
        # Late within a period: still that sample, and the next one where it belongs.
        (10, 0, [0, 19, 20], [(1, 0, 10), (1, 0, 1), (1, 0, 10)]),
        # Late by whole periods: those are missed, and the grid stays.
        (10, 0, [0, 20, 55, 60], [(1, 0, 10), (1, 1, 10), (1, 2, 5), (1, 0, 10)]),
        # A sensor that keeps two: they are read one after another.
        (10, 2, [0, 35, 35, 35, 35], [(1, 0, 10), (1, 0, 0), (1, 0, 0), (1, 0, 5), (0, 0, 5)]),
        # One more than it keeps is lost.
        (10, 2, [0, 45, 45, 45, 45], [(1, 0, 10), (1, 1, 0), (1, 0, 0), (1, 0, 5), (0, 0, 5)]),
    ],
)
def test_cases(program, period, buffered, times, expected):
    begun = 1000
    assert ask(program, period, buffered, begun, [begun + t for t in times]) == expected


@pytest.mark.parametrize("period", [1, 62, HOUR_US, 30 * 24 * HOUR_US])
def test_a_century_neither_wraps_nor_drifts(program, period):
    (_, missed, _), (due, none, _) = ask(
        program, period, 0, 7, [7 + CENTURY_US, 7 + CENTURY_US + period]
    )
    assert (missed, due, none) == (CENTURY_US // period, 1, 0)


@settings(max_examples=60, deadline=None)
@given(
    period=st.integers(1, 10**7),
    buffered=st.integers(0, 40),
    begun=st.integers(0, 2**50),
    steps=st.lists(st.integers(0, 10**8), min_size=1, max_size=60),
)
def test_every_sample_is_read_or_missed_and_never_before_its_time(
    program, period, buffered, begun, steps
):
    times = [begun + passed for passed in accumulate(steps)]
    rows = ask(program, period, buffered, begun, times)
    number = 0  # of the next sample
    for now, (due, missed, wait) in zip(times, rows, strict=True):
        number += missed
        if due:
            assert begun + number * period <= now  # it has been taken
            # Nothing that the sensor still has is given up, and nothing older is read.
            assert missed == 0 or now < begun + (number + buffered + 1) * period
            number += 1
        else:
            assert missed == 0 and now < begun + number * period
        assert wait == max(0, begun + number * period - now)
