"""The emulated boards that tests run on; real ones come with the bench they stand on."""

from pathlib import Path

from tests.tools import require_package, require_tool
from tinyml import boards
from tinyml.build.toolchain import toolchain

# Boards with room for every application and test; those with less are tested as nodes.
EMULATED = [name for name in boards.names() if boards.load(name).proof == "emulated"]
# Those whose emulator has a debugger and counters; the others are tested as nodes.
DEBUGGED = [name for name in EMULATED if boards.load(name).emulator.program.startswith("qemu")]
LARGE = [name for name in EMULATED if boards.load(name).ram_bytes >= 512 * 1024]
# One board for every set of kernels, and so for every cost of a model.
ONE_A_CORE = ("mps2-an385", "mps2-an385-m0plus", "mps2-an386", "mps3-an547", "riscv32-virt")
SIMAVR_HEADER = Path("/usr/include/simavr/sim_avr.h")


def require_board(name: str, *, emulator: bool = True) -> boards.Board:
    """The board; skips where its compiler or its emulator is missing."""
    board = boards.load(name)
    require_tool(toolchain(board.core).compiler)
    if emulator and board.emulator is not None:
        require_tool(board.emulator.program)
        if board.emulator.program == "simavr":
            require_package("libsimavr-dev", SIMAVR_HEADER)
    return board
