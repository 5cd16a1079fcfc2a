"""Axes: values to pixels, round numbers along them, and the lines that they stand at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from tinyml.draw import svg

_LOG_STEPS: Final = (1, 2, 5)  # of each power of ten
_TIME_STEPS: Final = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 30 * 86400),
    *(90 * 86400, 365 * 86400),
)


@dataclass(frozen=True)
class Scale:
    """Values to pixels: ``low`` is at ``start``, ``high`` at ``start + length``.

    A length below 0 makes pixels fall as values rise, as on an axis that points up.
    """

    low: float
    high: float
    start: float
    length: float
    logarithmic: bool = False  # low is then above 0

    def at(self, value: float) -> float:
        """The pixel of a value."""
        if self.logarithmic:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + part * self.length

    def ticks(self, most: int) -> list[float]:
        """At most about ``most`` round numbers along it; of a logarithmic one 1, 2, 5, 10 ..."""
        if not self.logarithmic:
            return ticks(self.low, self.high, most)
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        marks = [step * 10.0**power for power in powers for step in _LOG_STEPS]
        return [mark for mark in marks if self.low <= mark <= self.high]


def rows(
    scale: Scale, left: float, right: float, write: Callable[[float], str], most: int
) -> Iterator[str]:
    """Lines from ``left`` to ``right`` at round numbers of a vertical scale, which stand left."""
    for value in scale.ticks(most):
        y = scale.at(value)
        yield svg.line(left, y, right, y, "edge")
        yield svg.text(left - 8, y + svg.BASE, write(value), "soft end")


def columns(
    scale: Scale, top: float, bottom: float, write: Callable[[float], str], most: int
) -> Iterator[str]:
    """Lines from ``top`` to ``bottom`` at round numbers of a horizontal scale, which stand below.

    ``bottom`` is where the axis is; a ``top`` below it makes short marks under the axis.
    """
    for value in scale.ticks(most):
        x = scale.at(value)
        yield svg.line(x, top, x, bottom, "edge")
        yield svg.text(x, bottom + 18, write(value), "soft mid")


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most about ``most`` round numbers from ``low`` to ``high``."""
    if not high > low:
        return [low]
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def time_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Round moments (seconds since 1970, UTC) from ``low`` to ``high`` and how to write them."""
    raw = (high - low) / max(most, 1)
    step = next((s for s in _TIME_STEPS if s >= raw), _TIME_STEPS[-1])
    first = math.ceil(low / step)
    moments = [index * step for index in range(first, math.floor(high / step) + 1)]
    return [(value, _write_moment(value, step)) for value in moments]


def _write_moment(value: float, step: float) -> str:
    when = datetime.fromtimestamp(value, timezone.utc)
    if step < 1:
        return when.strftime("%M:%S") + f".{when.microsecond // 1000:03d}"
    if step < 60:
        return when.strftime("%H:%M:%S")
    return when.strftime("%H:%M" if step < 86400 else "%Y-%m-%d")
