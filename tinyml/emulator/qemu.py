"""QEMU, started so that its serial port, debugger and counters work."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from tinyml import boards
from tinyml.boards import Board
from tinyml.emulator.counting import Counters
from tinyml.emulator.gdb import REGISTERS, GdbClient
from tinyml.emulator.machine import Machine, Wanted, entropy
from tinyml.emulator.qmp import Qmp
from tinyml.errors import EmulatorError
from tinyml.tools import require_tool


class QemuMachine(Machine):
    """Any machine of QEMU."""

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        if image is None or wanted.boot_loader is not None:
            raise EmulatorError(f"{board.name} is emulated with an image, and no boot loader")
        self.architecture = boards.core(board.core).architecture
        self.counters = Counters(board.flash, place / "counts") if wanted.counting else None
        self._qmp: Qmp | None = None
        self._gdb: GdbClient | None = None

    def command(self) -> list[str]:
        """See Machine."""
        emulator = self.board.emulator
        assert emulator is not None
        program = require_tool(emulator.program)
        load = "-bios" if self.architecture == "avr" else "-kernel"
        command = [
            program, "-machine", emulator.machine, *emulator.options,
            "-display", "none", "-nodefaults", "-monitor", "none", load, str(self.image), "-S",
            "-qmp", f"unix:{self.place / 'qmp'},server=on,wait=off",
        ]  # fmt: skip
        if self.wanted.serial:
            uart = f"socket,id=uart,path={self.place / 'uart'},server=on,wait=off"
            command += ["-chardev", uart, "-serial", "chardev:uart"]
        if self.wanted.gdb:
            channel = f"socket,id=gdb,path={self.place / 'gdb'},server=on,wait=off"
            command += ["-chardev", channel, "-gdb", "chardev:gdb"]
        if self.counters is not None:
            command += ["-icount", "shift=6,sleep=off"]
            command += ["-plugin", self.counters.plugin_argument(program)]
        elif self.wanted.instruction_clock:
            # Awake, 2^6 ns an instruction; asleep, as time passes outside.
            command += ["-icount", "shift=6,sleep=on"]
        if emulator.identity is not None:
            # tml_identity_t: who the board is, boots that it counts itself, and a seed.
            number = int.from_bytes(self.wanted.number, "little")
            for offset, data, count in ((0, number, 8), (12, entropy(), 4)):
                place = f"addr={emulator.identity + offset:#x}"
                command += ["-device", f"loader,{place},data={data:#x},data-len={count}"]
        return command

    def sockets(self) -> list[str]:
        """See Machine."""
        wanted = {"qmp": True, "uart": self.wanted.serial, "gdb": self.wanted.gdb}
        return [name for name, there in wanted.items() if there]

    def connect(self, control: IO[bytes]) -> None:
        """See Machine."""
        self._qmp = Qmp(self.place / "qmp")
        if self.wanted.gdb:
            self._gdb = GdbClient(self.place / "gdb", REGISTERS[self.architecture])

    def go(self) -> None:
        """See Machine."""
        if self._gdb is None:
            assert self._qmp is not None
            self._qmp.command("cont")

    def reset(self) -> None:
        """See Machine."""
        assert self._qmp is not None
        self._qmp.command("system_reset")

    def close(self) -> None:
        """See Machine."""
        for part in (self._gdb, self._qmp):
            if part is not None:
                part.close()
        self._gdb = self._qmp = None

    @property
    def debugger(self) -> GdbClient | None:
        """See Machine."""
        return self._gdb
