"""The emulated boards that tests run on; real ones come with the bench they stand on."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.tools import require_module, require_package, require_tool
from tinyml import boards
from tinyml.build.toolchain import toolchain
from tinyml.emulator import emulators
from tinyml.emulator.choice import VARIABLE

# Boards with room for every application and test; those with less are tested as nodes.
EMULATED = [name for name in boards.names() if boards.load(name).proof == "emulated"]
# Those whose emulator has a debugger and counters; the others are tested as nodes.
DEBUGGED = [n for n in EMULATED if {"qemu", "unicorn"} & set(emulators(boards.load(n)))]
LARGE = [name for name in EMULATED if boards.load(name).ram_bytes >= 512 * 1024]
# One board for every set of kernels, and so for every cost of a model.
ONE_A_CORE = ("mps2-an385", "mps2-an385-m0plus", "mps2-an386", "mps3-an547", "riscv32-virt")
SIMAVR_HEADER = Path("/usr/include/simavr/sim_avr.h")
DEBUGGERS = ("qemu", "unicorn")


def on(name: str, emulator: str, *more: object) -> ParameterSet:
    """A parameter of tests that run on ``name``, and whatever follows it, on this emulator."""
    mark = pytest.mark.on_emulator(emulator)
    return pytest.param(name, *more, marks=mark, id="-".join(map(str, (name, *more, emulator))))


def on_each(names: Iterable[str], *, debugged: bool = False) -> list[ParameterSet]:
    """Each of the boards on each emulator that can run it; or that can debug it, too."""
    return [
        on(name, emulator)
        for name in names
        for emulator in emulators(boards.load(name))
        if not debugged or emulator in DEBUGGERS
    ]


def require_board(name: str, *, emulator: bool = True) -> boards.Board:
    """The board; skips where its compiler or its emulator is missing."""
    board = boards.load(name)
    require_tool(toolchain(board.core).compiler)
    if emulator:
        require_emulator(board)
    return board


def require_emulator(board: boards.Board) -> None:
    """Skips where the emulator is missing that this test takes for the board."""
    known = emulators(board)
    chosen = os.environ.get(VARIABLE) or (known[0] if known else "")
    if chosen == "unicorn":
        require_module("unicorn")
    elif chosen:
        require_tool(board.emulator.program)
    if chosen == "simavr":
        require_package("libsimavr-dev", SIMAVR_HEADER)
