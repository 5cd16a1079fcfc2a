"""Bytes that come faster than the main loop takes them wait in the UART, and nothing hangs."""

import pytest
import serial

from tests.support.nodes import build_node, shipped_model
from tests.support.targets import EMULATED, on_each, require_board
from tinyml import boards
from tinyml.build.elf import Elf
from tinyml.emulator import Emulator

RING_BYTES = 128
# Those whose UART's interrupt is held off while the ring is full.
BOARDS = [name for name in EMULATED if boards.load(name).port in ("stm32", "nrf5")]


@pytest.mark.parametrize("name", on_each(BOARDS, debugged=True))
def test_the_main_loop_goes_on_while_a_byte_waits(name):
    board = require_board(name)
    elf = build_node(name, shipped_model(name))
    symbols = Elf.read(elf).symbols
    receive, poll = (symbols[s].address & ~1 for s in ("receive", "tml_service_poll"))
    put, taken = symbols["ring"].address, symbols["ring"].address + 1
    with Emulator(board, elf, gdb=True) as emulator:
        probe = emulator.gdb
        probe.add_breakpoint(poll)
        probe.resume()
        probe.remove_breakpoint(poll)
        probe.add_breakpoint(receive)
        with serial.Serial(emulator.serial_path) as line:
            line.write(b"ab")
            probe.resume()
            full = (probe.read(put, 1)[0] - RING_BYTES) % 256
            probe.write(taken, bytes([full]))
            probe.remove_breakpoint(receive)
            probe.add_breakpoint(poll)
            assert probe.resume() == poll
