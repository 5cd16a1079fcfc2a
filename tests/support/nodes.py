"""Running nodes for tests: a native one under the sanitizers, or one on an emulated board."""

import contextlib
import fcntl
import hashlib
import os
import pty
import socket
import subprocess
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.support.shared import shared_models
from tests.support.targets import EMULATED, on_each, require_build, require_emulator, require_native
from tinyml import boards, build
from tinyml.compiler import compile_model
from tinyml.emulator import Emulator
from tinyml.emulator.wiring import Wiring
from tinyml.graph import Graph, Oracle, load
from tinyml.model import ModelSettings
from tinyml.resources import folder

TARGETS = ("host", *on_each(EMULATED))
SMALL_BOARD_BYTES = 12 * 1024  # of RAM
TINY_BOARD_BYTES = 4 * 1024
IMAGES = "TINYML_TEST_IMAGES"  # names the folder of all images of a test run, in all its processes


def model_name(target: str = "host") -> str:
    """A model that fits the target: with a front end and labels, but on the smallest boards."""
    ram_bytes = SMALL_BOARD_BYTES if target == "host" else boards.load(target).ram_bytes
    if ram_bytes < TINY_BOARD_BYTES:
        return "hello"
    return "occupancy" if ram_bytes < SMALL_BOARD_BYTES else "pump-simulated"


def shipped_model(target: str = "host") -> Graph:
    """The model of ``model_name``; skips where it is not shipped and not there."""
    name = model_name(target)
    if name == "hello":
        return load(shared_models() / "hello.tflite")
    return load(folder("models") / name / "model.tflite")


def samples_of(graph: Graph, count: int, seed: int = 20261124) -> np.ndarray:
    """Random windows for the front end, ``[count][window][channels]``; or inputs, without one."""
    print(f"seed {seed}")
    generator = np.random.default_rng(seed)
    settings = ModelSettings.of(graph.metadata)
    if settings is None:
        shape = (count, *graph.tensor(graph.inputs[0]).shape[1:])
        return generator.integers(-128, 128, shape).astype(np.int8)
    shape = (count, settings.front_end.window, settings.front_end.channels)
    return generator.integers(-3000, 3000, shape).astype(np.int16)


def outputs_of(graph: Graph, samples: np.ndarray) -> list[list[int]]:
    """What the oracle makes of them."""
    settings = ModelSettings.of(graph.metadata)
    inputs = samples if settings is None else settings.front_end.transform(samples)
    (outputs,) = Oracle(graph).run([inputs])
    return outputs.reshape(len(samples), -1).astype(int).tolist()


def build_node(target: str, graph: Graph) -> Path:
    """The node application with ``graph`` for ``target``, built once in a test run.

    Skips where a tool is missing.
    """
    if target == "host":
        require_native()
        core = "portable"
    else:
        core = require_build(target).core
    model = compile_model(graph, core=core, name="model")
    digest = hashlib.sha256(repr(sorted(model.files.items())).encode()).hexdigest()
    place = Path(os.environ[IMAGES]) / f"{target}-{digest[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        image = place / "build" / ("image" if target == "host" else "image.elf")
        if not (place / "built").exists():
            if target == "host":
                build.build_native(model.write(place / "model"), "node", place / "build")
            else:
                build.build_node(model, boards.load(target), place / "build")
            (place / "built").touch()
    return image


@contextlib.contextmanager
def running(target: str, image: Path, place: Path) -> Iterator[str]:
    """A fresh node; gives the port at which it answers."""
    if target == "host":
        with native(image, place / "storage") as port:
            yield port
    else:
        with Emulator(require_emulator(target), image) as emulator:
            yield emulator.serial_path


@contextlib.contextmanager
def answered(wiring: Wiring) -> Iterator[dict[str, str]]:
    """Parts that wait for a native program; gives the environment that tells it where."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):  # nobody came
                wiring.serve(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield {**os.environ, "TINYML_PARTS": str(server.getsockname()[1])}
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()
            wiring.close()


@contextlib.contextmanager
def native(
    image: Path, storage: Path | None, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """The native node behind a pseudo-terminal."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    options = ["--storage", str(storage)] if storage else []
    process = subprocess.Popen([str(image), *options], stdin=ours, stdout=ours, env=environment)
    try:
        yield os.ttyname(theirs)
    finally:
        early = process.poll()
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert early is None, f"the node ended by itself with {early}: see the sanitizers' report"
