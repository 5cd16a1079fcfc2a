"""Buses of the boards against parts on them: what they transfer, and how they fail in time.

A program of ours does on the board what this test asks over the serial line; the parts are models.
"""

import struct
import time
from dataclasses import replace
from typing import ClassVar

import pytest

from tests.support.buses import (
    ADC,
    I2C,
    LIMIT_MS,
    NACK,
    NONE,
    OK,
    ONE_WIRE,
    SOUND,
    STUCK,
    TIMEOUT,
    UART,
    built,
    running,
)
from tests.support.targets import on, require_build, require_emulator
from tinyml.emulator import Part
from tinyml.emulator.parts import AdcPart, I2cPart, OneWirePart, SoundPart, UartPart

# Boards with I2C, and the name of that bus.
I2C_BOARDS = [on(name, "unicorn") for name in ("mps2-an386", "microbit", "nrf52840-dk")]
NRF_BOARDS = [on(name, "unicorn") for name in ("microbit", "microbit-v2")]


class Memory(I2cPart):
    """Bytes behind a pointer, like many sensors; some of its ways are a test's to set."""

    models = ("test-memory",)
    refused: ClassVar[int | None] = None  # a byte that it does not take
    answers = True

    def __init__(self):
        self.cells = bytearray(range(256))
        self.pointer = 0
        self.writes = []

    def write(self, data):
        if self.refused is not None and self.refused in data:
            return False
        self.writes.append(data)
        if data:
            self.pointer = data[0]
            self.cells[self.pointer : self.pointer + len(data) - 1] = data[1:]
        return True

    def read(self, count):
        if not self.answers:
            return None
        data = (self.cells + self.cells)[self.pointer : self.pointer + count]
        self.pointer = (self.pointer + count) % 256
        return bytes(data)


class Voltage(AdcPart):
    models = ("test-voltage",)
    quantities: ClassVar = {"voltage": "volts"}
    volts = 1.5

    @property
    def microvolts(self):
        return round(self.volts * 1e6)


class Number(OneWirePart):
    """Answers the command 0x33 with its number, as parts of one-wire do."""

    models = ("test-number",)
    NUMBER = bytes.fromhex("28a1b2c3d4e5f60f")
    present = True

    def reset(self):
        self.coming = b""
        return self.present

    @property
    def sends(self):
        return bool(self.coming)

    def write(self, byte):
        self.coming = self.NUMBER if byte == 0x33 else b""

    def read(self):
        byte, self.coming = self.coming[0], self.coming[1:]
        return byte


class Tone(SoundPart):
    """Counts its samples, so that a wrong place shows."""

    models = ("test-tone",)
    count = 0

    def hear(self, count):
        first, self.count = self.count, self.count + count
        return [number % 32768 for number in range(first, first + count)]


class Talker(UartPart):
    """Says back what it was told, in capitals."""

    models = ("test-talker",)

    def __init__(self):
        self.coming = b""

    def take(self):
        coming, self.coming = self.coming, b""
        return coming

    def give(self, data):
        self.coming += data.upper()


@pytest.fixture(scope="module", params=I2C_BOARDS)
def i2c(request, tmp_path_factory):
    board = require_build(request.param)
    require_emulator(board.name)
    elf = built(tmp_path_factory.mktemp(board.name), board, ["i2c0"])
    # However busy this computer is: held clocks are held for a time.
    with running(board, elf, Part("test-memory", "i2c0", 0x50), instruction_clock=True) as found:
        yield found


@pytest.fixture
def memory(i2c):
    """The part, as it was at first."""
    part = i2c.parts[0]
    part.__init__()
    part.refused, part.answers, part.held_clocks, part.stretch_us = None, True, 0, 0
    return part


