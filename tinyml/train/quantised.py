"""Training with the rounding of an int8 model simulated, in Keras 3.

B. Jacob and others: "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", arXiv:1712.05877 (2017). Weights are rounded a channel at a time
as the converter does; activations to 8 bits over the range that they had before. The weights that
come out belong to the plain network again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def simulated(network: Any, representative: npt.NDArray[np.float32]) -> Any:
    """A network with the same weights in the same order, whose forward pass rounds.

    Normalisation is frozen: by then it is part of the weights.
    """
    import keras

    ranges = _activation_ranges(network, representative)

    def rounding(layer: Any) -> Any:
        if isinstance(
            layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
        ):
            return _rounding_weights(layer, ranges.get(layer.name))
        if layer.name in ranges:
            return _rounding_activations(layer, ranges[layer.name])
        copy = type(layer).from_config(layer.get_config())
        if isinstance(layer, keras.layers.BatchNormalization):
            copy.trainable = False
        return copy

    clone = keras.models.clone_model(network, clone_function=rounding)
    _copy_weights(network, clone)
    return clone


def take_weights(network: Any, trained: Any) -> None:
    """Put what :func:`simulated` learnt into the plain network."""
    _copy_weights(trained, network)


def _copy_weights(source: Any, target: Any) -> None:
    by_name = {layer.name: layer for layer in source.layers}
    for layer in target.layers:
        if layer.weights:
            layer.set_weights(by_name[layer.name].get_weights())


def _activation_ranges(
    network: Any, representative: npt.NDArray[np.float32]
) -> dict[str, tuple[float, float]]:
    """Least and greatest output of each layer that ends an operator on the device."""
    import keras

    kinds = (keras.layers.ReLU, keras.layers.Dense, keras.layers.Conv2D)
    layers = [
        layer for layer in network.layers if isinstance(layer, kinds) and not _feeds_a_norm(layer)
    ]
    probe = keras.Model(network.inputs, [layer.output for layer in layers])
    outputs = probe.predict(representative, verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return {
        layer.name: (min(float(out.min()), 0.0), max(float(out.max()), 1e-3))
        for layer, out in zip(layers, outputs, strict=True)
    }


def _feeds_a_norm(layer: Any) -> bool:
    """Whether the converter joins the layer with the one behind it: only that one rounds."""
    import keras

    followers = [node.operation for node in layer._outbound_nodes]
    return any(isinstance(f, keras.layers.BatchNormalization) for f in followers)


def _rounding_weights(layer: Any, limits: tuple[float, float] | None) -> Any:
    """The layer with its kernel rounded a channel, and its output over ``limits``."""

    class Rounding(type(layer)):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            found = _linear(self, inputs)
            if self.use_bias:
                found = found + self.bias
            found = self.activation(found)
            return found if limits is None else _rounded(found, limits)

    return Rounding.from_config(layer.get_config())


def _linear(layer: Any, inputs: Any) -> Any:
    import keras

    if isinstance(layer, keras.layers.Dense):
        return keras.ops.matmul(inputs, _rounded_kernel(layer.kernel, (0,)))
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        kernel = _rounded_kernel(layer.kernel, (0, 1, 3))
        return keras.ops.depthwise_conv(inputs, kernel, layer.strides, layer.padding)
    kernel = _rounded_kernel(layer.kernel, (0, 1, 2))
    return keras.ops.conv(inputs, kernel, layer.strides, layer.padding)


def _rounded_kernel(kernel: Any, axes: tuple[int, ...]) -> Any:
    """Each channel in 255 steps; ``axes`` are those within a channel."""
    import tensorflow

    kernel = tensorflow.convert_to_tensor(kernel)
    reach = tensorflow.reduce_max(tensorflow.abs(kernel), axis=axes, keepdims=True)
    step = tensorflow.maximum(reach, 1e-8) / 127
    rounded = tensorflow.round(kernel / step) * step
    # Straight through: rounding has no slope, so its input's is taken.
    return kernel + tensorflow.stop_gradient(rounded - kernel)


def _rounding_activations(layer: Any, limits: tuple[float, float]) -> Any:
    class Rounding(type(layer)):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return _rounded(super().call(inputs), limits)

    return Rounding.from_config(layer.get_config())


def _rounded(values: Any, limits: tuple[float, float]) -> Any:
    import tensorflow

    return tensorflow.quantization.fake_quant_with_min_max_args(values, *limits, num_bits=8)
