"""The tables of docs/toolchains.md: what clang out of ziglang makes, beside what GCC makes.

``python -m tools.toolchain_table`` writes them; each model runs on an emulated board of every core,
with both compilers, and must give the same outputs.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from tests.support.shared import REFERENCE_MODELS, ROOT, shared_models
from tinyml import boards
from tinyml.bench.front_end import measure_front_end
from tinyml.bench.measure import measure
from tinyml.bench.runner import run_on_board
from tinyml.build import build_node
from tinyml.build.toolchain import VARIABLE, toolchain
from tinyml.errors import ModelTooLargeError
from tinyml.graph import load
from tinyml.graph.samples import random_inputs
from tinyml.model import ModelSettings
from tinyml.resources import folder

PAGE = ROOT / "docs" / "toolchains.md"
BEGIN, END = "<!-- tables -->\n", "<!-- end -->\n"
BOARDS = {
    "mps2-an385-m0plus": "M0+",
    "mps2-an385": "M3",
    "mps2-an386": "M4F",
    "mps2-an500": "M7",
    "mps2-an505": "M33",
    "mps3-an547": "M55",
    "riscv32-virt": "RV32IMC",
}
SEED = 0
T = TypeVar("T")


Ratios = tuple[float | None, ...]


@dataclass(frozen=True)
class Made:
    """What a compiler makes of a model for a board."""

    instructions: int  # of an inference
    bench_flash_bytes: int  # the model with start-up
    node_flash_bytes: int
    front_end_instructions: int  # of a hop; 0 without a front end

    def over(self, other: "Made") -> Ratios:
        """Ratios, None where there is nothing to compare."""
        front_end = other.front_end_instructions
        return (
            self.instructions / other.instructions,
            self.front_end_instructions / front_end if front_end else None,
            self.bench_flash_bytes / other.bench_flash_bytes,
            self.node_flash_bytes / other.node_flash_bytes,
        )


def models() -> dict[str, Path]:
    """By name: those by others, and the zoo."""
    found = {name: shared_models() / f"{name}.tflite" for name in REFERENCE_MODELS}
    zoo = sorted(folder("models").glob("*/model.tflite"))
    return found | {path.parent.name: path for path in zoo}


def made(path: Path, board_name: str) -> Made:
    """With the toolchain that is asked for now."""
    board, graph = boards.load(board_name), load(path)
    cost, settings = measure(graph, board), ModelSettings.of(graph.metadata)
    hop = measure_front_end(settings.front_end, board).instructions_per_hop if settings else 0
    with tempfile.TemporaryDirectory() as place:
        node = build_node(graph, board, Path(place)).flash_bytes
    return Made(cost.instructions, cost.flash_bytes, node, hop)


def with_each(what: Callable[[], T]) -> tuple[T, T]:
    """The same with GCC and with clang."""
    found = []
    before = os.environ.get(VARIABLE)
    for kind in ("gcc", "zig"):
        os.environ[VARIABLE] = kind
        found.append(what())
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
    return found[0], found[1]


def ratios(path: Path, board: str) -> Ratios:
    """clang's over GCC's; AssertionError where outputs differ."""
    gcc, zig = with_each(lambda: made(path, board))
    graph, target = load(path), boards.load(board)
    inputs = random_inputs(graph, 2, seed=SEED)
    for ours, theirs in zip(*with_each(lambda: run_on_board(graph, target, inputs)), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    return zig.over(gcc)


def table(title: str, cells: dict[str, list[str]], last: list[str]) -> str:
    """A row a model."""
    lines = [
        f"| {title} | " + " | ".join(BOARDS.values()) + " |",
        "|---|" + "---:|" * len(BOARDS),
        *(f"| {name} | " + " | ".join(row) + " |" for name, row in cells.items()),
        "| **geometric mean** | " + " | ".join(last) + " |",
    ]
    return "\n".join(lines) + "\n"


def tables() -> str:
    """A table for each ratio, of everything measured now."""
    found: dict[str, dict[str, Ratios | None]] = {}
    for name, path in models().items():
        found[name] = {}
        for board in BOARDS:
            try:
                found[name][board] = ratios(path, board)
            except ModelTooLargeError:
                found[name][board] = None
            print(name, board, found[name][board], flush=True)
    titles = (
        "instructions of an inference", "instructions of the front end", "flash, model alone",
        "flash, whole node",
    )  # fmt: skip
    text = ""
    for number, title in enumerate(titles):
        ratios_of = {
            name: [cost[number] if (cost := row[b]) else None for b in BOARDS]
            for name, row in found.items()
        }
        cells = {
            name: [f"{ratio:.3f}" if ratio else "" for ratio in row]
            for name, row in ratios_of.items()
            if any(row)
        }
        columns = [[r for r in column if r] for column in zip(*ratios_of.values(), strict=True)]
        means = [f"{np.exp(np.mean(np.log(column))):.3f}" for column in columns]
        text += table(title, cells, means) + "\n"
    return text


def main() -> None:
    """Write the tables in docs/toolchains.md again."""
    before, after = (
        PAGE.read_text(encoding="utf-8").split(BEGIN)[0],
        PAGE.read_text(encoding="utf-8").split(END)[1],
    )
    versions = with_each(lambda: toolchain("cortex-m4f").version)
    riscv = with_each(lambda: toolchain("rv32imc").version)
    text = (
        f"Measured with {versions[1]} over {versions[0]}, on RISC-V over {riscv[0]}; "
        f"outputs were the same, bit for bit, for every pair.\n\n{tables()}"
    )
    PAGE.write_text(before + BEGIN + text + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
