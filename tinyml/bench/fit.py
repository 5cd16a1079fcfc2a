"""Where a model fits, before anything is built: its own memory against each board's."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml import boards
from tinyml.compiler import CompiledModel, compile_model
from tinyml.errors import UnsupportedModelError
from tinyml.graph import Graph


@dataclass(frozen=True)
class Fit:
    """A model's memory on a board, in bytes."""

    board: str
    arena_bytes: int | None  # None where the board's core cannot run it
    ram_bytes: int
    model_bytes: int | None  # constants; the code of the kernels comes on top
    flash_bytes: int
    fits: bool
    refused: str = ""  # why the core cannot run it


def memory_on_boards(graph: Graph) -> list[Fit]:
    """One row a board."""
    rows = []
    compiled: dict[str, CompiledModel | UnsupportedModelError] = {}
    for name in boards.names():
        board = boards.load(name)
        if board.core not in compiled:
            compiled[board.core] = _compiled(graph, board.core)
        model = compiled[board.core]
        if isinstance(model, UnsupportedModelError):
            rows.append(
                Fit(name, None, board.ram_bytes, None, board.flash_bytes, False, str(model))
            )
            continue
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


def _compiled(graph: Graph, core: str) -> CompiledModel | UnsupportedModelError:
    try:
        return compile_model(graph, core=core)
    except UnsupportedModelError as error:  # some cores lack operators that others have
        return error
