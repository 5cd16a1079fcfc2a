"""The instruction counter against a hand-written loop: exact to the single instruction."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.emulator.test_emulator import tiny_model
from tests.support.targets import ONE_A_CORE, on_each, require_build, require_counting
from tinyml import boards
from tinyml.build import build_node
from tinyml.emulator import Emulator

# The loop is written for cores with movw.
THUMB2 = [n for n in ONE_A_CORE if "thumb2" in boards.core(boards.load(n).core).features]
COUNTED = str(Path(__file__).parent / "counted")
TURNS = 1000
# Of every two bytes from `counted` on: movw has four, the others two.
EXPECTED = [1, 0, TURNS, TURNS, TURNS, 1]
LOOP_OFFSET = 6  # the nop


@pytest.fixture(scope="module", params=on_each(THUMB2, debugged=True))
def image(request, tmp_path_factory):
    board = require_build(request.param)
    place = tmp_path_factory.mktemp(board.name)
    return build_node(tiny_model(), board, place, COUNTED)


@pytest.fixture(autouse=True)
def required_emulator(image):
    require_counting(image.board.name)


def count_once(image, stops_in_loop=0):
    """Executions of the loop's instructions in one call, with some stops in the midst of it."""
    start = image.symbols["counted"].address
    end = image.symbols["finished"].address
    with Emulator(image.board, image.elf_path, serial=False, gdb=True, counting=True) as emulator:
        gdb = emulator.gdb
        gdb.add_breakpoint(start)
        gdb.add_breakpoint(end)
        assert gdb.resume() == start
        before = emulator.counters.snapshot()
        if stops_in_loop:
            gdb.add_breakpoint(start + LOOP_OFFSET)
            for _ in range(stops_in_loop):
                assert gdb.resume() == start + LOOP_OFFSET
            gdb.remove_breakpoint(start + LOOP_OFFSET)
        assert gdb.resume() == end
        after = emulator.counters.snapshot()
    slot = (start - image.board.flash.origin) // 2
    return (after - before)[slot : slot + len(EXPECTED)].tolist()


@pytest.mark.parametrize("stops", [0, 1, 10])
def test_every_instruction_is_counted_once(image, stops):
    assert count_once(image, stops) == EXPECTED


def test_two_calls_count_alike(image):
    """Translated once or twice, in the first call or a later one: the counts are the same."""
    start = image.symbols["counted"].address
    with Emulator(image.board, image.elf_path, serial=False, gdb=True, counting=True) as emulator:
        emulator.gdb.add_breakpoint(start)
        emulator.gdb.resume()
        snapshots = []
        for _ in range(4):
            snapshots.append(emulator.counters.snapshot())
            assert emulator.gdb.resume() == start
    calls = [b - a for a, b in pairwise(snapshots)]
    for call in calls[1:]:
        np.testing.assert_array_equal(call, calls[0])
