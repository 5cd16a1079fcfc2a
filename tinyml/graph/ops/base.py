"""What every operator gives: checked parameters, and the arithmetic on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from tinyml.errors import UnsupportedModelError
from tinyml.graph.fixed_point import (
    Int64,
    activation_range,
    multiply_by_quantized_multiplier,
    multiply_int64_by_quantized_multiplier,
    quantize_multiplier,
    wrap_int32,
)
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator, Tensor
from tinyml.graph.schema import Activation, Padding


class Prepared(Protocol):
    """An operator whose types, shapes and parameters have been checked.

    The compiler lowers it by its class; the oracle calls ``evaluate``.
    """

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one evaluation; 0 where it is not made of those."""
        ...

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """The outputs' elements in the outputs' shapes, from the inputs' in theirs.

        The new elements of the variables that it updates come after the outputs.

        Absent optional inputs are not given.
        """
        ...


def integers_of(graph: Graph, op: Operator, position: int) -> list[int]:
    """The elements of a constant input that holds axes, sizes or places."""
    require_dtype(op, graph.input_of(op, position), (DType.INT32, DType.INT64))
    return [int(value) for value in graph.constant_of(op, position).reshape(-1)]


def rows_of(op: Operator, source: Tensor) -> tuple[int, int]:
    """How many rows the last axis makes, and how long they are."""
    require(op, len(source.shape) > 0, f"tensor '{source.name}' is a scalar and has no axis")
    return source.elements // source.shape[-1], source.shape[-1]


def require_dtype(op: Operator, tensor: Tensor, allowed: Collection[DType]) -> None:
    """Raise unless the tensor's element type is one of ``allowed``."""
    if tensor.dtype in allowed:
        return
    hint = ""
    if tensor.dtype is DType.FLOAT32:
        hint = "; convert the model with full integer quantisation (int8 inputs and outputs)"
    names = " or ".join(dtype.name.lower() for dtype in allowed)
    raise UnsupportedModelError(
        f"{op.where}: tensor '{tensor.name}' is {tensor.dtype.name.lower()}, "
        f"but {names} is needed{hint}"
    )


def require_same_dtype(op: Operator, *tensors: Tensor) -> None:
    """Raise unless all have the first one's element type."""
    for tensor in tensors[1:]:
        require_dtype(op, tensor, (tensors[0].dtype,))


def require_shape(op: Operator, tensor: Tensor, expected: tuple[int, ...]) -> None:
    """Raise unless the tensor has this shape."""
    if tensor.shape != expected:
        raise UnsupportedModelError(
            f"{op.where}: tensor '{tensor.name}' has the shape {list(tensor.shape)}, but "
            f"its operator computes {list(expected)}; convert the model again"
        )


def require_rank(op: Operator, tensor: Tensor, rank: int) -> None:
    """Raise unless the tensor has this many dimensions."""
    if len(tensor.shape) != rank:
        raise UnsupportedModelError(
            f"{op.where}: tensor '{tensor.name}' has {len(tensor.shape)} dimensions, not {rank}"
        )


def require(op: Operator, condition: bool, sentence: str) -> None:
    """Raise with ``sentence`` unless ``condition`` holds."""
    if not condition:
        raise UnsupportedModelError(f"{op.where}: {sentence}")


def require_same_quantization(op: Operator, first: Tensor, second: Tensor) -> None:
    """Raise unless both have one scale and zero point in common."""
    a, b = first.quantized, second.quantized
    same = float(a.scale) == float(b.scale) and a.zero_point == b.zero_point
    require(
        op,
        same,
        f"'{first.name}' and '{second.name}' must have the same scale and zero point",
    )


# An option that no .tflite has, instead of an activation: the lowest and the highest element.
CLAMP: Final = "clamp"


def clamp_of(op: Operator, output: Tensor) -> tuple[int, int]:
    """The lowest and the highest element that an operator with a fused activation makes.

    A pass of the compiler may have given it a CLAMP.
    """
    clamp = op.options.get(CLAMP)
    if clamp is not None:
        assert isinstance(clamp, tuple)
        return clamp[0], clamp[1]
    activation = op.options.get("activation", Activation.NONE)
    assert isinstance(activation, int)
    return activation_range(activation, output.quantized, *RANGES[output.dtype])


_HIGHEST_WIDE_SHIFT: Final = 7  # of 64-bit accumulators, as TFLite Micro demands


