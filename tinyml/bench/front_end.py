"""What a front end costs on a board, and whether it is right there: one hop at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.bench.cycles import estimated_cycles
from tinyml.bench.stopped import StoppedBoard
from tinyml.boards import Board
from tinyml.build import build_image
from tinyml.build.model_folder import FILE_NAME
from tinyml.emulator.counting import Counts
from tinyml.features import FrontEnd, c_source
from tinyml.resources import folder

_TIMEOUT_SECONDS: Final = 120.0
_KEPT: Final = ("kept", "scratch", "tml_bench_stream")
_FRAME: Final = ("main", "tml_bench_ready", "tml_bench_done")  # around what is counted
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
    """One front end on a board; all but the cycles is exact, for these samples."""

    board: str
    core: str
    kind: str
    hop_samples: int  # from one result to the next
    instructions_per_hop: int  # with the copying of the samples
    hops_per_window: int  # of sounds the frames, else 1
    estimated_cycles_per_hop: int  # see tinyml.bench.cycles; 0 for a core without a method
    ram_bytes: int  # samples, scratch, state, and of sounds the features that wait for the newest
    flash_bytes: int  # functions and tables

    @property
    def front_end_instructions(self) -> int:
        """Of a whole window."""
        return self.instructions_per_hop * self.hops_per_window

    @property
    def estimated_cycles(self) -> int:
        """Of a whole window."""
        return self.estimated_cycles_per_hop * self.hops_per_window

    def to_dict(self) -> dict[str, Any]:
        """As `tinyml bench --json` prints it beside the model's figures."""
        return {
            "front_end": self.kind,
            "front_end_instructions": self.front_end_instructions,
            "front_end_instructions_per_hop": self.instructions_per_hop,
            "front_end_hops_per_window": self.hops_per_window,
            "front_end_estimated_cycles": self.estimated_cycles,
            "front_end_ram_bytes": self.ram_bytes,
            "front_end_flash_bytes": self.flash_bytes,
        }


class FrontEndSession(StoppedBoard):
    """A fitted front end on an emulated board; a context manager.

    Args:
        front_end: with its scaling.
        board: an emulated one.
    """

    def __init__(self, front_end: FrontEnd, board: Board) -> None:
        super().__init__(board, f"the {front_end.kind} front end", _TIMEOUT_SECONDS)
        self.front_end = front_end
        self.hop = front_end.hop_samples
        self._write(self._place / "front_end")
        place = self._place / "build"
        self._load(build_image(board, self._place / "front_end", "front_end", place))

    def push(self, samples: npt.NDArray[np.int16]) -> Counts:
        """One hop of samples, ``[hop][channels]``; returns the executions that it took."""
        address = self.image.symbols["tml_bench_samples"].address
        self._emulator.gdb.write(address, np.ascontiguousarray(samples, "<i2").tobytes())
        before = self.counters.snapshot(self._code_end)
        self._until(self._done)
        counts = self.counters.snapshot(self._code_end) - before
        self._until(self._ready)
        for name in _FRAME:
            symbol = self.image.symbols[name]
            first = (symbol.address - self.counters.code.origin) // 2
            counts[first : first + (symbol.bytes + 1) // 2] = 0
        return counts

    @property
    def ram_bytes(self) -> int:
        """What it keeps, without a hop of samples that comes and features in a model's input."""
        kept = [*_KEPT, "tml_bench_features"] if self.front_end.in_frames else _KEPT
        return sum(self.image.symbols[name].bytes for name in kept)

    def features(self) -> npt.NDArray[np.int8]:
        """Those of the newest window, in the shape that Python gives them."""
        address = self.image.symbols["tml_bench_features"].address
        data = self._emulator.gdb.read(address, self.front_end.feature_count)
        return np.frombuffer(data, np.int8).reshape(self.front_end.output_shape)

    def _write(self, place: Path) -> None:
        firmware = folder("firmware")
        place.mkdir(parents=True)
        source = c_source(self.front_end, "tml_front_end", linkage="external")
        (place / "front_end.c").write_text(
            f'#include "front_end_select.h"\n{source}', encoding="utf-8"
        )
        sources = [place / "front_end.c", *sorted((firmware / "features").glob("*.c"))]
        (place / "front_end_select.h").write_text(
            _HEADER.format(
                channels=self.front_end.channels,
                hop=self.hop,
                span=self.front_end.span_samples,
                features=self.front_end.feature_count,
                scratch=max(self.front_end.scratch_bytes, 1),
            ),
            encoding="utf-8",
        )
        description = {
            "name": "front_end",
            "sources": [str(path.resolve()) for path in sources],
            "includes": [".", str((firmware / "include").resolve())],
        }
        (place / FILE_NAME).write_text(json.dumps(description), encoding="utf-8")


def measure_front_end(front_end: FrontEnd, board: Board, seed: int = 0) -> FrontEndCost:
    """Instructions of one hop in the middle of noise; ``front_end`` has its scaling."""
    rng = np.random.default_rng(seed)
    with FrontEndSession(front_end, board) as session:
        shape = (session.hop, front_end.channels)
        before_first = -(-front_end.span_samples // session.hop)
        for _ in range(before_first):
            session.push(rng.integers(-8000, 8000, shape).astype(np.int16))
        counts = session.push(rng.integers(-8000, 8000, shape).astype(np.int16))
        image = session.image
        return FrontEndCost(
            board=board.name,
            core=board.core,
            kind=front_end.kind,
            hop_samples=session.hop,
            instructions_per_hop=int(counts.sum()),
            hops_per_window=front_end.results_per_window,
            estimated_cycles_per_hop=estimated_cycles(image.elf_path, board, counts),
            ram_bytes=session.ram_bytes,
            flash_bytes=image.flash_model_bytes + image.flash_code_bytes,
        )
