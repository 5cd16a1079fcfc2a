"""The C text of steps that work on strips of rows, and of the segments that they make."""

from __future__ import annotations

from collections.abc import Sequence

from tinyml.compiler.c_values import C_TYPES, Expression, Struct, initializer
from tinyml.compiler.program import PlacedSegment, Program, Step
from tinyml.compiler.rows import RowTensor

_NOBODY = 255  # among the readers of tml_strip_step_t


def step_symbol(name: str, step: int) -> str:
    """The C name of a step's function, by which it can be found in an image."""
    return f"tml_{name}_step_{step:03d}"


def segment_symbol(name: str, segment: PlacedSegment) -> str:
    """The C name of a segment's function."""
    return f"tml_{name}_segment_{segment.first:03d}"


def strip_step_text(
    name: str, step: Step, whole: str, scratch_offset: int | None, attribute: str
) -> str:
    """A function that does one strip of a step.

    Args:
        name: of the model.
        step: whose call takes strips.
        whole: the initializer of its parameters.
        scratch_offset: in the arena, in bytes.
        attribute: of tables.
    """
    call = step.call
    assert call.strips is not None
    arguments = ["&params"]
    for position, operand in enumerate(step.inputs):
        ctype = C_TYPES[operand.dtype.numpy]
        arguments.append(f"(const {ctype} *)strip->sources[{position}]")
    arguments.append(f"({C_TYPES[step.outputs[0].dtype.numpy]} *)strip->target")
    if scratch_offset is not None:
        arguments.append(f"arena + {scratch_offset}")
    kind = call.params.type
    return "\n".join(
        [
            f"TML_MODEL_STEP void {step_symbol(name, step.index)}"
            "(uint8_t *arena, const tml_strip_t *strip) {",
            f"    static const TML_FLASH {kind} whole {attribute} = {whole};",
            f"    {kind} params = whole;",
            "    (void)arena;",
            *(f"    params.{field} = {value};" for field, value in call.strips.fields.items()),
            f"    {call.function}({', '.join(arguments)});",
            "}",
            "",
        ]
    )


def segment_text(
    name: str, segment: PlacedSegment, program: Program, offsets: Sequence[int], attribute: str
) -> str:
    """The table of a segment and the function that executes it."""
    symbol = segment_symbol(name, segment)
    count = len(segment.segment.steps)
    rows = [_step(name, segment, index, program, offsets) for index in range(count)]
    rows += [
        _source(source, offsets[buffer])
        for source, buffer in zip(segment.segment.sources, segment.sources, strict=True)
    ]
    table = "".join(f"    {initializer(row, {})},\n" for row in rows)
    fields = Struct(
        "tml_strip_segment_t",
        {
            "steps": Expression(f"{symbol}_steps"),
            "step_count": count,
            "source_count": len(segment.sources),
            "first_rows": segment.segment.first_rows,
            "strip_rows": segment.segment.strip_rows,
        },
    )
    return "\n".join(
        [
            f"static const tml_strip_step_t {symbol}_steps[{len(rows)}] {attribute} = {{",
            f"{table}}};",
            f"TML_MODEL_STEP void {symbol}(uint8_t *arena) {{",
            f"    static const tml_strip_segment_t segment {attribute} ="
            f" {initializer(fields, {})};",
            f"    tml_rows_t rows[{len(rows)}];",
            "    tml_run_strips(&segment, arena, rows);",
            "}",
            "",
        ]
    )


def _step(
    name: str, segment: PlacedSegment, index: int, program: Program, offsets: Sequence[int]
) -> Struct:
    step = segment.segment.steps[index]
    place = program.steps[segment.first + index].outputs[0].place
    assert isinstance(place, int)
    readers = segment.segment.readers(index) or (_NOBODY, _NOBODY)
    return Struct(
        "tml_strip_step_t",
        {
            "step": Expression(step_symbol(name, segment.first + index)),
            "offset": offsets[place],
            "row_bytes": step.output.row_bytes,
            "rows": step.output.rows,
            "stride": step.stride,
            "before": step.before,
            "reach": step.reach,
            "sources": (step.inputs[0], step.inputs[-1]),
            "readers": (readers[0], readers[-1]),
        },
    )


def _source(source: RowTensor, offset: int) -> Struct:
    return Struct(
        "tml_strip_step_t",
        {
            "step": None,
            "offset": offset,
            "row_bytes": source.row_bytes,
            "rows": source.rows,
            "readers": (_NOBODY, _NOBODY),
        },
    )
