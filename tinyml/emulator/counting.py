"""Counting executed instructions: a QEMU plugin, built on demand, and the counters it shares."""

from __future__ import annotations

import mmap
import re
import subprocess
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.boards import Memory
from tinyml.emulator.compiled import compiled
from tinyml.full_disk import require_space

_SOURCE: Final = Path(__file__).parent / "plugin" / "count.c"

Counts = npt.NDArray[np.uint64]


def plugin_path(qemu: str) -> Path:
    """The plugin for this QEMU."""
    version_text = subprocess.run(
        [qemu, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=True
    )
    match = re.search(r"version (\d+)", version_text.stdout)
    # Inline counters changed with QEMU 9; from there on a callback counts.
    version = 1 if match and int(match[1]) < 9 else 4
    return compiled(
        _SOURCE,
        ["-shared", "-fPIC", f"-DPLUGIN_VERSION={version}"],
        "this is a bug in tinyml, please report it",
    )


class Counters:
    """How often each instruction of a stretch of code has been executed."""

    def __init__(self, code: Memory, file: Path) -> None:
        self.code = code
        self.file = file
        slots = code.bytes // 2 + 1
        # A page of it that the disk has no space for would end the emulator without a word.
        require_space(file.parent, slots * 8)
        with file.open("wb") as sparse:
            sparse.truncate(slots * 8)
        with file.open("rb") as counts:
            self._map = mmap.mmap(counts.fileno(), 0, access=mmap.ACCESS_READ)
        self._live: Counts = np.frombuffer(self._map, np.uint64)

    def close(self) -> None:
        """Let go of the file, which Windows would not delete before; may be called twice."""
        self._live = np.zeros(0, np.uint64)
        self._map.close()

    def plugin_argument(self, qemu: str) -> str:
        """What stands behind -plugin."""
        return (
            f"{plugin_path(qemu)},map={self.file},base={self.code.origin:#x},"
            f"bytes={self.code.bytes:#x}"
        )

    def snapshot(self, end: int | None = None) -> Counts:
        """Executions so far: one element for every two bytes of code, below address ``end``.

        The machine must be stopped. Without ``end`` the last element counts code elsewhere.
        """
        if end is None:
            return np.array(self._live)
        return np.array(self._live[: (end - self.code.origin + 1) // 2])
