"""Which emulator a board runs on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.emulator import unicorn_machine
from tinyml.emulator.compiled import compiler
from tinyml.emulator.machine import Machine, Part
from tinyml.emulator.qemu import QemuMachine
from tinyml.emulator.runner import Rp2040Machine, RunnerMachine, SimavrMachine, cannot_count
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


def installed(board: Board) -> tuple[str, ...]:
    """Those of a board's emulators that are here, the preferred one first."""
    return tuple(n for n in emulators(board) if not _missing(board, n, debugging=False))


def machine_of(
    board: Board, *, debugging: bool = False, parts: Sequence[Part] = ()
) -> type[Machine]:
    """How a board is emulated here and now.

    By the emulator that TINYML_EMULATOR names; else by the first of the board's that is installed,
    of those that can have the parts where one can.

    Args:
        board: which one.
        debugging: whether it must stop at breakpoints and count instructions.
        parts: sensors that it shall have on its buses.

    BoardError where it has none, EmulatorError where the one that was asked for cannot run it or
    none can debug, ToolMissingError where it is not installed.
    """
    known = emulators(board)
    if not known:
        raise _no_emulator(board)
    asked = _asked(board, known)
    wanted = [
        name
        for name in ((asked,) if asked else known)
        if not debugging or not issubclass(_MACHINES[name], RunnerMachine)
    ]
    if not wanted:
        raise cannot_count(board)
    here = [_MACHINES[name] for name in wanted if not _missing(board, name, debugging=debugging)]
    if not here:
        raise _not_installed(board, wanted, known, debugging=debugging)
    able = (kind for kind in here if all(kind.can_have(board, part) for part in parts))
    return next(able, here[0])


def require_counting(board: Board) -> None:
    """Raise, before any work is done, unless the board's emulator counts instructions.

    BoardError where it has none, EmulatorError where that cannot count, ToolMissingError where it
    is not installed.
    """
    machine_of(board, debugging=True)


def can_count(board: Board) -> bool:
    """Whether the board's emulator counts instructions and stops at breakpoints, here and now.

    Where it does not, the board may still run. Raises as :func:`machine_of` where it cannot.
    """
    try:
        machine_of(board, debugging=True)
    except (EmulatorError, ToolMissingError):
        machine_of(board)
        return False
    return True


def can_emulate(board: Board, part: Part) -> bool:
    """Whether the board's emulator, here and now, has a model of a part and a bus for it.

    Raises as :func:`machine_of`.
    """
    return machine_of(board, parts=[part]).can_have(board, part)


def _asked(board: Board, known: tuple[str, ...]) -> str:
    """The emulator that was asked for, checked; empty where none was."""
    asked = os.environ.get(VARIABLE, "")
    if asked and asked not in CHOICES:
        allowed = " or ".join(CHOICES)
        raise EmulatorError(
            f"{VARIABLE} is '{asked}', which is not an emulator; set it to {allowed}, or unset it"
        )
    if asked and asked not in known:
        able = [name for name in boards.names() if asked in emulators(boards.load(name))]
        raise EmulatorError(
            f"{asked} cannot emulate {board.name}, but {' or '.join(known)} can; leave "
            f"out --emulator, or choose a board that {asked} can emulate: "
            f"{', '.join(able)}"
        )
    return asked


def _missing(board: Board, emulator: str, *, debugging: bool) -> str:
    """The program or package that an emulator lacks here; empty where it has all."""
    if emulator == UNICORN:
        return "" if unicorn_machine.is_installed() else UNICORN
    assert board.emulator is not None
    program = board.emulator.program
    if find_tool(program) is None:
        return program
    # Its instruction counter is compiled.
    return "gcc" if debugging and compiler() is None else ""


def _not_installed(
    board: Board, wanted: list[str], known: tuple[str, ...], *, debugging: bool
) -> ToolMissingError:
    missing = [_missing(board, name, debugging=debugging) for name in wanted]
    ways = [f"type: {_install(program)}" for program in missing]
    ways += [
        f"leave out --emulator to use {name}, which is installed"
        for name in known
        if name not in wanted and not _missing(board, name, debugging=debugging)
    ]
    names = " nor ".join(missing)
    verb = "is not" if len(missing) == 1 else "is"
    either = "" if len(missing) == 1 else "neither "
    purpose = (
        f"counts what {board.name} executes" if missing == ["gcc"] else (f"emulates {board.name}")
    )
    return ToolMissingError(
        f"{either}{names}, which {purpose}, {verb} installed; {', or '.join(ways)}"
    )


def _install(program: str) -> str:
    return (
        unicorn_machine.install_command() if program == UNICORN else TOOLS[program].install_command
    )


def _no_emulator(board: Board) -> BoardError:
    every = (boards.load(name) for name in boards.names())
    alike = [b.name for b in every if emulators(b) and b.core == board.core]
    return BoardError(
        f"{board.name} has no emulator; flash the image to a real board"
        + (f", or choose a board with the same core ({', '.join(alike)})" if alike else "")
    )