def test_bytes_are_written_and_read(i2c, memory):
    assert i2c.ask(I2C, 0x50, b"\x10", 1) == (OK, b"\x10")
    assert i2c.ask(I2C, 0x50, b"\x20", 40) == (OK, bytes(range(0x20, 0x48)))
    assert i2c.ask(I2C, 0x50, b"", 3) == (OK, b"\x48\x49\x4a")
    assert i2c.ask(I2C, 0x50, b"\x30hello") == (OK, b"")
    assert i2c.ask(I2C, 0x50, b"\x30", 5) == (OK, b"hello")
    assert memory.writes == [b"\x10", b"\x20", b"\x30hello", b"\x30"]


def test_an_address_is_asked_without_a_byte(i2c, memory):
    assert i2c.ask(I2C, 0x50) == (OK, b"")
    assert i2c.ask(I2C, 0x51) == (NACK, b"")
    assert memory.writes == [b""]


def test_who_is_not_there_or_refuses_is_noticed(i2c, memory):
    assert i2c.ask(I2C, 0x51, b"\x10", 2)[0] == NACK
    assert i2c.ask(I2C, 0x51, b"", 2)[0] == NACK
    memory.refused = 0xEE
    assert i2c.ask(I2C, 0x50, b"\x10\xee\x01")[0] == NACK
    memory.answers = False
    assert i2c.ask(I2C, 0x50, b"\x10", 2)[0] == NACK
    memory.answers = True
    assert i2c.ask(I2C, 0x50, b"\x10", 2) == (OK, b"\x10\x11")


def test_a_clock_that_is_held_for_a_while_is_waited_for(i2c, memory):
    memory.stretch_us = 5000
    assert i2c.ask(I2C, 0x50, b"\x10", 2) == (OK, b"\x10\x11")
    assert i2c.took_us >= 5000


def test_a_clock_that_is_held_too_long_ends_the_transfer(i2c, memory):
    memory.stretch_us = 200_000
    assert i2c.ask(I2C, 0x50, b"\x10", 2)[0] == TIMEOUT
    assert LIMIT_MS * 1000 <= i2c.took_us < 150_000
    memory.stretch_us = 0
    deadline = time.monotonic() + 30
    while (answer := i2c.ask(I2C, 0x50, b"\x10", 2))[0] != OK:
        assert time.monotonic() < deadline and i2c.took_us < 150_000
    assert answer == (OK, b"\x10\x11")


@pytest.mark.parametrize("clocks", [1, 8, 9])
def test_a_held_data_line_is_freed_by_clocks(i2c, memory, clocks):
    memory.held_clocks = clocks
    assert i2c.ask(I2C, 0x50, b"\x10", 2) == (OK, b"\x10\x11")


def test_a_data_line_that_stays_held_is_told_in_time(i2c, memory):
    memory.held_clocks = 10**6
    assert i2c.ask(I2C, 0x50, b"\x10", 2)[0] == STUCK
    assert i2c.took_us < 150_000
    memory.held_clocks = 0
    assert i2c.ask(I2C, 0x50, b"\x10", 2) == (OK, b"\x10\x11")


def test_wrong_pins_reach_nobody(tmp_path):
    """The nRF5's controllers take any pins: parts hang on the board's."""
    board = require_build("nrf52840-dk")
    bus = replace(board.buses["i2c0"], clock="P0.5", data="P0.6")
    moved = replace(board, buses={"i2c0": bus})
    elf = built(tmp_path, moved, ["i2c0"])
    with running(board, elf, Part("test-memory", "i2c0", 0x50)) as found:
        assert found.ask(I2C, 0x50, b"\x10", 2)[0] == NACK
        assert found.took_us < 150_000
    with running(board, elf, Part("test-memory", "i2c0", 0x50, ("P0.5", "P0.6"))) as found:
        assert found.ask(I2C, 0x50, b"\x10", 2) == (OK, b"\x10\x11")


