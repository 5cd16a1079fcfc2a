# SPDX-License-Identifier: MIT
"""Wires from the board to parts on its buses, whose models another process has.

What is asked, and how, is described in tinyml/emulator/wiring.py. Without that process, or where a
pin leads nowhere, nobody answers.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from outside import end

if TYPE_CHECKING:
    from board import Board

UNUSED_PIN: Final = 255
_US_NS: Final = 1000


@dataclass(frozen=True)
class Wire:
    """A bus of the board as it is wired: pins by the port's numbers."""

    board: Board
    name: str
    kind: str
    instance: int
    clock: int
    data: int

    def ask(self, question: str) -> str:
        """The answer of whoever hangs there; the program ends where they have."""
        return self.board.wires.ask(f"{self.name} {self.board.clock.now_ns() // _US_NS} {question}")


class I2cWire:
    """What a controller does on an I2C bus, byte by byte.

    Args:
        wire: the bus; None where the pins lead nowhere.
    """

    def __init__(self, wire: Wire | None) -> None:
        self._wire = wire
        self.stretch_us = 0  # how long the part holds the clock after its address

    def start(self, address: int, *, reads: bool) -> bool:
        """A start, also a repeated one, and the address: whether a part agrees."""
        if self._wire is None:
            return False
        agrees, stretch_us = self._wire.ask(f"start {address << 1 | reads:02x}").split()
        self.stretch_us = int(stretch_us)
        return agrees == "1"

    def put(self, byte: int) -> bool:
        """A byte to the part: whether it agrees."""
        return self._wire is not None and self._wire.ask(f"put {byte & 0xFF:02x}") == "1"

    def get(self) -> int:
        """A byte of the part's."""
        return 0xFF if self._wire is None else int(self._wire.ask("get"), 16)

    def stop(self) -> None:
        """The end of the transfer."""
        if self._wire is not None:
            self._wire.ask("stop")

    @property
    def is_held(self) -> bool:
        """Whether a part holds the data line, though nobody asked it."""
        return self._wire is not None and self._wire.ask("held") == "1"

    def clock(self) -> None:
        """A clock outside of a transfer."""
        if self._wire is not None:
            self._wire.ask("clock")


class Wires:
    """All of them.

    Args:
        board: whose.
        described: a table for each, with the members of Wire.
    """

    def __init__(self, board: Board, described: list[dict[str, Any]]) -> None:
        self._all = [Wire(board, **settings) for settings in described]
        self._file: Any = None

    def connect(self, connection: socket.socket) -> None:
        """Reach the parts."""
        self._file = connection.makefile("rw", encoding="ascii", newline="\n")

    def ask(self, line: str) -> str:
        """A line's answer."""
        try:
            self._file.write(line + "\n")
            self._file.flush()
            answer: str = self._file.readline()
        except OSError:
            answer = ""
        if not answer:  # whoever started this board has ended
            end(0)
        return answer.strip()

    def of_kind(self, kind: str) -> list[Wire]:
        """All wires of a kind."""
        return [wire for wire in self._all if wire.kind == kind]

    def of_instance(self, kind: str, instance: int) -> Wire | None:
        """The wire of a controller that has no choice of pins."""
        return next((w for w in self.of_kind(kind) if w.instance == instance), None)

    def at_pins(self, kind: str, clock: int, data: int) -> Wire | None:
        """The wire that is at these pins, both of them."""
        return next((w for w in self.of_kind(kind) if (w.clock, w.data) == (clock, data)), None)
