"""The report's charts: pure functions from numbers to SVG text.

They carry classes, not colours: ``report.css`` colours them for light, dark and print. Names are
untrusted and escaped. ``width`` is in pixels, at which the text has its natural size; a figure
shrinks with its column and never grows beyond it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tinyml.draw import axes, svg
from tinyml.draw.svg import BASE, FONT, text_width

_ROW: Final = 26  # height of a bar and the space around it
_BAR: Final = 14
SERIES: Final = 6  # how many series classes report.css has: s0 ... s5


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, and how its value is written."""

    label: str
    value: float
    shown: str


def bar_chart(title: str, bars: Sequence[Bar], width: float = 480) -> str:
    """Horizontal bars on a common scale from zero, each with its value written beside it."""
    longest = max((bar.value for bar in bars), default=0) or 1
    left = min(max((text_width(bar.label) for bar in bars), default=0) + 10, width * 0.42)
    right = max((text_width(bar.shown) for bar in bars), default=0) + 10
    space = max(width - left - right, 20)
    body = []
    for index, bar in enumerate(bars):
        middle = index * _ROW + _ROW / 2
        length = space * max(bar.value, 0) / longest
        hint = f"{bar.label}: {bar.shown}"
        body.append(svg.text(0, middle + BASE, bar.label, limit=left - 8))
        body.append(svg.rect(left, middle - _BAR / 2, max(length, 1), _BAR, "s0", hint))
        body.append(svg.text(left + length + 6, middle + BASE, bar.shown, "value"))
    return svg.document(title, width, max(len(bars), 1) * _ROW, body)


def stacked_bar(
    title: str, parts: Sequence[Bar], limit: Bar | None = None, width: float = 480
) -> str:
    """Parts of a whole as one bar, numbered, with a legend; ``limit`` is what is available at most.

    Where the parts take less than a fiftieth of the limit the bar shows the parts on their own
    scale, since they would be invisible; the legend names the limit all the same.
    """
    total = sum(part.value for part in parts) or 1
    to_limit = limit is not None and limit.value >= total >= limit.value / 50
    scale = width / (limit.value if limit is not None and to_limit else total)
    body = [svg.rect(0, 0, width, 28, "track")]
    x = 0.0
    for index, part in enumerate(parts):
        length = part.value * scale
        hint = f"{part.label}: {part.shown}"
        body.append(svg.rect(x, 0, max(length - 1, 0.5), 28, f"s{index % SERIES}", hint))
        if length > 16:
            body.append(svg.text(x + length / 2, 14 + BASE, str(index + 1), "on mid"))
        x += length
    y = 28.0 + _ROW
    for index, part in enumerate(parts):
        body.append(svg.rect(0, y - 13, 16, 16, f"s{index % SERIES}"))
        body.append(svg.text(8, y, str(index + 1), "on mid"))
        body.append(svg.text(24, y, part.label, limit=width - 40 - text_width(part.shown)))
        body.append(svg.text(width, y, part.shown, "value end"))
        y += _ROW - 4
    if limit is not None:
        body.append(svg.rect(0, y - 13, 16, 16, "track"))
        note = limit.label if to_limit else f"{limit.label} (not to scale)"
        space = width - 40 - text_width(limit.shown)
        body.append(svg.text(24, y, note, "soft", limit=space))
        body.append(svg.text(width, y, limit.shown, "soft end"))
        y += _ROW - 4
    return svg.document(title, width, y - 10, body)


def confusion_matrix(
    title: str, labels: Sequence[str], counts: Sequence[Sequence[int]], width: float = 480
) -> str:
    """Rows are true classes, columns predicted ones; the shade is the share of its row."""
    left = min(max(text_width(label) for label in labels) + 34, width * 0.36)
    cell = (width - left) / len(labels)
    height = min(cell, 54)
    top = 2.0 * FONT + 18
    body = [svg.text(left + (width - left) / 2, FONT, "predicted", "soft mid")]
    middle = top + height * len(labels) / 2
    body.append(
        f'<text class="soft mid" transform="translate({FONT} {svg.n(middle)}) rotate(-90)">'
        "true</text>"
    )
    for column, label in enumerate(labels):
        x = left + (column + 0.5) * cell
        body.append(svg.text(x, top - 8, label, "mid", limit=cell - 4))
    for row, (label, values) in enumerate(zip(labels, counts, strict=True)):
        y = top + row * height
        total = sum(values) or 1
        body.append(svg.text(left - 8, y + height / 2 + BASE, label, "end", limit=left - 30))
        for column, value in enumerate(values):
            body += _confusion_cell(
                left + column * cell, y, cell, height, value, value / total, row == column
            )
    return svg.document(title, width, top + height * len(labels), body)


def _confusion_cell(
    x: float, y: float, width: float, height: float, value: int, share: float, right: bool
) -> list[str]:
    # Five steps of shade, so that a class name (and the style sheet) is enough and print is clear.
    step = 0 if value == 0 else 1 + min(int(share * 4), 3)
    kind = "right" if right else "wrong"
    css = "on mid" if step >= 3 else ("soft mid" if value == 0 else "mid")
    number = str(value)
    shape = svg.rect(x + 1, y + 1, width - 2, height - 2, f"{kind}{step}", f"{100 * share:.1f} %")
    if text_width(number) > width:
        return [shape]
    return [shape, svg.text(x + width / 2, y + height / 2 + BASE, number, css)]


