"""Emulated boards: the UART loses nothing, storage survives a reset, nothing is left behind."""

import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial

from tests.support.graphs import GraphBuilder, quantization
from tests.support.targets import EMULATED, on, on_each, require_build, require_emulator
from tinyml import boards
from tinyml.build import build_node
from tinyml.emulator import Emulator, emulators
from tinyml.emulator.choice import VARIABLE
from tinyml.errors import BuildError, EmulatorError, ToolMissingError
from tinyml.graph import DType

ECHO = Path(__file__).parent / "echo"
RESET = b"\x04"


def tiny_model():
    b = GraphBuilder("tiny")
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(1 / 256, -128))
    b.op("LOGISTIC", [x], y)
    return b.build(y)


@pytest.fixture(scope="module", params=on_each(EMULATED))
def echo(request, tmp_path_factory):
    """A board and an image that echoes."""
    board = require_build(request.param)
    place = tmp_path_factory.mktemp(board.name)
    return board, build_node(tiny_model(), board, place, str(ECHO)).elf_path


@pytest.fixture(autouse=True)
def required_emulator(request):
    if "echo" in request.fixturenames:
        require_emulator(request.getfixturevalue("echo")[0].name)


def open_port(url: str) -> serial.SerialBase:
    return serial.serial_for_url(url, baudrate=115200, timeout=30)


# Many bytes take long: one board for every port's UART, and one for TCP.
LONG = {boards.load(name).port: name for name in EMULATED}.values()


# The TCP port is the same for all boards.
FLOODS = [
    *(on(name, emulator, "pty") for name in EMULATED for emulator in emulators(boards.load(name))),
    on(boards.DEFAULT, "qemu", "tcp"),
]


@pytest.mark.parametrize(("echo", "over"), FLOODS, indirect=["echo"])
def test_no_byte_is_lost_in_a_flood_both_ways(echo, over):
    board, elf = echo
    count = 30_000 if board.name in LONG else 10_000
    seed = 11
    print(f"seed {seed}")
    data = random.Random(seed).randbytes(count).replace(RESET, b"x")
    with Emulator(board, elf) as emulator:
        url = emulator.serial_path if over == "pty" else emulator.serial_url
        with open_port(url) as port:
            time.sleep(0.2)
            port.reset_input_buffer()
            for start in range(0, len(data), 1000):
                piece = data[start : start + 1000]
                port.write(piece)
                assert port.read(len(piece)) == piece


def test_storage_survives_a_reset(echo):
    board, elf = echo
    with Emulator(board, elf) as emulator, open_port(emulator.serial_path) as port:
        # The first boot finds no mark and leaves one; perhaps nobody listened to it yet.
        # A byte that comes before the UART is set up is lost.
        port.timeout = 5
        answer = b""
        for _ in range(6):
            port.write(b"a")
            answer += port.read_until(b"a")
            if answer.endswith(b"a"):
                break
        assert answer in (b"a", b"\0a", b"\xffa")
        port.timeout = 30
        port.write(RESET)
        assert port.read(2) == RESET + b"S"
        emulator.reset()
        assert port.read(1) == b"S"


def test_nothing_is_left_behind(echo):
    board, elf = echo
    with Emulator(board, elf) as emulator:
        process = emulator._process
        place = emulator._place
        assert emulator.alive
    assert not process.alive
    assert not place.exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_emulator_ends_with_its_program(echo, how):
    board, elf = echo
    command = [sys.executable, "-m", "tinyml", "emulate", board.name, "--image", str(elf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        assert "Ctrl-C" in lines[0]
        assert "/dev/pts/" in lines[1]
        assert "socket://127.0.0.1:" in lines[2]
        children = _children(process.pid)
        assert len(children) == 1
        process.send_signal(how)
        assert process.wait(20) == {signal.SIGINT: 0, signal.SIGTERM: 143}.get(how, -how)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "the emulator is still there"
        time.sleep(0.05)


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


def test_a_broken_image_is_one_sentence(tmp_path):
    require_emulator("mps2-an386")
    broken = tmp_path / "broken.elf"
    broken.write_bytes(b"\x7fELF nonsense")
    with pytest.raises(BuildError, match="not a 32-bit ELF"):
        Emulator(boards.load("mps2-an386"), broken)


def test_a_tcp_port_in_use_is_named(echo):
    board, elf = echo
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(EmulatorError, match=f"TCP port {port} cannot be opened .*already"),
            Emulator(board, elf, tcp_port=port),
        ):
            pass


def test_an_image_for_another_core_is_refused(echo, tmp_path):
    board, elf = echo
    image = bytearray(elf.read_bytes())
    image[18] = 83 if image[18] == 40 else 40  # e_machine: AVR, or ARM
    (tmp_path / "other.elf").write_bytes(image)
    with pytest.raises(EmulatorError, match=f"built for another core than that of {board.name}"):
        Emulator(board, tmp_path / "other.elf")


def test_a_missing_emulator_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(VARIABLE, "qemu")
    with pytest.raises(ToolMissingError, match="apt install qemu-system-arm"):
        Emulator(boards.load("mps2-an386"), tmp_path / "image.elf")
