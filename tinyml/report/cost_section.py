"""The report's section on cost: what front end, model and node take, and the model's layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tinyml.draw import numbers
from tinyml.report import figures
from tinyml.report.figures import Bar
from tinyml.report.html import Html, section, table, tag, wide_and_narrow
from tinyml.report.run_document import Board, Cost

_WIDE: Final = 620.0
_NARROW: Final = 420.0


def cost_section(cost: Cost | None, board: Board) -> Html:
    """All of it; nothing where no cost is known."""
    if cost is None:
        return Html("")
    return section(
        "Cost",
        tag("p", _instructions(cost) + _cycles(cost, board)),
        _table(cost),
        *(tag("p", f"Compiler pass: {line}.") for line in cost.passes),
        _stack("RAM", _ram(cost), board.name, board.ram_bytes),
        _stack("flash", _flash(cost), board.name, board.flash_bytes),
        _layers(cost),
    )


def _instructions(cost: Cost) -> str:
    macs = f"for {numbers.count(cost.macs)} multiply-accumulates"
    if not cost.front_end:
        alone = numbers.count(cost.instructions)
        return f"{alone} instructions per inference, counted exactly, {macs}."
    return (
        f"{numbers.count(cost.window_instructions)} instructions per window, counted "
        f"exactly: {numbers.count(cost.front_end_instructions)} for the "
        f"{cost.front_end} front end and {numbers.count(cost.instructions)} for the "
        f"model, {macs}."
    )


def _cycles(cost: Cost, board: Board) -> str:
    if not cost.window_estimated_cycles or not board.clock_hz:
        return ""
    return (
        f" About {numbers.count(cost.window_estimated_cycles)} cycles, an estimate: "
        f"{numbers.duration(cost.window_estimated_cycles / board.clock_hz)} at "
        f"{numbers.frequency(board.clock_hz)}."
    )


def _table(cost: Cost) -> Html:
    """Front end, model, both, and the node; nothing where only the model is known."""
    if not cost.front_end and not cost.node_flash_bytes:
        return Html("")
    flash = cost.flash_model_bytes + cost.flash_code_bytes
    rows = (
        (
            "instructions per window",
            cost.front_end_instructions, cost.instructions, cost.window_instructions, 0,
        ),
        (
            "cycles per window, an estimate",
            cost.front_end_estimated_cycles, cost.estimated_cycles,
            cost.window_estimated_cycles, 0,
        ),
        (
            "RAM, bytes",
            cost.front_end_ram_bytes, cost.ram_bytes,
            cost.front_end_ram_bytes + cost.ram_bytes, cost.node_ram_bytes,
        ),
        (
            "flash, bytes",
            cost.front_end_flash_bytes, flash, cost.front_end_flash_bytes + flash,
            cost.node_flash_bytes,
        ),
    )  # fmt: skip
    return table(
        "The model's RAM is arena, .data, .bss and the measured stack; its flash is "
        "weights and kernels. The node's RAM and flash are those of its whole image: "
        "with the link, the records and the reserved stack",
        ("", "front end", "model", "both", "whole node"),
        [
            [title, *(numbers.count(value) if value else numbers.MISSING for value in values)]
            for title, *values in rows
        ],
    )


def _ram(cost: Cost) -> list[Bar]:
    rest = cost.node_data_bss_bytes - cost.arena_bytes - cost.front_end_ram_bytes
    if rest < 0:  # of the node nothing is known
        return [
            _bar("arena: inputs, outputs, intermediate values", cost.arena_bytes),
            _bar("stack, the most in use", cost.stack_bytes),
            _bar(".data and .bss", cost.data_bss_bytes),
        ]
    return [
        _bar("arena: inputs, outputs, intermediate values", cost.arena_bytes),
        *([_bar("front end", cost.front_end_ram_bytes)] if cost.front_end else []),
        _bar("the node's reserved stack", cost.node_stack_bytes),
        _bar("the rest of the node: link, records", rest),
    ]


def _flash(cost: Cost) -> list[Bar]:
    model = [
        _bar("weights and tables", cost.flash_model_bytes),
        _bar("kernels", cost.flash_code_bytes),
    ]
    known = cost.flash_model_bytes + cost.flash_code_bytes + cost.front_end_flash_bytes
    rest = cost.node_flash_bytes - known
    if rest < 0:
        return [*model, _bar("start-up code", cost.flash_other_bytes)]
    return [
        *model,
        *([_bar("front end", cost.front_end_flash_bytes)] if cost.front_end else []),
        _bar("the rest of the node: link, records, start-up", rest),
    ]


def _bar(label: str, size: int) -> Bar:
    return Bar(label, size, numbers.size(size))


def _stack(memory: str, parts: Sequence[Bar], board: str, board_bytes: int) -> Html:
    total = sum(int(part.value) for part in parts)
    title = memory.capitalize() if memory.islower() else memory
    limit = Bar(f"{memory} of {board}", board_bytes, numbers.size(board_bytes))
    return wide_and_narrow(
        figures.stacked_bar(title, parts, limit, _WIDE),
        figures.stacked_bar(title, parts, limit, _NARROW),
        f"{title}: {numbers.size(total)} in all.",
    )


def _layers(cost: Cost) -> Html:
    if not cost.layers:
        return Html("")
    bars = [
        Bar(f"{layer.index} {layer.op}", layer.instructions, numbers.count(layer.instructions))
        for layer in cost.layers
    ]
    return wide_and_narrow(
        figures.bar_chart("Instructions by layer", bars, _WIDE),
        figures.bar_chart("Instructions by layer", bars, _NARROW),
        "Instructions of one inference, layer by layer.",
    )
