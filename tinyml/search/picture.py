"""A study as a picture: every trained candidate by cost and metric, and the front among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tinyml.draw import numbers, svg
from tinyml.draw.axes import Scale, columns, rows
from tinyml.draw.picture import GREEN, ORANGE, picture
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
_STYLE: Final = (
    f".front{{stroke:{GREEN};stroke-width:2;fill:none}}.dot{{fill:#9aa7a0}}"
    f".best{{fill:{GREEN}}}.ring{{fill:none;stroke:{ORANGE};stroke-width:2}}"
)
TITLES: Final = {
    "instructions": "instructions per inference",
    "latency_ms": "time of one inference, ms (an estimate)",
    "ram_bytes": "RAM, bytes",
    "flash_bytes": "flash, bytes",
    "energy_uj": "energy of one inference, uJ (an estimate)",
}


def draw(found: Found, chosen: Candidate, unit: str) -> str:
    """An SVG document; ``unit`` is the metric's, which may be empty."""
    costs = [float(getattr(c.cost, found.cost)) for c in found.trained]
    metrics = [c.metric for c in found.trained]
    x = _across(min(costs), max(costs))
    margin = _MARGIN * (max(metrics) - min(metrics)) or 0.01
    y = Scale(min(metrics) - margin, max(metrics) + margin, _TOP + _HEIGHT, -_HEIGHT)
    title = f"Search '{found.study}': {found.metric} on validation data against cost"
    body = [svg.text(0, 18, title, limit=_LEFT + _WIDTH), *_legend(found)]
    body += _axes(found, x, y, unit)

    def point(candidate: Candidate) -> tuple[float, float]:
        return x.at(float(getattr(candidate.cost, found.cost))), y.at(candidate.metric)

    body += [_circle(point(c), _RADIUS - 1.5, "dot", _hint(found, c)) for c in found.trained]
    body.append(svg.path([point(c) for c in found.front], "front"))
    body += [_circle(point(c), _RADIUS, "best", _hint(found, c)) for c in found.front]
    body.append(_circle(point(chosen), _RADIUS + 4, "ring", _hint(found, chosen)))
    size = (_LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM)
    return picture(title, *size, body, _STYLE)


def _across(low: float, high: float) -> Scale:
    if low > 0 and high / low >= _DECADE:
        factor = (high / low) ** _MARGIN
        return Scale(low / factor, high * factor, _LEFT, _WIDTH, logarithmic=True)
    margin = _MARGIN * (high - low) or 0.05 * high or 1.0
    return Scale(low - margin, high + margin, _LEFT, _WIDTH)


def _legend(found: Found) -> Iterator[str]:
    entries = (
        ("best", f"front: {len(found.front)}"),
        ("dot", f"trained: {len(found.trained)} (above a limit or failed: {found.rejected})"),
        ("ring", "chosen"),
    )
    x = 6.0
    for css, words in entries:
        yield _circle((x, 42), _RADIUS, css, words)
        yield svg.text(x + 12, 47, words)
        x += svg.text_width(words) + 44


def _axes(found: Found, x: Scale, y: Scale, unit: str) -> Iterator[str]:
    bottom = _TOP + _HEIGHT
    yield from rows(y, _LEFT, _LEFT + _WIDTH, "{:.4g}".format, 6)
    yield from columns(x, _TOP, bottom, numbers.tick, 6)
    yield svg.text(_LEFT + _WIDTH / 2, bottom + 44, TITLES[found.cost], "soft mid")
    yield svg.text(0, _TOP - 8, f"{found.metric}, {unit}" if unit else found.metric, "soft")


def _circle(place: tuple[float, float], radius: float, css: str, hint: str) -> str:
    left, top = place[0] - radius, place[1] - radius
    side = svg.n(2 * radius)
    shape = svg.rect(left, top, 2 * radius, 2 * radius, css, hint)
    # A square with round corners is a circle, and the rectangle has the hint already.
    return shape.replace(f'height="{side}"', f'height="{side}" rx="{svg.n(radius)}"', 1)


def _hint(found: Found, candidate: Candidate) -> str:
    model = candidate.values["model"]
    cost = getattr(candidate.cost, found.cost)
    return (
        f"trial {candidate.number}: {model['kind']} {model['layers']}, {found.metric} "
        f"{candidate.metric:.4g}, {numbers.tick(cost)} {found.cost}"
    )
