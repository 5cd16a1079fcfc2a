"""What a node's log holds besides inferences: sensors that fail and come back."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class EventKind(enum.IntEnum):
    """What happened: tml_event_t of firmware/include/tml/event.h."""

    SENSOR_FAILED = 2
    SENSOR_BACK = 3


# tml_sensor_status_t of firmware/include/tml/sensor.h, in words.
SENSOR_FAILURES: Final = {
    -1: "does not answer",
    -2: "its bus failed",
    -3: "answered with a wrong checksum",
    -4: "did not answer in time",
    -5: "cannot measure at this rate",
    -6: "says that it is broken",
}


@dataclass(frozen=True)
class Event:
    """One event of one node. Its number is of the same row as those of records."""

    device_id: str  # as a record's
    boot_id: int
    sequence: int
    monotonic_ms: int
    wall_time: float | None  # seconds since 1970, UTC; None where nobody told the node the time
    kind: int  # an EventKind; another number of newer firmware
    values: tuple[int, ...]  # what it carries: see tml/event.h
    data: bytes  # and its bytes; mostly empty

    @property
    def name(self) -> str:
        """The kind in small letters; its number where it is not known."""
        known = self.kind in EventKind.__members__.values()
        return EventKind(self.kind).name.lower() if known else f"event_{self.kind}"

    @property
    def in_words(self) -> str:
        """What happened, for people."""
        text = self.data.decode(errors="replace")
        if self.kind == EventKind.SENSOR_FAILED and len(self.values) == 3:
            why = SENSOR_FAILURES.get(self.values[1], f"failed with {self.values[1]}")
            return f"sensor {text or self.values[0]}: {why}"
        if self.kind == EventKind.SENSOR_BACK and len(self.values) == 2:
            return f"sensor {text or self.values[0]} is back after {self.values[1]} s"
        numbers = ", ".join(map(str, self.values))
        return f"{self.name}: {numbers}" if numbers else self.name
