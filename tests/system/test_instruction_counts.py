"""No change makes an inference dearer unnoticed: instruction counts are exact, so a rise shows.

``python -m tests.system.test_instruction_counts`` records them anew; say why in the commit.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.targets import ONE_A_CORE, on_each, require_board
from tests.tools import require_tool
from tinyml import boards
from tinyml.bench.measure import measure
from tinyml.graph import load
from tinyml.resources import folder

RECORD = Path(__file__).with_name("instruction_counts.json")
MODELS = sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))
TOLERATED_RISE = 1.002  # of a count: other code moves branches


def compiler() -> str:
    command = [require_tool("arm-none-eabi-gcc"), "-dumpfullversion"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def count(model: str, board: str) -> int:
    graph = load(folder("models") / model / "model.tflite")
    return measure(graph, boards.load(board)).instructions


@pytest.mark.parametrize("board", on_each(ONE_A_CORE, debugged=True))
@pytest.mark.parametrize("model", MODELS)
def test_an_inference_costs_no_more_than_recorded(model, board):
    require_board(board)
    recorded = json.loads(RECORD.read_text())
    if compiler() != recorded["compiler"]:
        pytest.skip(f"recorded with gcc {recorded['compiler']}; this is {compiler()}")
    found, known = count(model, board), recorded["counts"][f"{model} on {board}"]
    assert found <= known * TOLERATED_RISE, f"{found:,} instructions, {known:,} recorded"
    assert found >= known * 0.98, f"{found:,} instructions, {known:,} recorded: record the gain"


def record() -> None:
    counts = {f"{m} on {b}": count(m, b) for m in MODELS for b in ONE_A_CORE}
    RECORD.write_text(json.dumps({"compiler": compiler(), "counts": counts}, indent=2) + "\n")


if __name__ == "__main__":
    record()
