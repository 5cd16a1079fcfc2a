"""AVR boards: written by the real avrdude over real boot loaders; the kernels they may use."""

import json
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.kernels import cases
from tests.support.graphs import GraphBuilder, quantization
from tests.support.nodes import build_node, outputs_of, samples_of, shipped_model
from tests.support.shared import shared_models
from tests.support.synthetic import Network
from tests.support.targets import require_board
from tests.support.tools import require_package, require_tool
from tinyml.boards import Emulation
from tinyml.compiler import compile_model
from tinyml.compiler.lower.base import TESTED_ON_AVR
from tinyml.device import Node
from tinyml.emulator import Emulator, Faults
from tinyml.errors import EmulatorError, FlashError, UnsupportedModelError
from tinyml.flash import Job
from tinyml.flash import flash as write
from tinyml.graph import DType, Oracle, load
from tinyml.model import model_hash

LOADERS = Path("/usr/share/arduino/hardware/arduino/avr/bootloaders")  # of arduino-core-avr
LOADER_OF = {
    "arduino-uno": LOADERS / "optiboot" / "optiboot_atmega328.hex",
    "arduino-mega": LOADERS / "stk500v2" / "stk500boot_v2_mega2560.hex",
}
TURNS = 20  # through all makers of random cases, until one comes to a kernel


def loader_of(board: str) -> Path:
    """The boot loader that the board is sold with; skips as for a missing tool."""
    require_tool("avrdude")
    return require_package("arduino-core-avr", LOADER_OF[board])


