"""Random inputs of a graph, for measuring and comparing."""

from __future__ import annotations

import numpy as np

from tinyml.graph.ir import Array, DType, Graph


def random_inputs(graph: Graph, samples: int, seed: int) -> list[Array]:
    """Elements over the whole range of each input, ``[samples, *shape]``; floats around 0."""
    rng = np.random.default_rng(seed)
    found: list[Array] = []
    for index in graph.inputs:
        tensor = graph.tensor(index)
        shape = (samples, *tensor.shape)
        if tensor.dtype is DType.FLOAT32:
            found.append(rng.normal(0, 1, shape).astype(np.float32))
        elif tensor.dtype is DType.BOOL:
            found.append(rng.random(shape) < 0.5)
        else:
            limits = np.iinfo(tensor.dtype.numpy.name)
            found.append(rng.integers(limits.min, limits.max, shape, limits.dtype, endpoint=True))
    return found
