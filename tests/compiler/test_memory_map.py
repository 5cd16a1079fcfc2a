"""The picture of the arena agrees with the plan, and can be drawn whatever tensors are called."""

import json
import xml.etree.ElementTree

import numpy as np
from click.testing import CliRunner

from tests.support.graphs import GraphBuilder, quantization
from tinyml.bench.memory_map import blocks, draw, memory_map
from tinyml.cli.bench import command
from tinyml.compiler import compile_model
from tinyml.graph import DType
from tinyml.resources import folder


def model():
    b = GraphBuilder("two <layers>")
    x = b.input((1, 4, 4, 2), quantization(0.1))
    w = b.constant(np.ones((3, 1, 1, 2)), DType.INT8, quantization(np.full(3, 0.01)))
    y = b.tensor((1, 4, 4, 3), DType.INT8, quantization(0.1))
    b.op("CONV_2D", [x, w], y, padding=1, stride_h=1, stride_w=1, activation=0)
    z = b.tensor((1, 4, 4, 3), DType.INT8, quantization(1 / 256, -128))
    b.op("LOGISTIC", [y], z)
    return compile_model(b.build(z), core="portable")


def test_blocks_are_those_of_the_plan():
    compiled = model()
    found = blocks(compiled)
    assert max(block.offset + block.bytes for block in found) <= compiled.arena_bytes
    assert {block.first_step for block in found} == {-1, 0, 1}
    assert memory_map(compiled)["steps"] == ["CONV_2D", "LOGISTIC"]


def test_the_drawing_is_well_formed():
    root = xml.etree.ElementTree.fromstring(draw(model()))
    hints = [element.text for element in root.iter() if element.tag.endswith("title")]
    assert "tensor_0: 32 bytes at" in " ".join(hints)


def test_the_command_draws(tmp_path):
    path = tmp_path / "map.svg"
    shipped = folder("models") / "pump-simulated" / "model.tflite"
    arguments = [str(shipped), "--memory", str(path), "--json"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    figures = json.loads(result.stdout)
    assert figures["arena_bytes"] == figures["bound_bytes"]
    assert path.read_text().startswith("<svg ")
