"""The oracle against what TFLite Micro computed, tensor by tensor."""

import json
import zlib

import numpy as np
import pytest

from tests.support.shared import REFERENCE_MODELS, shared_models
from tinyml.errors import ModelError
from tinyml.graph import Oracle, load


@pytest.mark.parametrize("name", REFERENCE_MODELS)
@pytest.mark.parametrize("sample", range(3))
def test_every_operator_equals_the_recording(name, sample):
    folder = shared_models()
    graph = load(folder / f"{name}.tflite")
    recorded = np.load(folder / "golden" / f"{name}.npz")
    checksums = json.loads((folder / "golden" / f"{name}.json").read_text())
    wanted = checksums["crc32_per_operator_output"][f"input{sample}"]
    given = recorded[f"input{sample}"].reshape(graph.tensor(graph.inputs[0]).shape)
    values = dict(Oracle(graph).trace([given]))
    found = [f"{zlib.crc32(values[op.outputs[0]].tobytes()):08x}" for op in graph.operators]
    assert found == wanted
    output = values[graph.outputs[0]]
    np.testing.assert_array_equal(output.ravel(), recorded[f"output{sample}"].ravel())


def test_a_batch_gives_what_its_samples_give():
    folder = shared_models()
    oracle = Oracle(load(folder / "kws.tflite"))
    recorded = np.load(folder / "golden" / "kws.npz")
    batch = np.concatenate([recorded[f"input{i}"] for i in range(3)])
    together = oracle.run([batch])[0]
    assert together.shape == (3, 12)
    for i in range(3):
        np.testing.assert_array_equal(together[i], recorded[f"output{i}"].ravel())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((1, 49, 10, 1), np.float32), "takes int8, but float32"),
        (np.zeros((1, 49, 11, 1), np.int8), "takes the shape"),
        (np.zeros((), np.int8), "takes the shape"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(values, words):
    oracle = Oracle(load(shared_models() / "kws.tflite"))
    with pytest.raises(ModelError, match=words):
        oracle.run([values])
