"""What a candidate costs on a board: compiled and counted, not guessed."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from tinyml import boards
from tinyml.bench.front_end import FrontEndCost, measure_front_end
from tinyml.bench.measure import measure
from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.compiler import compile_model
from tinyml.emulator import emulators, require_counting
from tinyml.errors import (
    BoardError,
    EmulatorError,
    ModelTooLargeError,
    TinymlError,
    ToolMissingError,
)
from tinyml.features import FrontEnd
from tinyml.graph import Graph
from tinyml.model import ModelSettings

COSTS: Final = ("instructions", "latency_ms", "ram_bytes", "flash_bytes", "energy_uj")
_NO_FRONT_END: Final = FrontEndCost("", "", "", 0, 0, 0, 0, 0, 0)
_WORDS: Final = {
    "ram_bytes": "{:,} bytes of RAM",
    "flash_bytes": "{:,} bytes of flash",
    "latency_ms": "{:.3g} ms",
    "energy_uj": "{:.3g} uJ",
}


@dataclass(frozen=True)
class CandidateCost:
    """One window: its front end and the model's inference, without a node around them."""

    instructions: int  # exact
    front_end_instructions: int  # of these
    estimated_cycles: int  # see tinyml.bench.cycles; 0 for a core without a method
    latency_ms: float  # an estimate: those cycles, or the instructions, at the board's clock
    arena_bytes: int  # exact
    ram_bytes: int  # arena, state, .data, .bss, stack, and what the front end keeps
    flash_bytes: int  # the model's whole image, and functions and tables of the front end
    energy_uj: float | None  # an estimate, by the board's datasheet; None where it gives no power

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


@dataclass(frozen=True)
class Limits:
    """What a model may take at most; None: as much as it likes."""

    ram_bytes: int
    flash_bytes: int
    latency_ms: float | None = None
    energy_uj: float | None = None

    def breach(self, cost: CandidateCost) -> str:
        """What is beyond a limit, in words; empty where nothing is."""
        for limit in fields(self):
            most, taken = getattr(self, limit.name), getattr(cost, limit.name)
            if most is not None and taken > most:
                words = _WORDS[limit.name]
                return f"{words.format(taken)}, but {words.format(most)} allowed"
        return ""


def cost_of(graph: Graph, board: Board, limits: Limits) -> CandidateCost:
    """Compile, build and count ``graph`` and its front end, where its metadata have one.

    Instructions are counted on the board's emulator, or where it has none on that of another board
    with the same core, whose code is the same. Raises ModelTooLargeError where the arena or the
    constants alone are beyond ``limits``, before anything is built, or the image is for the board.
    """
    compiled = compile_model(graph, core=board.core)
    for what, taken, most in (
        ("RAM", compiled.arena_bytes + compiled.state_bytes, limits.ram_bytes),
        ("flash", compiled.constant_bytes, limits.flash_bytes),
    ):
        if taken > most:
            raise ModelTooLargeError(f"at least {taken:,} bytes of {what}, but {most:,} allowed")
    stand_in = emulated(board)
    figures = measure(graph, stand_in)
    flash_bytes = figures.flash_bytes
    if stand_in is not board:
        with tempfile.TemporaryDirectory(prefix="tinyml-search-") as place:
            flash_bytes = build_node(compiled, board, Path(place), "bench").flash_bytes
    settings = ModelSettings.of(graph.metadata)
    before = _front_end_cost(settings.front_end, stand_in.name) if settings else _NO_FRONT_END
    instructions = before.front_end_instructions + figures.instructions
    cycles = before.estimated_cycles + figures.estimated_cycles
    seconds = (cycles or instructions) / board.clock_hz
    power = board.power
    return CandidateCost(
        instructions=instructions,
        front_end_instructions=before.front_end_instructions,
        estimated_cycles=cycles,
        latency_ms=1e3 * seconds,
        arena_bytes=figures.arena_bytes,
        ram_bytes=before.ram_bytes + figures.ram_bytes,
        flash_bytes=before.flash_bytes + flash_bytes,
        energy_uj=1e3 * power.supply_volts * power.active_milliamps * seconds if power else None,
    )


@functools.cache
def _front_end_cost(front_end: FrontEnd, board: str) -> FrontEndCost:
    """Measured once in a search, where only the model varies."""
    return measure_front_end(front_end, boards.load(board))


def emulated(board: Board) -> Board:
    """The board, or one with the same core, where instructions are counted here.

    BoardError where no emulated board has its core; else what require_counting raises of the first.
    """
    alike = [boards.load(name) for name in boards.names()]
    candidates = [b for b in (board, *alike) if b.core == board.core and emulators(b)]
    if not candidates:
        raise BoardError(
            f"no emulated board has the core {board.core} of {board.name}, so "
            "instructions cannot be counted"
        )
    first: TinymlError | None = None
    for candidate in candidates:
        try:
            require_counting(candidate)
        except (BoardError, EmulatorError, ToolMissingError) as error:
            first = first or error
        else:
            return candidate
    assert first is not None
    raise first
