"""Functions of float32 by plain arithmetic: every step rounds once, so that C does the same.

Source: the Cephes Mathematical Library's expf and tanhf (S. L. Moshier), errors below 2 units in
the last place of exp and 1e-7 of the others; TFLite Micro takes its C library's instead.
firmware/kernels/float_functions.h is the same in C.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

_LOWEST: Final = np.float32(-87.33654)
_HIGHEST: Final = np.float32(88.72283)
_LOG2_E: Final = np.float32(1.44269504)
# log(2) in two parts, the first of few bits.
_LOG_2: Final = (np.float32(0.693359375), np.float32(-2.12194440e-4))
_EXP: Final = tuple(
    np.float32(c)
    for c in (
        1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
        4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
    )
)  # fmt: skip
_TANH: Final = tuple(
    np.float32(c)
    for c in (
        -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
    )
)  # fmt: skip
_SMALL: Final = np.float32(0.625)


def exp(x: Float32) -> Float32:
    """exp(x); 0 below -87.3, and the largest that it can be above 88.7."""
    x = np.clip(x, _LOWEST, _HIGHEST)
    turns = x * _LOG2_E
    n = np.trunc(turns + np.where(turns >= 0, np.float32(0.5), np.float32(-0.5)))
    r = (x - n * _LOG_2[0]) - n * _LOG_2[1]
    y = (_horner(_EXP, r) * r) * r + r + np.float32(1)
    half = np.trunc(n * np.float32(0.5))
    scaled = np.ldexp(np.ldexp(y, half.astype(np.int32)), (n - half).astype(np.int32))
    return _float32(np.where(x <= _LOWEST, np.float32(0), scaled))


def sigmoid(x: Float32) -> Float32:
    """1 / (1 + exp(-x))."""
    return _float32(np.float32(1) / (np.float32(1) + exp(_float32(-x))))


def tanh(x: Float32) -> Float32:
    """tanh(x)."""
    square = x * x
    small = _horner(_TANH, _float32(square)) * square * x + x
    large = np.float32(1) - np.float32(2) / (exp(_float32(np.abs(x) + np.abs(x))) + np.float32(1))
    return _float32(np.where(np.abs(x) < _SMALL, small, np.copysign(large, x)))


def _horner(coefficients: tuple[np.float32, ...], x: Float32) -> Float32:
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y = y * x + coefficient
    return y


def _float32(values: Any) -> Float32:
    found: Float32 = np.asarray(values, np.float32)
    return found
