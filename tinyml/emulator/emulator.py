"""An emulated board: a serial port to talk to, a debugger and counters where there are some."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from tinyml.boards import Board
from tinyml.build.elf import read_for
from tinyml.device.record import EMULATED_NUMBER
from tinyml.emulator.bridge import SerialBridge
from tinyml.emulator.choice import machine_of
from tinyml.emulator.counting import Counters
from tinyml.emulator.faults import Faults
from tinyml.emulator.gdb import GdbClient
from tinyml.emulator.machine import Part, Wanted
from tinyml.emulator.parts import ModelledPart
from tinyml.emulator.process import EmulatorProcess
from tinyml.emulator.sockets import Listener
from tinyml.errors import EmulatorError

_START_SECONDS: Final = 20.0


def _number(board: Board, tcp_port: int, storage: Path | None) -> bytes:
    """Of a board that stands for the same one at every run, or for one that was never there.

    The same is the one whose log lies in the same file, or that is reached at the same port.
    """
    if storage is None and not tcp_port:
        return EMULATED_NUMBER + os.urandom(4)
    place = tcp_port if storage is None else storage.resolve()
    return EMULATED_NUMBER + hashlib.sha256(f"{board.name} {place}".encode()).digest()[:4]


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
        storage: a file that keeps what survives a reset, from one start to the next; made where it
            is missing. Unicorn's boards only.
        parts: sensors on its buses, of those that ``can_emulate`` names.

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
        storage: Path | None = None,
        parts: Sequence[Part] = (),
    ) -> None:
        debugging = gdb or counting or instruction_clock or not serial
        kind = machine_of(board, debugging=debugging, parts=parts)
        self.board = board
        if elf is not None:
            read_for(board, elf, EmulatorError)  # anything else would be run all the same
        self._folder = tempfile.TemporaryDirectory(prefix="tinyml-")
        self._place = Path(self._folder.name)
        device_id = device_id or _number(board, tcp_port, storage)
        wanted = Wanted(
            serial, gdb, counting, instruction_clock, device_id, boot_loader, storage, tuple(parts)
        )
        self._machine = kind(board, elf, wanted, self._place)
        self.counters: Counters | None = self._machine.counters
        self._tcp_port = tcp_port
        self._faults = faults
        self._wanted = wanted
        self._process: EmulatorProcess | None = None
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
        with contextlib.ExitStack() as opened:
            listeners = {name: Listener(name) for name in self._machine.channels}
            for listener in listeners.values():
                opened.callback(listener.close)
            command = self._machine.command({name: at.port for name, at in listeners.items()})
            self._process = EmulatorProcess(
                command, self._place / "stderr", watches_input=self._machine.watches_input
            )
            connections = {name: self._accept(at) for name, at in listeners.items()}
        if "uart" in connections:
            self._bridge = SerialBridge(
                connections["uart"],
                self._place,
                self._tcp_port,
                self._faults,
                self.reset,
                resets_when_opened=self._wanted.boot_loader is not None,
            )
        self._machine.connect(connections, self._process.control)
        self._machine.go()  # only now: what the board says first must not be lost

    def _accept(self, listener: Listener) -> socket.socket:
        try:
            return listener.accept(_START_SECONDS, lambda: self.alive)
        except EmulatorError as error:
            said = f"{error}; {self.complaints()}" if self.alive else self.complaints()
            raise EmulatorError(f"the emulator did not start: {said}") from error

    def complaints(self) -> str:
        """What the emulator has printed."""
        text = (self._place / "stderr").read_text(encoding="utf-8", errors="replace").strip()
        return text.splitlines()[-1] if text else "it said nothing"

    @property
    def alive(self) -> bool:
        """Whether the emulator still runs."""
        return self._process is not None and self._process.alive

    @property
    def serial_path(self) -> str:
        """The port's name as pyserial takes it: a pseudo-terminal, or on Windows the URL."""
        assert self._bridge is not None
        return self._bridge.serial_path

    @property
    def serial_url(self) -> str:
        """The same port over TCP, as pyserial's serial_for_url takes it."""
        assert self._bridge is not None
        return self._bridge.serial_url

    @property
    def gdb(self) -> GdbClient:
        """The debugger."""
        assert self._machine.debugger is not None
        return self._machine.debugger

    def measure(self, number: int, quantity: str, value: float) -> None:
        """Let one of the ``parts`` measure something else from now on, in the unit of its channel.

        EmulatorError where it does not measure that.
        """
        self._machine.measure(number, quantity, value)

    @property
    def models(self) -> tuple[ModelledPart, ...]:
        """The ``parts``, where they are models of ours: for tests, which let them fail."""
        return self._machine.models

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
            self._process.end()
        self._folder.cleanup()
