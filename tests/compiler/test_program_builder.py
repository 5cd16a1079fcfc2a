"""From calls to steps: what each step completes."""

from tests.support.graphs import GraphBuilder, quantization
from tinyml.compiler import compile_model
from tinyml.graph.ir import DType
from tinyml.graph.schema import Activation


def test_the_last_of_several_calls_completes_a_tensor():
    b = GraphBuilder()
    scale = quantization(0.1, 0)
    sources = [b.input((1, 3, channels), scale) for channels in (2, 5)]
    together = b.tensor((1, 3, 7), DType.INT8, scale)
    flat = b.tensor((1, 21), DType.INT8, scale)
    b.op("CONCATENATION", sources, together, axis=2, activation=Activation.NONE)
    b.op("RESHAPE", [together], flat, new_shape=(1, 21))
    program = compile_model(b.build(flat), core="portable").program
    assert [step.tensors for step in program.steps] == [(), (together, flat)]
