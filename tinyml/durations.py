"""Durations and times of day as people write them: ``15 min``, ``06:00-20:00``."""

from __future__ import annotations

import re
from typing import Final

from tinyml.errors import TinymlError

UNITS: Final = {
    "us": 1,
    "ms": 1000,
    "s": 10**6,
    "min": 60 * 10**6,
    "h": 3600 * 10**6,
    "d": 86_400 * 10**6,
}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_HOURS: Final = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
MINUTES_OF_DAY: Final = 24 * 60


def microseconds(text: str, where: str, error: type[TinymlError]) -> int:
    """A duration such as ``15 min`` or ``2.5 s``; else ``error``, which names ``where``."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or found[2] not in UNITS:
        raise error(
            f"{where} must be a number and a unit, such as '15 min'; units are "
            f"{', '.join(UNITS)}; not '{text}'"
        )
    return round(float(found[1]) * UNITS[found[2]])


def in_words(duration_us: int) -> str:
    """The inverse of :func:`microseconds`, in the largest unit that needs no fraction."""
    for unit, length in reversed(UNITS.items()):
        if duration_us and duration_us % length == 0:
            return f"{duration_us // length} {unit}"
    return f"{duration_us} us" if duration_us else "0 s"


def minutes_of_day(text: str, where: str, error: type[TinymlError]) -> tuple[int, int]:
    """First and last minute of hours such as ``06:00-20:00``, or over midnight ``22:00-04:00``."""
    found = _HOURS.fullmatch(text.strip())
    if found is not None:
        start, end = (60 * int(found[i]) + int(found[i + 1]) for i in (1, 3))
        minutes = int(found[2]) < 60 and int(found[4]) < 60
        if minutes and start <= MINUTES_OF_DAY and end <= MINUTES_OF_DAY and start != end:
            return start, end
    raise error(f"{where} must be hours such as '06:00-20:00', not '{text}'")