@dataclass(frozen=True)
class Axis:
    """A horizontal axis: its range and its ticks as (value, how to write it)."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str


def time_axis(moments: Sequence[float], width: float) -> Axis:
    """An axis over moments in seconds since 1970."""
    low, high = min(moments), max(moments)
    if high - low < 0.01:
        low, high = low - 0.5, high + 0.5
    return Axis(low, high, axes.time_ticks(low, high, int(width / 110)), "time of the record, UTC")


def order_axis(length: int, width: float) -> Axis:
    """An axis over the order of ``length`` records, where their time is not known."""
    values = [v for v in axes.ticks(1, max(length, 2), int(width / 90)) if v.is_integer()]
    return Axis(1, max(length, 2), [(v, f"{v:,.0f}") for v in values], "order of the record")


@dataclass(frozen=True)
class Line:
    """One line of a line chart: points as (x, y)."""

    label: str
    points: Sequence[tuple[float, float]]


def line_chart(title: str, axis: Axis, lines: Sequence[Line], unit: str, width: float = 480) -> str:
    """Lines over a common axis; each has its own dash pattern beside its colour."""
    values = [y for one in lines for _, y in one.points] or [0.0]
    low, high = min(values), max(values)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
    height, left, top = 220.0, 58.0, 34.0
    bottom = top + height

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + _along(axis, x) * (width - left - 4),
            bottom - (y - low) / (high - low) * height,
        )

    body = []
    for value in axes.ticks(low, high, 5):
        y = place(axis.low, value)[1]
        body.append(svg.line(left, y, width - 4, y, "grid"))
        body.append(svg.text(left - 6, y + BASE, f"{value:.4g}", "soft end"))
    for index, one in enumerate(lines):
        body.append(svg.path((place(x, y) for x, y in one.points), f"line l{index % SERIES}"))
    body += _line_legend([one.label for one in lines], unit, width)
    body += _horizontal_axis(axis, left, width - 4, bottom)
    return svg.document(title, width, bottom + 46, body)


def _line_legend(labels: Sequence[str], unit: str, width: float) -> list[str]:
    body = []
    x = 0.0
    for index, label in enumerate(labels):
        body.append(svg.line(x, 9, x + 26, 9, f"line l{index % SERIES}"))
        body.append(svg.text(x + 32, 14, label))
        x += 32 + text_width(label) + 22
    if unit and x + text_width(unit) < width:
        body.append(svg.text(width, 14, unit, "soft end"))
    return body


@dataclass(frozen=True)
class Event:
    """One classified record: where on the axis, in which row, whether it is right (if known)."""

    x: float
    row: int
    right: bool | None


def event_chart(
    title: str, axis: Axis, rows: Sequence[str], events: Sequence[Event], width: float = 480
) -> str:
    """Which class was predicted when: a tick a record in the row of its class, a cross if wrong."""
    left = min(max(text_width(row) for row in rows) + 14, width * 0.36)
    right = width - 8
    top, step = 30.0, 34.0
    body = _event_legend(events)
    for index, row in enumerate(rows):
        y = top + step * (index + 0.5)
        body.append(svg.text(left - 10, y + BASE, row, "end", limit=left - 12))
        body.append(svg.line(left, y, right, y, "grid"))

    def place(event: Event, dx: float, dy: float) -> tuple[float, float]:
        x = left + 4 + _along(axis, event.x) * (right - left - 8)
        return x + dx, top + step * (event.row + 0.5) + dy

    ok = [place(event, 0, -8) for event in events if event.right is not False]
    wrong = [place(event, -4.5, -4.5) for event in events if event.right is False]
    body.append(svg.marks(ok, "v16", "tick"))
    body.append(svg.marks(wrong, "l9 9m0-9l-9 9", "cross"))
    body += _horizontal_axis(axis, left, right, top + step * len(rows))
    return svg.document(title, width, top + step * len(rows) + 46, body)


def _event_legend(events: Sequence[Event]) -> list[str]:
    known = any(event.right is not None for event in events)
    first = "right" if known else "record"
    body = [svg.marks([(5, 2)], "v14", "tick"), svg.text(14, 14, first)]
    if known:
        x = 14 + text_width(first) + 24
        body.append(svg.marks([(x, 4)], "l9 9m0-9l-9 9", "cross"))
        body.append(svg.text(x + 16, 14, "wrong"))
    return body


def _along(axis: Axis, x: float) -> float:
    return (x - axis.low) / (axis.high - axis.low)


def _horizontal_axis(axis: Axis, left: float, right: float, y: float) -> list[str]:
    body = [svg.line(left, y, right, y, "axis")]
    for value, shown in axis.ticks:
        x = left + _along(axis, value) * (right - left)
        half = text_width(shown) / 2
        body.append(svg.line(x, y, x, y + 5, "axis"))
        body.append(
            svg.text(min(max(x, left + half - 20), right - half), y + 19, shown, "soft mid")
        )
    body.append(svg.text((left + right) / 2, y + 39, axis.title, "soft mid"))
    return body
