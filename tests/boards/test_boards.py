"""Boards and cores: every file is complete, every slip has a hint."""

import json
from itertools import pairwise

import pytest
from click.testing import CliRunner

from tinyml import boards
from tinyml.cli.boards import command
from tinyml.emulator import emulators
from tinyml.errors import BoardError
from tinyml.resources import folder

CORES = (
    "cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m4f", "cortex-m7",
    "cortex-m33", "cortex-m55", "rv32imc", "atmega328p", "atmega2560",
)  # fmt: skip


def test_the_default_is_a_board():
    assert boards.DEFAULT in boards.names()


@pytest.mark.parametrize("name", boards.names())
def test_a_board_is_complete(name):
    board = boards.load(name)
    assert board.name == name
    assert board.core in CORES
    assert (folder("firmware") / "ports" / board.port / "port.c").is_file()
    memories = [board.code, board.ram, *([board.storage] if board.storage else [])]
    memories.sort(key=lambda memory: memory.origin)
    for lower, upper in pairwise(memories):
        assert lower.origin + lower.bytes <= upper.origin
    if board.proof == "emulated":
        assert emulators(board)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("mps2-an385", "cortex-m3"),
        ("mps2-an385-m0plus", "cortex-m0plus"),
        ("mps2-an386", "cortex-m4f"),
        ("mps3-an547", "cortex-m55"),
    ],
)
def test_the_emulated_boards_have_their_cores(name, core):
    assert boards.load(name).core == core


@pytest.mark.parametrize(
    ("core", "features"),
    [
        ("cortex-m0plus", {"armv6m"}),
        ("cortex-m3", {"thumb2", "armv6m"}),
        ("cortex-m4", {"thumb2", "dsp"}),
        ("cortex-m4f", {"thumb2", "dsp", "fpu"}),
        ("cortex-m55", {"thumb2", "dsp", "fpu", "mve"}),
    ],
)
def test_features_of_cores(core, features):
    assert boards.core(core).features == features


@pytest.mark.parametrize("name", CORES)
def test_every_core_has_its_flags(name):
    assert any(flag.startswith(("-mcpu=", "-march=", "-mmcu=")) for flag in boards.core(name).flags)


@pytest.mark.parametrize("load", [boards.load, boards.core])
@pytest.mark.parametrize("wrong", ["", "nonsense", "../boards", "cores"])
def test_an_unknown_name_is_a_board_error(load, wrong):
    with pytest.raises(BoardError):
        load(wrong)


def test_a_slip_is_answered_with_a_guess():
    with pytest.raises(BoardError, match="did you mean 'mps2-an386'"):
        boards.load("mps2-an368")


def test_where_there_is_no_guess_the_boards_are_listed():
    with pytest.raises(BoardError) as caught:
        boards.load("nonsense")
    assert all(name in str(caught.value) for name in boards.names())


def test_boards_as_json():
    result = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows] == boards.names()
    assert {"core", "flash_bytes", "ram_bytes", "proof"} <= rows[0].keys()
