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

# Samples a second of a simulated sensor unless another rate is asked for: not the model's own, at
# which a model of slow things would log nothing within an hour.
SIMULATED_HZ: Final = 100.0


def emulated_node(board: Board, model: Path, place: Path, *, simulated_hz: float | None) -> Path:
    """The .elf of a node with a model in ``place``; a sensor may be simulated at a rate.

    UnsupportedModelError where a model takes no samples, so that there is nothing to simulate.
    """
    graph = load(model)
    if simulated_hz is not None and ModelSettings.of(graph.metadata) is None:
        raise UnsupportedModelError(
            f"{model} has no front end, so a sensor cannot feed it; send it inputs from a "
            "host, or use a model that `tinyml train` made"
        )
    kind = "the node" if simulated_hz is None else "a node with a simulated sensor"
    with progress_console.status(f"building {kind} for {board.name}"):
        if simulated_hz is None:
            return build_node(graph, board, place).elf_path
        period = f"TML_SAMPLE_PERIOD_US=UINT64_C({max(1, round(1e6 / simulated_hz))})"
        return build_node(graph, board, place, "simulated_sensor", [period]).elf_path
