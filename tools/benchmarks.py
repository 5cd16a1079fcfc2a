"""Figures of every model at hand on an M4, an M0+ and an M55: what `make bench` prints and writes.

Models by others and TensorFlow Lite Micro's figures of them lie outside the repository (TINYML_
REFERENCE_MODELS, TINYML_BASELINE); networks of known shapes are compared with its figures of the
trained networks of those shapes.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.shared import REFERENCE_MODELS, ROOT
from tests.support.synthetic import NETWORKS
from tinyml import boards
from tinyml.bench import profile
from tinyml.bench.measure import BenchFigures, measure
from tinyml.cli.output import print_table
from tinyml.compiler import DEFAULTS, Optimize, Options, compile_model
from tinyml.draw import svg
from tinyml.draw.picture import picture
from tinyml.graph import Graph, load

PAGE, PLOT = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks.svg"
BOARDS = {"mps2-an386": "m4", "mps2-an385-m0plus": "m0", "mps3-an547": "m55"}
CORES = {"m4": "Cortex-M4", "m0": "Cortex-M0+", "m55": "Cortex-M55"}
SAME_SHAPES = {"mobilenet": "vww", "resnet": "ic"}
# Of TensorFlow Lite Micro with CMSIS-NN on the M4, by our estimate of cycles from its own counts.
CYCLES = {"kws": 9_120_000, "vww": 29_200_000, "ic": 34_200_000, "ad": 679_000}
PROFILE = ROOT / "docs" / "profile.svg"
PROFILED = ("kws", "m4")
STYLE = (
    "text{font-size:12px}.small{font-size:9px}.a{fill:#2b6cb0}.b{fill:#d69e2e}.c{fill:#718096}"
    ".one{stroke:#c53030;stroke-width:1.5}"
)
SHADES = {"instructions": "a", "RAM": "b", "flash": "c"}
COLUMNS = (
    "model", "core", "MACs", "instructions", "ratio", "estimated cycles", "ratio", "arena", "RAM",
    "ratio", "flash", "ratio",
)  # fmt: skip
HEAD = """\
# Benchmarks
`make bench` makes this page. It counts every instruction of one inference on emulated boards
(mps2-an386, mps2-an385 as a Cortex-M0+, mps3-an547). Memory is in bytes.

- Each ratio compares with TensorFlow Lite Micro with CMSIS-NN, measured in the same way on the same
  emulator; smaller is better.
- Cycles are an estimate for memory without wait states ([on-the-device.md](on-the-device.md) says
  how large its error may be). Their ratio compares with the same estimate for the same layers by
  CMSIS-NN.
- RAM is arena, state, .data, .bss and the measured stack. Flash is the whole image.

kws and ad are MLPerf Tiny's reference models; hello and lstm come with TensorFlow Lite Micro.
mobilenet (width 0.25, 96x96), resnet (ResNet-8) and streaming have random weights and are compared,
if possible, with TFLite Micro's figures for trained networks of the same shapes. The other models
are from this repository. Rows with "speed" are compiled with `--optimize speed` and shown if that
makes a difference; the other rows use the default.

![Instructions, RAM and flash as ratios to TensorFlow Lite Micro](benchmarks.svg)

The instructions of each layer, and the least that the core could need for it
(`tinyml bench MODEL --layers --profile profile.svg`):

![Instructions of kws on a Cortex-M4, layer by layer](profile.svg)

