"""What differs between emulators: how one is started, reset and ended."""

from __future__ import annotations

import contextlib
import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tinyml.boards import Board
from tinyml.emulator.counting import Counters
from tinyml.emulator.gdb import GdbClient
from tinyml.emulator.parts import ModelledPart
from tinyml.errors import EmulatorError


@dataclass(frozen=True)
class Part:
    """A sensor on a bus of an emulated board."""

    name: str  # as tinyml.sensors has it
    bus: str  # the board's name of it
    address: int  # on the bus; an ADC's input; 0 where it is alone
    # Clock and data, where the project has the bus at other pins than the board.
    pins: tuple[str, str] | None = None


@dataclass(frozen=True)
class Wanted:
    """What an emulated board is asked to have."""

    serial: bool = True
    gdb: bool = False
    counting: bool = False
    instruction_clock: bool = False
    device_id: bytes = b"emulated"
    boot_loader: Path | None = None  # an Intel hex
    storage: Path | None = None  # a file that keeps what survives a reset
    parts: tuple[Part, ...] = ()  # sensors on its buses

    @property
    def number(self) -> bytes:
        """The eight bytes of the board's number."""
        return self.device_id[:8].ljust(8, b"\0")


class Machine(ABC):
    """An emulator that is about to run a board.

    Args:
        board: which one.
        image: the ELF, None for an empty chip.
        wanted: what it shall have; EmulatorError where this emulator cannot.
        place: a folder for its files.
    """

    counters: Counters | None = None
    watches_input = True  # whether the program ends when its standard input closes

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        self.board = board
        self.image = image
        self.wanted = wanted
        self.place = place

    @classmethod
    def can_have(cls, board: Board, part: Part) -> bool:
        """Whether this emulator has a model of a part, and can put it on the board's bus."""
        del board, part
        return False

    @property
    def channels(self) -> tuple[str, ...]:
        """What it connects for: ``uart``, ``gdb`` and the like."""
        return ("uart",)

    @abstractmethod
    def command(self, ports: Mapping[str, int]) -> list[str]:
        """The program and its arguments; makes what they name.

        Args:
            ports: TCP ports of this machine at which it shall connect, by channel.
        """

    def connect(self, connections: Mapping[str, socket.socket], control: IO[bytes]) -> None:  # noqa: B027 - most have nothing to do
        """Called once it has connected, by channel; those but ``uart`` are this machine's now.

        ``control`` is the program's standard input.
        """

    def go(self) -> None:  # noqa: B027 - most have nothing to do
        """Let a machine run that waits for it."""

    @abstractmethod
    def reset(self) -> None:
        """As from the reset pin."""

    def measure(self, number: int, quantity: str, value: float) -> None:
        """Let part ``number`` measure something else from now on."""
        raise EmulatorError(f"this emulator of {self.board.name} has no sensors")

    @property
    def models(self) -> tuple[ModelledPart, ...]:
        """Our models of the parts; none where others made them."""
        return ()

    def close(self) -> None:  # noqa: B027 - most have nothing to do
        """Give everything back; may be called twice."""

    @property
    def debugger(self) -> GdbClient | None:
        """Where there is one."""
        return None


def ask_for_reset(control: IO[bytes]) -> None:
    """Say ``reset`` to a runner, on its standard input."""
    # Whoever talks to one that has just ended notices; Windows says EINVAL.
    with contextlib.suppress(OSError):
        control.write(b"reset\n")
        control.flush()


def refuse_storage(board: Board, wanted: Wanted, program: str) -> None:
    """Raise EmulatorError where a file shall keep the storage, which ``program`` cannot."""
    if wanted.storage is not None:
        raise EmulatorError(
            f"{program}, which emulates {board.name}, cannot keep the node's log after it "
            "ends; leave out --storage, or use --emulator unicorn if it knows the board "
            "(`tinyml boards --json`)"
        )


def refuse_parts(board: Board, wanted: Wanted, program: str) -> None:
    """Raise EmulatorError where the board shall have sensors: ``program`` emulates none."""
    if wanted.parts:
        names = ", ".join(part.name for part in wanted.parts)
        raise EmulatorError(
            f"{program}, which emulates {board.name}, has no model of {names}; use a board "
            "that Unicorn emulates (`tinyml boards --json`), or the sensor 'replay' or 'simulated'"
        )


def entropy() -> int:
    """32 bits. Emulated boards have none of their own: without them two boards would take the same
    boot ids, and a store would take the records of one for repetitions of the other's."""
    return int.from_bytes(os.urandom(4), "little")
