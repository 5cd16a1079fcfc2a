"""Buses of the native program, under the sanitizers, with the parts of emulated boards."""

import time

import pytest
import serial

from tests.support.buses import (
    ADC,
    I2C,
    NACK,
    NONE,
    OK,
    ONE_WIRE,
    STUCK,
    TIMEOUT,
    UART,
    BusBoard,
    built_natively,
)
from tests.support.nodes import answered, native
from tests.support.targets import require_native
from tests.support.thermometer import thermometer
from tinyml import boards
from tinyml.build import build_native
from tinyml.compiler import compile_model
from tinyml.device import EventKind, Node
from tinyml.documents import Fields
from tinyml.emulator.parts import MODELS, AdcPart, OneWirePart, UartPart
from tinyml.emulator.wiring import Wiring
from tinyml.errors import ProjectError
from tinyml.model import ModelSettings
from tinyml.node import read_plan, sources

BOARD = "nrf52840-dk"  # whose buses are taken
BUSES = {"i2c0": "i2c", "adc0": "adc", "onewire0": "one_wire", "uart1": "uart"}


class Voltage(AdcPart):
    microvolts = 1_234_567


class Echo(UartPart):
    def __init__(self):
        self.said = b""

    def take(self):
        said, self.said = self.said, b""
        return said

    def give(self, data):
        self.said += data


class Number(OneWirePart):
    present = True
    coming = b""

    def reset(self):
        self.coming = b""
        return self.present

    @property
    def sends(self):
        return bool(self.coming)

    def write(self, byte):
        self.coming = bytes.fromhex("28a1b2c3") if byte == 0x33 else b""

    def read(self):
        byte, self.coming = self.coming[0], self.coming[1:]
        return byte


@pytest.fixture(scope="module")
def parts():
    return [MODELS["lm75"](), Voltage(), Number(), Echo()]


@pytest.fixture(scope="module")
def program(parts, tmp_path_factory):
    """Buses are numbered as BUSES has them."""
    require_native()
    image = built_natively(tmp_path_factory.mktemp("buses"), boards.load(BOARD), BUSES)
    kinds = {str(number): kind for number, kind in enumerate(BUSES.values())}
    places = [("0", 0x48), ("1", 3), ("2", 0), ("3", 0)]
    with (
        answered(Wiring(kinds, dict(zip(places, parts, strict=True)))) as environment,
        native(image, None, environment) as path,
        serial.serial_for_url(path, baudrate=115200) as port,
    ):
        yield BusBoard(port, parts)


def test_i2c(program):
    assert program.ask(I2C, 0x48, b"\x01\x60") == (OK, b"")
    assert program.ask(I2C, 0x48, b"\x01", 1) == (OK, b"\x60")
    assert program.ask(I2C, 0x49, b"\x01", 1)[0] == NACK
    part = program.parts[0]
    part.held_clocks = 9
    assert program.ask(I2C, 0x48, b"\x01", 1) == (OK, b"\x60")
    part.held_clocks = 10**6
    assert program.ask(I2C, 0x48, b"\x01", 1)[0] == STUCK
    part.held_clocks, part.stretch_us = 0, 10**6
    assert program.ask(I2C, 0x48, b"\x01", 1)[0] == TIMEOUT
    part.stretch_us = 0
    assert program.ask(I2C, 0x48) == (OK, b"")


def test_other_buses(program):
    assert program.ask(ADC, 3, count=4, index=1) == (OK, (1_234_567).to_bytes(4, "little"))
    assert program.ask(ONE_WIRE, write=b"\x33", count=4, index=2) == (
        OK,
        bytes.fromhex("28a1b2c3"),
    )
    program.parts[2].present = False
    assert program.ask(ONE_WIRE, write=b"\x33", count=4, index=2)[0] == NACK
    assert program.ask(UART, write=b"hello", index=3)[0] == OK
    assert program.ask(UART, count=2, index=3) == (2, b"he")
    assert program.ask(UART, count=9, index=3) == (3, b"llo" + bytes(6))
    assert program.ask(I2C, 0x48, index=9)[0] == NONE


def test_a_node_with_a_thermometer(tmp_path):
    require_native()
    graph = thermometer()
    table = {"sensors": ["lm75@i2c0:0x48"], "inputs": True}
    plan = read_plan(Fields(table, "tinyml.toml [node]", ProjectError), tmp_path, BOARD)
    made = sources(plan, ModelSettings.of(graph.metadata), "tinyml.toml [node]")
    model = compile_model(graph, core="portable", name="model").write(tmp_path / "model")
    image = build_native(model, "node", tmp_path / "build", sensing=made)
    part = MODELS["lm75"]()
    part.temperature_c = 35.25
    with (
        answered(Wiring({"0": "i2c"}, {("0", 0x48): part})) as environment,
        native(image, tmp_path / "storage", environment) as port,
        Node(port) as node,
    ):
        deadline = time.monotonic() + 60
        while not (batch := node.records(0)).records:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert batch.records[0].inputs == (3525, 3525, 3525)
        part.held_clocks = 10**9
        while not (batch := node.records(batch.newest)).events:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert batch.events[0].kind == EventKind.SENSOR_FAILED
