"""Which emulator a board runs on."""

from __future__ import annotations

import os
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.emulator import unicorn_machine
from tinyml.emulator.machine import Machine
from tinyml.emulator.qemu import QemuMachine
from tinyml.emulator.runner import Rp2040Machine, SimavrMachine
from tinyml.emulator.unicorn_machine import UnicornMachine
from tinyml.errors import BoardError, EmulatorError, ToolMissingError
from tinyml.tools import TOOLS, find_tool

# Names the emulator that is to be taken; children inherit it.
VARIABLE: Final = "TINYML_EMULATOR"
CHOICES: Final = ("qemu", "unicorn")
UNICORN: Final = "unicorn"
_MACHINES: Final[dict[str, type[Machine]]] = {
    "qemu": QemuMachine,
    "rp2040js": Rp2040Machine,
    "simavr": SimavrMachine,
    UNICORN: UnicornMachine,
}


def emulators(board: Board) -> tuple[str, ...]:
    """The emulators that can run a board, the preferred one first; installed or not."""
    found = []
    if board.emulator is not None:
        program = board.emulator.program
        found.append("qemu" if program.startswith("qemu-") else program)
    if board.unicorn is not None:
        found.append(UNICORN)
    return tuple(found)


def is_installed(board: Board, emulator: str) -> bool:
    """Whether one of a board's emulators is there."""
    if emulator == UNICORN:
        return unicorn_machine.is_installed()
    assert board.emulator is not None
    return find_tool(board.emulator.program) is not None


def machine_of(board: Board) -> type[Machine]:
    """How a board is emulated here and now.

    By the emulator that TINYML_EMULATOR names; else by the first of the board's that is installed.
    BoardError where it has none, EmulatorError where the one that was asked for cannot run it,
    ToolMissingError where it is not installed.
    """
    known = emulators(board)
    if not known:
        raise _no_emulator(board)
    asked = os.environ.get(VARIABLE, "")
    if asked and asked not in CHOICES:
        raise EmulatorError(
            f"{VARIABLE} is '{asked}'; set it to {' or '.join(CHOICES)}, or unset it"
        )
    if asked and asked not in known:
        raise EmulatorError(
            f"{asked} does not emulate {board.name}, but {_all_of(known)} does; {asked} emulates "
            + ", ".join(b.name for b in map(boards.load, boards.names()) if asked in emulators(b))
        )
    wanted = (asked,) if asked else known
    for name in wanted:
        if is_installed(board, name):
            return _MACHINES[name]
    raise _not_installed(board, wanted, known)


def _all_of(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _not_installed(
    board: Board, wanted: tuple[str, ...], known: tuple[str, ...]
) -> ToolMissingError:
    missing = ", nor ".join(map(_program, [board] * len(wanted), wanted))
    others = [name for name in known if name not in wanted and is_installed(board, name)]
    ways = [_install(board, name) for name in wanted]
    ways += [f"leave out --emulator, as {name} is installed" for name in others]
    lacking = "is not installed" if len(wanted) == 1 else "is installed"
    neither = "" if len(wanted) == 1 else "neither "
    return ToolMissingError(
        f"{neither}{missing}, which emulates {board.name}, {lacking}; type: {', or '.join(ways)}"
    )


def _program(board: Board, emulator: str) -> str:
    if emulator == UNICORN or board.emulator is None:
        return emulator
    return board.emulator.program


def _install(board: Board, emulator: str) -> str:
    if emulator == UNICORN:
        return unicorn_machine.INSTALL
    return TOOLS[_program(board, emulator)].install_command


def _no_emulator(board: Board) -> BoardError:
    every = (boards.load(name) for name in boards.names())
    alike = [b.name for b in every if emulators(b) and b.core == board.core]
    return BoardError(
        f"{board.name} has no emulator; flash the image to a real one"
        + (f", or take one with the same core ({', '.join(alike)})" if alike else "")
    )
