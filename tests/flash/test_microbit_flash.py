"""The micro:bit's image is written as a debug probe does it: through the flash controller."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.support.nodes import build_node, outputs_of, samples_of, shipped_model
from tests.support.targets import on_each, require_board
from tests.support.tools import require_tool
from tinyml.build.elf import Elf
from tinyml.device import Node
from tinyml.emulator import Emulator
from tinyml.model import model_hash

LOADER = Path(__file__).parent / "nvmc" / "loader.c"
SCRIPT = LOADER.with_suffix(".ld")  # linkers place what they are not told about as they like
PAGE_BYTES = 1024
STACK_POINTER, PROGRAM_COUNTER, STATUS = 13, 15, 25  # as gdb counts them; xPSR
THUMB = 1 << 24
RAM_BYTES = range(0x20000000, 0x20004000)
STACK_BYTES = 1024


@pytest.fixture
def loader(tmp_path) -> Path:
    """A program that lies in RAM, so that nothing but itself is written into the flash."""
    require_board("microbit")
    found = tmp_path / "loader.elf"
    flags = ["-mcpu=cortex-m0", "-mthumb", "-Os", "-g", "-Wall", "-Wextra", "-Werror"]
    place = ["-nostdlib", f"-T{SCRIPT}", "-o", str(found)]
    compiler = require_tool("arm-none-eabi-gcc")
    subprocess.run([compiler, *flags, *place, str(LOADER)], check=True)
    for section in Elf.read(found).sections:
        if section.allocated:
            assert RAM_BYTES.start <= section.address
            assert section.address + section.bytes <= RAM_BYTES.stop - STACK_BYTES, section
    return found


@pytest.mark.parametrize("name", on_each(["microbit"]))
def test_a_node_written_by_the_flash_controller_starts_and_infers(name, loader):
    board = require_board(name)
    graph = shipped_model("microbit")
    image = build_node("microbit", graph).with_suffix(".bin").read_bytes()
    image += b"\xff" * (-len(image) % PAGE_BYTES)
    symbols = Elf.read(loader).symbols
    with Emulator(board, loader, gdb=True) as emulator:
        probe = emulator.gdb
        assert len(set(probe.read(0, len(image)))) == 1, "the flash was not empty"
        probe.set_register(STACK_POINTER, RAM_BYTES.stop)
        probe.set_register(STATUS, THUMB)
        probe.set_register(PROGRAM_COUNTER, symbols["program"].address & ~1)
        probe.add_breakpoint(symbols["finished"].address & ~1)
        for start in range(0, len(image), PAGE_BYTES):
            probe.write(symbols["page_address"].address, start.to_bytes(4, "little"))
            probe.write(symbols["page_words"].address, image[start : start + PAGE_BYTES])
            probe.resume()
        assert probe.read(0, len(image)) == image
        emulator.reset()  # before the loader could go on
        probe.detach()
        samples = samples_of(graph, 2)
        with Node(emulator.serial_path, timeout_s=20) as node:
            assert node.info().model_hash == model_hash(graph.sha256)
            found = [list(node.feed(window).output) for window in samples]
    np.testing.assert_array_equal(found, outputs_of(graph, samples))
