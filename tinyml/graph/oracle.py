"""The oracle: a whole graph in TFLite Micro's arithmetic, bit for bit, in NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinyml.errors import ModelError
from tinyml.graph.ir import Array, Graph, Tensor
from tinyml.graph.ops import Prepared, prepare


class Oracle:
    """Runs a graph operator by operator; what it has in variables lasts until it is reset.

    Raises UnsupportedModelError, when made, where an operator is not supported.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.prepared: tuple[Prepared, ...] = tuple(prepare(graph, op) for op in graph.operators)
        self._variables: dict[int, Array] = {}
        self.reset()

    def reset(self) -> None:
        """Set all variables to their first values."""
        self._variables = {
            tensor.index: tensor.initial_elements
            for tensor in self.graph.tensors
            if tensor.is_variable
        }

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Outputs for a batch of samples that have nothing to do with each other.

        Variables are reset before each; :meth:`trace` keeps them.

        Args:
            inputs: one array an input of the graph, ``[n, *shape]``, where the leading 1 of a shape
                may be left out; in the input's own element type.

        Returns one array an output, ``[n, *shape]`` without the shape's leading 1.
        Raises ModelError where the inputs do not fit the graph.
        """
        results: list[list[Array]] = [[] for _ in self.graph.outputs]
        for sample in self.samples(inputs):
            self.reset()
            values = dict(self.trace(sample))
            for found, index in zip(results, self.graph.outputs, strict=True):
                found.append(values[index])
        return [
            np.stack(found).reshape(len(found), *_inner_shape(self.graph.tensor(index)))
            for found, index in zip(results, self.graph.outputs, strict=True)
        ]

    def trace(self, sample: Sequence[Array]) -> Iterator[tuple[int, Array]]:
        """Every tensor's index and value, in execution order, for one sample in the full shapes.

        Variables are as the inference before left them.
        """
        values: dict[int, Array] = {
            tensor.index: tensor.data for tensor in self.graph.tensors if tensor.data is not None
        }
        values.update(self._variables)
        for index, value in zip(self.graph.inputs, sample, strict=True):
            values[index] = value
            yield index, value
        for op, prepared in zip(self.graph.operators, self.prepared, strict=True):
            given = [values[index] for index in op.inputs if index >= 0]
            written = (*op.outputs, *op.updates)
            with np.errstate(all="ignore"):  # float32 models may overflow, there and here
                found = prepared.evaluate(*given)
            for index, value in zip(written, found, strict=True):
                values[index] = value
                yield index, value
            self._variables.update((index, values[index]) for index in op.updates)

    def samples(self, inputs: Sequence[Array]) -> list[tuple[Array, ...]]:
        """A batch as :meth:`run` takes it, sample by sample, in the inputs' full shapes."""
        if len(inputs) != len(self.graph.inputs):
            raise ModelError(
                f"{self.graph.name} takes {len(self.graph.inputs)} inputs, but {len(inputs)} "
                "were given"
            )
        batches = [
            batch_of(self.graph.tensor(index), values)
            for index, values in zip(self.graph.inputs, inputs, strict=True)
        ]
        if len({len(batch) for batch in batches}) > 1:
            raise ModelError(f"the inputs of {self.graph.name} have batches of different sizes")
        if len(batches[0]) == 0:
            raise ModelError(
                f"the inputs of {self.graph.name} contain no sample; give at least one"
            )
        return list(zip(*batches, strict=True))


def _inner_shape(tensor: Tensor) -> tuple[int, ...]:
    leading = tensor.shape[:1]
    return tensor.shape[1:] if leading == (1,) else tensor.shape


def batch_of(tensor: Tensor, values: Array) -> Array:
    """``values`` as ``[n, *shape]`` of the tensor, or ModelError where they do not fit."""
    values = np.asarray(values)
    if values.dtype != tensor.dtype.numpy:
        raise ModelError(
            f"input '{tensor.name}' takes {tensor.dtype.name.lower()}, but {values.dtype} was given"
        )
    inner = _inner_shape(tensor)
    if values.shape == tensor.shape and inner == tensor.shape:
        values = values[np.newaxis]
    if values.ndim == 0 or values.shape[1:] not in (inner, tensor.shape):
        raise ModelError(
            f"input '{tensor.name}' takes the shape {['n', *inner]}, "
            f"but {list(values.shape)} was given"
        )
    return values.reshape(len(values), *tensor.shape)
