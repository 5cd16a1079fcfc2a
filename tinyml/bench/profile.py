"""Where a model's instructions go, as a picture: a bar a layer, and the least it could need."""

from __future__ import annotations

from typing import Final

from tinyml.bench.measure import BenchFigures, LayerCost
from tinyml.draw import svg
from tinyml.draw.picture import BLUE, PALE_BLUE, picture

_LEFT: Final = 260.0
_BAR: Final = 16.0
_GAP: Final = 6.0
_LONGEST: Final = 420.0
_RIGHT: Final = 250.0  # for the figures behind the bars
_TOP: Final = 64.0
_STYLE: Final = f".above{{fill:{PALE_BLUE}}}.least{{fill:{BLUE}}}"


def draw(figures: BenchFigures) -> str:
    """An SVG document of the layers in the order of execution."""
    scale = _LONGEST / max((layer.instructions for layer in figures.layers), default=1)
    body = [
        svg.text(
            0, 18, f"{figures.model} on {figures.board}: {figures.instructions:,} instructions"
        ),
        svg.rect(0, 32, 12, 12, "least"),
        svg.text(18, 43, "the least that the core needs: multiplications and their loads", "soft"),
        svg.rect(_LEFT + 110, 32, 12, 12, "above"),
        svg.text(_LEFT + 128, 43, "what is executed beyond that", "soft"),
    ]
    y = _TOP
    for layer in figures.layers:
        body += _bar(layer, figures.instructions, scale, y)
        y += _BAR + _GAP
    title, width = f"Instructions of {figures.model}", _LEFT + _LONGEST + _RIGHT
    return picture(title, width, y + _GAP, body, _STYLE)


def _bar(layer: LayerCost, total: int, scale: float, y: float) -> list[str]:
    width = layer.instructions * scale
    base = y + _BAR - 4
    told = f"{layer.instructions:,} ({layer.instructions / max(total, 1):.1%})"
    if layer.floor_instructions:
        told += f", {layer.instructions / layer.floor_instructions:.2f} x minimum"
    label = f"{layer.index} {layer.op}"
    return [
        svg.text(_LEFT - 8, base, label, "end", limit=_LEFT - 8),
        svg.rect(_LEFT, y, width, _BAR, "above", f"{label}: {told}"),
        svg.rect(_LEFT, y, min(layer.floor_instructions * scale, width), _BAR, "least"),
        svg.text(_LEFT + width + 8, base, told, "soft"),
    ]
