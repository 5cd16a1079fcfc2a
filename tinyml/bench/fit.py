"""Where a model fits, before anything is built: its own memory against each board's."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml import boards
from tinyml.compiler import compile_model
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
    for name in boards.names():
        board = boards.load(name)
        model = compile_model(graph, core=board.core)
        fits = model.arena_bytes + model.state_bytes <= board.ram_bytes
        fits = fits and model.constant_bytes <= board.flash_bytes
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
