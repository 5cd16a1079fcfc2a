"""What every pass must leave as it was: all tensors that are still computed."""

import numpy as np

from tests.kernels.batch import random_elements
from tinyml.compiler.passes.rewriting import Rewritten
from tinyml.compiler.passes.verifier import verify_graph
from tinyml.graph import Graph, Oracle


def assert_same_tensors(
    rng: np.random.Generator, graph: Graph, found: Rewritten, samples: int = 2
) -> None:
    """The verifier is content, and whatever is still computed has the same elements as before."""
    verify_graph(found.graph, graph)
    before, after = Oracle(graph), Oracle(found.graph)
    for _ in range(samples):  # one after the other, so that variables are compared, too
        sample = random_elements(rng, graph)
        wanted = {**_constants(graph), **dict(before.trace(sample))}
        got = {**_constants(found.graph), **dict(after.trace(sample))}
        assert set(graph.outputs) <= got.keys()
        for index in got.keys() & wanted.keys():
            left = found.kept.get(index)
            part = wanted[index] if left is None else wanted[index][..., left]
            np.testing.assert_array_equal(got[index], part, err_msg=f"tensor {index}")


def _constants(graph: Graph) -> dict[int, np.ndarray]:
    return {tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None}


def operators(graph: Graph) -> list[str]:
    """Their names, in order."""
    return [op.name for op in graph.operators]
