"""Texture models: given statistics, learnt layers, int8 throughout."""

import numpy as np
import pytest

from tinyml.errors import TrainingError
from tinyml.graph import parse
from tinyml.project import Architecture
from tinyml.train import network, texture
from tinyml.train import tensorflow as backend
from tinyml.train.convert import OPERATORS, convert

pytestmark = pytest.mark.train
SHAPE = (50, 12)


@pytest.fixture(scope="module")
def built():
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    tensorflow = backend.prepare(3)
    inputs = np.random.default_rng(3).normal(1, 2, (40, *SHAPE)).astype(np.float32)
    model = network.build(Architecture("texture", (5,), 1, 0.2), SHAPE, 3, 0.01, image=True)
    return tensorflow, inputs, model, texture.divided(model, inputs)


def test_both_parts_together_are_the_network(built):
    _, inputs, model, (given, learnt) = built
    together = learnt.predict(given.predict(inputs, verbose=0), verbose=0)
    np.testing.assert_allclose(together, model.predict(inputs, verbose=0), atol=1e-6)
    learning = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert learning == learnt.count_params()


def test_statistics_are_standardised_and_what_they_are_called(built):
    _, inputs, _, (given, _) = built
    found = given.predict(inputs, verbose=0)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-2)
    rises = np.maximum(np.diff(inputs, axis=1)[:, :-1], 0).mean(axis=1)
    peaks = inputs[:, :, 4:-4] - (inputs[:, :, 2:-6] + inputs[:, :, 6:-2]) / 2
    bands = SHAPE[1]
    expected = {
        0: inputs.mean(axis=1)[:, 0],
        bands: inputs.max(axis=1)[:, 0],
        2 * bands: rises[:, 0],
        2 * bands * (1 + len(texture._SCALES)): np.maximum(peaks, 0).mean(axis=1)[:, 0],
    }
    for index, values in expected.items():
        standardised = (values - values.mean()) / values.std()
        np.testing.assert_allclose(found[:, index], standardised, atol=0.02)


def test_it_becomes_int8(built):
    tensorflow, inputs, model, _ = built
    graph = parse(convert(tensorflow, model, inputs, "texture"))
    assert {op.name for op in graph.operators} <= OPERATORS


@pytest.mark.parametrize("shape", [(47, 12), (50, 8), (600,)])
def test_what_has_no_texture_is_refused(shape, built):
    with pytest.raises(TrainingError, match="at least 48 frames of 9 bands"):
        network.build(Architecture("texture", (5,), 1, 0.0), shape, 3, 0.0)
