"""Flashing: UF2 block by block, complaints of tools in plain words, images for wrong boards."""

import importlib
import re
import struct
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from serial.tools import list_ports

from tests.support.nodes import build_node, running, shipped_model
from tinyml import boards
from tinyml.boards import Flashing
from tinyml.build.elf import Elf
from tinyml.cli.flash import command
from tinyml.errors import BuildError, FlashError, ToolMissingError
from tinyml.flash import (
    FLASHERS,
    Flasher,
    Job,
    drives,
    flash,
    flasher,
    require_image_for,
    tools,
    uf2,
    wait_for_node,
)

FAMILY = 0xE48BFF56
PROGRAMS = {name: tool for name, tool in FLASHERS.items() if isinstance(tool, Flasher)}


@given(st.binary(min_size=1, max_size=3000), st.integers(0, 2**20))
def test_a_uf2_holds_its_image(image, page):
    file = uf2.encode(image, 256 * page, FAMILY)
    assert len(file) % uf2.BLOCK_BYTES == 0
    address, content = uf2.decode(file, FAMILY)
    assert address == 256 * page
    assert content.startswith(image)
    assert len(content) - len(image) < uf2.PAYLOAD_BYTES


@pytest.mark.parametrize(
    ("offset", "what"),
    [
        (0, "magic"), (4, "magic"), (8, "flags"), (12, "address"), (16, "size"), (20, "number"),
        (24, "number"), (28, "family"), (508, "magic"),
    ],
)  # fmt: skip
def test_a_damaged_block_is_named(offset, what):
    file = bytearray(uf2.encode(bytes(1000), 0x10000000, FAMILY))
    at = 2 * uf2.BLOCK_BYTES + offset
    (value,) = struct.unpack_from("<I", file, at)
    struct.pack_into("<I", file, at, value ^ 0x100)
    with pytest.raises(FlashError, match=f"block 2 .* wrong {what}"):
        uf2.decode(bytes(file), FAMILY)


def test_a_cut_uf2_is_told():
    with pytest.raises(FlashError, match="is incomplete"):
        uf2.decode(uf2.encode(bytes(1000), 0, FAMILY)[:-1], FAMILY)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    for extension in ("elf", "bin", "hex"):
        (tmp_path / f"image.{extension}").write_bytes(b"image")
    return tmp_path / "image.elf"


def fake_tool(place: Path, program: str, script: str) -> None:
    """A program of this name that does what a shell script says."""
    path = place / "bin" / program
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


# What the tools must know of a board.
SETTINGS = {
    "avrdude_part": "m328p", "avrdude_programmer": "arduino", "bossac_offset": "0x2000",
    "esptool_chip": "esp32c3", "esptool_offset": "0x0", "openocd_scripts": ("board/some.cfg",),
    "pyocd_target": "nrf51", "template_chip": "m328p",
}  # fmt: skip


def job_for(tool: str, image: Path) -> Job:
    """A board that takes this tool."""
    board = replace(boards.load("microbit"), flashing=Flashing((tool,), (), SETTINGS))
    return Job(board, image, port="/dev/ttyACM0")


COMPLAINTS = [
    ("avrdude", "avrdude: stk500_recv(): programmer is not responding", "boot loader"),
    ("avrdude", "avrdude: Device signature = 0x1e9801", "another chip"),
    ("avrdude", "avrdude: ser_send(): write error: Input/output error", "plug it in"),
    ("pyocd", "No available debug probes are connected", "plug the board in"),
    ("openocd", "Error: unable to find a matching CMSIS-DAP device", "plug the board in"),
    ("openocd", "Error: libusb_open() failed with LIBUSB_ERROR_ACCESS", "udev"),
    ("stm32flash", "Failed to init device, timeout.", "BOOT0"),
    ("dfu-util", "No DFU capable USB device available", "hold BOOT"),
    ("dfu-util", "Lost device after RESET? LIBUSB_ERROR_NO_DEVICE", "was disconnected"),
    ("avrdude", "avrdude error: unable to open programmer arduino on port /dev/no", "plugged in"),
    ("bossac", "Error: a new one\nThank you", "it ended with: Error: a new one"),
    ("pyocd", "some new trouble", "it ended with: some new trouble"),
    ("pyocd", "", "it said nothing"),
]


@pytest.mark.parametrize(("tool", "said", "meaning"), COMPLAINTS)
def test_a_complaint_becomes_a_sentence(tool, said, meaning, image, tmp_path, monkeypatch):
    fake_tool(tmp_path, tool, f"echo '{said}' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    with pytest.raises(FlashError, match=meaning):
        flash(job_for(tool, image), tool)


@pytest.mark.parametrize("tool", sorted(PROGRAMS))
def test_a_tool_gets_the_image(tool, image, tmp_path, monkeypatch):
    job = job_for(tool, image)
    fake_tool(tmp_path, tool, f'echo "$@" > {tmp_path}/arguments')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    flash(job, tool)
    arguments = (tmp_path / "arguments").read_text()
    assert str(tmp_path / "image.") in arguments
    assert (Path(job.port).name in arguments) == PROGRAMS[tool].needs_port


@pytest.mark.parametrize("tool", ["pyocd", "dfu-util"])
def test_a_missing_tool_says_how_to_install_it(tool, image, tmp_path, monkeypatch):
    job = job_for(tool, image)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=rf"{tool}.* is not installed; type: "):
        flash(job, tool)


