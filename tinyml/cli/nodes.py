"""Building a node for an emulated board, as emulate and data record start one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml import boards, project
from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.cli.output import progress_console
from tinyml.data.catalogue import read_entry
from tinyml.data.defaults import Plan
from tinyml.device.record import EMULATED_NUMBER
from tinyml.emulator import Emulator, Part, can_emulate
from tinyml.errors import ProjectError, UnsupportedModelError
from tinyml.graph import load
from tinyml.model import ModelSettings
from tinyml.node import NodePlan, Sources, sources
from tinyml.resources import folder

# Samples a second of a simulated sensor unless another rate is asked for: not the model's own, at
# which a model of slow things would log nothing within an hour.
SIMULATED_HZ: Final = 100.0


@dataclass(frozen=True)
class AskedNode:
    """What a user wants built."""

    model: Path  # a .tflite
    board: Board
    plan: NodePlan | None  # the sensors that it reads; None where its host feeds it
    sources: Sources | None  # and their C

    @property
    def sensors(self) -> list[str]:
        """As tinyml.toml may name them."""
        return [use.shown for use in self.plan.sensors] if self.plan else []


def asked_node(path: Path, board: str | None) -> AskedNode:
    """What a .tflite, or the folder of a project, asks for.

    ProjectError where there is no model in the folder, or [node] does not suit the model.
    """
    path = project.located(path)
    if not path.is_dir():
        return AskedNode(path, boards.load(board or boards.DEFAULT), None, None)
    found = project.find(path)
    if not found.model_path.is_file():
        raise ProjectError(
            f"{found.folder} has no model.tflite yet; make it with `tinyml train {path}`"
        )
    plan = project.node_on(found, board)
    if plan is None:
        return AskedNode(found.model_path, boards.load(board or found.board), None, None)
    settings = ModelSettings.of(load(found.model_path).metadata)
    where = f"{found.folder / project.FILE_NAME} [node]"
    return AskedNode(found.model_path, plan.board, plan, sources(plan, settings, where))


def emulated_parts(asked: AskedNode) -> list[Part]:
    """The sensors that an emulated board is given, of those that a project's node reads.

    One that the emulator has no model of does not answer, which the node notes in its log.
    """
    parts = []
    if asked.plan is not None:
        for use in asked.plan.sensors:
            if use.bus:
                bus = asked.plan.buses[use.bus]
                parts.append(Part(use.sensor.name, use.bus, use.address, (bus.clock, bus.data)))
    for part in parts:
        if not can_emulate(asked.board, part):
            progress_console.print(
                f"note: the emulated {asked.board.name} has no {part.name} on {part.bus}; the node "
                "will find it missing"
            )
    return [part for part in parts if can_emulate(asked.board, part)]


def emulated_node(
    board: Board,
    model: Path,
    place: Path,
    *,
    simulated_hz: float | None,
    sensing: Sources | None = None,
) -> Path:
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
            return build_node(graph, board, place, sensing=sensing).elf_path
        period = f"TML_SAMPLE_PERIOD_US={max(1, round(1e6 / simulated_hz))}ull"
        return build_node(graph, board, place, "simulated_sensor", [period]).elf_path


@contextlib.contextmanager
def simulated_node(
    board_name: str, plan: Plan, label: str, model: Path | None, rate_hz: float | None
) -> Iterator[str]:
    """A node on an emulated board, whose simulated sensor suits a data set; gives its port.

    Each class of the data set has a simulated sensor of its own.
    """
    entry = read_entry(plan.path) if plan.path.is_file() else None
    known = plan.labels if entry is None else entry.labels
    which = (known.index(label) if label in known else len(known)) % 256
    rate_hz = rate_hz or (SIMULATED_HZ if entry is None else entry.sample_rate_hz)
    own = plan.folder / "model.tflite"
    shipped = folder("models") / "pump-simulated" / "model.tflite"
    path = model or (own if own.is_file() else shipped)
    board = boards.load(board_name)
    with tempfile.TemporaryDirectory(prefix="tinyml-record-") as temporary:
        image = emulated_node(board, path, Path(temporary), simulated_hz=rate_hz)
        # The last byte chooses what is simulated: see firmware/sensors/simulated.c.
        number = EMULATED_NUMBER + os.urandom(3) + bytes([which])
        with Emulator(board, image, device_id=number) as emulator:
            yield emulator.serial_path
