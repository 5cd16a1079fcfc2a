"""Figures of every model at hand on every emulated board: what `make bench` prints."""

import os
from pathlib import Path

from tests.shared import ROOT
from tests.targets import ONE_A_CORE
from tinyml import boards
from tinyml.bench.measure import measure
from tinyml.cli.output import print_table
from tinyml.graph import load


def models() -> list[Path]:
    given = os.environ.get("TINYML_REFERENCE_MODELS")
    recorded = Path(given) if given else ROOT.parent / "shared" / "models"
    found = [recorded / f"{name}.tflite" for name in ("hello", "ad", "kws")]
    found += sorted((ROOT / "models").glob("*/model.tflite"))
    return [path for path in found if path.is_file()]


def main() -> None:
    rows = []
    for path in models():
        name = path.parent.name if path.stem == "model" else path.stem
        graph = load(path)
        for board in ONE_A_CORE:
            figures = measure(graph, boards.load(board))
            rows.append(
                (
                    name, board, figures.macs, figures.instructions, figures.estimated_cycles,
                    figures.arena_bytes, figures.ram_bytes, figures.flash_bytes,
                )
            )  # fmt: skip
    columns = (
        "model", "board", "MACs", "instructions", "estimated cycles", "arena", "RAM", "flash",
    )  # fmt: skip
    print_table("Cost of an inference; memory in bytes", columns, rows)


if __name__ == "__main__":
    main()
