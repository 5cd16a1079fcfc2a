"""Random cases of TEMPLATE. Copy this file to cases_<name>.py, which cases.py finds by its name."""

from tests.kernels.makers import Rng, activation, maker, per_tensor, pick
from tests.support.graphs import GraphBuilder
from tinyml.graph import Graph
from tinyml.graph.ir import DType


@maker("template")
def template(rng: Rng) -> Graph:
    """Odd shapes, scales that saturate and scales that hardly move, every type and option."""
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.5 else DType.INT16
    shape = (1, pick(rng, 1, 2, 5), pick(rng, 1, 3, 17))
    x = b.input(shape, per_tensor(rng, dtype), dtype)
    y = b.tensor(shape, dtype, per_tensor(rng, dtype))
    factor = float(rng.uniform(0.1, 4))
    return b.build(b.op("TEMPLATE", [x], y, factor=factor, activation=activation(rng)))