def flash(board: str, image: Path, port: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinyml", "flash", str(image), "--board", board]
    command += ["--port", port, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("name", LOADER_OF)
def test_avrdude_writes_the_node_and_it_infers(name):
    board, loader = require_board(name), loader_of(name)
    graph = load(shared_models() / "hello.tflite")
    image = build_node(name, graph)
    golden = np.load(shared_models() / "golden" / "hello.npz")
    with Emulator(board, None, boot_loader=loader) as emulator:
        done = flash(name, image, emulator.serial_path, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["model_hash"] == model_hash(graph.sha256)
        with Node(emulator.serial_url) as node:  # over TCP: opening it resets nothing
            for number in range(3):
                record = node.feed(golden[f"input{number}"].tobytes())
                assert list(record.output) == golden[f"output{number}"].ravel().tolist()


def test_a_board_unplugged_half_way_can_be_flashed_again():
    board, loader = require_board("arduino-uno"), loader_of("arduino-uno")
    image = build_node("arduino-uno", shipped_model("arduino-uno"))
    faults = Faults.parse(["unplug@400"], seed=0)  # pages are answered by a few bytes each
    with Emulator(board, None, boot_loader=loader, faults=faults) as emulator:
        port = emulator.serial_path
        done = flash("arduino-uno", image, port)
        assert done.returncode != 0
        assert re.search(r"^error: .*plug it in and flash it again$", done.stderr, re.MULTILINE)
        done = flash("arduino-uno", image, port)
        assert done.returncode == 0, done.stderr


def test_another_board_is_told_by_its_signature():
    board, loader = require_board("arduino-uno"), loader_of("arduino-uno")
    image = build_node("arduino-uno", shipped_model("arduino-uno"))
    other = replace(board, flashing=replace(board.flashing, settings={
        **board.flashing.settings, "avrdude_part": "atmega328pb"}))  # fmt: skip
    with (
        Emulator(board, None, boot_loader=loader) as emulator,
        pytest.raises(FlashError, match="the connected board has another chip"),
    ):
        write(Job(other, image, port=emulator.serial_path), "avrdude")


def small_network():
    """Layers as networks for 8-bit boards have them."""
    net = Network("small", (1, 8, 8, 2))
    x = net.conv(net.x, 4, (3, 3))
    x = net.pool(net.add(x, net.depthwise(x)), 2)
    return net.head(x, 3)


def test_a_network_on_an_8_bit_board_is_right():
    board = require_board("arduino-mega")
    graph = small_network()
    image = build_node(board.name, graph)
    samples = samples_of(graph, 3)
    with Emulator(board, image) as emulator, Node(emulator.serial_path) as node:
        found = [list(node.feed(sample.tobytes()).output) for sample in samples]
    assert found == outputs_of(graph, samples)


@pytest.mark.parametrize("source", sorted(TESTED_ON_AVR))
def test_a_kernel_declared_for_8_bit_boards_is_right(source):
    board = require_board("arduino-mega")
    graph = first_case(source, board.core)
    samples = samples_of(graph, 3)
    oracle = Oracle(graph)
    (output,) = graph.outputs
    image = build_node(board.name, graph)
    with Emulator(board, image) as emulator, Node(emulator.serial_path) as node:
        for sample in samples:
            found = list(node.feed(sample.tobytes()).output)
            wanted = dict(oracle.trace((sample[np.newaxis],)))[output]
            assert found == wanted.ravel().tolist()


def first_case(source, core):
    """The first random case for the node that comes to this kernel on an 8-bit board."""
    rng = np.random.default_rng(zlib.crc32(source.encode()))
    for name in TURNS * list(cases.MAKERS):
        graph = cases.make(name, rng).graph
        if fits_the_node(graph) and source in sources_on(core, graph):
            return graph
    raise AssertionError(f"no random case comes to {source}")


def fits_the_node(graph):
    ends = [graph.tensor(index) for index in (*graph.inputs, *graph.outputs)]
    alike = [tensor.dtype is DType.INT8 and tensor.shape[0] == 1 for tensor in ends]
    return len(ends) == 2 and all(alike) and sum(tensor.bytes for tensor in ends) < 1000


def sources_on(core, graph):
    """Kernels of a graph; none where the core does not run it."""
    try:
        return {step.call.source for step in compile_model(graph, core=core).program.steps}
    except UnsupportedModelError:
        return set()


def test_other_operators_are_refused():
    b = GraphBuilder("case")
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(1 / 128))
    graph = b.build(b.op("L2_NORMALIZATION", [x], y, activation=0))
    with pytest.raises(UnsupportedModelError, match="take a 32-bit board"):
        compile_model(graph, core="atmega328p")


def test_qemus_mega_runs_the_node_too():
    """Without EEPROM, watchdog and a sleep that ends; the port knows."""
    board = require_board("arduino-mega")
    require_tool("qemu-system-avr")
    graph = load(shared_models() / "hello.tflite")
    image = build_node(board.name, graph)
    samples = samples_of(graph, 5)
    on_qemu = replace(board, emulator=Emulation("qemu-system-avr", "mega2560", (), None))
    fed = _fed_before_and_after_a_reset(on_qemu, image, samples)
    assert fed == 2 * outputs_of(graph, samples)


def _fed_before_and_after_a_reset(board, image, samples):
    with Emulator(board, image) as emulator, Node(emulator.serial_path) as node:
        assert not node.info().persistent
        fed = [list(node.feed(sample.tobytes()).output) for sample in samples]
        node.reset()
        return fed + [list(node.feed(sample.tobytes()).output) for sample in samples]


def test_what_is_no_boot_loader_is_told(tmp_path):
    board = require_board("arduino-uno")
    path = tmp_path / "loader.hex"
    for text, reason in (
        (":00000001", "line 1 is not a line of an Intel hex"),
        (":0400000001020304F2\n:02000004000FEB\n:0100000001FE\n", "is not a boot loader for"),
        ("\xff", "cannot be read"),
    ):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(EmulatorError, match=reason):
            Emulator(board, None, boot_loader=path)


def test_what_simavr_lacks_is_told():
    board = require_board("arduino-uno")
    with pytest.raises(EmulatorError, match="needs an image or a boot loader"):
        Emulator(board, None)
    image = build_node("arduino-uno", shipped_model("arduino-uno"))
    for lacking in ("gdb", "counting", "instruction_clock"):
        with pytest.raises(EmulatorError, match="choose a board that QEMU or Unicorn emulates"):
            Emulator(board, image, **{lacking: True})
