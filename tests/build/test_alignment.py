"""Boards of Armv6-M fault at unaligned accesses, also where a larger core stands in for theirs."""

from pathlib import Path

import pytest

from tests.emulator.test_emulator import tiny_model
from tests.support.targets import DEBUGGERS, on, require_board
from tinyml.build import build_node
from tinyml.emulator import Emulator

WHERE = (("mps2-an385-m0plus", "tml_fault"), ("mps2-an385", "finished"))


@pytest.mark.parametrize(
    ("name", "where"), [on(n, emulator, where) for n, where in WHERE for emulator in DEBUGGERS]
)
def test_where_an_unaligned_access_leads(name, where, tmp_path):
    board = require_board(name)
    application = str(Path(__file__).parent / "unaligned")
    image = build_node(tiny_model(), board, tmp_path, application)
    with Emulator(board, image.elf_path, serial=False, gdb=True) as emulator:
        for symbol in ("tml_fault", "finished"):
            emulator.gdb.add_breakpoint(image.symbols[symbol].address)
        assert emulator.gdb.resume() == image.symbols[where].address
