"""The Pico: its UF2 on a drive, block by block; what is on it runs on rp2040js."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support.nodes import build_node, outputs_of, samples_of, shipped_model
from tests.support.shared import shared_models
from tests.support.targets import on_each, require_board, require_emulator
from tinyml.device import Node
from tinyml.emulator import Emulator
from tinyml.errors import EmulatorError
from tinyml.flash import Job, flash, uf2
from tinyml.graph import load
from tinyml.model import model_hash

ROM_CRC_BYTES = 252
FAMILY = 0xE48BFF56


PICO = pytest.mark.parametrize("name", on_each(["pico"]))


@pytest.fixture(scope="module")
def elf() -> Path:
    return build_node("pico", shipped_model())


def test_the_boot_block_has_the_crc_that_the_rom_wants(elf):
    stage = elf.with_suffix(".bin").read_bytes()[: ROM_CRC_BYTES + 4]
    crc = 0xFFFFFFFF
    for byte in stage[:ROM_CRC_BYTES]:  # RP2040 datasheet, 2.8.1.3.1
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    assert int.from_bytes(stage[ROM_CRC_BYTES:], "little") == crc


@PICO
def test_what_lands_on_the_drive_runs_and_infers(name, elf, tmp_path):
    """A folder looks like the drive; the emulated chip gets what the copied file holds."""
    board = require_board(name)
    (tmp_path / "INFO_UF2.TXT").write_text("UF2 Bootloader\n")
    flash(Job(board, elf, drive=tmp_path), "uf2")
    image = elf.with_suffix(".bin").read_bytes()
    address, content = uf2.decode((tmp_path / "tinyml.uf2").read_bytes(), FAMILY)
    assert (address, content[: len(image)]) == (board.flash.origin, image)
    shutil.copy(elf, tmp_path / "copied.elf")
    (tmp_path / "copied.bin").write_bytes(content)
    graph = shipped_model()
    samples = samples_of(graph, 4)
    with Emulator(board, tmp_path / "copied.elf") as emulator, Node(emulator.serial_path) as node:
        assert node.info().model_hash == model_hash(graph.sha256)
        found = [list(node.feed(window).output) for window in samples]
    assert found == outputs_of(graph, samples)


@PICO
def test_keyword_spotting_is_bit_exact(name):
    board = require_board(name)
    image = build_node("pico", load(shared_models() / "kws.tflite"))
    golden = np.load(shared_models() / "golden" / "kws.npz")
    with Emulator(board, image) as emulator, Node(emulator.serial_path, timeout_s=20) as node:
        for number in range(2):
            record = node.feed(golden[f"input{number}"].tobytes())
            assert list(record.output) == golden[f"output{number}"].ravel().tolist()


@PICO
def test_a_damaged_boot_stage_does_not_start(name, elf, tmp_path):
    board = require_board(name)
    shutil.copy(elf, tmp_path / "image.elf")
    content = bytearray(elf.with_suffix(".bin").read_bytes())
    content[10] ^= 1
    (tmp_path / "image.bin").write_bytes(content)
    with pytest.raises(EmulatorError, match="wrong CRC"), Emulator(board, tmp_path / "image.elf"):
        pass


@PICO
def test_an_image_is_needed(name):
    board = require_emulator(name)
    with pytest.raises(EmulatorError, match="image"):
        Emulator(board, None)
