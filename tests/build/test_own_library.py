"""What firmware/ports/libc has where a compiler brings no library, held to what defines it.

Each of the applications stops at ``right``, or at ``wrong`` with what was wrong in its variables.
"""

from pathlib import Path

import pytest

from tests.emulator.test_emulator import tiny_model
from tests.support.targets import DEBUGGERS, on, require_board, require_toolchain
from tinyml.build import Image, build_node
from tinyml.build.toolchain import VARIABLE
from tinyml.emulator import Emulator

COMPILERS = [
    ("mps2-an385-m0plus", "zig"),  # no unaligned accesses
    ("mps2-an386", "zig"),
    ("riscv32-virt", "zig"),
    ("riscv32-virt", "gcc"),
]


def built(application: str, board: str, kind: str, place: Path) -> Image:
    require_toolchain(kind, board)
    path = str(Path(__file__).parent / application)
    return build_node(tiny_model(), require_board(board), place, path)


def require_right(image: Image, *variables: str) -> None:
    with Emulator(image.board, image.elf_path, serial=False, gdb=True) as emulator:
        for symbol in ("right", "wrong"):
            emulator.gdb.add_breakpoint(image.symbols[symbol].address)
        stopped = emulator.gdb.resume()
        found = {
            name: int.from_bytes(emulator.gdb.read(image.symbols[name].address, 4), "little")
            for name in variables
        }
    assert stopped == image.symbols["right"].address, found


@pytest.mark.parametrize(
    ("name", "kind"),
    [on(name, emulator, kind) for name, kind in COMPILERS for emulator in DEBUGGERS],
)
def test_bytes_are_copied_and_set(name, kind, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, kind)
    require_right(built("copied", name, kind, tmp_path), "place", "other", "bytes")


@pytest.mark.parametrize("name", [on("mps2-an385-m0plus", emulator) for emulator in DEBUGGERS])
def test_quotients_and_remainders_are_right(name, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "zig")
    image = built("divided", name, "zig", tmp_path)
    ours = ("__aeabi_uidiv", "__aeabi_uidivmod")  # one and the same; compiler-rt has two
    assert len({image.symbols[name].address for name in ours}) == 1
    require_right(image, "dividend", "divisor")
