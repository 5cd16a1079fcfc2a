"""Division where the core has none: our own on Armv6-M where GCC's library is missing."""

from pathlib import Path

import pytest

from tests.system.test_emulator import tiny_model
from tests.targets import DEBUGGERS, on, require_board, require_toolchain
from tinyml.build import build_node
from tinyml.build.toolchain import VARIABLE
from tinyml.emulator import Emulator

BOARD = "mps2-an385-m0plus"


@pytest.mark.parametrize("name", [on(BOARD, emulator) for emulator in DEBUGGERS])
def test_quotients_and_remainders_are_right(name, tmp_path, monkeypatch):
    require_toolchain("zig", name)
    monkeypatch.setenv(VARIABLE, "zig")
    board = require_board(name)
    application = str(Path(__file__).parent / "divided")
    image = build_node(tiny_model(), board, tmp_path, application)
    ours = ("__aeabi_uidiv", "__aeabi_uidivmod")  # the same; compiler-rt has two
    assert len({image.symbols[name].address for name in ours}) == 1
    with Emulator(board, image.elf_path, serial=False, gdb=True) as emulator:
        for symbol in ("right", "wrong"):
            emulator.gdb.add_breakpoint(image.symbols[symbol].address)
        stopped = emulator.gdb.resume()
        pair = [
            int.from_bytes(emulator.gdb.read(image.symbols[name].address, 4), "little")
            for name in ("dividend", "divisor")
        ]
        assert stopped == image.symbols["right"].address, pair
