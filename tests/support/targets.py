"""The boards that tests run on, and what must be installed to build for them and emulate them.

Whether a test can run here is answered in this file alone: tests ask for what they do (build,
emulate, count), never for the programs that happen to do it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.tools import require_compiler, require_module, require_package, require_tool
from tinyml import boards
from tinyml.build.compiler import Toolchain
from tinyml.build.gcc import Gcc
from tinyml.build.toolchain import TOOLCHAINS, toolchain
from tinyml.emulator import emulators
from tinyml.emulator.choice import VARIABLE
from tinyml.errors import BuildError, ToolMissingError

# Boards with room for every application and test; those with less are tested as nodes.
EMULATED = [name for name in boards.names() if boards.load(name).proof == "emulated"]
# Those of which an emulator has a debugger and counters; the others are tested as nodes.
DEBUGGERS = ("qemu", "unicorn")
DEBUGGED = [n for n in EMULATED if set(DEBUGGERS) & set(emulators(boards.load(n)))]
LARGE = [name for name in EMULATED if boards.load(name).ram_bytes >= 512 * 1024]
# One board for every set of kernels, and so for every cost of a model.
ONE_A_CORE = ("mps2-an385", "mps2-an385-m0plus", "mps2-an386", "mps3-an547", "riscv32-virt")
SIMAVR_HEADER = Path("/usr/include/simavr/sim_avr.h")

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_PROGRAM = "#include <stdio.h>\nint main(void) { return 0; }\n"
# Debian's packages with the library of a C++ compiler; AVR has none anywhere.
_CPP_LIBRARIES = {"g++": "g++", "arm-none-eabi-g++": "libstdc++-arm-none-eabi-newlib"}
_CPP_PROGRAM = "#include <cstdint>\n#include <new>\n"


def on(name: str, emulator: str, *more: object) -> ParameterSet:
    """A parameter of tests that run on ``name``, and whatever follows it, on this emulator."""
    mark = pytest.mark.on_emulator(emulator)
    return pytest.param(name, *more, marks=mark, id="-".join(map(str, (name, *more, emulator))))


def on_each(names: Iterable[str], *, debugged: bool = False) -> list[ParameterSet]:
    """Each of the boards on each emulator that can run it; or that can debug it, too."""
    return [
        on(name, emulator)
        for name in names
        for emulator in emulators(boards.load(name))
        if not debugged or emulator in DEBUGGERS
    ]


def require_build(name: str) -> boards.Board:
    """The board; skips where images cannot be built for it."""
    board = boards.load(name)
    try:
        toolchain(board.core)
    except (BuildError, ToolMissingError) as error:
        pytest.skip(str(error))
    return board


def require_toolchain(kind: str, name: str) -> Toolchain:
    """A toolchain, such as ``gcc``, for a board; skips where it is missing."""
    found = TOOLCHAINS[kind](boards.core(boards.load(name).core))
    if not found.can_build:
        pytest.skip(f"{kind} cannot build for {found.core.name}")
    if isinstance(found, Gcc):
        require_tool(found.compiler)
    else:
        require_module("ziglang")
    if found.missing:
        pytest.skip(f"not installed: {found.missing}")
    return found


def compiler_of(name: str) -> str:
    """Name and version of the compiler that builds for a board here, such as ``gcc 12.2.1``."""
    return toolchain(boards.load(name).core).version


def chosen_emulator(board: boards.Board) -> str:
    """The emulator that this test takes for the board; empty where it has none."""
    return os.environ.get(VARIABLE) or next(iter(emulators(board)), "")


def require_emulator(name: str) -> boards.Board:
    """The board, which may be a real one only; skips where its emulator is missing."""
    board = boards.load(name)
    chosen = chosen_emulator(board)
    if not chosen:
        return board
    if chosen not in emulators(board):
        pytest.skip(f"{chosen} cannot emulate {name}")
    if chosen == "unicorn":
        require_module("unicorn")
    else:
        require_tool(board.emulator.program)
    if chosen == "simavr":
        require_package("libsimavr-dev", SIMAVR_HEADER)
        require_host_compiler()
    if chosen == "rp2040js":
        require_tool("node")
    return board


def require_board(name: str) -> boards.Board:
    """The board; skips where images for it cannot be built or cannot be run."""
    require_build(name)
    return require_emulator(name)


def require_counting(name: str) -> boards.Board:
    """The board; skips where it cannot be run with its instructions counted."""
    board = require_board(name)
    if chosen_emulator(board) == "qemu":
        require_host_compiler()  # for the plugin that counts
    return board


def require_native() -> str:
    """The path of gcc; skips where it cannot build native programs under the sanitizers."""
    require_host_compiler()
    return require_compiler("gcc", "libasan", _PROGRAM, *SANITIZERS)


def require_host_compiler() -> str:
    """The path of gcc; skips where it, or this computer's C library, is missing."""
    return require_compiler("gcc", "libc6-dev", _PROGRAM)


def require_cpp(prefix: str = "") -> str:
    """The path of a C++ compiler; skips where it, or a library that it has elsewhere, is missing.

    ``prefix`` is that of the target's programs, such as ``arm-none-eabi-``, and empty for this
    computer.
    """
    compiler = f"{prefix}g++"
    if compiler not in _CPP_LIBRARIES:
        return require_tool(compiler)
    return require_compiler(compiler, _CPP_LIBRARIES[compiler], _CPP_PROGRAM, "-c", "-x", "c++")
