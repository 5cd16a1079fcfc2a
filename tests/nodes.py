"""Running nodes for tests: a native one under the sanitizers, or one on an emulated board."""

import contextlib
import os
import pty
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path

from tests.targets import EMULATED, require_board
from tests.tools import require_tool
from tinyml import boards
from tinyml.build import build_image, build_native
from tinyml.compiler import compile_model
from tinyml.emulator import Emulator
from tinyml.graph import Graph, load
from tinyml.resources import folder

TARGETS = ("host", *EMULATED)
SMALL_BOARD_BYTES = 12 * 1024  # of RAM


def shipped_model(target: str = "host") -> Graph:
    """A model with a front end and labels that fits the target."""
    small = target != "host" and boards.load(target).ram_bytes < SMALL_BOARD_BYTES
    name = "occupancy" if small else "pump-simulated"
    return load(folder("models") / name / "model.tflite")


def build_node(target: str, graph: Graph, place: Path) -> Path:
    """The node application with ``graph`` for ``target``; skips where a tool is missing."""
    if target == "host":
        require_tool("gcc")
        core = "portable"
    else:
        core = require_board(target).core
    compile_model(graph, core=core, name="model").write(place / "model")
    if target == "host":
        return build_native(place / "model", "node", place / "build")
    return build_image(boards.load(target), place / "model", "node", place / "build").elf_path


@contextlib.contextmanager
def running(target: str, image: Path, place: Path) -> Iterator[str]:
    """A fresh node; gives the port at which it answers."""
    if target == "host":
        with native(image, place / "storage") as port:
            yield port
    else:
        with Emulator(boards.load(target), image) as emulator:
            yield emulator.serial_path


@contextlib.contextmanager
def native(image: Path, storage: Path | None) -> Iterator[str]:
    """The native node behind a pseudo-terminal."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    options = ["--storage", str(storage)] if storage else []
    process = subprocess.Popen([str(image), *options], stdin=ours, stdout=ours)
    try:
        yield os.ttyname(theirs)
    finally:
        early = process.poll()
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert early is None, f"the node ended by itself with {early}: see the sanitizers' report"
