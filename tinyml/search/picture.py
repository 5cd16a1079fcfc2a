"""A study as a picture: every trained candidate by cost and metric, and the front among them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tinyml.draw import svg
from tinyml.search.study import Candidate, Found

_LEFT: Final = 80.0
_TOP: Final = 90.0
_WIDTH: Final = 760.0
_HEIGHT: Final = 360.0
_RIGHT: Final = 40.0
_BOTTOM: Final = 60.0
_MARGIN: Final = 0.06  # of the range, on both sides
_RADIUS: Final = 4.5
_DECADE: Final = 10.0  # of costs; from so wide a range on the axis is logarithmic
_LOG_STEPS: Final = (1, 2, 5)
_STYLE: Final = (
    "<style>text{font:13px sans-serif;fill:#16211c}.soft{fill:#56645d}"
    ".end{fill:#56645d;text-anchor:end}.mid{fill:#56645d;text-anchor:middle}"
    ".edge{stroke:#d5ddd9;fill:none}.front{stroke:#0b7a4b;stroke-width:2;fill:none}"
    ".dot{fill:#9aa7a0}.best{fill:#0b7a4b}.ring{fill:none;stroke:#c2570c;stroke-width:2}</style>"
)
TITLES: Final = {
    "instructions": "instructions of one inference",
    "latency_ms": "latency of one inference, ms (an estimate)",
    "ram_bytes": "RAM, bytes",
    "flash_bytes": "flash, bytes",
    "energy_uj": "energy of one inference, uJ (an estimate)",
}


@dataclass(frozen=True)
class _Scale:
    """Values to pixels, from ``start`` to ``start + length``."""

    low: float
    high: float
    start: float
    length: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        if self.logarithmic:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * self.length

    def ticks(self) -> list[float]:
        if not self.logarithmic:
            return svg.ticks(self.low, self.high, 6)
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        marks = [step * 10.0**power for power in powers for step in _LOG_STEPS]
        return [mark for mark in marks if self.low <= mark <= self.high]


def draw(found: Found, chosen: Candidate, unit: str) -> str:
    """An SVG document; ``unit`` is the metric's, which may be empty."""
    costs = [float(getattr(c.cost, found.cost)) for c in found.trained]
    metrics = [c.metric for c in found.trained]
    x = _across(min(costs), max(costs))
    margin = _MARGIN * (max(metrics) - min(metrics)) or 0.01
    y = _Scale(min(metrics) - margin, max(metrics) + margin, _TOP + _HEIGHT, -_HEIGHT)
    title = f"Search '{found.study}': {found.metric} on validation data against cost"
    body = [_STYLE, svg.text(0, 18, title, limit=_LEFT + _WIDTH), *_legend(found)]
    body += _axes(found, x, y, unit)

    def point(candidate: Candidate) -> tuple[float, float]:
        return x.at(float(getattr(candidate.cost, found.cost))), y.at(candidate.metric)

    body += [_circle(point(c), _RADIUS - 1.5, "dot", _hint(found, c)) for c in found.trained]
    body.append(svg.path([point(c) for c in found.front], "front"))
    body += [_circle(point(c), _RADIUS, "best", _hint(found, c)) for c in found.front]
    body.append(_circle(point(chosen), _RADIUS + 4, "ring", _hint(found, chosen)))
    whole = svg.document(title, _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM, body)
    return whole.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _across(low: float, high: float) -> _Scale:
    if low > 0 and high / low >= _DECADE:
        factor = (high / low) ** _MARGIN
        return _Scale(low / factor, high * factor, _LEFT, _WIDTH, logarithmic=True)
    margin = _MARGIN * (high - low) or 0.05 * high or 1.0
    return _Scale(low - margin, high + margin, _LEFT, _WIDTH)


def _legend(found: Found) -> Iterator[str]:
    entries = (
        ("best", f"front: {len(found.front)}"),
        ("dot", f"trained: {len(found.trained)} (beyond a limit or failed: {found.rejected})"),
        ("ring", "chosen"),
    )
    x = 6.0
    for css, words in entries:
        yield _circle((x, 42), _RADIUS, css, words)
        yield svg.text(x + 12, 47, words)
        x += svg.text_width(words) + 44


def _axes(found: Found, x: _Scale, y: _Scale, unit: str) -> Iterator[str]:
    floor = _TOP + _HEIGHT
    for value in y.ticks():
        yield svg.line(_LEFT, y.at(value), _LEFT + _WIDTH, y.at(value), "edge")
        yield svg.text(_LEFT - 8, y.at(value) + 5, f"{value:.4g}", "end")
    for value in x.ticks():
        yield svg.line(x.at(value), _TOP, x.at(value), floor, "edge")
        yield svg.text(x.at(value), floor + 18, _number(value), "mid")
    yield svg.text(_LEFT + _WIDTH / 2, floor + 44, TITLES[found.cost], "mid")
    yield svg.text(0, _TOP - 8, f"{found.metric}, {unit}" if unit else found.metric, "soft")


def _circle(place: tuple[float, float], radius: float, css: str, hint: str) -> str:
    left, top = place[0] - radius, place[1] - radius
    side = svg.n(2 * radius)
    shape = svg.rect(left, top, 2 * radius, 2 * radius, css, hint)
    # A square with round corners is a circle, and the rectangle has the hint already.
    return shape.replace(f'height="{side}"', f'height="{side}" rx="{svg.n(radius)}"', 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _hint(found: Found, candidate: Candidate) -> str:
    model = candidate.values["model"]
    cost = getattr(candidate.cost, found.cost)
    return (
        f"trial {candidate.number}: {model['kind']} {model['layers']}, {found.metric} "
        f"{candidate.metric:.4g}, {_number(cost)} {found.cost}"
    )
