"""Whole models, compiled for the host under the sanitizers, against what TFLite Micro computed."""

import numpy as np
import pytest

from tests.compiler import host
from tests.support.shared import REFERENCE_MODELS, shared_models
from tinyml.compiler import Options, compile_model
from tinyml.graph import load


@pytest.mark.parametrize("name", REFERENCE_MODELS)
def test_outputs_equal_the_recording(name, tmp_path):
    folder = shared_models()
    graph = load(folder / f"{name}.tflite")
    model = compile_model(graph, core="portable")
    program = host.build(model, tmp_path / "model")
    recorded = np.load(folder / "golden" / f"{name}.npz")
    shape = graph.tensor(graph.inputs[0]).shape
    inputs = np.stack([recorded[f"input{i}"].reshape(shape) for i in range(3)])
    outputs = host.run(model, program, [inputs])[0]
    for i in range(3):
        np.testing.assert_array_equal(outputs[i].ravel(), recorded[f"output{i}"].ravel())


@pytest.mark.parametrize("name", REFERENCE_MODELS)
def test_the_plan_reaches_its_bound(name):
    graph = load(shared_models() / f"{name}.tflite")
    model = compile_model(graph, core="portable", options=Options(strip_cost=0))
    assert model.plan.arena_bytes == model.plan.bound_bytes
    assert compile_model(graph, core="portable").arena_bytes <= model.arena_bytes


def test_compiling_twice_gives_the_same_text():
    graph = load(shared_models() / "kws.tflite")
    first, second = (compile_model(graph, core="portable").files for _ in range(2))
    assert first == second
