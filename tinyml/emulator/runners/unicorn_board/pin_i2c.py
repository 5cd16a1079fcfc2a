# SPDX-License-Identifier: MIT
"""I2C as two lines, for controllers that are no more than pins.

Source: NXP UM10204, I2C-bus specification, rev. 7.0.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from wires import I2cWire

_BYTE_BITS: Final = 8


class _Phase(Enum):
    IDLE = auto()  # no transfer, or one of no concern to any part
    ADDRESS = auto()
    TAKES = auto()  # the part takes bytes
    GIVES = auto()  # the part gives bytes


class PinI2c:
    """The lines, which the board lets go or holds low, and so do the parts.

    Args:
        bus: the parts.
        now_ns: the board's time.
    """

    def __init__(self, bus: I2cWire, now_ns: Callable[[], int]) -> None:
        self._bus = bus
        self._now_ns = now_ns
        self._clock = self._data = True  # as the board has them
        self._part_data = True
        self._clock_held_until_ns = 0
        self._phase = _Phase.IDLE
        self._bits = 0  # of the byte, with its acknowledge
        self._byte = 0
        self._reads = False

    @property
    def clock_is_high(self) -> bool:
        """The clock line."""
        return self._clock and self._now_ns() >= self._clock_held_until_ns

    @property
    def data_is_high(self) -> bool:
        """The data line."""
        if not (self._data and self._part_data):
            return False
        return self._phase is not _Phase.IDLE or not self._bus.is_held

    def put(self, clock: bool, data: bool) -> None:
        """What the board does: True lets a line go, False holds it low."""
        before_clock, before_data = self._clock, self._data
        self._clock, self._data = clock, data
        if before_clock and clock and before_data != data:
            if data:
                self._stop()
            else:
                self._start()
        elif clock != before_clock:
            if clock:
                self._rise()
            else:
                self._fall()

    def _start(self) -> None:
        self._phase, self._bits, self._byte, self._part_data = _Phase.ADDRESS, 0, 0, True

    def _stop(self) -> None:
        self._phase, self._part_data = _Phase.IDLE, True
        self._bus.stop()

    def _rise(self) -> None:
        if self._phase is _Phase.IDLE:
            self._bus.clock()
            return
        self._bits += 1
        if self._bits <= _BYTE_BITS and self._phase is not _Phase.GIVES:
            self._byte = self._byte << 1 | self._data

    def _fall(self) -> None:
        if self._phase is _Phase.GIVES:
            self._fall_giving()
        elif self._phase is not _Phase.IDLE and self._bits == _BYTE_BITS:
            self._part_data = not self._take()
        elif self._bits > _BYTE_BITS:
            self._fall_taken()

    def _take(self) -> bool:
        """The byte that has come: whether a part agrees."""
        if self._phase is _Phase.TAKES:
            return self._bus.put(self._byte)
        self._reads = bool(self._byte & 1)
        agrees = self._bus.start(self._byte >> 1, reads=self._reads)
        if agrees:
            self._clock_held_until_ns = self._now_ns() + 1000 * self._bus.stretch_us
        return agrees

    def _fall_taken(self) -> None:
        """After the acknowledge of a byte that a part has taken, or not."""
        agreed, self._part_data = not self._part_data, True
        first = self._phase is _Phase.ADDRESS
        self._bits = self._byte = 0
        if not agreed:
            self._phase = _Phase.IDLE
        elif first and self._reads:
            self._phase = _Phase.GIVES
            self._give()
        else:
            self._phase = _Phase.TAKES

    def _give(self) -> None:
        self._bits, self._byte = 0, self._bus.get()
        self._show_bit()

    def _show_bit(self) -> None:
        self._part_data = bool(self._byte >> (_BYTE_BITS - 1 - self._bits) & 1)

    def _fall_giving(self) -> None:
        if self._bits < _BYTE_BITS:
            self._show_bit()
        elif self._bits == _BYTE_BITS:
            self._part_data = True  # for the board's acknowledge
        elif self._data:
            self._phase = _Phase.IDLE
        else:
            self._give()
