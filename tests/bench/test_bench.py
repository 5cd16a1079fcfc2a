"""Models on emulated boards: outputs, every layer, exact counts, memory proven by guards."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.kernels.cases import MAKERS, make
from tests.kernels.on_board import check_sample
from tests.support.graphs import side_by_side
from tests.support.shared import REFERENCE_MODELS, shared_models
from tests.support.targets import DEBUGGED, DEBUGGERS, ONE_A_CORE, on, on_each, require_counting
from tinyml import boards
from tinyml.bench.measure import measure
from tinyml.bench.runner import run_on_board
from tinyml.bench.session import BenchSession
from tinyml.bench.verify import verify
from tinyml.cli.bench import command as bench_command
from tinyml.cli.run import command as run_command
from tinyml.emulator import emulators
from tinyml.errors import ModelTooLargeError, VerificationError
from tinyml.graph import load

# Models and boards that do not go together: flash for the one, RAM for the other.
TOO_LARGE = {("ad", "microbit"), ("ad", "stm32vldiscovery"), ("kws", "stm32vldiscovery")}


@pytest.fixture(autouse=True)
def tools():
    require_counting("mps2-an386")


def recorded(name: str):
    folder = shared_models()
    model = folder / f"{name}.tflite"
    data = np.load(folder / "golden" / f"{name}.npz")
    shape = load(model).tensor(load(model).inputs[0]).shape
    inputs = np.concatenate([data[f"input{i}"].reshape(shape) for i in range(3)])
    outputs = np.stack([data[f"output{i}"].ravel() for i in range(3)])
    return model, inputs, outputs


# One model on every board, all on one board of each set of kernels.
ON_BOARDS = [
    on(board, emulator, name)
    for board in DEBUGGED
    for emulator in emulators(boards.load(board))
    for name in REFERENCE_MODELS
    if emulator in DEBUGGERS and (name == "kws" or board in (*ONE_A_CORE, "microbit"))
]


@pytest.mark.parametrize(("board", "name"), ON_BOARDS)
def test_outputs_equal_the_recording(board, name):
    require_counting(board)
    model, inputs, outputs = recorded(name)
    if (name, board) in TOO_LARGE:
        with pytest.raises(ModelTooLargeError):
            run_on_board(load(model), boards.load(board), [inputs])
        return
    found = run_on_board(load(model), boards.load(board), [inputs])[0]
    np.testing.assert_array_equal(found.reshape(outputs.shape), outputs)


@pytest.mark.parametrize("name", REFERENCE_MODELS)
def test_every_layer_equals_the_oracle(name):
    model, inputs, _ = recorded(name)
    result = verify(load(model), boards.load("mps2-an386"), [inputs])
    assert result.divergence is None
    assert result.tensors_compared >= 3 * result.layers


@pytest.mark.parametrize("board", on_each(ONE_A_CORE, debugged=True))
def test_operators_on_boards(board):
    """One random case of each operator; the host tests run thousands."""
    require_counting(board)
    rng = np.random.default_rng(2026)
    cases = [make(name, rng) for name in MAKERS]
    graph = side_by_side([case.graph for case in cases])
    with BenchSession(graph, boards.load(board)) as session:
        check_sample(session, [x for case in cases for x in case.inputs])


def test_a_wrong_tensor_is_found(monkeypatch):
    model, inputs, _ = recorded("hello")
    graph = load(model)
    honest = BenchSession.tensor

    def one_off(self, index):
        value = honest(self, index).copy()
        if index == graph.operators[1].outputs[0]:
            value.flat[5] += 1
        return value

    monkeypatch.setattr(BenchSession, "tensor", one_off)
    first = verify(graph, boards.load("mps2-an386"), [inputs]).divergence
    assert first is not None
    assert (first.sample, first.operator, first.index, first.differing) == (0, 1, (0, 5), 1)
    assert "one step" in first.likely_cause


def test_a_write_beyond_the_arena_is_found(monkeypatch):
    model, inputs, _ = recorded("hello")
    with BenchSession(load(model), boards.load("mps2-an386")) as session:
        session.infer([inputs[:1]])
        end = session._memory + 64 + session.model.arena_bytes
        honest = session._until

        def trespass(address):
            honest(address)
            session._emulator.gdb.write(end, b"\0")

        monkeypatch.setattr(session, "_until", trespass)
        with pytest.raises(VerificationError, match="outside its arena"):
            session.infer([inputs[:1]])


def test_counts_are_exact_and_repeat():
    model, _, _ = recorded("hello")
    first, second = (measure(load(model), boards.load("mps2-an386")) for _ in range(2))
    assert first == second
    by_layers = sum(layer.instructions for layer in first.layers)
    # What is left is the call of the inference itself.
    assert 0 <= abs(first.instructions - by_layers) < 20


def test_bench_prints_the_promised_keys():
    model, _, _ = recorded("kws")
    result = CliRunner().invoke(bench_command, [str(model), "--json"], catch_exceptions=False)
    figures = json.loads(result.stdout)
    for key in (
        "model", "board", "core", "instructions", "estimated_cycles", "macs", "arena_bytes",
        "stack_bytes", "ram_bytes", "flash_bytes", "flash_model_bytes", "flash_code_bytes",
        "passes",
    ):  # fmt: skip
        assert key in figures
    assert {"index", "op", "instructions", "macs"} <= set(figures["layers"][0])
    assert figures["arena_bytes"] == figures["arena_bound_bytes"]
    parts = ("arena_bytes", "state_bytes", "data_bss_bytes", "stack_bytes")
    assert figures["ram_bytes"] == sum(figures[part] for part in parts)


def test_run_writes_what_the_board_computed(tmp_path):
    model, inputs, outputs = recorded("kws")
    np.save(tmp_path / "in.npy", inputs)
    arguments = [str(model), "--input", tmp_path / "in.npy", "--output", tmp_path / "out.npy"]
    result = CliRunner().invoke(run_command, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy").reshape(outputs.shape), outputs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.npy", "out.npy"]


@pytest.mark.parametrize(("memory", "word"), [("ram", "RAM"), ("flash", "flash")])
def test_a_board_that_is_too_small_is_told_with_both_figures(monkeypatch, memory, word):
    from dataclasses import replace

    model, _, _ = recorded("kws")
    board = boards.load("mps2-an386")
    small = replace(board, **{memory: replace(getattr(board, memory), bytes=12 * 1024)})
    with pytest.raises(ModelTooLargeError, match=rf"needs [\d,]+ bytes of {word}.*12,288"):
        BenchSession(load(model), small)
