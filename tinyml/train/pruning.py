"""Whole channels that a network can do without.

Those with the smallest weights go (H. Li and others: "Pruning Filters for Efficient ConvNets",
arXiv:1608.08710, 2017), then what is left learns on. In the network they stay, as zeros: the
compiler finds that they are constant and leaves them out, weights and all
(tinyml/compiler/passes/constant_channels.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_TOGETHER: Final = 4  # channels that kernels compute at a time: fewer of them save nothing


def prune(network: Any, fraction: float) -> None:
    """Set ``fraction`` of each hidden layer's channels to 0, where they also stay in training.

    As many are kept that their number is a multiple of four. Layers into a sum are left alone: the
    sum's other side would keep their channels alive.
    """
    for layer, normalisation in _hidden(network):
        kernel = layer.kernel.numpy()
        width = kernel.shape[-1]
        kept_count = -(-int(np.ceil(width * (1 - fraction))) // _TOGETHER) * _TOGETHER
        if kept_count >= width:
            continue
        weight = np.abs(kernel).reshape(-1, width).sum(axis=0)
        if normalisation is not None:
            weight = weight * _gain(normalisation)
        kept = np.zeros(width, np.float32)
        kept[np.argsort(weight)[width - kept_count :]] = 1.0
        _hold(layer.kernel, kept)
        if layer.bias is not None:
            _hold(layer.bias, kept)
        if normalisation is not None:
            _hold(normalisation.gamma, kept)
            _hold(normalisation.beta, kept)


def _hidden(network: Any) -> Iterator[tuple[Any, Any]]:
    """Layers with channels of their own, and what normalises them, or None."""
    import keras

    kinds = (keras.layers.Dense, keras.layers.Conv2D)
    for layer in network.layers[:-1]:
        if not isinstance(layer, kinds) or isinstance(layer, keras.layers.DepthwiseConv2D):
            continue
        readers = _readers(layer)
        normalisation = None
        if len(readers) == 1 and isinstance(readers[0], keras.layers.BatchNormalization):
            normalisation = readers[0]
            readers = _readers(normalisation)
        if readers and not any(isinstance(reader, keras.layers.Add) for reader in readers):
            yield layer, normalisation


def _readers(layer: Any) -> list[Any]:
    return [node.operation for node in layer._outbound_nodes]


def _gain(normalisation: Any) -> npt.NDArray[np.float64]:
    """What a channel is multiplied with."""
    variance = normalisation.moving_variance.numpy() + normalisation.epsilon
    found: npt.NDArray[np.float64] = np.abs(normalisation.gamma.numpy()) / np.sqrt(variance)
    return found


def _hold(variable: Any, kept: npt.NDArray[np.float32]) -> None:
    variable.assign(variable.numpy() * kept)
    variable.constraint = lambda value: value * kept
