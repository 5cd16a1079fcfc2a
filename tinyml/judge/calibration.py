"""Scores that mean what they say: of the answers given with 0.8, eight in ten should be right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_BINS: Final = 15
_REACH: Final = 3.0  # of the temperature's logarithm, both ways
_STEPS: Final = 40  # of the search: the golden section to the 40th is below 1e-8
_GOLDEN: Final = (math.sqrt(5) - 1) / 2
_TINY: Final = 1e-12


def expected_calibration_error(scores: Array, targets: Array) -> float:
    """How far confidence and accuracy are apart, on average over 15 bins of confidence.

    M. P. Naeini and others: "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI
    2015.

    Args:
        scores: of each class, ``[n][classes]``.
        targets: true class indices, ``[n]``.
    """
    confidence = scores.max(axis=1)
    right = scores.argmax(axis=1) == targets
    bins = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(targets))


def fitting_temperature(probabilities: Array, targets: Array) -> float:
    """What the logits are to be divided by, so that the targets are likeliest.

    C. Guo and others: "On Calibration of Modern Neural Networks", arXiv:1706.04599 (2017). The
    order of the classes stays, and so does accuracy.

    Args:
        probabilities: of data that trained nothing, ``[n][classes]``.
        targets: class indices, ``[n]``.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), _TINY))
    rows = np.arange(len(targets))

    def loss(logarithm: float) -> float:
        scaled = logits / math.exp(logarithm)
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, targets]))

    low, high = -_REACH, _REACH
    for _ in range(_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def cooled(network: Any, temperature: float) -> None:
    """Fold ``temperature`` into the network's last layer, before its softmax."""
    last = network.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


def favour(network: Any, labels: Sequence[str], added: Mapping[str, float]) -> None:
    """Add to the logits of some classes, in the bias of the network's last layer."""
    last = network.layers[-1]
    kernel, bias = last.get_weights()
    last.set_weights([kernel, bias + [added.get(label, 0.0) for label in labels]])
