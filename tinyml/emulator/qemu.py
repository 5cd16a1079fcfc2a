"""An emulated board: QEMU, started so that its serial port, debugger and counters work."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.build.elf import Elf
from tinyml.emulator.bridge import SerialBridge
from tinyml.emulator.counting import Counters
from tinyml.emulator.faults import Faults
from tinyml.emulator.gdb import REGISTERS, GdbClient
from tinyml.emulator.qmp import Qmp
from tinyml.errors import BoardError, EmulatorError
from tinyml.tools import require_tool

_START_SECONDS: Final = 20.0
_PARENT_DEATH_SIGNAL: Final = 1  # prctl's PR_SET_PDEATHSIG
_LIBC: Final = ctypes.CDLL(None)


class Emulator:
    """A board that runs an image; a context manager.

    Args:
        board: which one; BoardError where it has no emulator.
        elf: the image.
        serial: offer the UART as a pseudo-terminal and a TCP port.
        gdb: offer a debugger; the machine then waits until it is resumed.
        counting: count executed instructions, with time tied to them, so that every run is alike.
        tcp_port: of the serial port; 0 takes any that is free.
        device_id: eight bytes that the node reports as its own, where the board has no own number.
        faults: what goes wrong with the serial line and the board.

    Raises BuildError where the image is none, EmulatorError where QEMU does not start,
    ToolMissingError where it is not installed.
    """

    def __init__(
        self,
        board: Board,
        elf: Path,
        *,
        serial: bool = True,
        gdb: bool = False,
        counting: bool = False,
        tcp_port: int = 0,
        device_id: bytes = b"emulated",
        faults: Faults | None = None,
    ) -> None:
        if board.emulator is None:
            raise BoardError(f"{board.name} has no emulator; flash the image to a real one")
        self.board = board
        self._architecture = boards.core(board.core).architecture
        self.program = require_tool(board.emulator.program)
        # QEMU would take anything else for raw memory and run it.
        Elf.read(elf)
        self._folder = tempfile.TemporaryDirectory(prefix="tinyml-")
        self._place = Path(self._folder.name)
        self.counters = Counters(board.flash, self._place / "counts") if counting else None
        self._command = self._arguments(elf, serial=serial, gdb=gdb, device_id=device_id)
        self._tcp_port = tcp_port
        self._faults = faults
        self._wanted = (serial, gdb)
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: Qmp | None = None
        self._bridge: SerialBridge | None = None
        self._gdb: GdbClient | None = None

    def _arguments(self, elf: Path, *, serial: bool, gdb: bool, device_id: bytes) -> list[str]:
        emulator = self.board.emulator
        assert emulator is not None
        command = [
            self.program, "-machine", emulator.machine, *emulator.options,
            "-display", "none", "-nodefaults", "-monitor", "none", "-kernel", str(elf), "-S",
            "-qmp", f"unix:{self._place / 'qmp'},server=on,wait=off",
        ]  # fmt: skip
        if serial:
            uart = f"socket,id=uart,path={self._place / 'uart'},server=on,wait=off"
            command += ["-chardev", uart, "-serial", "chardev:uart"]
        if gdb:
            channel = f"socket,id=gdb,path={self._place / 'gdb'},server=on,wait=off"
            command += ["-chardev", channel, "-gdb", "chardev:gdb"]
        if self.counters is not None:
            command += ["-icount", "shift=6,sleep=off"]
            command += ["-plugin", self.counters.plugin_argument(self.program)]
        if emulator.identity is not None:
            # tml_identity_t: who the board is, boots that it counts itself, and a seed.
            value = int.from_bytes(device_id[:8].ljust(8, b"\0"), "little")
            # Emulated boards have no entropy: without a seed two of them would take the same boot
            # ids, and a store would take the records of one for repetitions of the other's.
            seed = int.from_bytes(os.urandom(4), "little")
            for offset, data, count in ((0, value, 8), (12, seed, 4)):
                place = f"addr={emulator.identity + offset:#x}"
                command += ["-device", f"loader,{place},data={data:#x},data-len={count}"]
        return command

    def __enter__(self) -> Emulator:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        with (self._place / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,  # Ctrl-C reaches us, and we end it
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - a system call, nothing else
            )
        serial, gdb = self._wanted
        for name in ("qmp", *(["uart"] if serial else []), *(["gdb"] if gdb else [])):
            self._await_socket(self._place / name)
        self._qmp = Qmp(self._place / "qmp")
        if serial:
            self._bridge = SerialBridge(
                self._place / "uart", self._tcp_port, self._faults, self.reset
            )
        if gdb:
            self._gdb = GdbClient(self._place / "gdb", REGISTERS[self._architecture])
        else:
            # Only now: what the board says first must not be lost.
            self._qmp.command("cont")

    def _await_socket(self, path: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while not path.exists():
            if self._process.poll() is not None:
                raise EmulatorError(f"the emulator did not start: {self.complaints()}")
            if time.monotonic() > deadline:
                raise EmulatorError(f"the emulator did not start in {_START_SECONDS:.0f} seconds")
            time.sleep(0.01)

    def complaints(self) -> str:
        """What QEMU has printed."""
        text = (self._place / "stderr").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    @property
    def alive(self) -> bool:
        """Whether QEMU still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def serial_path(self) -> str:
        """The pseudo-terminal, to be opened like any serial port."""
        assert self._bridge is not None
        return self._bridge.serial_path

    @property
    def serial_url(self) -> str:
        """The same port over TCP, as pyserial's serial_for_url takes it."""
        assert self._bridge is not None
        return f"socket://127.0.0.1:{self._bridge.tcp_port}"

    @property
    def gdb(self) -> GdbClient:
        """The debugger."""
        assert self._gdb is not None
        return self._gdb

    def reset(self) -> None:
        """As from the reset pin: storage stays."""
        assert self._qmp is not None
        self._qmp.command("system_reset")

    def stop(self) -> None:
        """End QEMU and everything around it; may be called twice."""
        for part in (self._gdb, self._bridge, self._qmp):
            if part is not None:
                part.close()
        self._gdb = self._bridge = self._qmp = None
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._folder.cleanup()


def _die_with_parent() -> None:
    """Let the kernel end QEMU where this program is killed and cannot do it itself."""
    if sys.platform == "linux":
        _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
