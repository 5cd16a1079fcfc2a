"""The typed graph: what a .tflite says, checked and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import UnsupportedModelError

Array = npt.NDArray[Any]
Option = int | float | bool | str | tuple[int, ...]


class DType(IntEnum):
    """Element types, numbered as TensorType in TFLite's schema."""

    FLOAT32 = 0
    INT32 = 2
    UINT8 = 3
    INT64 = 4
    BOOL = 6
    INT16 = 7
    INT8 = 9
    RESOURCE = 13
    INT4 = 17

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy type of the elements once unpacked (int4 is kept in int8)."""
        return _NUMPY[self]

    @property
    def bytes(self) -> int:
        """Size of an element in RAM, in bytes."""
        return self.numpy.itemsize


_NUMPY: dict[DType, np.dtype[np.generic]] = {
    DType.FLOAT32: np.dtype(np.float32),
    DType.INT32: np.dtype(np.int32),
    DType.UINT8: np.dtype(np.uint8),
    DType.INT64: np.dtype(np.int64),
    DType.BOOL: np.dtype(np.bool_),
    DType.INT16: np.dtype(np.int16),
    DType.INT8: np.dtype(np.int8),
    DType.RESOURCE: np.dtype(np.int32),
    DType.INT4: np.dtype(np.int8),
}


# Of the integers that are quantised.
RANGES: Final[dict[DType, tuple[int, int]]] = {
    DType.INT8: (-128, 127),
    DType.INT16: (-32768, 32767),
    DType.INT32: (-(2**31), 2**31 - 1),
    DType.UINT8: (0, 255),
}

# Such that products and quotients of three scales are float32 numbers.
_SMALLEST_SCALE: Final = 1e-12
_LARGEST_SCALE: Final = 1e12


@dataclass(frozen=True)
class Quantization:
    """real value = scale * (element - zero_point); one pair a tensor, or one a channel."""

    scales: npt.NDArray[np.float32]  # [1] or [channels]
    zero_points: npt.NDArray[np.int64]  # as long as scales
    axis: int

    @property
    def per_channel(self) -> bool:
        """Whether every channel has a scale of its own."""
        return len(self.scales) > 1

    @property
    def scale(self) -> np.float32:
        """The scale of a per-tensor quantisation."""
        return np.float32(self.scales[0])

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantisation."""
        return int(self.zero_points[0])


@dataclass(frozen=True)
class Tensor:
    """One tensor of the graph."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: DType
    quantization: Quantization | None
    data: Array | None  # the constant's elements, in `shape`; None where it is computed
    is_variable: bool = False
    # A variable's elements before the first inference; None for TFLite Micro's default.
    initial: Array | None = None

    @property
    def initial_elements(self) -> Array:
        """What a variable holds before the first inference, in ``shape``.

        TFLite Micro's ResetTensorData: every byte is 0, or an int8 tensor's zero point.
        """
        if self.initial is not None:
            return self.initial
        zero = 0
        if self.dtype is DType.INT8 and self.quantization is not None:
            zero = self.quantization.zero_point
        return np.full(self.shape, zero, self.dtype.numpy)

    @property
    def elements(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def bytes(self) -> int:
        """Size in RAM, in bytes."""
        return self.elements * self.dtype.bytes

    @property
    def quantized(self) -> Quantization:
        """The quantisation with one scale, which an integer kernel cannot do without."""
        found = self.quantized_by_channel
        if found.per_channel:
            raise UnsupportedModelError(
                f"tensor '{self.name}' has {len(found.scales)} scales, but can have only one; "
                "convert the model again"
            )
        if not _SMALLEST_SCALE <= found.scale <= _LARGEST_SCALE:
            raise UnsupportedModelError(
                f"tensor '{self.name}' has the scale {found.scale:.3g}, which cannot be used; "
                "give the converter a representative data set in which it changes"
            )
        return found

    @property
    def quantized_by_channel(self) -> Quantization:
        """The quantisation with one scale, or one a channel: that of weights."""
        if self.quantization is None:
            raise UnsupportedModelError(
                f"tensor '{self.name}' ({self.dtype.name.lower()}) has no scale and zero point; "
                "convert the model with full integer quantisation"
            )
        return self.quantization


@dataclass(frozen=True)
class Operator:
    """One operator of the graph. Absent optional inputs are -1."""

    index: int
    name: str  # its name in the schema, "CONV_2D"
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    intermediates: tuple[int, ...] = ()
    updates: tuple[int, ...] = ()  # variables that it writes, kept from one inference to the next

    def integer(self, name: str) -> int:
        """An option that is an integer or an enumeration."""
        value = self.options[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        """An option that is a float."""
        value = self.options[name]
        assert isinstance(value, (int, float))
        return float(value)

    @property
    def where(self) -> str:
        """How messages name this operator."""
        return f"operator {self.index} ({self.name})"


@dataclass(frozen=True)
class Graph:
    """A whole model: tensors, operators in execution order, inputs and outputs."""

    name: str
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]  # indices of tensors
    outputs: tuple[int, ...]
    metadata: Mapping[str, bytes]  # by name, as in the .tflite
    sha256: str  # of the .tflite, as hexadecimal digits
    file_bytes: int

    def tensor(self, index: int) -> Tensor:
        """The tensor at ``index``."""
        return self.tensors[index]

    def input_of(self, op: Operator, position: int) -> Tensor:
        """The operator's input at ``position``, which must be there."""
        if position >= len(op.inputs) or op.inputs[position] < 0:
            raise UnsupportedModelError(f"{op.where} lacks its input {position}")
        return self.tensors[op.inputs[position]]

    def optional_input_of(self, op: Operator, position: int) -> Tensor | None:
        """The operator's input at ``position``, or None where it is absent."""
        absent = position >= len(op.inputs) or op.inputs[position] < 0
        return None if absent else self.tensors[op.inputs[position]]

    def output_of(self, op: Operator, position: int = 0) -> Tensor:
        """The operator's output at ``position``."""
        if position >= len(op.outputs):
            raise UnsupportedModelError(f"{op.where} lacks its output {position}")
        return self.tensors[op.outputs[position]]

    def constant_of(self, op: Operator, position: int) -> Array:
        """The elements of a constant input."""
        tensor = self.input_of(op, position)
        if tensor.data is None:
            raise UnsupportedModelError(
                f"{op.where} needs a constant as its input {position}, but tensor "
                f"'{tensor.name}' is computed; make it a constant before converting"
            )
        return tensor.data
