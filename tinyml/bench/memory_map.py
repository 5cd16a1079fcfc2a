"""The arena as a picture: which bytes hold what, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tinyml.compiler import CompiledModel
from tinyml.draw import numbers, svg
from tinyml.draw.axes import Scale, rows
from tinyml.draw.picture import RED, picture

_WIDTH: Final = 900.0
_HEIGHT: Final = 420.0
_LEFT: Final = 90.0
_TOP: Final = 46.0
_BOTTOM: Final = 160.0  # for the operators' names, which stand on end
_STYLE: Final = (
    f".bound{{stroke:{RED};stroke-dasharray:6 4;fill:none}}rect{{stroke:#fff}}"
    ".t0{fill:#bfe3cf}.t1{fill:#c5d8f3}.t2{fill:#f3d9bf}.t3{fill:#e0cdee}"
    ".t4{fill:#bfe3e6}.t5{fill:#ece2b4}.scratch{fill:#d9d9d9}"
)


@dataclass(frozen=True)
class Block:
    """A buffer in the arena: bytes ``offset`` .. ``offset + bytes`` from step to step."""

    name: str
    offset: int
    bytes: int
    first_step: int  # -1 where it is an input of the model
    last_step: int  # the number of steps where it is an output
    is_scratch: bool


def blocks(model: CompiledModel) -> list[Block]:
    """Every buffer, by its first step and place."""
    found = [
        Block(
            buffer.role,
            model.plan.offsets[buffer.index],
            buffer.bytes,
            buffer.first,
            buffer.last,
            buffer.role.startswith("scratch of"),
        )
        for buffer in model.program.buffers
    ]
    return sorted(found, key=lambda block: (block.first_step, block.offset))


def memory_map(model: CompiledModel) -> dict[str, Any]:
    """As `tinyml bench --memory --json` prints it."""
    return {
        "arena_bytes": model.arena_bytes,
        "bound_bytes": model.plan.bound_bytes,
        "steps": [step.op for step in model.program.steps],
        "buffers": [vars(block) for block in blocks(model)],
    }


def draw(model: CompiledModel) -> str:
    """An SVG document: steps from left to right, bytes from the bottom up."""
    steps = len(model.program.steps)
    column = (_WIDTH - _LEFT - 10) / (steps + 2)
    bottom = _TOP + _HEIGHT
    scale = _HEIGHT / max(model.arena_bytes, 1)
    body = _axes(model, column, bottom, scale)
    for number, block in enumerate(blocks(model)):
        x = _LEFT + (block.first_step + 1) * column
        width = (block.last_step - block.first_step + 1) * column
        height = block.bytes * scale
        y = bottom - block.offset * scale - height
        hint = f"{block.name}: {block.bytes:,} bytes at {block.offset:,}"
        css = "scratch" if block.is_scratch else f"t{number % 6}"
        body.append(svg.rect(x, y, width, height, css, hint))
        if height > 16:
            # The end of a tensor's name tells more than the scopes before it.
            last = block.name.split(";")[0].rsplit("/", 1)[-1]
            short = "scratch" if block.is_scratch else last
            body.append(svg.text(x + 4, y + height / 2 + 5, short, limit=width - 6))
    return picture(f"Arena of {model.graph.name}", _WIDTH, bottom + _BOTTOM, body, _STYLE)


def _axes(model: CompiledModel, column: float, bottom: float, scale: float) -> list[str]:
    arena, bound = model.arena_bytes, model.plan.bound_bytes
    body = [
        svg.text(
            0, 18,
            f"{model.graph.name}: arena {arena:,} bytes; no plan can need less than {bound:,}",
        ),
        svg.line(_LEFT, bottom - bound * scale, _WIDTH - 10, bottom - bound * scale, "bound"),
    ]  # fmt: skip
    upwards = Scale(0, max(arena, 1), bottom, -_HEIGHT)
    body += rows(upwards, _LEFT, _WIDTH - 10, numbers.tick, 6)
    names = ["input", *(step.op for step in model.program.steps), "output"]
    for number, name in enumerate(names):
        x = _LEFT + (number + 0.5) * column + 4
        shown = svg.text(0, 0, name, "soft end", limit=_BOTTOM + 60)
        body.append(
            f'<g transform="translate({svg.n(x)} {svg.n(bottom + 8)}) rotate(-60)">{shown}</g>'
        )
    return body