@dataclass(frozen=True)
class Requantization:
    """From an accumulator to an element: multiply, add the zero point, clamp."""

    multipliers: Int64  # [1] or [channels], 0 or 2^30 .. 2^31 - 1
    shifts: Int64  # as multipliers; left where positive
    zero_point: int
    lowest: int
    highest: int
    # The 16x8 kernels with 64-bit biases multiply 64-bit accumulators by 16-bit multipliers.
    wide: bool = False

    def repeated(self, count: int) -> Requantization:
        """That of all channels ``count`` times in turn."""
        if len(self.multipliers) == 1:
            return self
        return replace(
            self,
            multipliers=np.tile(self.multipliers, count),
            shifts=np.tile(self.shifts, count),
        )

    @classmethod
    def of(
        cls,
        real: npt.ArrayLike,
        output: Tensor,
        clamp: tuple[int, int] | None = None,
        *,
        wide: bool = False,
    ) -> Requantization:
        """For the real multiplier(s) ``real`` (double) into ``output``; without a ``clamp`` all
        that its type holds.
        """
        pairs = [quantize_multiplier(float(value)) for value in np.atleast_1d(real)]
        if wide and max(shift for _, shift in pairs) > _HIGHEST_WIDE_SHIFT:
            raise UnsupportedModelError(
                f"the scale of '{output.name}' is far too small for its inputs; give the "
                "converter a representative data set in which it changes"
            )
        lowest, highest = clamp or RANGES[output.dtype]
        return cls(
            np.array([pair[0] for pair in pairs], np.int64),
            np.array([pair[1] for pair in pairs], np.int64),
            output.quantized.zero_point,
            lowest,
            highest,
            wide,
        )

    def apply(self, accumulator: Int64) -> Int64:
        """Elements of the output, channels on the last axis, still in int64."""
        if self.wide:
            scaled = multiply_int64_by_quantized_multiplier(
                accumulator, self.multipliers, self.shifts
            )
        else:
            scaled = multiply_by_quantized_multiplier(
                wrap_int32(accumulator), self.multipliers, self.shifts
            )
        return np.clip(scaled + self.zero_point, self.lowest, self.highest)


_WIDEST_BORDER: Final = 2048
# An option of windows that no .tflite has: rows of padding above and below, columns left and right.
PADS: Final = "pads"


@dataclass(frozen=True)
class Window:
    """How a two-dimensional window walks over an image."""

    kernel: tuple[int, int]  # rows, columns
    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]  # padding above and left
    input: tuple[int, int]  # rows, columns
    output: tuple[int, int]

    @classmethod
    def of(cls, op: Operator, kernel: tuple[int, int], image: tuple[int, int]) -> Window:
        """From an operator's options (ComputePaddingHeightWidth).

        A pass of the compiler may have given it PADS, which come before its own padding.
        """
        stride = (op.integer("stride_h"), op.integer("stride_w"))
        dilation = (
            int(op.options.get("dilation_h", 1)),  # type: ignore[arg-type]
            int(op.options.get("dilation_w", 1)),  # type: ignore[arg-type]
        )
        positive = min(*kernel, *stride, *dilation) > 0
        require(op, positive, "windows, strides and dilations must be positive")
        pads = op.options.get(PADS, (0, 0, 0, 0))
        assert isinstance(pads, tuple)
        before, output = [], []
        for axis, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
            above, below = pads[2 * axis : 2 * axis + 2]
            size = above + image[axis] + below
            reach = (k - 1) * d + 1
            if op.integer("padding") == Padding.SAME:
                out = -(-size // s)
            else:
                out = -(-(size - reach + 1) // s)
            require(op, out > 0, f"a window of {reach} does not fit in an image of {size}")
            covered = (out - 1) * s + reach
            far = covered > size + _WIDEST_BORDER
            require(op, not far, f"a window of {reach} is far too large for an image of {size}")
            before.append(above + max((out - 1) * s + reach - size, 0) // 2)
            output.append(out)
        return cls(
            kernel,
            stride,
            dilation,
            (before[0], before[1]),
            image,
            (output[0], output[1]),
        )

    @property
    def bordered(self) -> bool:
        """Whether some taps lie outside the image."""
        return self.bordered_on(0) or self.bordered_on(1)

    def bordered_on(self, axis: int) -> bool:
        """Whether some taps lie before the first or after the last row, 0, or column, 1."""
        last = (self.output[axis] - 1) * self.stride[axis] - self.before[axis]
        reach = last + (self.kernel[axis] - 1) * self.dilation[axis]
        return self.before[axis] > 0 or reach >= self.input[axis]

    def patches(self, image: Array, fill: float) -> Array:
        """[rows, columns, channels] to [out rows, out columns, kh, kw, channels]."""
        after = [
            max((o - 1) * s + (k - 1) * d + 1 - size - b, 0)
            for o, s, k, d, size, b in zip(
                self.output,
                self.stride,
                self.kernel,
                self.dilation,
                self.input,
                self.before,
                strict=True,
            )
        ]
        border = [(self.before[0], after[0]), (self.before[1], after[1]), (0, 0)]
        padded = np.pad(image, border, constant_values=fill)
        reach = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(0, 1))
        view = view[
            :: self.stride[0], :: self.stride[1], :, :: self.dilation[0], :: self.dilation[1]
        ]
        view = view[: self.output[0], : self.output[1]]
        return np.moveaxis(view, 2, -1)
