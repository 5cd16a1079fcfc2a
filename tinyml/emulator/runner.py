"""Emulators that are libraries: a program of ours in ``runners/`` turns each into a board.

A runner connects its UART to a TCP port of ours, and obeys lines on its standard input, of which
there is one: "reset". It ends when either closes.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from tinyml.boards import Board
from tinyml.build.elf import Elf
from tinyml.emulator.compiled import compiled
from tinyml.emulator.intel_hex import read_hex
from tinyml.emulator.machine import (
    Machine,
    Wanted,
    ask_for_reset,
    entropy,
    refuse_parts,
    refuse_storage,
)
from tinyml.errors import EmulatorError
from tinyml.tools import require_tool

_LONGEST_OVERHANG: Final = 128  # bytes: a page
_NUMBER_MAGIC: Final = 0x4E4D5554  # firmware/ports/rp2040
_RUNNERS: Final = Path(__file__).parent / "runners"


def cannot_count(board: Board) -> EmulatorError:
    """Why a board that a runner emulates cannot be measured."""
    assert board.emulator is not None
    return EmulatorError(
        f"{board.emulator.program}, which emulates {board.name}, cannot count "
        "instructions or stop between layers. `tinyml run`, `tinyml verify` and "
        "`tinyml evaluate --on` work there; for the rest, choose a board that QEMU or "
        "Unicorn emulates (`tinyml boards --json`)"
    )


def rp2040_number(image: Path, wanted: Wanted) -> tuple[int, bytes] | None:
    """An address and what must lie there, so that a Pico has the wanted number.

    The chip has no number of its own: the port makes one up at power-up, and keeps it there.
    """
    place = Elf.read(image).symbols.get("number")
    if place is None:
        return None
    return place.address, _NUMBER_MAGIC.to_bytes(4, "little") + wanted.number


class RunnerMachine(Machine):
    """What the runners have in common."""

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        assert board.emulator is not None
        if image is None and wanted.boot_loader is None:
            raise EmulatorError(f"{board.name} needs an image or a boot loader to start")
        if wanted.gdb or wanted.counting or wanted.instruction_clock or not wanted.serial:
            raise cannot_count(board)
        refuse_storage(board, wanted, board.emulator.program)
        refuse_parts(board, wanted, board.emulator.program)
        self._control: IO[bytes] | None = None

    def connect(self, connections: Mapping[str, socket.socket], control: IO[bytes]) -> None:
        """See Machine."""
        self._control = control

    def reset(self) -> None:
        """See Machine."""
        assert self._control is not None
        ask_for_reset(self._control)


class SimavrMachine(RunnerMachine):
    """AVR boards. The boot loader, where one is given, starts at each reset, as on the board."""

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        loader = read_hex(wanted.boot_loader) if wanted.boot_loader else {0: b""}
        self._start = min(loader)
        (place / "flash").write_bytes(self._flash(loader))

    def command(self, ports: Mapping[str, int]) -> list[str]:
        """See Machine."""
        emulator = self.board.emulator
        assert emulator is not None
        mend = "sudo apt install libsimavr-dev libelf-dev"
        runner = compiled(_RUNNERS / "simavr.c", ["-lsimavr", "-lelf"], mend)
        return [
            str(runner), emulator.machine, str(self.board.clock_hz), str(ports["uart"]),
            str(self.place / "flash"), str(self._start), self.wanted.number.hex(), str(entropy()),
        ]  # fmt: skip

    def _flash(self, loader: dict[int, bytes]) -> bytes:
        """All of the chip's flash, which is a power of two.

        Debian's build of optiboot is 20 bytes too long for the chip, and its version word lies on
        its code: flash gets longer by what hangs over, and what was there first stays.
        """
        end = 1 << (self.board.flash.bytes - 1).bit_length()
        hanging = max(address + len(data) for address, data in loader.items()) - end
        if hanging > _LONGEST_OVERHANG:
            raise EmulatorError(
                f"{self.wanted.boot_loader} is not a boot loader for {self.board.name}: it "
                f"ends {hanging:,} bytes after the end of the chip's flash"
            )
        flash = bytearray(b"\xff" * (end + _LONGEST_OVERHANG))
        filled: set[int] = set()
        for address, data in loader.items():
            for place, byte in enumerate(data, start=address):
                if place not in filled:
                    flash[place] = byte
                    filled.add(place)
        if self.image is not None:
            content = self.image.with_suffix(".bin").read_bytes()
            flash[: len(content)] = content
        return bytes(flash if hanging > 0 else flash[:end])


class Rp2040Machine(RunnerMachine):
    """The Raspberry Pi Pico, on rp2040js."""

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        if wanted.boot_loader is not None:
            raise EmulatorError(f"the emulated {board.name} takes an image, not a boot loader")

    def command(self, ports: Mapping[str, int]) -> list[str]:
        """See Machine."""
        assert self.image is not None
        modules = Path(require_tool("rp2040js")).parent.parent
        number = rp2040_number(self.image, self.wanted)
        return [
            require_tool("node"), str(_RUNNERS / "rp2040.mjs"), str(modules),
            str(ports["uart"]), str(self.image.with_suffix(".bin")), str(entropy()),
            *([str(number[0]), number[1].hex()] if number else []),
        ]  # fmt: skip
