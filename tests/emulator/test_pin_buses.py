"""Buses that ports drive by pins, in virtual time and without a board: random transfers and faults.

The C is compiled for this computer under the undefined-behaviour sanitizer; its pins are those of
the emulated boards, behind which parts of ours hang. A question after the time takes 1 us.
"""

import ctypes
import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.targets import require_native
from tinyml.emulator.parts import I2cPart, OneWirePart
from tinyml.emulator.wiring import Wiring
from tinyml.resources import folder

RUNNER = folder("tinyml") / "emulator" / "runners" / "unicorn_board"
OK, NACK, TIMEOUT, STUCK = 0, -1, -2, -3
LIMIT_US = 20_000
ADDRESS = 0x42
CLOCK = """
#include "tml/port.h"
static uint64_t now_us;
void pass(uint32_t us);
void pass(uint32_t us) { now_us += us; }
uint64_t tml_port_monotonic_us(void) { return now_us++; }
"""
PUT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_bool)
LOOK = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)
WAIT = ctypes.CFUNCTYPE(None, ctypes.c_uint32)
MASK = ctypes.CFUNCTYPE(None, ctypes.c_bool)


class I2cPins(ctypes.Structure):
    """tml_i2c_pins_t."""

    _fields_ = (
        ("context", ctypes.c_void_p),
        ("clock", PUT),
        ("data", PUT),
        ("clock_is_high", LOOK),
        ("data_is_high", LOOK),
        ("half_us", ctypes.c_uint32),
    )


