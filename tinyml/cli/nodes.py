"""Building a node for an emulated board, as emulate and data record start one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.cli.output import progress_console
from tinyml.errors import UnsupportedModelError
from tinyml.graph import load
from tinyml.model import ModelSettings

SIMULATED_HZ: Final = 100.0  # firmware/apps/simulated_sensor


def emulated_node(board: Board, model: Path, place: Path, *, simulated_sensor: bool) -> Path:
    """The .elf of a node with a model in ``place``; what its sensor measures may be simulated.

    UnsupportedModelError where a model takes no samples, so that there is nothing to simulate.
    """
    graph = load(model)
    if simulated_sensor and ModelSettings.of(graph.metadata) is None:
        raise UnsupportedModelError(
            f"{model} has no front end, so a sensor cannot feed it; send it inputs from a "
            "host, or use a model that `tinyml train` made"
        )
    kind = "a node with a simulated sensor" if simulated_sensor else "the node"
    with progress_console.status(f"building {kind} for {board.name}"):
        app = "simulated_sensor" if simulated_sensor else "node"
        return build_node(graph, board, place, app).elf_path
