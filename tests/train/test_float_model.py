"""The float model beside the quantised one, by whichever interpreter there is."""

import importlib.util

import numpy as np
import pytest

from tinyml import data
from tinyml.graph import load
from tinyml.resources import folder
from tinyml.train.float_model import float_answers

PUMP = folder("models") / "pump-simulated"


@pytest.mark.parametrize("missing", ["", "ai_edge_litert"])
def test_litert_and_tensorflow_run_it_alike(missing, monkeypatch):
    pytest.importorskip("tensorflow")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else find(name)
    )
    dataset = data.load("pump-simulated")
    graph, model = load(PUMP / "model.tflite"), (PUMP / "float.tflite").read_bytes()
    answers = float_answers(model, graph, dataset, dataset.test)
    correct = np.mean(answers.predicted == dataset.test.targets)
    assert correct > 0.9
