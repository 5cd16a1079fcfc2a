"""An emulated board: a serial port to talk to, a debugger and counters where there are some."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
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
from tinyml.build.elf import read_for
from tinyml.device.record import EMULATED_NUMBER
from tinyml.emulator.bridge import SerialBridge
from tinyml.emulator.counting import Counters
from tinyml.emulator.faults import Faults
from tinyml.emulator.gdb import GdbClient
from tinyml.emulator.machine import Machine, Wanted
from tinyml.emulator.qemu import QemuMachine
from tinyml.emulator.runner import Rp2040Machine, RunnerMachine, SimavrMachine, cannot_count
from tinyml.errors import BoardError, EmulatorError
from tinyml.tools import require_tool

_START_SECONDS: Final = 20.0
_PARENT_DEATH_SIGNAL: Final = 1  # prctl's PR_SET_PDEATHSIG
_LIBC: Final = ctypes.CDLL(None)
# By the program that a board names.
_MACHINES: Final[dict[str, type[QemuMachine | RunnerMachine]]] = {
    "qemu-system-arm": QemuMachine,
    "qemu-system-avr": QemuMachine,
    "qemu-system-riscv32": QemuMachine,
    "rp2040js": Rp2040Machine,
    "simavr": SimavrMachine,
}


def require_counting(board: Board) -> None:
    """Raise, before any work is done, unless the board's emulator counts instructions.

    BoardError where it has none, EmulatorError where that cannot count, ToolMissingError where it
    is not installed.
    """
    if board.emulator is None:
        raise _no_emulator(board)
    if issubclass(_MACHINES[board.emulator.program], RunnerMachine):
        raise cannot_count(board)
    require_tool(board.emulator.program)


def _number(board: Board, tcp_port: int) -> bytes:
    """Of a board that stands for the same one at every run, or for one that was never there."""
    if not tcp_port:
        return EMULATED_NUMBER + os.urandom(4)
    return EMULATED_NUMBER + hashlib.sha256(f"{board.name} {tcp_port}".encode()).digest()[:4]


def _no_emulator(board: Board) -> BoardError:
    every = (boards.load(name) for name in boards.names())
    alike = [b.name for b in every if b.emulator is not None and b.core == board.core]
    return BoardError(
        f"{board.name} has no emulator; flash the image to a real one"
        + (f", or take one with the same core ({', '.join(alike)})" if alike else "")
    )


class Emulator:
    """A board that runs an image; a context manager.

    Args:
        board: which one; BoardError where it has no emulator.
        elf: the image; None for an empty chip with a boot loader.
        serial: offer the UART as a pseudo-terminal and a TCP port.
        gdb: offer a debugger; the machine then waits until it is resumed.
        counting: count executed instructions, with time tied to them, so that every run is alike.
        instruction_clock: 64 ns pass with every instruction, however busy the host is, and as on
            the host's clock while the core sleeps. QEMU's boards only.
        tcp_port: of the serial port; 0 takes any that is free.
        device_id: eight bytes that the node reports as its own number. Where absent, boards on the
            same ``tcp_port`` have the same, and all others each another.
        faults: what goes wrong with the serial line and the board.
        boot_loader: an Intel hex that is in the chip, too, and starts first. Opening the
            pseudo-terminal then resets the board, as an Arduino's does.

    Raises BuildError where the image is none, EmulatorError where the emulator does not start or
    lacks what is asked of it, ToolMissingError where it is not installed.
    """

    def __init__(
        self,
        board: Board,
        elf: Path | None,
        *,
        serial: bool = True,
        gdb: bool = False,
        counting: bool = False,
        instruction_clock: bool = False,
        tcp_port: int = 0,
        device_id: bytes | None = None,
        faults: Faults | None = None,
        boot_loader: Path | None = None,
    ) -> None:
        if board.emulator is None:
            raise _no_emulator(board)
        self.board = board
        require_tool(board.emulator.program)
        if elf is not None:
            read_for(board, elf, EmulatorError)  # anything else would be run all the same
        self._folder = tempfile.TemporaryDirectory(prefix="tinyml-")
        self._place = Path(self._folder.name)
        device_id = device_id or _number(board, tcp_port)
        wanted = Wanted(serial, gdb, counting, instruction_clock, device_id, boot_loader)
        machine = _MACHINES[board.emulator.program](board, elf, wanted, self._place)
        self.counters: Counters | None = machine.counters
        self._machine: Machine = machine
        self._command = machine.command()
        self._tcp_port = tcp_port
        self._faults = faults
        self._wanted = wanted
        self._process: subprocess.Popen[bytes] | None = None
        self._bridge: SerialBridge | None = None

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
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
                start_new_session=True,  # Ctrl-C reaches us, and we end it
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - a system call, nothing else
            )
        for name in self._machine.sockets():
            self._await_socket(self._place / name)
        assert self._process.stdin is not None
        self._machine.connect(self._process.stdin)
        if self._wanted.serial:
            self._bridge = SerialBridge(
                self._place / "uart",
                self._tcp_port,
                self._faults,
                self.reset,
                resets_when_opened=self._wanted.boot_loader is not None,
            )
        self._machine.go()  # only now: what the board says first must not be lost

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
        """What the emulator has printed."""
        text = (self._place / "stderr").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    @property
    def alive(self) -> bool:
        """Whether the emulator still runs."""
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
        assert self._machine.debugger is not None
        return self._machine.debugger

    def reset(self) -> None:
        """As from the reset pin: storage stays."""
        self._machine.reset()

    def stop(self) -> None:
        """End the emulator and everything around it; may be called twice."""
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        self._machine.close()
        if self._process is not None:
            if self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            if self._process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.close()
        self._folder.cleanup()


def _die_with_parent() -> None:
    """Let the kernel end it where this program is killed and cannot do it itself."""
    if sys.platform == "linux":
        _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
