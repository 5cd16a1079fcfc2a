"""Recordings as they were read, as a picture: each channel over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from tinyml.data.importing import Recording
from tinyml.draw import svg

_WIDTH: Final = 1000.0
_LEFT: Final = 90.0
_PANEL: Final = 90.0  # high
_GAP: Final = 46.0
_MOST_CHANNELS: Final = 8
_MOST_RECORDINGS: Final = 3
_COLUMNS: Final = 800  # of the smallest and largest value of a stretch
_STYLE: Final = (
    "<style>text{font:13px sans-serif;fill:#16211c}.end{text-anchor:end;fill:#56645d}"
    ".edge{stroke:#d5ddd9;fill:none}.line{stroke:#0b7a4b;fill:none}</style>"
)


def draw(recordings: Sequence[Recording]) -> str:
    """An SVG document of the first recordings."""
    body = [_STYLE]
    y = 0.0
    for recording in recordings[:_MOST_RECORDINGS]:
        y += _GAP
        seconds = len(recording.values) / recording.rate_hz
        title = f"{recording.where}: {recording.name}, {seconds:.6g} s"
        body.append(svg.text(0, y - 24, title, limit=_WIDTH))
        for number, name in enumerate(recording.channels[:_MOST_CHANNELS]):
            unit = recording.units[number]
            body += _panel(y, f"{name}{f' ({unit})' if unit else ''}", recording.values[:, number])
            y += _PANEL + _GAP / 2
    return svg.document("Recordings as they were read", _WIDTH, y + 10, body)


def _panel(y: float, name: str, values: np.ndarray) -> Iterator[str]:
    yield svg.rect(_LEFT, y, _WIDTH - _LEFT, _PANEL, "edge")
    yield svg.text(_LEFT + 6, y + 16, name)
    there = values[~np.isnan(values)]
    if not len(there):
        return
    low, high = float(there.min()), float(there.max())
    yield svg.text(_LEFT - 6, y + 12, f"{high:.4g}", "end")
    yield svg.text(_LEFT - 6, y + _PANEL, f"{low:.4g}", "end")
    span = (high - low) or 1.0
    points: list[tuple[float, float]] = []
    for number, part in enumerate(np.array_split(values, min(_COLUMNS, len(values)))):
        known = part[~np.isnan(part)]
        if not len(known):  # a gap in the data is one in the line
            if len(points) > 1:
                yield svg.path(points, "line")
            points = []
            continue
        x = _LEFT + (_WIDTH - _LEFT) * (number + 0.5) / min(_COLUMNS, len(values))
        for value in {float(known.min()), float(known.max())}:
            points.append((x, y + _PANEL * (1 - (value - low) / span)))
    if len(points) > 1:
        yield svg.path(points, "line")
