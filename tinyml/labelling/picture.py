"""A recording's channels as a picture, with its spans, at any zoom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Channel
from tinyml.data.labels import Spans
from tinyml.draw import axes, numbers, svg
from tinyml.draw.picture import KINDS
from tinyml.labelling.suggesting import Suggestion
from tinyml.labelling.work import Shown

WIDTH: Final = 960.0
LEFT: Final = 64.0  # of it is the scale's
RIGHT: Final = 24.0
_BAND: Final = 26.0  # of the spans, on top
_PANEL: Final = 110.0  # of a channel
_GAP: Final = 14.0
_AXIS: Final = 24.0
_MOST_PANELS: Final = 6  # one a channel; further channels share the last
_POINTS: Final = 900  # drawn of a channel: least and greatest of each piece


def draw(
    shown: Shown,
    channels: Sequence[Channel],
    classes: Sequence[str],
    view: tuple[float, float],
    suggestions: Sequence[Suggestion] = (),
) -> str:
    """An inline SVG of the seconds ``view`` of a recording.

    A class has the colour ``kind-N`` by its place among ``classes``; the page's style has them.
    """
    panels = min(len(channels), _MOST_PANELS)
    height = _BAND + panels * (_PANEL + _GAP) + _AXIS
    body = [*_spans(shown.spans, classes, view, height - _AXIS)]
    body += _suggestions(suggestions, classes, view)
    for panel in range(panels):
        top = _BAND + panel * (_PANEL + _GAP) + _GAP
        members = range(panel, len(channels)) if panel == panels - 1 else (panel,)
        body += _panel(shown, channels, members, view, top)
    body += _time_axis(view, height - _AXIS)
    title = f"{shown.name} from {view[0]:g} s to {view[1]:g} s"
    return svg.document(title, WIDTH, height, body).replace(
        f' style="max-width:{svg.n(WIDTH)}px"',
        f' id="picture" data-from="{view[0]!r}" data-to="{view[1]!r}" data-left="{LEFT}" '
        f'data-right="{RIGHT}"',
    )


def colour(classes: Sequence[str], label: str) -> str:
    """The style's name of a class's colour."""
    return f"kind-{classes.index(label) % len(KINDS)}"


def _x(seconds: float, view: tuple[float, float]) -> float:
    inner = WIDTH - LEFT - RIGHT
    return LEFT + inner * min(max((seconds - view[0]) / (view[1] - view[0]), 0.0), 1.0)


def _spans(
    spans: Spans, classes: Sequence[str], view: tuple[float, float], bottom: float
) -> Iterator[str]:
    for span in spans:
        if span.end_s <= view[0] or span.start_s >= view[1]:
            continue
        left, right = _x(span.start_s, view), _x(span.end_s, view)
        css = colour(classes, span.label)
        hint = f"{span.label}, {span.start_s:g} s to {span.end_s:g} s, by {span.by}"
        yield svg.rect(left, 0, right - left, bottom, f"shade {css}", hint)
        yield svg.rect(left, 0, right - left, _BAND - 6, f"band {css}", hint)
        if right - left > 24:
            yield svg.text(left + 4, 14, span.label, "on", right - left - 8)


def _suggestions(
    suggestions: Sequence[Suggestion], classes: Sequence[str], view: tuple[float, float]
) -> Iterator[str]:
    for one in suggestions:
        if one.end_s <= view[0] or one.start_s >= view[1]:
            continue
        left, right = _x(one.start_s, view), _x(one.end_s, view)
        hint = f"proposed: {one.label}, score {one.score:.2f}"
        css = f"proposed {colour(classes, one.label)}"
        yield svg.rect(left, _BAND - 5, right - left, 4, css, hint)


def _panel(
    shown: Shown,
    channels: Sequence[Channel],
    members: Sequence[int],
    view: tuple[float, float],
    top: float,
) -> Iterator[str]:
    first = max(int(view[0] * shown.rate_hz), 0)
    values = shown.values[first : int(np.ceil(view[1] * shown.rate_hz)) + 1, list(members)]
    if not np.isfinite(values).any():
        yield svg.text(LEFT + 8, top + _PANEL / 2, "no values here", "soft")
        return
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = (high - low or abs(high) or 1.0) * 0.05
    low, high = low - margin, high + margin
    for tick in axes.ticks(low, high, 3):
        y = top + _PANEL * (high - tick) / (high - low)
        yield svg.line(LEFT, y, WIDTH - RIGHT, y, "edge")
        yield svg.text(LEFT - 6, y + svg.BASE - 1, numbers.tick(tick), "soft end")
    for column, member in enumerate(members):
        for run in _runs(values[:, column], first / shown.rate_hz, shown.rate_hz):
            points = (
                (_x(seconds, view), top + _PANEL * (high - value) / (high - low))
                for seconds, value in run
            )
            yield svg.path(points, f"line line-{member % len(KINDS)}")
    names = ", ".join(numbers.with_unit(channels[m].name, channels[m].unit) for m in members)
    yield svg.text(LEFT + 4, top + 10, names, "name", WIDTH - LEFT - RIGHT - 8)


def _runs(
    values: npt.NDArray[np.float64], start_s: float, rate_hz: float
) -> Iterator[list[tuple[float, float]]]:
    """Points of the stretches without a hole; of many samples the least and greatest of pieces."""
    there = np.isfinite(values)
    edges = np.flatnonzero(np.diff(there, prepend=False, append=False))
    step = max(1, 2 * len(values) // _POINTS)
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        found: list[tuple[float, float]] = []
        for first in range(a, b, step):
            piece = values[first : min(first + step, b)]
            if step == 1:
                found.append((start_s + first / rate_hz, float(piece[0])))
                continue
            places = sorted({int(piece.argmin()), int(piece.argmax())})
            found += [(start_s + (first + p) / rate_hz, float(piece[p])) for p in places]
        yield found if len(found) > 1 else [found[0], found[0]]


def _time_axis(view: tuple[float, float], y: float) -> Iterator[str]:
    for tick in axes.ticks(view[0], view[1], 8):
        if view[0] <= tick <= view[1]:
            x = _x(tick, view)
            yield svg.line(x, y, x, y + 4, "edge")
            yield svg.text(x, y + 17, f"{tick:g} s", "soft mid")