@pytest.mark.parametrize("name", NRF_BOARDS)
def test_voltages(name, tmp_path):
    board = require_build(name)
    require_emulator(name)
    inputs = board.buses["adc0"].inputs
    step = 3.6 / (1024 if name == "microbit" else 4096)
    with running(
        board, built(tmp_path, board, ["adc0"]), Part("test-voltage", "adc0", inputs["P0"])
    ) as found:
        for volts in (0.0, 0.9, 1.2345, 3.3):
            found.parts[0].volts = volts
            status, data = found.ask(ADC, inputs["P0"], count=4)
            measured = int.from_bytes(data, "little", signed=True) / 1e6
            assert status == OK and volts - step <= measured <= volts + 1e-6
        status, data = found.ask(ADC, inputs["VDD"], count=4)
        assert abs(int.from_bytes(data, "little") / 1e6 - 3.0) <= step
        assert found.ask(ADC, 9, count=4)[0] == NONE


@pytest.mark.parametrize("name", NRF_BOARDS)
def test_one_wire(name, tmp_path):
    board = require_build(name)
    require_emulator(name)
    elf = built(tmp_path, board, ["onewire0"])
    with running(board, elf, Part("test-number", "onewire0", 0), instruction_clock=True) as found:
        part = found.parts[0]
        for _ in range(3):
            assert found.ask(ONE_WIRE, write=b"\x33", count=8) == (OK, Number.NUMBER)
        assert found.ask(ONE_WIRE, write=b"\x44\x5a", count=2) == (OK, b"\xff\xff")
        part.present = False
        assert found.ask(ONE_WIRE, write=b"\x33", count=8)[0] == NACK
        part.present, part.holds = True, True
        assert found.ask(ONE_WIRE, write=b"\x33", count=8)[0] == STUCK
        assert found.took_us < 10_000
        part.holds = False
        assert found.ask(ONE_WIRE, write=b"\x33", count=8) == (OK, Number.NUMBER)


@pytest.mark.parametrize("name", [on("nrf52840-dk", "unicorn"), on("mps2-an386", "unicorn")])
def test_a_serial_line_to_a_part(name, tmp_path):
    board = require_build(name)
    require_emulator(name)
    elf = built(tmp_path, board, ["uart1"])
    said = bytes(range(97, 123)) * 3  # more than the ring holds
    with running(board, elf, Part("test-talker", "uart1", 0)) as found:
        for piece in (said[:40], said[40:]):
            assert found.ask(UART, write=piece)[0] == OK
        heard = b""
        deadline = time.monotonic() + 30
        while len(heard) < len(said) and time.monotonic() < deadline:
            count, data = found.ask(UART, count=64)
            heard += data[:count]
        assert heard == said.upper()


@pytest.mark.parametrize("name", [on("microbit-v2", "unicorn")])
def test_a_microphone(name, tmp_path):
    """Samples come in their order at 16 kHz; those that nobody took in time are counted."""
    board = require_build(name)
    require_emulator(name)
    elf = built(tmp_path, board, ["pdm0"])

    def heard(found):
        status, data = found.ask(SOUND, count=124)
        assert status >= 0
        lost, *samples = struct.unpack("<I60h", data)
        return lost, samples[:status]

    begun = time.monotonic()
    with running(board, elf, Part("test-tone", "pdm0", 0)) as found:
        following = None
        while following is None or following < 20_000:
            lost, samples = heard(found)
            for sample in samples:
                assert following is None or sample == (following + lost) % 32768
                following, lost = (sample + 1) % 32768, 0
        time.sleep(0.5)
        # No faster than 16 kHz; the buffer that is being filled is heard at its end.
        assert found.parts[0].count <= 16_000 * (time.monotonic() - begun)
        lost, samples = heard(found)
        assert lost > 0 and samples[0] == (following + lost) % 32768


def test_all_buses_of_a_board_are_built_together(tmp_path):
    board = require_build("nrf52840-dk")
    assert built(tmp_path, board, board.buses).is_file()
