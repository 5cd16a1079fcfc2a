"""Weights of four outputs in a word (firmware/kernels/armv6m/gemv.h)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.lower.armv6m.products import chunk_lengths

_LONGEST_CHUNK: Final = 32  # TML_ARMV6M_LONGEST_ROW_CHUNK
_INPUT_BYTES: Final = 18  # of instructions, which a shorter chunk jumps over
_ORDER: Final = (0, 2, 1, 3)  # of a quadruple's outputs in the bytes of a word


def quadruples(
    weights: npt.NDArray[np.int8], passes: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """Words and chunks of [outputs, inputs], a multiple of four outputs.

    Each pass takes every input that is ``passes`` further than the one before.
    """
    outputs, inputs = weights.shape
    padded = np.pad(weights, ((0, 0), (0, -inputs % passes)))
    by_pass = padded.reshape(outputs // 4, 4, -1, passes).transpose(0, 3, 1, 2)
    skipped = [
        _INPUT_BYTES * (_LONGEST_CHUNK - length)
        for quadruple in by_pass
        for one_pass in quadruple
        for length in chunk_lengths(one_pass, _LONGEST_CHUNK)
    ]
    ordered = by_pass[:, :, _ORDER].transpose(0, 1, 3, 2).astype(np.int64) + 128
    words = np.ascontiguousarray(ordered.astype(np.uint8)).view(np.uint32)
    return words, np.array(skipped, np.uint16)
