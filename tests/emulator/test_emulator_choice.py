"""Which emulator a board gets, and what is said where it gets none."""

import ast
import os
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tinyml import boards
from tinyml.build.toolchain import TOOLCHAINS
from tinyml.build.toolchain import VARIABLE as TOOLCHAIN_VARIABLE
from tinyml.cli import choices
from tinyml.emulator import choice, emulators, require_counting
from tinyml.emulator.choice import VARIABLE, machine_of
from tinyml.emulator.qemu import QemuMachine
from tinyml.emulator.runner import Rp2040Machine
from tinyml.emulator.unicorn_machine import UnicornMachine
from tinyml.errors import BoardError, EmulatorError, ToolMissingError

RUNNER = Path(choice.__file__).parent / "runners" / "unicorn_board"


@pytest.fixture
def installed(monkeypatch):
    """Sets what is there: programs, and packages ``unicorn`` and ``ziglang``."""

    def install(*names: str, asked: str = "") -> None:
        monkeypatch.setattr(choice, "find_tool", lambda name: name if name in names else None)
        monkeypatch.setattr(choice.unicorn_machine, "is_installed", lambda: "unicorn" in names)
        monkeypatch.setattr(choice, "compiler", lambda: ["gcc"] if "gcc" in names else None)
        monkeypatch.setenv(VARIABLE, asked)

    return install


@pytest.mark.parametrize(
    ("board", "there", "asked", "debugging", "machine"),
    [
        ("mps2-an386", ("qemu-system-arm", "unicorn"), "", False, QemuMachine),
        ("mps2-an386", ("qemu-system-arm", "unicorn"), "unicorn", False, UnicornMachine),
        ("mps2-an386", ("unicorn",), "", False, UnicornMachine),
        ("mps2-an386", ("qemu-system-arm", "unicorn", "gcc"), "", True, QemuMachine),
        ("mps2-an386", ("qemu-system-arm", "unicorn"), "", True, UnicornMachine),
        ("nucleo-f446re", ("qemu-system-arm", "unicorn"), "", False, UnicornMachine),
        ("pico", ("rp2040js", "unicorn"), "", False, Rp2040Machine),
        ("pico", ("rp2040js", "unicorn"), "", True, UnicornMachine),
    ],
)
def test_the_emulator_is(board, there, asked, debugging, machine, installed):
    installed(*there, asked=asked)
    assert machine_of(boards.load(board), debugging=debugging) is machine


@pytest.mark.parametrize(
    ("board", "there", "asked", "error", "words"),
    [
        ("mps2-an386", (), "", ToolMissingError,
         r"neither qemu-system-arm nor unicorn.*apt install qemu.*or type: .*\[light\]"),
        ("mps2-an386", ("unicorn",), "qemu", ToolMissingError,
         "qemu-system-arm, which.*leave out --emulator to use unicorn, which is installed"),
        ("mps2-an386", ("qemu-system-arm", "gcc"), "unicorn", ToolMissingError,
         r"unicorn.*\[light\].*, or leave out --emulator to use qemu, which is installed"),
        ("mps2-an386", ("qemu-system-arm",), "qemu", ToolMissingError, "gcc, which counts"),
        ("mps3-an547", ("unicorn",), "unicorn", EmulatorError,
         "unicorn cannot emulate mps3-an547, but qemu can.*that unicorn can emulate: .*mps2"),
        ("nucleo-f446re", ("qemu-system-arm",), "qemu", EmulatorError, "but unicorn can"),
        ("mps2-an386", ("unicorn",), "bochs", EmulatorError,
         "'bochs', which is not an emulator; set it to qemu or unicorn"),
        ("arduino-uno", ("simavr",), "", EmulatorError, "cannot count instructions"),
    ],
)  # fmt: skip
def test_what_lacks_is_one_sentence(board, there, asked, error, words, installed):
    installed(*there, asked=asked)
    with pytest.raises(error, match=words):
        require_counting(boards.load(board))


def test_a_board_without_any_names_others_with_its_core():
    alone = replace(boards.load("nucleo-f446re"), emulator=None, unicorn=None)
    with pytest.raises(BoardError, match=r"has no emulator.*mps2-an386"):
        machine_of(alone)


@pytest.mark.parametrize(
    ("option", "variable", "names"),
    [
        ("--emulator", VARIABLE, choice.CHOICES),
        ("--toolchain", TOOLCHAIN_VARIABLE, tuple(TOOLCHAINS)),
    ],
)
def test_the_options_reach_children_by_the_environment(option, variable, names, monkeypatch):
    @click.command
    @choices.toolchain_option
    @choices.emulator_option
    def command():
        click.echo(os.environ[variable])

    assert (choices.EMULATOR_VARIABLE, choices.EMULATORS) == (VARIABLE, choice.CHOICES)
    assert (
        TOOLCHAIN_VARIABLE,
        tuple(TOOLCHAINS),
    ) == (choices.TOOLCHAIN_VARIABLE, choices.TOOLCHAINS)
    monkeypatch.setenv(variable, names[0])
    for name in names:
        assert CliRunner().invoke(command, [option, name]).stdout == f"{name}\n"
    assert os.environ[variable] == names[0]  # another command is not asked


def test_every_board_of_ours_has_one_that_can_run_it():
    for name in boards.names():
        board = boards.load(name)
        if board.proof == "emulated":
            assert emulators(board)


def test_modelled_devices_are_known_and_lie_apart():
    kinds = (RUNNER / "devices" / "__init__.py").read_text()
    for name in boards.names():
        board = boards.load(name)
        if board.unicorn is None:
            continue
        addresses = [device.settings["address"] for device in board.unicorn.devices]
        assert len(set(addresses)) == len(addresses)
        for device in board.unicorn.devices:
            assert f'"{device.kind}":' in kinds, f"{name}: {device.kind}"


@pytest.mark.parametrize("path", sorted(RUNNER.rglob("*.py")), ids=lambda path: path.name)
def test_the_runner_is_a_program_by_itself(path):
    """Its licence is MIT, and it imports nothing but the standard library, Unicorn and itself."""
    source = path.read_text()
    assert source.startswith("# SPDX-License-Identifier: MIT\n")
    own = {part.stem for part in RUNNER.iterdir()}
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module]
        for name in names:
            first = name.split(".")[0]
            assert first in own | {"unicorn"} or first in sys.stdlib_module_names, name


def test_nothing_else_imports_unicorn():
    package = Path(boards.__file__).parents[1]
    for path in package.rglob("*.py"):
        if RUNNER in path.parents or "_bundled" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "unicorn" for name in names), path
