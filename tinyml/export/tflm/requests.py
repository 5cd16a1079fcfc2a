"""What TFLite Micro's kernels ask for while they prepare, beside their fixed structures.

Persistent buffers last; scratch buffers are planned with the tensors. Where a kernel's choice is
the compiler's or the build's, the larger one is taken.
Source: TFLite Micro at 90b983c, kernels and kernels/cmsis_nn; CMSIS-NN at 4ab83cc, the functions
..._get_buffer_size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from tinyml.export.tflm import esp_nn
from tinyml.graph import DType, Graph, Operator, Tensor

_INT = 4
_LUT_BYTES = 2 * 513
_QUANTIZATION_BYTES = 28  # of BATCH_MATMUL
_DEPTHWISE_BLOCK = 124  # channels that CMSIS-NN's MVE kernel gathers at once


class Kernels(Enum):
    """Which kernels TFLite Micro is built with."""

    REFERENCE = "reference"
    CMSIS_NN = "cmsis_nn"  # for a core without DSP instructions
    CMSIS_NN_DSP = "cmsis_nn, DSP"
    CMSIS_NN_DSP_ARMCC = "cmsis_nn, DSP, Arm's compiler"
    CMSIS_NN_MVE = "cmsis_nn, MVE"
    CMSIS_NN_MVE_SIZE = "cmsis_nn, MVE, for size"  # KERNELS_OPTIMIZED_FOR_SIZE, or neither
    ESP_NN = "esp_nn"  # for a chip without vector instructions
    ESP_NN_VECTOR = "esp_nn, ESP32-S3 or ESP32-P4"

    @property
    def is_cmsis_nn(self) -> bool:
        """Whether CMSIS-NN computes."""
        return self is not Kernels.REFERENCE and not self.is_esp_nn

    @property
    def is_esp_nn(self) -> bool:
        """Whether Espressif's kernels compute."""
        return self in (Kernels.ESP_NN, Kernels.ESP_NN_VECTOR)

    @property
    def has_dsp(self) -> bool:
        """Whether CMSIS-NN takes its kernels for DSP instructions."""
        return self in (Kernels.CMSIS_NN_DSP, Kernels.CMSIS_NN_DSP_ARMCC)

    @property
    def has_mve(self) -> bool:
        """Whether CMSIS-NN takes its kernels for the vector extension."""
        return self in (Kernels.CMSIS_NN_MVE, Kernels.CMSIS_NN_MVE_SIZE)


@dataclass(frozen=True)
class Requests:
    """Sizes in bytes, in the order in which they are asked for."""

    persistent: tuple[int, ...] = ()
    scratch: tuple[int, ...] = ()


_Ask = Callable[[Graph, Operator, Kernels], Requests]
_ASK: Final[dict[str, _Ask]] = {}


def asked_by(*names: str) -> Callable[[_Ask], _Ask]:
    """Register what these operators' kernels ask for; those of all others ask for nothing."""

    def register(function: _Ask) -> _Ask:
        _ASK.update(dict.fromkeys(names, function))
        return function

    return register


def _sums(rows: int, kernels: Kernels) -> Requests:
    """Sums of the weights, which MVE kernels keep, or compute again at each inference."""
    size = (_INT * rows,)
    if kernels is Kernels.CMSIS_NN_MVE:
        return Requests(persistent=size)
    return Requests(scratch=size) if kernels.has_mve else Requests()


