"""What all matrix kernels of Armv7E-M share: proofs, requantisation, packed weights.

The techniques are explained where they are used: firmware/kernels/armv7em/gemm.h (the 256 trick)
and requantize.inc (double rounding in one sum).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv7em.folded import fold
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Requantization

_SCALE = 256  # of accumulators: the 256 trick's, and what requantize.inc counts on
_Table32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Epilogue:
    """How a kernel makes elements of accumulators, one row of each array a channel."""

    multipliers: Int64
    constants: Int64
    shifts: Int64  # S of requantize.inc
    variant: str  # of the kernel: "relu" or "signed"
    clamp: Struct  # tml_armv7em_clamp_t

    def words(self) -> Int64:
        """[channels, 3]: m, constants, S."""
        return np.stack([self.multipliers, self.constants, self.shifts], axis=1)


def epilogue(requantization: Requantization, channels: int) -> Epilogue:
    """Raises NotFitting for shifts beyond what a sum in 32 bits can round."""
    multipliers = np.broadcast_to(requantization.multipliers, channels)
    # A multiplier of 0 gives 0 whatever the shift.
    right = np.where(multipliers == 0, 1, -np.broadcast_to(requantization.shifts, channels))
    zero_point = requantization.zero_point
    relu = zero_point == -128
    shifts = right + 7
    # The bounds keep the zero point, and the accumulator that a left shift would have to hold,
    # within 32 bits; the kernel for signed values takes halves only after a shift to the right.
    if shifts.min() < (1 if relu else 8) or shifts.max() > 22:
        raise NotFitting
    first_half = np.where(right >= 0, 1 << 6, 0)
    constants = first_half + (1 << (shifts - 1)) + (zero_point << shifts)
    # Without a second rounding, its half goes and that of the first one stays.
    constants = np.where(right == 0, (1 << 6) + (zero_point << shifts), constants)
    clamp = Struct(
        "tml_armv7em_clamp_t",
        {"lowest": requantization.lowest, "highest": requantization.highest},
    )
    return Epilogue(multipliers, constants, shifts, "relu" if relu else "signed", clamp)


@dataclass(frozen=True)
class Ends:
    """How a kernel makes elements of accumulators, one row of each array a channel."""

    words: Int64  # [channels, 1, 2 or 3]: what kernels read: m; m, k; or m, constants, S
    biases: Int64  # to be added to 256 times the accumulator
    variant: str  # as the kernels call it: "12", "signed_12", "full_relu", "full_signed", ...
    clamp: Struct  # tml_armv7em_clamp_t
    addend: int = 0

    @property
    def is_folded(self) -> bool:
        """Whether rounding is in the biases."""
        return not self.variant.startswith("full")


def require_products(
    dtype: DType, bias: Int64, weights: npt.NDArray[np.int8], zero_point: int
) -> tuple[Int64, Int64]:
    """The lowest and the highest accumulator of each channel.

    ``weights`` are [channels, taps]; every sum on the way may wrap, only the whole must fit.
    Raises NotFitting unless 256 times every accumulator fits 32 bits.
    """
    if dtype is not DType.INT8:
        raise NotFitting
    positive = np.maximum(weights, 0).astype(np.int64).sum(axis=1)
    negative = np.minimum(weights, 0).astype(np.int64).sum(axis=1)
    # The activations' distances from the zero point.
    nearest, farthest = -128 - zero_point, 127 - zero_point
    highest = bias + positive * farthest + negative * nearest
    lowest = bias + positive * nearest + negative * farthest
    if highest.max() >= 1 << 23 or lowest.min() < -(1 << 23):
        raise NotFitting
    return lowest, highest


def folded_ends(
    requantization: Requantization, reach: tuple[Int64, Int64], *, signed: bool
) -> Ends:
    """The cheapest way to requantise accumulators that stay within ``reach``.

    ``signed`` tells whether the kernel comes in the folded variants of both signs. Raises
    NotFitting where there is no way.
    """
    channels = len(reach[0])
    clamp = Struct(
        "tml_armv7em_clamp_t",
        {"lowest": requantization.lowest, "highest": requantization.highest},
    )
    folded = fold(requantization, *reach)
    if folded is not None:
        words = folded.multipliers[:, np.newaxis]
        return Ends(words, folded.biases, str(folded.shift), clamp)
    folded = fold(requantization, *reach, signed=True) if signed else None
    if folded is not None:
        words = np.stack([folded.multipliers, folded.less], axis=1)
        return Ends(words, folded.biases, f"signed_{folded.shift}", clamp, folded.addend)
    full = epilogue(requantization, channels)
    return Ends(full.words(), np.zeros(channels, np.int64), f"full_{full.variant}", clamp)


@dataclass(frozen=True)
class PackedRows:
    """Weights [channels, taps] with their biases as the 256 trick wants them."""

    biases: Int64  # [channels]
    words: Int64  # [channels, groups]: four weights in each

    @classmethod
    def of(
        cls,
        weights: npt.NDArray[np.int8],
        bias: Int64,
        zero_point: int,
        added: Int64 | int = 0,
    ) -> PackedRows:
        """With ``added`` to 256 times the bias.

        Raises NotFitting where a pair of weights leaves 16 bits, which needs a -128.
        """
        channels, taps = weights.shape
        padded = np.zeros((channels, -(-taps // 4) * 4), np.int64)
        padded[:, :taps] = weights
        lanes = 256 * padded[:, 0::2] + padded[:, 1::2]
        if lanes.min() < -(1 << 15):
            raise NotFitting
        words = (lanes[:, 0::2] & 0xFFFF) | lanes[:, 1::2] << 16
        folded = bias - zero_point * padded.sum(axis=1) + 127 * padded[:, 0::2].sum(axis=1)
        return cls(_SCALE * folded + added, words)

    @property
    def groups(self) -> int:
        """Words a channel."""
        return int(self.words.shape[1])

    def filled(self, count: int) -> PackedRows:
        """With channels of zeros at the end, ``count`` in all."""
        more = ((0, count - len(self.biases)), (0, 0))
        return PackedRows(np.pad(self.biases, more[0]), np.pad(self.words, more))

    def packed(
        self, role: str, first: int, end: int, together: int, ends: Int64 | None = None
    ) -> Table | None:
        """Channels ``first`` to ``end``, so many at a time; None where there are none.

        With ``ends`` [channels, words], those of the channels follow their weights.
        """
        parts = []
        for start in range(first, end, together):
            rows = slice(start, start + together)
            parts += [self.biases[rows], self.words[rows].T.ravel()]
            if ends is not None:
                parts.append(ends[rows].ravel())
        return Table(role, wrapped(np.concatenate(parts))) if parts else None


def wrapped(values: Int64) -> _Table32:
    """The low 32 bits."""
    return values.astype(np.int32)