"""


@dataclass(frozen=True)
class Row:
    """One model on one board."""

    name: str
    goal: Optimize
    figures: BenchFigures
    core: str
    theirs: dict[str, int]  # empty where there is nothing to compare with

    @property
    def label(self) -> str:
        """The model and, unless it is the default, what it was compiled for."""
        return self.name if self.goal is Optimize.BALANCED else f"{self.name}, {self.goal.value}"

    @property
    def ratios(self) -> tuple[float, float, float] | None:
        """Instructions, RAM, flash."""
        if not self.theirs:
            return None
        return (
            self.figures.instructions / self.theirs["instructions"],
            self.figures.ram_bytes / self.theirs["ram_total_bytes"],
            self.figures.flash_bytes / self.theirs["flash_bytes_best"],
        )

    def cells(self) -> tuple[str, ...]:
        """One row of the page."""
        f = self.figures
        shown = [f"{ratio:.2f}" for ratio in self.ratios] if self.ratios else [""] * 3
        numbers = [f"{value:,}" for value in (f.macs, f.instructions, f.estimated_cycles)]
        theirs = CYCLES.get(SAME_SHAPES.get(self.name, self.name)) if self.core == "m4" else None
        cycles = f"{f.estimated_cycles / theirs:.2f}" if theirs else ""
        memory = [f"{value:,}" for value in (f.arena_bytes, f.ram_bytes, f.flash_bytes)]
        return (
            self.label, CORES[self.core], numbers[0], numbers[1], shown[0], numbers[2], cycles,
            memory[0], memory[1], shown[1], memory[2], shown[2],
        )  # fmt: skip


def graphs() -> Iterator[tuple[str, Graph]]:
    """The models to measure, each with its name."""
    given = os.environ.get("TINYML_REFERENCE_MODELS")
    recorded = Path(given) if given else ROOT.parent / "shared" / "models"
    for name in REFERENCE_MODELS:
        if (recorded / f"{name}.tflite").is_file():
            yield name, load(recorded / f"{name}.tflite")
    for name, network in NETWORKS.items():
        yield name, network()
    for path in sorted((ROOT / "models").glob("*/model.tflite")):
        yield path.parent.name, load(path)


def baseline() -> dict[str, dict[str, int]]:
    """TensorFlow Lite Micro's figures by model, core and kernels; none where they are not there."""
    given = os.environ.get("TINYML_BASELINE")
    path = Path(given) if given else ROOT.parent / "shared" / "baseline" / "tflm.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def rows() -> Iterator[Row]:
    """Measure every model on every board."""
    theirs = baseline()
    for name, graph in graphs():
        for board, core in BOARDS.items():
            known = theirs.get(f"{SAME_SHAPES.get(name, name)}-{core}-cmsis", {})
            for goal in goals(graph, boards.load(board).core):
                figures = measure(graph, boards.load(board), options=Options(goal))
                yield Row(name, goal, replace(figures, model=name), core, known)


def goals(graph: Graph, core: str) -> list[Optimize]:
    """The default, and speed where it makes a difference."""
    calls = [
        [
            step.call.function
            for step in compile_model(graph, core=core, options=options).program.steps
        ]
        for options in (DEFAULTS, Options(Optimize.SPEED))
    ]
    return [Optimize.BALANCED] if calls[0] == calls[1] else [Optimize.BALANCED, Optimize.SPEED]


def page(found: list[Row]) -> str:
    """The text of docs/benchmarks.md."""
    lines = [
        "| " + " | ".join(COLUMNS) + " |",
        "|---|---|" + "---:|" * (len(COLUMNS) - 2),
        *("| " + " | ".join(row.cells()) + " |" for row in found),
    ]
    return HEAD + "\n".join(lines) + "\n"


def plot(found: list[Row]) -> str:
    """Bars of the three ratios, a line where they would be equal."""
    compared = [row for row in found if row.ratios]
    left, scale, bar, gap = 200.0, 420.0, 9.0, 12.0
    body, y = [], 44.0
    for place, (name, css) in enumerate(SHADES.items()):
        body.append(svg.rect(left + 110 * place, 14, 10, 10, css))
        body.append(svg.text(left + 110 * place + 14, 23, name))
    for row in compared:
        assert row.ratios is not None
        label = f"{row.label}, {CORES[row.core]}"
        body.append(svg.text(left - 8, y + 1.8 * bar, label, "end"))
        for ratio, css in zip(row.ratios, SHADES.values(), strict=True):
            width = min(ratio, 1.25) * scale
            body.append(svg.rect(left, y, width, bar - 1, css, f"{label}: {ratio:.2f}"))
            body.append(svg.text(left + width + 4, y + bar - 1, f"{ratio:.2f}", "small"))
            y += bar
        y += gap
    body.append(svg.line(left + scale, 36, left + scale, y - gap, "one"))
    body.append(svg.text(left + scale, y + 4, "TFLite Micro = 1", "mid small"))
    return picture("Ratios to TensorFlow Lite Micro with CMSIS-NN", 770, y + 14, body, STYLE)


def main() -> None:
    """Print the figures and write the page and its pictures."""
    found = list(rows())
    print_table("Cost of an inference; memory in bytes", COLUMNS, [row.cells() for row in found])
    if any(row.ratios for row in found):
        PAGE.write_text(page(found), encoding="utf-8")
        PLOT.write_text(plot(found), encoding="utf-8")
        for row in found:
            if (row.label, row.core) == PROFILED:
                PROFILE.write_text(profile.draw(row.figures), encoding="utf-8")


if __name__ == "__main__":
    main()
