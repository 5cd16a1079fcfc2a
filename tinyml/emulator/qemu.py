"""QEMU, started so that its serial port, debugger and counters work."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.device.record import DEVICE_ID_BYTES
from tinyml.emulator import identity, qemu_parts
from tinyml.emulator.counting import Counters
from tinyml.emulator.gdb import REGISTERS, GdbClient
from tinyml.emulator.machine import Machine, Part, Wanted, entropy, refuse_storage
from tinyml.emulator.qmp import Qmp
from tinyml.emulator.sockets import LOOPBACK
from tinyml.errors import EmulatorError
from tinyml.tools import require_tool

_CHANNEL_OPTIONS: Final = {
    "qmp": ("-mon", "chardev=qmp,mode=control"),
    "uart": ("-serial", "chardev:uart"),
    "gdb": ("-gdb", "chardev:gdb"),
}


class QemuMachine(Machine):
    """Any machine of QEMU."""

    watches_input = False

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        if image is None or wanted.boot_loader is not None:
            raise EmulatorError(f"the emulated {board.name} takes an image, not a boot loader")
        refuse_storage(board, wanted, "QEMU")
        self.architecture = boards.core(board.core).architecture
        self.counters = Counters(board.flash, place / "counts") if wanted.counting else None
        self._qmp: Qmp | None = None
        self._gdb: GdbClient | None = None

    @classmethod
    def can_have(cls, board: Board, part: Part) -> bool:
        """See Machine."""
        return qemu_parts.can_have(board, part)

    @property
    def channels(self) -> tuple[str, ...]:
        """See Machine."""
        wanted = {"qmp": True, "uart": self.wanted.serial, "gdb": self.wanted.gdb}
        return tuple(name for name, there in wanted.items() if there)

    def command(self, ports: Mapping[str, int]) -> list[str]:
        """See Machine."""
        emulator = self.board.emulator
        assert emulator is not None
        program = require_tool(emulator.program)
        load = "-bios" if self.architecture == "avr" else "-kernel"
        command = [
            program, "-machine", emulator.machine, *emulator.options,
            "-display", "none", "-nodefaults", "-monitor", "none", load, str(self.image), "-S",
        ]  # fmt: skip
        for name in self.channels:
            where = f"host={LOOPBACK},port={ports[name]},server=off,nodelay=on"
            command += ["-chardev", f"socket,id={name},{where}", *_CHANNEL_OPTIONS[name]]
        command += qemu_parts.arguments(self.board, self.wanted.parts)
        if self.counters is not None:
            command += ["-icount", "shift=6,sleep=off"]
            command += ["-plugin", self.counters.plugin_argument(program)]
        elif self.wanted.instruction_clock:
            # Awake, 2^6 ns an instruction; asleep, as time passes outside.
            command += ["-icount", "shift=6,sleep=on"]
        if emulator.identity is not None:
            # All but the boots: these are written again at each reset.
            number = int.from_bytes(self.wanted.number, "little")
            seed = (identity.SEED_OFFSET, entropy(), identity.SEED_BYTES)
            for offset, data, count in ((0, number, DEVICE_ID_BYTES), seed):
                place = f"addr={emulator.identity + offset:#x}"
                command += ["-device", f"loader,{place},data={data:#x},data-len={count}"]
        return command

    def connect(self, connections: Mapping[str, socket.socket], control: IO[bytes]) -> None:
        """See Machine."""
        self._qmp = Qmp(connections["qmp"])
        if self.wanted.gdb:
            self._gdb = GdbClient(connections["gdb"], REGISTERS[self.architecture])

    def go(self) -> None:
        """See Machine."""
        if self._gdb is None:
            assert self._qmp is not None
            self._qmp.command("cont")

    def reset(self) -> None:
        """See Machine."""
        assert self._qmp is not None
        self._qmp.command("system_reset")

    def measure(self, number: int, quantity: str, value: float) -> None:
        """See Machine."""
        assert self._qmp is not None
        part = self.wanted.parts[number]
        self._qmp.command("qom-set", **qemu_parts.setting(number, part, quantity, value))

    def close(self) -> None:
        """See Machine."""
        for part in (self._gdb, self._qmp, self.counters):
            if part is not None:
                part.close()
        self._gdb = self._qmp = None

    @property
    def debugger(self) -> GdbClient | None:
        """See Machine."""
        return self._gdb
