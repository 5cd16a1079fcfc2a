# SPDX-License-Identifier: MIT
"""One-wire as a line, for ports that drive it by a pin.

Source: Analog Devices (Maxim) DS18B20 data sheet, rev. 6: reset, presence, slots. The board's time
must run with its instructions: the host's is too coarse for bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wires import Wire

_US_NS: Final = 1000
_RESET_NS: Final = 480 * _US_NS
_PRESENCE_NS: Final = (30 * _US_NS, 150 * _US_NS)  # after the reset, of 15..60 and 60..240 more
_ONE_NS: Final = 15 * _US_NS  # a longer pulse is a zero
_HOLD_NS: Final = 15 * _US_NS  # a part shows a zero at least so long, from the pulse's begin
_QUIET_NS: Final = 200 * _US_NS


class PinOneWire:
    """The line, which the board lets go or holds low, and so does the part.

    Args:
        wire: where the part hangs.
        now_ns: the board's time.
    """

    def __init__(self, wire: Wire, now_ns: Callable[[], int]) -> None:
        self._wire = wire
        self._now_ns = now_ns
        self._high = True
        self._fell_ns = 0
        self._rose_ns = -_QUIET_NS
        self._held_ns = (0, 0)  # by the part, from and to

    @property
    def is_high(self) -> bool:
        """The line."""
        now_ns = self._now_ns()
        begin_ns, end_ns = self._held_ns
        if not self._high or begin_ns <= now_ns < end_ns:
            return False
        return now_ns - self._rose_ns < _QUIET_NS or self._wire.ask("held") == "0"

    def put(self, high: bool) -> None:
        """What the board does: True lets it go, False holds it low."""
        if high == self._high:
            return
        self._high = high
        now_ns = self._now_ns()
        if not high:
            self._fell_ns = now_ns
            return
        self._rose_ns = now_ns
        if now_ns - self._fell_ns >= _RESET_NS:
            present = self._wire.ask("reset") == "1"
            begin_ns, end_ns = (now_ns + ns for ns in _PRESENCE_NS)
            self._held_ns = (begin_ns, end_ns if present else begin_ns)
        else:
            bit = int(now_ns - self._fell_ns < _ONE_NS)
            held = self._wire.ask(f"slot {bit}") == "0"
            self._held_ns = (now_ns, self._fell_ns + _HOLD_NS if held else now_ns)
