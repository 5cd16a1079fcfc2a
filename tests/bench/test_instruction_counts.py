"""No change makes an inference dearer unnoticed: instruction counts are exact, so a rise shows.

They differ from compiler to compiler, so each has a record of its own. With a compiler that has
none, models are compared with each other: another compiler makes all of them a little dearer or
cheaper, a change for the worse one or a few of them.

``python -m tests.bench.test_instruction_counts`` records them for the compilers that are here; say
why in the commit.
"""

import json
import statistics
from pathlib import Path

import pytest

from tests.support.targets import ONE_A_CORE, compiler_of, on_each, require_counting
from tinyml import boards
from tinyml.bench.measure import measure
from tinyml.graph import load
from tinyml.resources import folder

RECORD = Path(__file__).with_name("instruction_counts.json")
MODELS = sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))
TOLERATED_RISE = 1.002  # of a count: other code moves branches
TOLERATED_GAIN = 0.98  # more of it is to be recorded
# With an unknown compiler: how far a model may be from the others, and all from the record.
TOLERATED_SPREAD = 0.05
TOLERATED_LEVEL = 0.15

Counts = dict[str, int]  # by model


def recorded() -> dict[str, dict[str, Counts]]:
    """Counts by compiler and board."""
    return json.loads(RECORD.read_text())


def count(board: str) -> Counts:
    graphs = {name: load(folder("models") / name / "model.tflite") for name in MODELS}
    return {name: measure(graph, boards.load(board)).instructions for name, graph in graphs.items()}


def faults(found: Counts, known: Counts) -> list[str]:
    """What the compiler that the record was made with may not do."""
    return [
        f"{model}: {found[model]:,} instructions, {known[model]:,} recorded{mend}"
        for model in known
        for wrong, mend in (
            (found[model] > known[model] * TOLERATED_RISE, ""),
            (found[model] < known[model] * TOLERATED_GAIN, ": record the gain"),
        )
        if wrong
    ]


def faults_of_another(found: Counts, known: Counts) -> list[str]:
    """What no compiler may do, by the record of another."""
    ratios = {model: found[model] / known[model] for model in known}
    level = statistics.median(ratios.values())
    wrong = [
        f"{model}: {ratio:.3f} of the recorded instructions, other models {level:.3f}"
        for model, ratio in ratios.items()
        if abs(ratio / level - 1) > TOLERATED_SPREAD
    ]
    if abs(level - 1) > TOLERATED_LEVEL:
        wrong.append(f"models take {level:.3f} of the recorded instructions")
    return wrong


@pytest.mark.parametrize("board", on_each(ONE_A_CORE, debugged=True))
def test_inferences_cost_no_more_than_recorded(board):
    compiler = compiler_of(require_counting(board).name)
    by_compiler = {name: of[board] for name, of in recorded().items() if board in of}
    found = count(board)
    if compiler in by_compiler:
        assert not faults(found, by_compiler[compiler])
        return
    alike = [other for other in by_compiler if other.split()[0] == compiler.split()[0]]
    for other in alike or by_compiler:
        wrong = faults_of_another(found, by_compiler[other])
        assert not wrong, f"no record of {compiler}; beside {other}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"a": 103, "b": 206, "c": 309}, []),
        ({"b": 220}, ["b: 1.100"]),
        ({"a": 120, "b": 240, "c": 360}, ["models take 1.200"]),
    ],
)
def test_with_an_unknown_compiler_models_are_compared_with_each_other(changes, words):
    known = {"a": 100, "b": 200, "c": 300}
    wrong = faults_of_another({**known, **changes}, known)
    assert len(wrong) == len(words)
    assert all(line.startswith(word) for line, word in zip(wrong, words, strict=True))


def record() -> None:
    found = recorded()
    for board in ONE_A_CORE:
        found.setdefault(compiler_of(board), {})[board] = count(board)
    RECORD.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    record()