def test_the_template_is_a_flasher_and_not_in_the_list(image, tmp_path, monkeypatch):
    assert "template" not in FLASHERS
    monkeypatch.setattr(flasher, "FLASHERS", dict(FLASHERS))
    sys.modules.pop("tinyml.flash.flashers.template", None)
    importlib.import_module("tinyml.flash.flashers.template")
    monkeypatch.setattr(tools, "FLASHERS", flasher.FLASHERS)
    fake_tool(tmp_path, "template", f'echo "$@" > {tmp_path}/arguments')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    flash(job_for("template", image), "template")
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments == [
        "--chip", "m328p", "--port", "/dev/ttyACM0", str(image.with_suffix(".hex"))
    ]  # fmt: skip


def test_boards_name_only_flashers_and_settings_that_there_are():
    for name in boards.names():
        flashing = boards.load(name).flashing
        if flashing is None:
            continue
        assert set(flashing.tools) <= set(FLASHERS), name
        read = {key for tool in flashing.tools for key in FLASHERS[tool].settings}
        assert set(flashing.settings) <= {"boot_seconds", *read}, name


def test_drives_are_told_by_their_file_and_label(tmp_path):
    for name in ("MICROBIT", "NODE_F446RE", "MUSIC"):
        (tmp_path / name).mkdir()
    for name in ("MICROBIT", "NODE_F446RE"):
        (tmp_path / name / "DETAILS.TXT").touch()
    mounts = sorted(tmp_path.iterdir())
    assert drives(boards.load("nucleo-f446re"), mounts) == [tmp_path / "NODE_F446RE"]
    assert tmp_path / "MUSIC" not in drives(boards.load("microbit"), mounts)


def test_a_drive_gets_the_hex_and_its_refusal_is_told(image, tmp_path):
    drive = tmp_path / "drive"
    drive.mkdir()
    job = Job(boards.load("microbit"), image, drive=drive)
    flash(job, "drive")
    assert (drive / "tinyml.hex").read_bytes() == b"image"
    with pytest.raises(FlashError, match="is not a folder"):
        flash(Job(job.board, image, drive=tmp_path / "gone"), "drive")
    with pytest.raises(FlashError, match="no drive of microbit was found"):
        flash(Job(job.board, image), "drive")


@pytest.fixture(scope="module")
def node() -> Path:
    return build_node("microbit", shipped_model("microbit"))


def test_an_image_of_another_board_is_refused(node):
    require_image_for(boards.load("microbit"), node)
    with pytest.raises(FlashError, match="build it with --board nucleo-f446re"):
        require_image_for(boards.load("nucleo-f446re"), node)


@dataclass
class Plugged:
    """What pyserial tells of a port."""

    device: str
    usb: str
    description: str = ""

    @property
    def vid(self) -> int:
        return int(self.usb[:4], 16)

    @property
    def pid(self) -> int:
        return int(self.usb[5:], 16)


@pytest.mark.parametrize(
    ("usb", "words"),
    [
        ((), "found no USB device or drive of a known board; plug the board in"),
        (("0483:374b",), "nucleo-f446re, nucleo-l4r5zi, but .* fits none of them"),
        (("0d28:0204",), "may be any of microbit, microbit-v2: name it with --board"),
        (("1a86:7523",), "arduino-mega, arduino-uno, but .* fits none of them"),
        # An image for the start of the flash fits both; this one is told apart by its USB id.
        (("1366:1015",), "pyocd"),
    ],
)
def test_the_board_is_found_by_its_usb_id(usb, words, node, monkeypatch, tmp_path):
    plugged = [Plugged(f"/dev/ttyACM{number}", name) for number, name in enumerate(usb)]
    monkeypatch.setattr(list_ports, "comports", lambda: plugged)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(command, [str(node)])
    assert re.search(words, str(result.exception))


def test_a_missing_image_is_named_before_boards_are_looked_for(tmp_path):
    result = CliRunner().invoke(command, [str(tmp_path / "none.elf")])
    assert "none.elf cannot be read" in str(result.exception)


def test_an_image_cut_off_is_told(node, tmp_path):
    whole = node.read_bytes()
    for length in (4, 20, 60, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.elf").write_bytes(whole[:length])
        with pytest.raises(BuildError, match=r"cut off or damaged|not a 32-bit ELF"):
            require_image_for(boards.load("microbit"), tmp_path / "cut.elf")


def test_the_command_writes_and_hears_from_the_node(node, tmp_path):
    """The drive is a folder, the node behind the port an emulated one."""
    (tmp_path / "drive").mkdir()
    with running("microbit", node, tmp_path) as port:
        options = ["--board", "microbit", "--drive", str(tmp_path / "drive"), "--port", port]
        result = CliRunner().invoke(command, [str(node), *options], catch_exceptions=False)
        assert "microbit runs " in result.stdout
        assert (tmp_path / "drive" / "tinyml.hex").read_text().startswith(":")


def test_a_node_with_another_model_is_told(node, tmp_path):
    other = build_node("host", shipped_model("stm32vldiscovery"))
    with running("host", other, tmp_path) as port, pytest.raises(FlashError, match="another model"):
        wait_for_node(port, Elf.read(node))


def test_silence_is_told(node, tmp_path):
    with pytest.raises(FlashError, match="no node answers"):
        wait_for_node(str(tmp_path / "nothing"), Elf.read(node), timeout_s=0)


def test_an_emulated_board_is_not_flashed(node):
    result = CliRunner().invoke(command, [str(node), "--board", "mps2-an386"])
    assert "tinyml emulate mps2-an386" in str(result.exception)
