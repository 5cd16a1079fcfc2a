"""An emulated board that a debugger stops before and after each piece of work."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tinyml.boards import Board
from tinyml.build import Image
from tinyml.emulator import Emulator, require_counting
from tinyml.emulator.counting import Counters
from tinyml.errors import VerificationError

Stopped = TypeVar("Stopped", bound="StoppedBoard")


class StoppedBoard:
    """What sessions have in common; a context manager, in which the board waits to begin.

    Its application stops at ``tml_bench_ready`` before the work and at ``tml_bench_done`` after it.

    Args:
        board: an emulated board.
        what: runs there, for messages.
        timeout_s: for one piece of work.
    """

    def __init__(self, board: Board, what: str, timeout_s: float) -> None:
        require_counting(board)
        self.board = board
        self._what = what
        self._timeout_s = timeout_s
        self._temporary = tempfile.TemporaryDirectory(prefix="tinyml-bench-")
        self._place = Path(self._temporary.name)

    def _load(self, image: Image) -> None:
        """Give the board its image; nothing runs yet."""
        self.image = image
        self._emulator = Emulator(self.board, image.elf_path, serial=False, gdb=True, counting=True)
        self._ready = image.symbols["tml_bench_ready"].address
        self._done = image.symbols["tml_bench_done"].address
        text = next(s for s in image.elf.sections if s.name == ".text")
        self._code_end = text.address + text.bytes

    def __enter__(self: Stopped) -> Stopped:
        with contextlib.ExitStack() as opened:
            opened.callback(self._temporary.cleanup)
            opened.enter_context(self._emulator)
            for address in (self._ready, self._done):
                self._emulator.gdb.add_breakpoint(address)
            self._until(self._ready)
            # A board that crashed before is stopped here; one that waits goes on.
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    @property
    def counters(self) -> Counters:
        """The instruction counters."""
        assert self._emulator.counters is not None
        return self._emulator.counters

    def _until(self, address: int) -> None:
        stopped = self._emulator.gdb.resume(self._timeout_s)
        if stopped != address:
            raise VerificationError(
                f"{self._what} stopped at {stopped:#x} on {self.board.name}, not at {address:#x}: "
                "it has crashed"
            )
