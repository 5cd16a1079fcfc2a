"""The emulator as a process: it ends when it is told to, and whenever this program does."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Final

_GUARD: Final = Path(__file__).parent / "guard.py"
_END_SECONDS: Final = 10.0
_PARENT_DEATH_SIGNAL: Final = 1  # prctl's PR_SET_PDEATHSIG
# Loaded here, because nothing may be loaded between fork and exec.
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


class EmulatorProcess:
    """A running emulator.

    Args:
        command: the program and its arguments.
        output: a file for whatever it prints.
        watches_input: whether the program itself ends when its standard input closes. Others get a
            guard that ends them then, where the kernel does not.
    """

    def __init__(self, command: list[str], output: Path, *, watches_input: bool) -> None:
        guarded = not watches_input and sys.platform != "linux"
        if guarded:
            command = [sys.executable, str(_GUARD), *command]
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=file, stderr=file, **_group()
            )
        assert self._process.stdin is not None
        self.control: IO[bytes] = self._process.stdin
        self._ends_with_input = watches_input or guarded

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it, and whatever it has started; may be called twice."""
        if sys.platform != "win32" and self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(BrokenPipeError):
            self.control.close()
        if self._ends_with_input:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        if self.alive:
            self._process.kill()
        self._process.wait()


def _group() -> dict[str, Any]:
    """Popen's arguments for a group of its own: Ctrl-C reaches us, and we end it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    if sys.platform == "linux":
        return {"start_new_session": True, "preexec_fn": _die_with_parent}
    return {"start_new_session": True}


def _die_with_parent() -> None:
    """Let the kernel end it where this program is killed and cannot do it itself."""
    if sys.platform == "linux" and _LIBC is not None:
        _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
