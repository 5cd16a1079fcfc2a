# SPDX-License-Identifier: MIT
"""What both I2C controllers of the nRF5 have in common: the pins, the parts behind them, and events
that come later where a part holds the clock.

Source: nRF51 Series Reference Manual v3.0, TWI; nRF52840 Product Specification v1.7, TWIM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devices.nrf import NrfPeripheral
from wires import I2cWire

if TYPE_CHECKING:
    from board import Board

STOPPED, FAILED = 0x104, 0x124
SHORTCUTS, REASON, ENABLE = 0x200, 0x4C4, 0x500
_CLOCK_PIN, _DATA_PIN, _ADDRESS, _POWER = 0x508, 0x50C, 0x588, 0xFFC
ADDRESS_REFUSED: Final = 2
BYTE_REFUSED: Final = 4
_US_NS: Final = 1000


class NrfI2c(NrfPeripheral):
    """An I2C controller.

    Args:
        instance: which of the chip's; the parts behind it are found by its pins.
    """

    enabled = 0  # what ENABLE must hold

    def __init__(self, board: Board, address: int, interrupt: int, instance: int) -> None:
        del instance
        super().__init__(board, address, interrupt)

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self.bus = I2cWire(None)
        self.working = False  # between a start and a stop
        self._later: list[int] = []
        self._held_until_ns = 0

    @property
    def is_enabled(self) -> bool:
        """Whether the pins are its own."""
        return self.registers.get(ENABLE) == self.enabled

    def shortcut(self, bit: int) -> bool:
        """Whether a shortcut is set, by its bit."""
        return bool(self.registers.get(SHORTCUTS, 0) & bit)

    def begin(self, *, reads: bool) -> bool:
        """A start and the address: whether a part agrees.

        Where a line is held there is no start, and nothing happens.
        """
        if not self.working:
            pins = [self.registers.get(pin, -1) for pin in (_CLOCK_PIN, _DATA_PIN)]
            self.bus = I2cWire(self.board.wires.at_pins("i2c", *pins))
            if self.bus.is_held:
                return False
        self.working = True
        agrees = self.bus.start(self.registers.get(_ADDRESS, 0), reads=reads)
        self._held_until_ns = self.board.clock.now_ns() + _US_NS * self.bus.stretch_us * agrees
        if not agrees:
            self.refuse(ADDRESS_REFUSED)
        return agrees

    def refuse(self, reason: int) -> None:
        """A part has not agreed."""
        self.registers[REASON] = self.registers.get(REASON, 0) | reason
        self.happen(FAILED)

    def end(self) -> None:
        """A stop."""
        if self.working:
            self.working = False
            self.bus.stop()
        self.happen(STOPPED)

    def happen(self, event: int) -> None:
        """An event, at once or when the clock is let go."""
        self._later.append(event)
        self.update()

    def update(self) -> None:
        """See Device."""
        if self._later and self.board.clock.now_ns() >= self._held_until_ns:
            self.events.update(self._later)
            self._later.clear()
            self.settle()

    def due_ns(self) -> int | None:
        """See Device."""
        return self._held_until_ns if self._later else None

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        self.update()
        return super().read(offset, size)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == REASON:
            self.registers[REASON] = self.registers.get(REASON, 0) & ~value
        elif offset == _POWER:
            if not value:
                self.reset()
        else:
            super().write(offset, size, value)
            if offset == ENABLE and not self.is_enabled:
                self._later.clear()
