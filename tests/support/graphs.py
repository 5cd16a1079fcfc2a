"""Small graphs made by hand, for tests that need no converter."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyml.graph.ir import Array, DType, Graph, Operator, Option, Quantization, Tensor


def quantization(scale: npt.ArrayLike, zero_point: int = 0, axis: int = 0) -> Quantization:
    """One scale, or one a channel of ``axis``."""
    scales = np.atleast_1d(np.asarray(scale, np.float32))
    return Quantization(scales, np.full(len(scales), zero_point, np.int64), axis)


class GraphBuilder:
    """Adds tensors and operators one after the other; every method returns a tensor's index."""

    def __init__(self, name: str = "case") -> None:
        self.name = name
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []
        self.inputs: list[int] = []

    def tensor(
        self,
        shape: Sequence[int],
        dtype: DType = DType.INT8,
        quantized: Quantization | None = None,
        data: Array | None = None,
        **variable: Any,
    ) -> int:
        index = len(self.tensors)
        name = f"tensor_{index}"
        self.tensors.append(Tensor(index, name, tuple(shape), dtype, quantized, data, **variable))
        return index

    def variable(
        self,
        shape: Sequence[int],
        dtype: DType,
        quantized: Quantization | None = None,
        initial: Array | None = None,
    ) -> int:
        return self.tensor(shape, dtype, quantized, is_variable=True, initial=initial)

    def input(
        self, shape: Sequence[int], quantized: Quantization | None, dtype: DType = DType.INT8
    ) -> int:
        index = self.tensor(shape, dtype, quantized)
        self.inputs.append(index)
        return index

    def constant(self, data: Array, dtype: DType, quantized: Quantization | None = None) -> int:
        return self.tensor(data.shape, dtype, quantized, data.astype(dtype.numpy))

    def op(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int] | int,
        updates: Sequence[int] = (),
        **options: Option,
    ) -> int:
        """Append an operator; returns its first output, or update where it has none."""
        written = (outputs,) if isinstance(outputs, int) else tuple(outputs)
        self.operators.append(
            Operator(
                len(self.operators),
                name,
                1,
                tuple(inputs),
                written,
                options,
                updates=tuple(updates),
            )
        )
        return (*written, *updates)[0]

    def build(self, *outputs: int) -> Graph:
        return Graph(
            name=self.name,
            tensors=tuple(self.tensors),
            operators=tuple(self.operators),
            inputs=tuple(self.inputs),
            outputs=outputs,
            metadata={},
            sha256="00" * 32,
            file_bytes=0,
        )


def side_by_side(graphs: Sequence[Graph]) -> Graph:
    """One graph that runs all of these, inputs and outputs in their order."""
    b = GraphBuilder("side_by_side")
    outputs: list[int] = []
    for graph in graphs:
        base = len(b.tensors)
        for tensor in graph.tensors:
            b.tensor(
                tensor.shape,
                tensor.dtype,
                tensor.quantization,
                tensor.data,
                is_variable=tensor.is_variable,
                initial=tensor.initial,
            )
        for op in graph.operators:
            inputs = [index + base if index >= 0 else index for index in op.inputs]
            outputs_here, updates = (
                [index + base for index in indices] for indices in (op.outputs, op.updates)
            )
            b.op(op.name, inputs, outputs_here, updates, **op.options)
        b.inputs += [index + base for index in graph.inputs]
        outputs += [index + base for index in graph.outputs]
    return b.build(*outputs)