class OneWirePins(ctypes.Structure):
    """tml_one_wire_pins_t."""

    _fields_ = (
        ("context", ctypes.c_void_p),
        ("put", PUT),
        ("is_high", LOOK),
        ("wait", WAIT),
        ("mask", MASK),
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    gcc = require_native()
    place = tmp_path_factory.mktemp("pins")
    (place / "clock.c").write_text(CLOCK)
    common = folder("firmware") / "ports" / "common"
    sources = [place / "clock.c", common / "bus_pins_i2c.c", common / "bus_pins_one_wire.c"]
    subprocess.run(
        [
            gcc, "-std=gnu11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
            "-fsanitize=undefined", "-fno-sanitize-recover=all",
            f"-I{folder('firmware') / 'include'}", *sources, "-o", place / "pins.so",
        ],
        check=True,
    )  # fmt: skip
    found = ctypes.CDLL(str(place / "pins.so"))
    found.tml_port_monotonic_us.restype = ctypes.c_uint64
    return found


@pytest.fixture(scope="module")
def runner():
    """Modules of the emulated boards, which are a program by itself."""
    sys.path.insert(0, str(RUNNER))
    try:
        import pin_i2c
        import pin_one_wire
        import wires

        yield pin_i2c.PinI2c, pin_one_wire.PinOneWire, wires.I2cWire
    finally:
        sys.path.remove(str(RUNNER))


class Memory(I2cPart):
    """Bytes behind a pointer; it refuses one value."""

    REFUSED = 0xEE

    def __init__(self):
        self.cells = bytearray(range(256))
        self.pointer = 0

    def write(self, data):
        if self.REFUSED in data:
            return False
        if data:
            self.pointer = data[0]
            for byte in data[1:]:
                self.cells[self.pointer] = byte
                self.pointer = (self.pointer + 1) % 256
        return True

    def read(self, count):
        data = bytes(self.cells[(self.pointer + i) % 256] for i in range(count))
        self.pointer = (self.pointer + count) % 256
        return data


class Number(OneWirePart):
    """Repeats what was written to it, with all bits turned."""

    present = True

    def __init__(self):
        self.said = b""

    def reset(self):
        self.said = b""
        return self.present

    @property
    def sends(self):
        return len(self.said) >= 3

    def write(self, byte):
        self.said += bytes([byte])

    def read(self):
        byte, self.said = self.said[0] ^ 0xFF, self.said[1:] + self.said[:1]
        return byte


class Wire:
    """As the emulated board's, without a process in between."""

    def __init__(self, kind, part, now_us):
        self.wiring = Wiring({"bus": kind}, {("bus", ADDRESS if kind == "i2c" else 0): part})
        self.now_us = now_us

    def ask(self, question):
        return self.wiring.answer(f"bus {self.now_us()} {question}")


class I2cMaster:
    """The C, and a part at its pins."""

    def __init__(self, library, runner, part):
        pin_i2c, _, i2c_wire = runner
        self.library = library
        self.lines = pin_i2c(
            i2c_wire(Wire("i2c", part, library.tml_port_monotonic_us)), self.now_ns
        )
        self.clock = self.data = True
        self.shorted_after = None  # looks and changes until the data line is shorted to ground
        self.pins = I2cPins(
            None, PUT(self.put_clock), PUT(self.put_data), LOOK(self.clock_is_high),
            LOOK(self.data_is_high), 5,
        )  # fmt: skip

    def now_ns(self):
        return 1000 * self.library.tml_port_monotonic_us()

    def step(self):
        if self.shorted_after is not None:
            self.shorted_after -= 1

    @property
    def is_shorted(self):
        return self.shorted_after is not None and self.shorted_after <= 0

    def put_clock(self, _, high):
        self.step()
        self.clock = high
        self.lines.put(self.clock, self.data and not self.is_shorted)

    def put_data(self, _, high):
        self.step()
        self.data = high
        self.lines.put(self.clock, self.data and not self.is_shorted)

    def clock_is_high(self, _):
        self.step()
        return self.lines.clock_is_high

    def data_is_high(self, _):
        self.step()
        return not self.is_shorted and self.lines.data_is_high

    def transfer(self, write, count, address=ADDRESS):
        read = (ctypes.c_uint8 * max(count, 1))()
        begun_us = self.library.tml_port_monotonic_us()
        status = self.library.tml_i2c_pins_transfer(
            ctypes.byref(self.pins), ctypes.c_uint8(address), bytes(write), len(write), read,
            count, LIMIT_US,
        )  # fmt: skip
        self.took_us = self.library.tml_port_monotonic_us() - begun_us
        return status, bytes(read[:count])


TRANSFERS = st.lists(
    st.tuples(
        st.binary(max_size=6),
        st.integers(0, 6),
        st.sampled_from([ADDRESS, ADDRESS, ADDRESS, 0x43]),
        st.sampled_from([0, 0, 0, 1, 5, 9]),  # clocks for which the part holds the data line
        st.sampled_from([0, 0, 0, 300]),  # for how long it holds the clock
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=60)
@given(transfers=TRANSFERS)
def test_transfers_are_what_the_part_says(library, runner, transfers):
    part, twin = Memory(), Memory()
    master = I2cMaster(library, runner, part)
    for write, count, address, held, stretch in transfers:
        part.held_clocks, part.stretch_us = held, stretch
        status, data = master.transfer(write, count, address)
        wanted = OK if address == ADDRESS and Memory.REFUSED not in write else NACK
        assert status == wanted
        if status == OK:
            twin.write(write)
            assert data == twin.read(count)
        assert part.cells == twin.cells
        assert master.took_us < LIMIT_US


def test_a_data_line_that_is_shorted_at_any_moment_ends_in_time(library, runner):
    for moment in itertools.count(0, 7):
        master = I2cMaster(library, runner, Memory())
        master.shorted_after = moment
        master.transfer(b"\x10\x55", 3)
        assert master.took_us < LIMIT_US
        ended = not master.is_shorted
        master.shorted_after = 0
        assert master.transfer(b"\x10", 1)[0] == STUCK
        assert master.took_us < LIMIT_US
        master.shorted_after = None
        assert master.transfer(b"\x20", 2) == (OK, b"\x20\x21")
        if ended:
            return


def test_a_clock_that_is_held_for_ever_ends_in_time(library, runner):
    part = Memory()
    part.stretch_us = 10**9
    master = I2cMaster(library, runner, part)
    assert master.transfer(b"\x10", 3)[0] == TIMEOUT
    assert LIMIT_US <= master.took_us < 3 * LIMIT_US


class OneWireMaster:
    """The C, and a part at its pin."""

    def __init__(self, library, runner, part):
        _, pin_one_wire, _ = runner
        self.library = library
        self.part = part
        self.line = pin_one_wire(
            Wire("one_wire", part, library.tml_port_monotonic_us),
            lambda: 1000 * library.tml_port_monotonic_us(),
        )
        self.masked = False
        self.late_us = 0  # of an interrupt, where it is let in
        self.pins = OneWirePins(
            None, PUT(self.put), LOOK(self.look), WAIT(library["pass"]), MASK(self.mask)
        )

    def interrupt(self):
        if not self.masked:
            self.library["pass"](self.late_us)

    def put(self, _, high):
        self.line.put(high)
        self.interrupt()

    def look(self, _):
        return self.line.is_high

    def mask(self, masked):
        self.masked = masked

    def transfer(self, write, count):
        read = (ctypes.c_uint8 * max(count, 1))()
        begun_us = self.library.tml_port_monotonic_us()
        status = self.library.tml_one_wire_pins_transfer(
            ctypes.byref(self.pins), bytes(write), len(write), read, count
        )
        self.took_us = self.library.tml_port_monotonic_us() - begun_us
        return status, bytes(read[:count])


@settings(deadline=None, max_examples=40)
@given(write=st.binary(min_size=3, max_size=3), count=st.integers(0, 5), late=st.integers(0, 30))
def test_bytes_of_one_wire_pass_whatever_interrupts_come(library, runner, write, count, late):
    master = OneWireMaster(library, runner, Number())
    master.late_us = late
    status, data = master.transfer(write, count)
    turned = bytes(byte ^ 0xFF for byte in write)
    assert (status, data) == (OK, (turned * 2)[:count])


def test_one_wire_says_who_is_not_there_and_what_is_held(library, runner):
    master = OneWireMaster(library, runner, Number())
    master.part.present = False
    assert master.transfer(b"abc", 2)[0] == NACK
    master.part.present, master.part.holds = True, True
    assert master.transfer(b"abc", 2)[0] == STUCK
    assert master.took_us < 1000
