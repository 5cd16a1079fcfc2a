"""Pictures as files of their own, which bring their colours along.

Figures of the report carry the same class names; ``report.css`` colours those for light, dark and
print.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tinyml.draw import svg

INK: Final = "#16211c"
SOFT: Final = "#56645d"
EDGE: Final = "#d5ddd9"
GREEN: Final = "#0b7a4b"
ORANGE: Final = "#c2570c"
RED: Final = "#b3261e"
# Lines and areas of kinds beside each other.
KINDS: Final = (
    GREEN, "#2456b8", ORANGE, "#7b2fa8", "#0f8a94", "#9a7d0a", RED, "#5a6b00", "#8a3c6a", "#44525c",
)  # fmt: skip
# What bars are filled with where one lies before the other.
PALE_BLUE: Final = "#c5d8f3"
BLUE: Final = "#2b6cb0"
_STYLE: Final = (
    f"text{{font:{svg.FONT}px sans-serif;fill:{INK}}}.soft{{fill:{SOFT}}}.end{{text-anchor:end}}"
    f".mid{{text-anchor:middle}}.edge{{stroke:{EDGE};fill:none}}"
)


def picture(title: str, width: float, height: float, body: Iterable[str], style: str = "") -> str:
    """The text of an .svg file.

    Args:
        title: its accessible name.
        width: in pixels, as the height.
        height: of the whole.
        body: its elements. Texts and lines may have the classes soft, end, mid and edge.
        style: rules of its other classes.
    """
    whole = svg.document(title, width, height, [f"<style>{_STYLE}{style}</style>", *body])
    return whole.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
