"""What a front end costs on a board, and whether it is right there: one hop at a time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.boards import Board
from tinyml.build import build_image
from tinyml.emulator import Emulator
from tinyml.errors import VerificationError
from tinyml.features import FrontEnd, c_source, scratch_bytes
from tinyml.features.front_end import SOUND
from tinyml.resources import folder

_TIMEOUT_SECONDS: Final = 120.0
_FRAME: Final = ("main", "tml_bench_ready", "tml_bench_done")  # around what is counted
_CMAKE: Final = """set(TML_MODEL_NAME front_end)
set(TML_MODEL_SOURCES {sources})
set(TML_MODEL_INCLUDES ${{CMAKE_CURRENT_LIST_DIR}} {include})
"""
_HEADER: Final = """#include "tml/features.h"
#define TML_FRONT_END tml_front_end
#define TML_CHANNELS {channels}
#define TML_HOP {hop}
#define TML_SPAN {span}
#define TML_FEATURES {features}
#define TML_SCRATCH_BYTES {scratch}
extern const tml_front_end_t tml_front_end;
"""


@dataclass(frozen=True)
class FrontEndCost:
    """Executed instructions: exact and deterministic for these samples."""

    board: str
    core: str
    kind: str
    hop_samples: int  # from one result to the next
    instructions_per_hop: int  # with the copying of the samples
    hops_per_window: int  # of sounds the frames, else 1

    @property
    def front_end_instructions(self) -> int:
        """Of a whole window."""
        return self.instructions_per_hop * self.hops_per_window

    def to_dict(self) -> dict[str, Any]:
        """As `tinyml bench --json` prints it beside the model's figures."""
        return {
            "front_end": self.kind,
            "front_end_instructions": self.front_end_instructions,
            "front_end_instructions_per_hop": self.instructions_per_hop,
            "front_end_hops_per_window": self.hops_per_window,
        }


class FrontEndSession:
    """A fitted front end on an emulated board; a context manager.

    Args:
        front_end: with its scaling.
        board: an emulated one.
    """

    def __init__(self, front_end: FrontEnd, board: Board) -> None:
        self.front_end = front_end
        self.board = board
        self.hop = front_end.hop if front_end.kind in SOUND else front_end.window
        self._temporary = tempfile.TemporaryDirectory(prefix="tinyml-front-end-")
        place = Path(self._temporary.name)
        self._write(place / "front_end")
        image = build_image(board, place / "front_end", "front_end", place / "build")
        self._emulator = Emulator(board, image.elf_path, serial=False, gdb=True, counting=True)
        self._symbols = image.symbols
        text = next(s for s in image.elf.sections if s.name == ".text")
        self._code_end = text.address + text.bytes

    def __enter__(self) -> FrontEndSession:
        self._emulator.__enter__()
        for name in ("tml_bench_ready", "tml_bench_done"):
            self._emulator.gdb.add_breakpoint(self._symbols[name].address)
        self._until("tml_bench_ready")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._emulator.stop()
        self._temporary.cleanup()

    def push(self, samples: npt.NDArray[np.int16]) -> int:
        """One hop of samples, ``[hop][channels]``; returns the instructions that it took."""
        assert self._emulator.counters is not None
        address = self._symbols["tml_bench_samples"].address
        self._emulator.gdb.write(address, np.ascontiguousarray(samples, "<i2").tobytes())
        before = self._emulator.counters.snapshot(self._code_end)
        self._until("tml_bench_done")
        counts = self._emulator.counters.snapshot(self._code_end) - before
        self._until("tml_bench_ready")
        for name in _FRAME:
            symbol = self._symbols[name]
            first = (symbol.address - self._emulator.counters.code.origin) // 2
            counts[first : first + (symbol.bytes + 1) // 2] = 0
        return int(counts.sum())

    def features(self) -> npt.NDArray[np.int8]:
        """Those of the newest window, in the shape that Python gives them."""
        address = self._symbols["tml_bench_features"].address
        data = self._emulator.gdb.read(address, self.front_end.feature_count)
        return np.frombuffer(data, np.int8).reshape(self.front_end.output_shape)

    def _write(self, place: Path) -> None:
        firmware = folder("firmware")
        place.mkdir(parents=True)
        source = c_source(self.front_end, "tml_front_end").replace(
            "static const tml_front_end_t", "const tml_front_end_t"
        )
        (place / "front_end.c").write_text(f'#include "front_end_select.h"\n{source}')
        sources = [place / "front_end.c", *sorted((firmware / "features").glob("*.c"))]
        span = self.front_end.frame if self.front_end.kind in SOUND else self.front_end.window
        (place / "front_end_select.h").write_text(
            _HEADER.format(
                channels=self.front_end.channels,
                hop=self.hop,
                span=span,
                features=self.front_end.feature_count,
                scratch=max(scratch_bytes(self.front_end), 1),
            )
        )
        quoted = " ".join(f'"{path}"' for path in sources)
        (place / "model.cmake").write_text(
            _CMAKE.format(sources=quoted, include=f'"{firmware / "include"}"')
        )

    def _until(self, name: str) -> None:
        stopped = self._emulator.gdb.resume(_TIMEOUT_SECONDS)
        if stopped != self._symbols[name].address:
            raise VerificationError(
                f"the {self.front_end.kind} front end stopped at {stopped:#x} on "
                f"{self.board.name}, not at {name}: it has crashed"
            )


def measure_front_end(front_end: FrontEnd, board: Board, seed: int = 0) -> FrontEndCost:
    """Instructions of one hop in the middle of noise; ``front_end`` has its scaling."""
    rng = np.random.default_rng(seed)
    with FrontEndSession(front_end, board) as session:
        shape = (session.hop, front_end.channels)
        before_first = -(-front_end.frame // session.hop) if front_end.frame else 1
        for _ in range(before_first):
            session.push(rng.integers(-8000, 8000, shape).astype(np.int16))
        instructions = session.push(rng.integers(-8000, 8000, shape).astype(np.int16))
    frames = front_end.output_shape[0] if front_end.kind in SOUND else 1
    return FrontEndCost(board.name, board.core, front_end.kind, session.hop, instructions, frames)
