"""Operators that only move elements."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, StructTable, Table, Value
from tinyml.compiler.lower.base import lowers
from tinyml.compiler.lower.boxes import Box, find_boxes
from tinyml.compiler.program import Call
from tinyml.errors import UnsupportedModelError
from tinyml.graph.ops.rearrange import FILL, Places, Rearrange, RearrangeMany

_RANK = 4
_MOST_BOXES = 16
_SKIP = 0xFFFF


@lowers(Rearrange)
def lower_rearrange(op: Rearrange) -> list[Call]:
    """One call an input; the first one also fills."""
    calls = []
    start = 0
    for position, elements in enumerate(op.input_elements):
        here = (op.places >= start) & (op.places < start + elements)
        places = np.where(here, op.places - start, FILL)
        fill = _fill_byte(op) if position == 0 and bool((op.places == FILL).any()) else None
        start += elements
        if here.any() or fill is not None:
            calls.append(_call(places, op.dtype.bytes, position, fill))
    return calls


@lowers(RearrangeMany)
def lower_rearrange_many(op: RearrangeMany) -> list[Call]:
    """One call an output."""
    calls = []
    for output, part in enumerate(op.parts):
        call = _call(part.places, part.dtype.bytes, op.source, None)
        calls.append(Call(call.function, call.source, call.params, call.inputs, (output,)))
    return calls


def _fill_byte(op: Rearrange) -> int:
    pattern = set(np.array([op.fill], op.dtype.numpy).tobytes())
    if len(pattern) > 1:
        raise UnsupportedModelError(f"the fill value {op.fill} of a wide type is not supported")
    return pattern.pop()


def _call(places: Places, width: int, position: int, fill: int | None) -> Call:
    filling = Expression("TML_NO_FILL") if fill is None else fill
    boxes = find_boxes(places, _MOST_BOXES)
    fields: dict[str, Value]
    if boxes is None:
        run = _common_run(places)
        sources = places.reshape(-1, run)[:, 0]
        if sources.max() // run >= _SKIP:
            raise UnsupportedModelError("it moves too many elements in no regular pattern")
        table = np.where(sources == FILL, _SKIP, sources // run).astype(np.uint16)
        fields = {
            "count": len(table),
            "run_bytes": run * width,
            "fill": filling,
            "sources": Table("sources", table),
        }
        return Call("tml_gather", "rearrange.c", Struct("tml_gather_t", fields), (position,))
    flat = [piece for box in boxes for piece in _limited(box)]
    fields = {
        "output_bytes": places.size * width,
        "fill": filling,
        "box_count": len(flat),
        "boxes": _table(flat, width),
    }
    return Call("tml_rearrange", "rearrange.c", Struct("tml_rearrange_t", fields), (position,))


def _common_run(places: Places) -> int:
    """The longest run that all copies can be made of."""
    flat = places.reshape(-1)
    breaks = np.flatnonzero(np.diff(flat) != 1) + 1
    starts = np.concatenate([[0], breaks])
    run = math.gcd(*(int(b) for b in breaks), flat.size)
    return math.gcd(run, *(int(place) for place in flat[starts] if place != FILL)) if run > 1 else 1


def _limited(box: Box) -> Iterator[Box]:
    """Boxes of at most the kernel's rank: outer dimensions become several boxes."""
    if len(box.sizes) <= _RANK:
        yield box
        return
    for i in range(box.sizes[0]):
        yield from _limited(
            Box(
                box.source + i * box.source_strides[0],
                box.target + i * box.target_strides[0],
                box.run,
                box.sizes[1:],
                box.source_strides[1:],
                box.target_strides[1:],
            )
        )


def _table(boxes: list[Box], width: int) -> StructTable:
    rows = []
    for box in boxes:
        missing = _RANK - len(box.sizes)
        fields: dict[str, Value] = {
            "source": box.source * width,
            "target": box.target * width,
            "run_bytes": box.run * width,
            "sizes": (1,) * missing + box.sizes,
            "source_strides": (0,) * missing + tuple(n * width for n in box.source_strides),
            "target_strides": (0,) * missing + tuple(n * width for n in box.target_strides),
        }
        rows.append(Struct("tml_box_t", fields))
    return StructTable("boxes", tuple(rows))
