"""Graphs are written and read back: nothing of them is lost."""

import sys
import zlib

import numpy as np
import pytest

from tests.kernels.cases import MAKERS, make
from tinyml.errors import ToolMissingError
from tinyml.graph import Oracle, load, parse
from tinyml.graph.writer import write
from tinyml.resources import folder

ZOO = sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))


@pytest.mark.parametrize("name", MAKERS)
def test_a_written_graph_is_read_back(name):
    seed = zlib.crc32(name.encode())
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    for _ in range(5):
        case = make(name, rng)
        read = parse(write(case.graph))
        before, after = Oracle(case.graph), Oracle(read)
        for _ in range(2):
            wanted, found = dict(before.trace(case.inputs)), dict(after.trace(case.inputs))
            for index in case.graph.outputs:
                np.testing.assert_array_equal(found[index], wanted[index])


@pytest.mark.parametrize("name", ZOO)
def test_a_model_of_the_zoo_is_read_back(name):
    path = folder("models") / name / "model.tflite"
    graph = load(path)
    read = parse(write(graph), graph.name)
    assert dict(read.metadata) == dict(graph.metadata)
    assert (read.inputs, read.outputs) == (graph.inputs, graph.outputs)
    assert read.operators == graph.operators
    for ours, theirs in zip(read.tensors, graph.tensors, strict=True):
        assert (ours.name, ours.shape, ours.dtype) == (theirs.name, theirs.shape, theirs.dtype)
        np.testing.assert_array_equal(ours.data, theirs.data)


@pytest.mark.parametrize("name", ZOO)
def test_litert_reads_a_written_model_as_the_original(name):
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    data = (folder("models") / name / "model.tflite").read_bytes()
    outputs = []
    for content in (data, write(parse(data))):
        interpreter = litert.Interpreter(model_content=content)
        interpreter.allocate_tensors()
        (given,) = interpreter.get_input_details()
        rng = np.random.default_rng(1)
        interpreter.set_tensor(given["index"], rng.integers(-128, 128, given["shape"], np.int8))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    np.testing.assert_array_equal(*outputs)


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flatbuffers", None)
    graph = load(folder("models") / "pump-simulated" / "model.tflite")
    with pytest.raises(ToolMissingError, match="pip install flatbuffers"):
        write(graph)
