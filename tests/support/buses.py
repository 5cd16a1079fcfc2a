"""A program that does on a board's buses what a test asks over the serial line."""

import contextlib
import struct
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import serial

from tests.support.graphs import GraphBuilder, quantization
from tinyml.boards import Board
from tinyml.build import build_native, build_node
from tinyml.compiler import compile_model
from tinyml.emulator import Emulator
from tinyml.emulator.choice import VARIABLE
from tinyml.graph import DType
from tinyml.node import Sources
from tinyml.node.sources import bus_select

PROGRAM = Path(__file__).parents[1] / "emulator" / "buses"
REQUEST = struct.Struct("<BBBBBB")
ANSWER = struct.Struct("<iI")
OK, NACK, TIMEOUT, STUCK, NONE = 0, -1, -2, -3, -4
I2C, UART, ADC, ONE_WIRE, SOUND = 1, 2, 3, 4, 5
LIMIT_MS = 20


def tiny_model():
    b = GraphBuilder("tiny")
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(1 / 256, -128))
    b.op("LOGISTIC", [x], y)
    return b.build(y)


def selected(board: Board, buses: Iterable[str]) -> Sources:
    """What a build is given of these buses of a board."""
    chosen = {name: board.buses[name] for name in buses}
    files = {
        "bus_select.h": bus_select(chosen, board.port),
        "sensor_select.c": '#include "bus_select.h"\n#include "tml/bus.h"\n',
    }
    kinds = frozenset(bus.kind for bus in chosen.values())
    return Sources(files, (), (), kinds)


def built(place: Path, board: Board, buses: Iterable[str]) -> Path:
    """The program for a board, with these of its buses."""
    sensing = selected(board, buses)
    return build_node(tiny_model(), board, place, str(PROGRAM), sensing=sensing).elf_path


def built_natively(place: Path, board: Board, buses: Iterable[str]) -> Path:
    """The program for this computer, with buses as a board has them."""
    model = compile_model(tiny_model(), core="portable", name="model").write(place / "model")
    return build_native(model, str(PROGRAM), place / "build", sensing=selected(board, buses))


class BusBoard:
    """The program on a board, and its parts."""

    def __init__(self, port, parts, emulator=None):
        self.emulator = emulator
        self.port = port
        self.parts = parts
        self.took_us = 0
        port.timeout = 0.2
        deadline = time.monotonic() + 30
        while True:  # a byte that comes before the UART is set up is lost: ask with single zeros
            port.write(bytes(REQUEST.size))
            if len(port.read(ANSWER.size)) == ANSWER.size:
                break
            assert time.monotonic() < deadline, "the program does not answer"
        time.sleep(0.3)
        port.reset_input_buffer()
        port.timeout = 30

    def ask(self, kind, address=0, write=b"", count=0, index=0):
        """Status and bytes."""
        self.port.write(REQUEST.pack(kind, index, address, len(write), count, LIMIT_MS) + write)
        status, self.took_us = ANSWER.unpack(self.port.read(ANSWER.size))
        return status, self.port.read(count)


@contextlib.contextmanager
def on_emulator(name):
    """For what is started by a fixture of a module, before a test can say on what it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, name)
        yield


@contextlib.contextmanager
def running(board, elf, *parts, emulator="unicorn", **options):
    """The program on a board with these parts, of which Unicorn alone has ours."""
    with (
        on_emulator(emulator),
        Emulator(board, elf, parts=parts, **options) as started,
        serial.serial_for_url(started.serial_path, baudrate=115200) as port,
    ):
        yield BusBoard(port, started.models, started)
