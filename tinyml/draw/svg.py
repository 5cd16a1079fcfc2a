"""Building blocks of hand-made SVG: escaped text, estimated widths, axes."""

import math
from collections.abc import Iterable
from datetime import datetime, timezone
from html import escape
from typing import Final

FONT: Final = 13  # pixels; report.css sets the same
_CHAR: Final = 0.56 * FONT  # mean width of a character in common sans-serif fonts
_CAPITAL: Final = 0.7 * FONT


def text_width(text: str) -> float:
    """About how wide ``text`` will be, in pixels."""
    return sum(_CAPITAL if character.isupper() else _CHAR for character in text)


def shorten(text: str, width: float) -> str:
    """``text`` cut to about ``width`` pixels, with an ellipsis where something was cut."""
    if text_width(text) <= width:
        return text
    return text[: max(1, int(width / _CHAR) - 1)] + "…"


def n(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, content: str, css: str = "", limit: float = math.inf) -> str:
    """A text whose base line starts at (x, y); cut to ``limit`` pixels, with the whole as hint."""
    shown = shorten(content, limit) if limit < math.inf else content
    hint = f"<title>{escape(content)}</title>" if shown != content else ""
    return f'<text x="{n(x)}" y="{n(y)}"{_css(css)}>{hint}{escape(shown)}</text>'


def rect(x: float, y: float, width: float, height: float, css: str, hint: str = "") -> str:
    """A rectangle; ``hint`` is shown when a pointer rests on it."""
    shape = (
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(max(width, 0))}" height="{n(height)}"{_css(css)}'
    )
    return f"{shape}><title>{escape(hint)}</title></rect>" if hint else f"{shape}/>"


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return f'<path d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"{_css(css)}/>'


def path(points: Iterable[tuple[float, float]], css: str) -> str:
    """A line through ``points``."""
    steps = " ".join(f"{n(x)} {n(y)}" for x, y in points)
    return f'<path d="M{steps}"{_css(css)}/>'


def marks(points: Iterable[tuple[float, float]], shape: str, css: str) -> str:
    """The same relative path ``shape`` (such as ``v8``) at every point, as one element."""
    d = "".join(f"M{n(x)} {n(y)}{shape}" for x, y in points)
    return f'<path d="{d}"{_css(css)}/>' if d else ""


def document(title: str, width: float, height: float, body: Iterable[str]) -> str:
    """A whole figure; ``title`` is its accessible name."""
    label = escape(title)
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {n(width)} {n(height)}" '
        f'style="max-width:{n(width)}px"><title>{label}</title>{"".join(body)}</svg>'
    )


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


_TIME_STEPS: Final = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 30 * 86400),
    *(90 * 86400, 365 * 86400),
)


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


def _css(css: str) -> str:
    return f' class="{css}"' if css else ""
