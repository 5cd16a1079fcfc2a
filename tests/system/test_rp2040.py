"""The Pico's UF2 on an emulator made by others: rp2040js, where npm has put it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.nodes import build_node, shipped_model
from tests.tools import require_tool
from tinyml import boards
from tinyml.device import Node
from tinyml.features import ModelSettings
from tinyml.flash import Job, flash, uf2
from tinyml.graph import Oracle

RUNNER = Path(__file__).parents[1] / "rp2040" / "run.mjs"
ROM_CRC_BYTES = 252


def rp2040js() -> Path:
    """The folder whose node_modules hold the emulator."""
    folder = Path(os.environ.get("TINYML_NODE_MODULES", ".")).resolve()
    if not (folder / "node_modules" / "rp2040js").is_dir():
        if "rp2040js" in os.environ.get("TINYML_REQUIRE", "").split(","):
            pytest.fail("rp2040js is required here; npm install rp2040js, set TINYML_NODE_MODULES")
        pytest.skip("rp2040js is not installed: npm install rp2040js, set TINYML_NODE_MODULES")
    return folder


@pytest.fixture(scope="module")
def elf(tmp_path_factory) -> Path:
    return build_node("pico", shipped_model(), tmp_path_factory.mktemp("pico"))


@contextlib.contextmanager
def running(file: Path) -> Iterator[str]:
    command = [require_tool("node"), str(RUNNER), str(file)]
    environment = {**os.environ, "RP2040JS_FROM": str(rp2040js())}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield f"socket://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def test_the_boot_block_has_the_crc_that_the_rom_wants(elf):
    stage = elf.with_suffix(".bin").read_bytes()[: ROM_CRC_BYTES + 4]
    crc = 0xFFFFFFFF
    for byte in stage[:ROM_CRC_BYTES]:  # RP2040 datasheet, 2.8.1.3.1
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    assert int.from_bytes(stage[ROM_CRC_BYTES:], "little") == crc


def test_what_lands_on_the_drive_runs_and_infers(elf, tmp_path):
    rp2040js()
    (tmp_path / "INFO_UF2.TXT").write_text("UF2 Bootloader\n")
    board = boards.load("pico")
    flash(Job(board, elf, drive=tmp_path), "uf2")
    file = tmp_path / "tinyml.uf2"
    image = elf.with_suffix(".bin").read_bytes()
    address, content = uf2.decode(file.read_bytes(), 0xE48BFF56)
    assert (address, content[: len(image)]) == (board.flash.origin, image)
    graph = shipped_model()
    front_end = ModelSettings.from_bytes(graph.metadata["tinyml"]).front_end
    seed = 20261124
    print(f"seed {seed}")
    shape = (4, front_end.window, front_end.channels)
    samples = np.random.default_rng(seed).integers(-3000, 3000, shape).astype(np.int16)
    (expected,) = Oracle(graph).run([front_end.transform(samples)])
    with running(file) as port, Node(port, timeout_s=30) as node:
        assert node.info().model_hash == graph.sha256
        found = [list(node.feed(window).output) for window in samples]
    assert found == expected.reshape(len(samples), -1).astype(int).tolist()
