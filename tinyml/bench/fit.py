"""Where a model fits, before anything is built: its own memory against each board's."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml import boards
from tinyml.compiler import CompiledModel, compile_model
from tinyml.graph import Graph


@dataclass(frozen=True)
class Fit:
    """A model's memory on a board, in bytes."""

    board: str
    arena_bytes: int
    ram_bytes: int
    model_bytes: int  # constants; the code of the kernels comes on top
    flash_bytes: int
    fits: bool


def memory_on_boards(graph: Graph) -> list[Fit]:
    """One row a board."""
    rows = []
    compiled: dict[str, CompiledModel] = {}
    for name in boards.names():
        board = boards.load(name)
        if board.core not in compiled:
            compiled[board.core] = compile_model(graph, core=board.core)
        model = compiled[board.core]
        ram_bytes = model.arena_bytes + model.state_bytes + board.node.stack_bytes
        fits = ram_bytes <= board.data.bytes and model.constant_bytes <= board.code.bytes
        rows.append(
            Fit(
                name,
                model.arena_bytes,
                board.ram_bytes,
                model.constant_bytes,
                board.flash_bytes,
                fits,
            )
        )
    return rows
