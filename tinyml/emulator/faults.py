"""What goes wrong with boards in the field, on purpose and the same at every run.

Moments are counted in bytes that the board has sent, and chances are drawn byte by byte, each
direction from a generator of its own: nothing depends on the clock, nor on how bytes are bundled.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tinyml.errors import EmulatorError

CHANCES: Final = {
    "noise": "flips one bit of a byte",
    "drop": "loses a byte",
}
EVENTS: Final = {
    "reset": "the reset pin",
    "unplug": "the serial port goes away and comes back",
    "brown-out": "the power supply fails: reset and unplug together",
}
_CHANCE: Final = re.compile(r"(noise|drop):(0?\.\d+|0|1)")
_EVENT: Final = re.compile(r"(reset|unplug|brown-out)@(\d+)")


@dataclass(frozen=True)
class Faults:
    """Which faults, and the seed of their chances."""

    chances: dict[str, float]  # of CHANCES, each for every byte
    events: tuple[tuple[int, str], ...]  # (bytes that the board has sent, of EVENTS), in order
    seed: int

    @classmethod
    def parse(cls, specifications: Iterable[str], seed: int) -> Faults:
        """From texts like ``noise:0.01`` or ``reset@2000``; EmulatorError where one is neither."""
        chances: dict[str, float] = {}
        events: list[tuple[int, str]] = []
        for text in specifications:
            if match := _CHANCE.fullmatch(text):
                chances[match[1]] = float(match[2])
            elif match := _EVENT.fullmatch(text):
                events.append((int(match[2]), match[1]))
            else:
                raise EmulatorError(
                    f"'{text}' is not a fault; give noise:CHANCE, drop:CHANCE, reset@BYTES, "
                    "unplug@BYTES or brown-out@BYTES"
                )
        return cls(chances, tuple(sorted(events)), seed)


class FaultyLine:
    """One direction of a serial line."""

    def __init__(self, faults: Faults, direction: str) -> None:
        self._noise = faults.chances.get("noise", 0.0)
        self._drop = faults.chances.get("drop", 0.0)
        self._random = random.Random(f"{faults.seed} {direction}")

    def pass_on(self, data: bytes) -> bytes:
        """What arrives of ``data``."""
        arrived = bytearray()
        for byte in data:
            # All three are drawn for every byte, so that one fault does not move the next.
            dropped = self._random.random() < self._drop
            flipped = self._random.random() < self._noise
            bit = self._random.randrange(8)
            if not dropped:
                arrived.append(byte ^ (1 << bit) if flipped else byte)
        return bytes(arrived)


class Schedule:
    """The events that are still to come."""

    def __init__(self, faults: Faults) -> None:
        self._left = list(faults.events)
        self._sent = 0

    def after(self, count: int) -> list[str]:
        """What happens while the board sends the next ``count`` bytes."""
        self._sent += count
        due = [event for moment, event in self._left if moment <= self._sent]
        self._left = self._left[len(due) :]
        return due