def requests_of(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    """What an operator asks for."""
    found = _ASK.get(op.name)
    return found(graph, op, kernels) if found else Requests()


def _channels(tensor: Tensor, axis: int) -> tuple[int, ...]:
    """Multipliers and shifts."""
    return (_INT * tensor.shape[axis],) * 2


def _unpacked(weights: Tensor) -> tuple[int, ...]:
    return (weights.elements,) if weights.dtype is DType.INT4 else ()


def _is_integer(tensor: Tensor) -> bool:
    return tensor.dtype in (DType.INT8, DType.INT16)


@asked_by("CONV_2D")
def _conv(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, weights = graph.input_of(op, 0), graph.input_of(op, 1)
    if not _is_integer(given):
        return Requests()
    scratch = _unpacked(weights)
    if kernels.is_cmsis_nn:
        scratch = (*scratch, _conv_buffer(graph, op, kernels))
    elif kernels is Kernels.ESP_NN_VECTOR and given.dtype is DType.INT8:
        scratch = (*scratch, esp_nn.convolution_bytes(graph, op))
    return Requests(_channels(weights, 0), scratch)


def _conv_buffer(graph: Graph, op: Operator, kernels: Kernels) -> int:
    """im2col of CMSIS-NN; a 1x1 convolution needs none but, with Arm's compiler, two columns."""
    given, weights = graph.input_of(op, 0), graph.input_of(op, 1)
    _, height, width, depth = weights.shape
    stride = op.options.get("stride_h"), op.options.get("stride_w")
    pointwise = height == width == 1 and depth == given.shape[3]
    if given.dtype is DType.INT8 and pointwise:
        fast = stride == (1, 1) and kernels is Kernels.CMSIS_NN_DSP_ARMCC
        return 4 * depth if fast else 0
    return _columns(height * width * given.shape[3], given.dtype, kernels)


def _columns(elements: int, dtype: DType, kernels: Kernels) -> int:
    if kernels.has_mve:
        lanes = 16 if dtype is DType.INT8 else 8
        return 4 * 16 * math.ceil(elements / lanes)
    return 4 * (4 * math.ceil(elements / 4))


@asked_by("DEPTHWISE_CONV_2D")
def _depthwise(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, weights = graph.input_of(op, 0), graph.input_of(op, 1)
    if not _is_integer(given):
        return Requests()
    scratch = _unpacked(weights)
    if kernels.is_cmsis_nn and given.dtype is DType.INT8:
        scratch = (*scratch, _depthwise_buffer(given, weights, kernels))
    elif kernels is Kernels.ESP_NN_VECTOR and given.dtype is DType.INT8:
        scratch = (*scratch, esp_nn.depthwise_bytes(graph, op))
    return Requests(_channels(weights, 3), scratch)


def _depthwise_buffer(given: Tensor, weights: Tensor, kernels: Kernels) -> int:
    _, height, width, channels = weights.shape
    taps = height * width
    size = 0
    if kernels.has_mve:
        if given.shape[3] == 1 and channels > 1:
            return _columns(taps, DType.INT8, kernels) + channels * taps
        if given.shape[3] == channels:
            size = 4 * _DEPTHWISE_BLOCK * taps
    elif kernels.has_dsp and given.shape[3] == channels:
        # None for 3 x 3 with little padding; which padding is the kernel's own to compute.
        size = 0 if (height, width) == (3, 3) else 2 * channels * taps
    return size


@asked_by("FULLY_CONNECTED")
def _fully_connected(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, weights = graph.input_of(op, 0), graph.input_of(op, 1)
    if not _is_integer(given):
        return Requests()
    affine = weights.quantization
    per_channel = affine is not None and affine.per_channel
    persistent = _channels(weights, 0) if per_channel else ()
    scratch = _unpacked(weights)
    if kernels.is_cmsis_nn and given.dtype is DType.INT8:
        rows, depth = weights.shape[0], weights.shape[-1]
        if len(graph.output_of(op).shape) > 2 and depth % 4 == 0:
            faked = () if per_channel else (2 * _INT * rows,)
            columns = 4 * depth if kernels is Kernels.CMSIS_NN_DSP_ARMCC else 0
            scratch = (*scratch, *faked, columns)
        else:
            sums = _sums(rows, kernels)
            persistent, scratch = (*persistent, *sums.persistent), (*scratch, *sums.scratch)
    return Requests(persistent, scratch)


@asked_by("AVERAGE_POOL_2D")
def _average_pool(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given = graph.input_of(op, 0)
    if kernels.has_dsp and _is_integer(given):
        return Requests(scratch=(_INT * given.shape[3],))
    return Requests()


@asked_by("MEAN", "SUM")
def _mean_or_sum(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, axes = graph.input_of(op, 0), graph.input_of(op, 1)
    sums = (_INT * graph.output_of(op).elements,) if _is_integer(given) else ()
    return Requests(scratch=(*sums, _INT * len(given.shape), _INT * axes.elements))


@asked_by("REDUCE_MAX", "REDUCE_MIN")
def _reduce_extremum(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, axes = graph.input_of(op, 0), graph.input_of(op, 1)
    return Requests(scratch=(_INT * len(given.shape), _INT * axes.elements))


@asked_by("MIRROR_PAD")
def _mirror_pad(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    return Requests(scratch=(_INT * len(graph.input_of(op, 0).shape),) * 2)


@asked_by("TRANSPOSE_CONV")
def _transpose_conv(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    weights, given, made = graph.input_of(op, 1), graph.input_of(op, 2), graph.output_of(op)
    if not _is_integer(given):
        return Requests()
    rows, height, width, depth = weights.shape
    if given.dtype is DType.INT16:
        scratch: tuple[int, ...] = (8 * rows, 8 * made.elements)
    elif not kernels.is_cmsis_nn:
        scratch = (_INT * made.elements,)
    else:
        padded = (made.shape[1] + height) * (made.shape[2] + width) * rows
        columns = _columns(height * width * depth, given.dtype, kernels)
        scratch = (max(_INT * padded, columns), weights.elements)
    return Requests(_channels(weights, 0), scratch)


@asked_by("UNIDIRECTIONAL_SEQUENCE_LSTM")
def _lstm(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, state, cell = graph.input_of(op, 0), graph.input_of(op, 18), graph.input_of(op, 19)
    if not _is_integer(given):
        return Requests(scratch=(cell.bytes,) * 4)
    if not kernels.is_cmsis_nn:
        return Requests(scratch=(cell.bytes,) * 4)
    bias_bytes = 4 if given.dtype is DType.INT8 else 8
    return Requests((bias_bytes * state.shape[-1],) * 8, (cell.bytes,) * 3)


@asked_by("SVDF")
def _svdf(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given, features = graph.input_of(op, 0), graph.input_of(op, 1)
    batch, filters = given.shape[0], features.shape[0]
    if not _is_integer(given):
        return Requests(scratch=(_INT * batch * filters,))
    sums = _sums(filters, kernels)
    own = (_INT * batch * filters, _INT * graph.output_of(op).elements)
    return Requests(sums.persistent, (*own, *sums.scratch))


@asked_by("BATCH_MATMUL")
def _batch_matmul(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    left, right, made = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    transposed = [left] if op.options.get("adj_x") else []
    transposed += [] if op.options.get("adj_y") else [right]
    persistent: list[int] = []
    for tensor in transposed:
        persistent += [24, _dims(tensor), tensor.bytes]
    persistent += [_dims(made), _QUANTIZATION_BYTES]
    scratch = (_INT * made.shape[-1],) if kernels.has_mve else ()
    return Requests(tuple(persistent), scratch)


@asked_by("DEPTH_TO_SPACE", "GATHER", "SPACE_TO_DEPTH")
def _new_dims(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    """Kernels that may write the output's shape copy it out of the flatbuffer."""
    return Requests((_dims(graph.output_of(op)),))


@asked_by("RESHAPE")
def _reshape(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    """The shape is copied only where one of its sizes is left to the kernel."""
    shape = graph.optional_input_of(op, 1)
    if shape is None or shape.data is not None:
        given = op.options.get("new_shape", ()) if shape is None else shape.data
        if not np.any(np.asarray(given) == -1):
            return Requests()
    return _new_dims(graph, op, kernels)


def _dims(tensor: Tensor) -> int:
    return _INT * (1 + max(len(tensor.shape), 4))


@asked_by("SOFTMAX")
def _softmax(graph: Graph, op: Operator, kernels: Kernels) -> Requests:
    given = graph.input_of(op, 0).dtype
    tables = 2 if given is DType.INT16 else 0
    wanted = kernels.is_esp_nn and given is DType.INT8
    return Requests((_LUT_BYTES,) * tables, (esp_nn.softmax_bytes(graph, op),) if wanted else ())
