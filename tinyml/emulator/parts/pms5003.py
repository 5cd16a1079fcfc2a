"""Plantower's dust sensors: a frame every so often.

Source: Plantower PMS5003 series data manual, version 2.3, appendix I.
"""

from __future__ import annotations

from typing import ClassVar, Final

from tinyml.emulator.parts.part import UartPart

_PERIOD_US: Final = 1_000_000
_LONGEST_WAIT: Final = 4  # frames that nobody takes


class Pms5003(UartPart):
    """A PMS5003 that sends by itself. ``noise`` is sent before each frame; tests set it."""

    models: ClassVar = ("pms5003",)
    quantities: ClassVar = {"pm1_0": "pm1_0", "pm2_5": "pm2_5", "pm10": "pm10"}
    noise = b""
    damaged = False

    def __init__(self) -> None:
        self.pm1_0, self.pm2_5, self.pm10 = 5.0, 9.0, 12.0
        self._left_us = _PERIOD_US
        self._waiting: list[bytes] = []

    def frame(self) -> bytes:
        """What it sends now: concentrations of the factory's dust, of air, and counts."""
        values = [min(max(round(v), 0), 65535) for v in (self.pm1_0, self.pm2_5, self.pm10)]
        words = [28, *values, *values, 900, 250, 40, 4, 1, 0, 0x9700]
        body = b"BM" + b"".join(word.to_bytes(2, "big") for word in words)
        return body + (sum(body) + (1 if self.damaged else 0)).to_bytes(2, "big")

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        self._left_us -= us
        while self._left_us <= 0:
            self._left_us += _PERIOD_US
            self._waiting = [*self._waiting[1 - _LONGEST_WAIT :], self.noise + self.frame()]

    def take(self) -> bytes:
        """See UartPart."""
        sent, self._waiting = b"".join(self._waiting), []
        return sent
