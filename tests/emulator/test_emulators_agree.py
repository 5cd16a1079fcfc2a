"""Two emulators, one board: every figure of `tinyml bench` is the same to the last instruction.

``python -m tests.emulator.test_emulators_agree`` compares every model on
every board that both have.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.test_counting import COUNTED, EXPECTED, count_once
from tests.emulator.test_emulator import tiny_model
from tests.support.shared import REFERENCE_MODELS, shared_models
from tests.support.targets import DEBUGGERS, require_counting
from tinyml import boards
from tinyml.bench.front_end import measure_front_end
from tinyml.bench.measure import measure
from tinyml.build import build_node
from tinyml.emulator import emulators, unicorn_machine
from tinyml.emulator.choice import VARIABLE
from tinyml.errors import ModelTooLargeError
from tinyml.graph import load
from tinyml.model import ModelSettings
from tinyml.resources import folder

SHARED = [n for n in boards.names() if set(DEBUGGERS) <= set(emulators(boards.load(n)))]
# One that fits every board, and one with a front end.
SHORT = ("hello", "occupancy")


def path_of(model: str) -> Path:
    if model in REFERENCE_MODELS:
        return shared_models() / f"{model}.tflite"
    return folder("models") / model / "model.tflite"


def figures(model: str, board: str) -> dict:
    """What `tinyml bench --json` prints."""
    graph = load(path_of(model))
    settings = ModelSettings.of(graph.metadata)
    found = measure(graph, boards.load(board)).to_dict()
    if settings is not None:
        found |= measure_front_end(settings.front_end, boards.load(board)).to_dict()
    return found


def on_both(model: str, board: str, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    found = []
    for emulator in DEBUGGERS:
        monkeypatch.setenv(VARIABLE, emulator)
        require_counting(board)
        found.append(figures(model, board))
    return found


@pytest.mark.parametrize("board", SHARED)
@pytest.mark.parametrize("model", SHORT)
def test_figures_are_the_same(model, board, monkeypatch):
    qemu, unicorn = on_both(model, board, monkeypatch)
    assert unicorn == qemu


@pytest.mark.on_emulator("unicorn")
def test_counts_are_the_same_without_a_compiler(monkeypatch, tmp_path):
    """The hook of Python instead of the one of C."""
    board = require_counting(boards.DEFAULT)
    image = build_node(tiny_model(), board, tmp_path, COUNTED)
    monkeypatch.setattr(unicorn_machine, "compiled_library", lambda source: None)
    assert [count_once(image, stops) for stops in (0, 3)] == [EXPECTED, EXPECTED]


@pytest.mark.on_emulator("unicorn")
def test_a_model_costs_the_same_without_a_compiler(monkeypatch):
    require_counting(boards.DEFAULT)
    fast = figures("hello", boards.DEFAULT)
    monkeypatch.setattr(unicorn_machine, "compiled_library", lambda source: None)
    assert figures("hello", boards.DEFAULT) == fast


def every_model() -> Iterator[str]:
    yield from REFERENCE_MODELS
    yield from sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))


def main() -> None:
    for model in every_model():
        for board in SHARED:
            with pytest.MonkeyPatch.context() as monkeypatch:
                try:
                    qemu, unicorn = on_both(model, board, monkeypatch)
                except ModelTooLargeError:
                    print(f"{model} on {board}: too large")
                    continue
            differing = [key for key in qemu if qemu[key] != unicorn.get(key)]
            print(f"{model} on {board}: {', '.join(differing) or 'the same'}", flush=True)


if __name__ == "__main__":
    main()
