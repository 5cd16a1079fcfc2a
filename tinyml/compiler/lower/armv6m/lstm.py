"""UNIDIRECTIONAL_SEQUENCE_LSTM on Armv6-M."""

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv6m.products import chunk_lengths, require_int8
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.lstm import common_struct
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.lstm import Lstm, Multiplier

_DIGIT_BITS = 10  # of a multiplier, whose products with sums below 2^20 fit 32 bits
_SUM_LIMIT = 1 << 20
_FIRST_SHIFT = 11  # from the high part of a product to Q31's
_LONGEST_CHUNK = 24  # TML_ARMV6M_LONGEST_SUMS_CHUNK
_INPUT_BYTES = 12  # of instructions, which a shorter chunk jumps over
_SPREAD_BYTES = 8  # of an input
_Matrix = tuple[npt.NDArray[np.int8], Int64, Multiplier]  # weights, bias, multiplier


@lowers(Lstm, feature="armv6m")
def lower_lstm(op: Lstm) -> Call:
    """The four gates of a unit at a time."""
    require_int8(op.dtype)
    if any(not -30 < shift < 0 for _, shift in (op.forget, op.update, op.hidden)):
        raise NotFitting
    params = Struct(
        "tml_armv6m_lstm_t",
        {
            "common": common_struct(op),
            "input": _gates("input", [(g.weights, g.bias, g.multiplier) for g in op.gates]),
            "recurrent": _gates(
                "recurrent",
                [(g.recurrent, g.recurrent_bias, g.recurrent_multiplier) for g in op.gates],
            ),
        },
    )
    return Call(
        "tml_armv6m_lstm",
        "armv6m/unidirectional_lstm.c",
        params,
        updates=(0, 1),
        scratch_bytes=32 * op.units + _SPREAD_BYTES * max(op.inputs, op.units),
    )


def _gates(role: str, matrices: list[_Matrix]) -> Struct:
    """tml_armv6m_gates_t of [units, inputs] and [units], one a gate."""
    by_unit = np.stack([weights for weights, *_ in matrices], axis=1)
    by_unit = by_unit.reshape(-1, by_unit.shape[2])
    bias = np.stack([bias for _, bias, _ in matrices], axis=1).reshape(-1)
    return Struct(
        "tml_armv6m_gates_t",
        {
            "inputs": by_unit.shape[1],
            "packed": Table(f"{role}_packed", _packed(by_unit, bias)),
            "gates": tuple(_gate(*matrix) for matrix in matrices),
        },
    )


def _packed(weights: npt.NDArray[np.int8], bias: Int64) -> npt.NDArray[np.int32]:
    """What tml_armv6m_sums_t reads, for [outputs, inputs], a multiple of four outputs."""
    packed: list[Int64] = []
    for first in range(0, len(weights), 4):
        four = slice(first, first + 4)
        biases = bias[four]
        words = weights[four].astype(np.int64).T
        words = words[:, ::2] + (words[:, 1::2] << 16)
        starts = biases[::2] + (biases[1::2] << 16)
        packed.append(np.stack([starts, biases[1::2]], axis=1).ravel())
        place = 0
        for length in chunk_lengths(weights[four], _LONGEST_CHUNK):
            packed.append(np.array([_INPUT_BYTES // 2 * (_LONGEST_CHUNK - length)]))
            packed.append(words[place : place + length].ravel())
            place += length
        packed.append(np.array([1 << 31]))
    return np.concatenate(packed).astype(np.int32)


def _gate(weights: npt.NDArray[np.int8], bias: Int64, multiplier: Multiplier) -> Struct:
    """tml_armv6m_gate_t; raises NotFitting where its sums or products could leave 32 bits."""
    real, shift = multiplier
    left, right = max(shift, 0), max(-shift, 0)
    if left >= _FIRST_SHIFT or right > 31 - _FIRST_SHIFT:
        raise NotFitting
    most = int((np.abs(bias) + 128 * np.abs(weights.astype(np.int64)).sum(axis=1)).max())
    half = 1 << (_FIRST_SHIFT - 1 - left)
    second_half = 1 << (_FIRST_SHIFT - 1 + right) if right > 0 and real > 0 else 0
    product = (most * real >> 2 * _DIGIT_BITS) + (1 << _FIRST_SHIFT) + second_half
    if most >= _SUM_LIMIT or most << left >= 1 << 31 or product >= 1 << 31:
        raise NotFitting
    digit = (1 << _DIGIT_BITS) - 1
    return Struct(
        "tml_armv6m_gate_t",
        {
            "digits": (real & digit, real >> _DIGIT_BITS & digit, real >> 2 * _DIGIT_BITS),
            "shift": _FIRST_SHIFT - shift,
            "half": half,
            "second_half": second_half,
        },
    )
