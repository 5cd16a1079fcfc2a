"""Boards whose emulator has no counters run models, too: in a node, over its serial port."""

import json
from functools import partial

import numpy as np
import pytest

from tests.cli.test_project_cli import tinyml
from tests.support.graphs import GraphBuilder, quantization
from tests.support.shared import shared_models
from tests.support.synthetic import Network
from tests.support.targets import require_board
from tinyml import boards
from tinyml.bench import node_session
from tinyml.bench.node_session import NodeSession
from tinyml.bench.runner import run_on_board
from tinyml.bench.verify import verify
from tinyml.emulator import Faults, can_count, choice
from tinyml.errors import (
    EmulatorError,
    ModelTooLargeError,
    UnsupportedModelError,
    VerificationError,
)
from tinyml.graph import DType, Oracle, load
from tinyml.graph.samples import random_inputs
from tinyml.model import Meaning
from tinyml.resources import folder

BOARDS = ("arduino-uno", "arduino-mega", "pico")


@pytest.fixture(autouse=True)
def without_counters(monkeypatch):
    """A Pico then runs on rp2040js."""
    monkeypatch.setattr(choice.unicorn_machine, "is_installed", lambda: False)
    monkeypatch.delenv(choice.VARIABLE, raising=False)


def board_without_counters(name):
    board = require_board(name)
    assert not can_count(board)
    return board


def equal_on(board, graph, samples=3, seed=20261130):
    print(f"seed {seed}")
    inputs = random_inputs(graph, samples, seed)
    done = []
    found = run_on_board(graph, board, inputs, lambda what, number, total: done.append(number))
    assert done == list(range(samples + 1))
    for ours, theirs in zip(found, Oracle(graph).run(inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def dense(outputs, inputs=8):
    net = Network("dense", (1, inputs))
    return net.classes(net.x, inputs, outputs)


def two_inputs():
    b = GraphBuilder("sum")
    x, y = (b.input((1, 2, 3), quantization(scale)) for scale in (0.1, 0.3))
    return b.build(b.op("ADD", [x, y], b.tensor((1, 2, 3), DType.INT8, quantization(0.4)),
                        activation=0))  # fmt: skip


@pytest.mark.parametrize("name", BOARDS)
def test_the_outputs_are_the_oracles(name):
    equal_on(board_without_counters(name), load(shared_models() / "hello.tflite"))


def test_more_samples_than_the_log_holds():
    equal_on(board_without_counters("arduino-uno"), dense(2), samples=60)


def test_a_model_with_a_state_begins_each_sample_afresh():
    equal_on(board_without_counters("pico"), load(shared_models() / "lstm.tflite"), samples=2)


@pytest.mark.parametrize(
    "graph", [two_inputs(), dense(400)], ids=["two inputs", "an output beyond the usual records"]
)
def test_other_shapes(graph):
    equal_on(board_without_counters("arduino-mega"), graph)


@pytest.mark.parametrize("fault", ["drop:0.0005", "noise:0.0005", "reset@2000"])
def test_what_is_lost_is_sent_again(fault, monkeypatch):
    board = board_without_counters("arduino-uno")
    faulty = partial(node_session.Emulator, faults=Faults.parse([fault], seed=1))
    monkeypatch.setattr(node_session, "Emulator", faulty)
    equal_on(board, dense(2), samples=30)


def test_a_shipped_model_answers_as_the_host():
    board_without_counters("arduino-mega")
    found = json.loads(
        tinyml("evaluate", "models/pump-simulated", "--on", "arduino-mega", "--samples", "20",
               "--json")
    )  # fmt: skip
    assert (found["on"], found["board_equals_host"]) == ("arduino-mega", True)
    assert found["board"] == found["int8"]
    assert found["board"]["samples"] == 20


def test_the_command_runs(tmp_path):
    board_without_counters("arduino-uno")
    model = shared_models() / "hello.tflite"
    (inputs,) = random_inputs(load(model), 2, seed=0)
    np.save(tmp_path / "in.npy", inputs)
    tinyml("run", str(model), "--board", "arduino-uno", "--input", str(tmp_path / "in.npy"),
           "--output", str(tmp_path / "out.npy"))  # fmt: skip
    (expected,) = Oracle(load(model)).run([inputs])
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected)


def test_the_command_says_what_outputs_mean(tmp_path):
    board_without_counters("arduino-mega")
    model = folder("models") / "occupancy" / "model.tflite"
    graph = load(model)
    (inputs,) = random_inputs(graph, 2, seed=0)
    np.save(tmp_path / "in.npy", inputs)
    given = ("run", str(model), "--board", "arduino-mega", "--input", str(tmp_path / "in.npy"),
             "--output", str(tmp_path / "out.npy"))  # fmt: skip
    found = json.loads(tinyml(*given, "--json"))
    said = [Meaning.of(graph).result(one) for one in np.load(tmp_path / "out.npy").tolist()]
    assert found["results"] == [one.to_dict() for one in said]
    assert f"sample 2: {said[1]}" in tinyml(*given)


def test_outputs_are_verified():
    board = board_without_counters("arduino-uno")
    graph = dense(2)
    result = verify(graph, board, random_inputs(graph, 3, seed=0))
    assert (result.divergence, result.layers, result.tensors_compared) == (None, 0, 3)


def test_a_wrong_output_is_told(monkeypatch):
    board_without_counters("arduino-uno")
    honest = NodeSession.infer
    monkeypatch.setattr(NodeSession, "infer", lambda self, x: [y ^ 1 for y in honest(self, x)])
    model = shared_models() / "hello.tflite"
    with pytest.raises(VerificationError, match=r"operator 2 \(FULLY.*Only outputs were compared"):
        tinyml("verify", str(model), "--board", "arduino-uno")


def test_an_output_too_large_for_records_is_told():
    board = board_without_counters("arduino-mega")
    graph = dense(480)
    with pytest.raises(ModelTooLargeError, match="480 bytes, which do not fit"):
        run_on_board(graph, board, random_inputs(graph, 1, seed=0))


def test_a_model_too_large_is_told():
    board = board_without_counters("arduino-uno")
    graph = load(shared_models() / "kws.tflite")
    with pytest.raises(ModelTooLargeError, match="bytes of flash, but arduino-uno"):
        run_on_board(graph, board, random_inputs(graph, 1, seed=0))


def test_a_board_that_ends_is_told():
    board = board_without_counters("arduino-uno")
    graph = dense(2)
    (x,) = random_inputs(graph, 1, seed=0)
    with NodeSession(graph, board) as session:
        session.infer([x[0]])
        session._emulator._process.end()
        with pytest.raises(EmulatorError, match="does not answer on arduino-uno any more"):
            session.infer([x[0]])


def two_outputs():
    b = GraphBuilder("two")
    x = b.input((1, 4), quantization(0.1))
    outputs = [
        b.op("ADD", [x, x], b.tensor((1, 4), DType.INT8, quantization(0.2)), activation=activation)
        for activation in (0, 1)
    ]
    return b.build(*outputs)


def floats():
    b = GraphBuilder("floats")
    x = b.input((1, 4), quantization(0.1))
    return b.build(b.op("DEQUANTIZE", [x], b.tensor((1, 4), DType.FLOAT32)))


@pytest.mark.parametrize(
    ("graph", "words"),
    [(two_outputs(), "has 2 outputs.*records only the first"), (floats(), "an output of float32")],
)
def test_what_records_do_not_hold_is_told(graph, words):
    with pytest.raises(UnsupportedModelError, match=words):
        NodeSession(graph, boards.load("arduino-uno"))
