"""Durations as people write them: ``15 min``."""

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
