"""Buses of the MPS boards against parts that others modelled: QEMU's."""

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.buses import I2C, NACK, OK, built, running
from tests.support.targets import on, require_build, require_emulator
from tinyml.emulator import Part
from tinyml.errors import EmulatorError

EEPROM, MAGNETOMETER, THERMOMETER, CLOCK, BAROMETER = 0x50, 0x1E, 0x48, 0x68, 0x77
PARTS = {
    "at24c": EEPROM, "lsm303dlhc": MAGNETOMETER, "lm75": THERMOMETER, "ds1338": CLOCK,
    "dps310": BAROMETER,
}  # fmt: skip
# One board for every core.
BOARDS = [on(name, "qemu") for name in ("mps2-an385", "mps2-an386", "mps2-an505", "mps3-an547")]


@pytest.fixture(scope="module", params=BOARDS)
def board(request, tmp_path_factory):
    target = require_build(request.param)
    require_emulator(target.name)
    elf = built(tmp_path_factory.mktemp(target.name), target, ["i2c0"])
    parts = [Part(name, "i2c0", address) for name, address in PARTS.items()]
    with running(target, elf, *parts, emulator="qemu") as found:
        yield found


def test_those_that_are_there_answer(board):
    answering = [address for address in range(0x08, 0x78) if board.ask(I2C, address)[0] == OK]
    assert answering == sorted(PARTS.values())
    assert board.ask(I2C, 0x49, b"\0", 2)[0] == NACK


def test_memory_keeps_what_was_written(board):
    assert board.ask(I2C, EEPROM, b"\x01\x23record")[0] == OK
    assert board.ask(I2C, EEPROM, b"\x01\x23", 6) == (OK, b"record")
    assert board.ask(I2C, EEPROM, b"\x01\x24", 4) == (OK, b"ecor")


def test_a_thermometer_says_what_it_was_set_to(board):
    number = list(PARTS).index("lm75")
    # Configuration: 12 bits. Source of the codes: TMP105 data sheet, SLLS648D, table 5.
    assert board.ask(I2C, THERMOMETER, b"\x01\x60")[0] == OK
    for celsius, code in ((80, "5000"), (75, "4b00"), (25, "1900"), (0.25, "0040"), (-25, "e700")):
        board.emulator.measure(number, "temperature", celsius)
        assert board.ask(I2C, THERMOMETER, b"\0", 2) == (OK, bytes.fromhex(code))


def test_a_magnetometer_says_who_it_is_and_what_it_was_set_to(board):
    number = list(PARTS).index("lsm303dlhc")
    assert board.ask(I2C, MAGNETOMETER, b"\x0a", 3) == (OK, b"H43")
    board.emulator.measure(number, "magnetic_x", 100)
    board.emulator.measure(number, "magnetic_z", 1)
    # 1100 counts a gauss of x and y, 980 of z; x, z, y from register 3 on.
    status, data = board.ask(I2C, MAGNETOMETER, b"\x03", 6)
    assert (status, data.hex()) == (OK, "044c00090000")
    with pytest.raises(EmulatorError, match="does not measure 'tilt', but magnetic_x"):
        board.emulator.measure(number, "tilt", 1)


def test_a_clock_has_the_time_and_takes_another(board):
    def shown():
        status, data = board.ask(I2C, CLOCK, b"\0", 7)
        assert status == OK
        second, minute, hour, _, day, month, year = (int(f"{byte:02x}") for byte in data)
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone.utc)

    assert abs(shown() - datetime.now(timezone.utc)) < timedelta(seconds=30)
    # The 15th of June 2028, 23:59:58, a Thursday. QEMU takes register by register, so that no day
    # may come in between that the present year does not have.
    assert board.ask(I2C, CLOCK, b"\0\x58\x59\x23\x05\x15\x06\x28")[0] == OK
    wanted = datetime(2028, 6, 15, 23, 59, 58, tzinfo=timezone.utc)
    assert timedelta(0) <= shown() - wanted < timedelta(seconds=30)


def test_a_barometer_has_its_coefficients(board):
    # QEMU's, hw/sensor/dps310.c: those of a part that somebody has read.
    coefficients = "0e1edd13ca5f2152f9c604d1db47005bfb3a"
    assert board.ask(I2C, BAROMETER, b"\x10", 18) == (OK, bytes.fromhex(coefficients))
