# SPDX-License-Identifier: MIT
"""What every device of a board is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from board import Board

PAGE_BYTES: Final = 0x1000
WORD: Final = 0xFFFFFFFF


class Device:
    """Registers in a stretch of the board's addresses.

    To add one, write a file in ``devices``, name it in ``devices/__init__.py``, and put it into a
    board's TOML. A register that a device does not know reads as 0 and ignores what is written.

    Args:
        board: what it belongs to.
        address: of its first register.
        interrupt: the number of its line to the interrupt controller; -1 where it has none.
        clock_hz: what it is clocked with; the board's own where 0.
    """

    size = PAGE_BYTES

    def __init__(self, board: Board, address: int, interrupt: int = -1, clock_hz: int = 0) -> None:
        self.board = board
        self.address = address
        self.interrupt = interrupt
        self.clock_hz = clock_hz or board.clock_hz
        self.reset()

    def read(self, offset: int, size: int) -> int:
        """The register at ``offset``, of which ``size`` bytes are read."""
        del offset, size
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        """Set the register at ``offset``, of which ``size`` bytes are written."""

    def reset(self) -> None:
        """As after power-up; called at the start and by every reset."""

    def update(self) -> None:
        """Called when time has passed, or bytes have come on the serial line."""

    def due_ns(self) -> int | None:
        """The time at which it must be updated; None where only the outside matters."""
        return None

    def raise_line(self, level: bool) -> None:
        """Set its line to the interrupt controller."""
        if self.interrupt >= 0:
            self.board.interrupts.set_line(self.interrupt, level)

    def ticks(self, since_ns: int, hz: int) -> int:
        """Periods of a clock since a time of the board."""
        return (self.board.clock.now_ns() - since_ns) * hz // 1_000_000_000
