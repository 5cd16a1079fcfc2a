"""Building blocks of hand-made SVG: escaped text, estimated widths, shapes."""

import math
from collections.abc import Iterable
from html import escape
from typing import Final

FONT: Final = 13  # pixels; report.css sets the same
BASE: Final = 5  # from the middle of a row down to its text's base line
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


def _css(css: str) -> str:
    return f' class="{css}"' if css else ""
