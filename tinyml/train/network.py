"""Architectures in Keras: only operators that every target runs."""

from __future__ import annotations

from typing import Any, Final

from tinyml.errors import TrainingError
from tinyml.project import Architecture
from tinyml.train.texture import texture

# Few steps make an epoch of a small data set; Keras's 0.99 would follow hundreds of epochs behind.
_NORM_MOMENTUM: Final = 0.9
_STRIDED_BLOCKS: Final = 2  # of the separable blocks: later ones keep their size


def build(
    architecture: Architecture,
    input_shape: tuple[int, ...],
    outputs: int,
    weight_decay: float,
    *,
    image: bool = False,
) -> Any:
    """A Keras model: float32 ``[batch, *input_shape]`` to ``[batch, outputs]``.

    ``outputs`` of 2 or more are class probabilities; 1 is a regression's standardised value, or an
    autoencoder's mean squared error. ``image`` says that both axes of the input are alike (time and
    frequency of a sound), not steps and channels.
    """
    import keras

    inputs = keras.Input(input_shape)
    decay = keras.regularizers.L2(weight_decay) if weight_decay else None
    if architecture.kind == "autoencoder":
        return keras.Model(inputs, _autoencoder(inputs, architecture, decay))
    if architecture.kind == "dense":
        x = _dense(inputs, architecture, decay)
    elif architecture.kind == "texture":
        x = texture(inputs, architecture, decay)
    elif architecture.kind == "cnn1d":
        x = _cnn1d(inputs, architecture, decay)
    else:
        x = _separable(inputs, architecture, decay, image=image)
    if architecture.dropout:
        x = keras.layers.Dropout(architecture.dropout)(x)
    last = "softmax" if outputs > 1 else None
    x = keras.layers.Dense(outputs, activation=last, kernel_regularizer=decay)(x)
    return keras.Model(inputs, x)


def _dense(x: Any, architecture: Architecture, decay: Any) -> Any:
    import keras

    x = keras.layers.Flatten()(x)
    for width in architecture.layers:
        x = keras.layers.Dense(width, activation="relu", kernel_regularizer=decay)(x)
    return x


def _autoencoder(inputs: Any, architecture: Architecture, decay: Any) -> Any:
    """Down to the last layer's width and up again; how badly the input came back, ``[batch, 1]``.

    The error is part of the model, so that a device has an anomaly's score and needs nothing else.
    """
    import keras

    flat = keras.layers.Flatten()(inputs)
    x = flat
    for width in (*architecture.layers, *architecture.layers[-2::-1]):
        x = keras.layers.Dense(width, activation="relu", kernel_regularizer=decay)(x)
    back = keras.layers.Dense(flat.shape[1], kernel_regularizer=decay)(x)
    return keras.ops.mean(keras.ops.square(flat - back), axis=1, keepdims=True)


def _cnn1d(x: Any, architecture: Architecture, decay: Any) -> Any:
    """Convolutions along the first axis of ``[steps][channels]``, halved after each."""
    import keras

    x = _as_sequence(x)
    for filters in architecture.layers:
        x = keras.layers.Conv2D(
            filters,
            (1, architecture.kernel),
            padding="same",
            activation="relu",
            kernel_regularizer=decay,
        )(x)
        if x.shape[2] >= 2:
            x = keras.layers.MaxPooling2D((1, 2))(x)
    return keras.layers.Flatten()(x)


def _separable(x: Any, architecture: Architecture, decay: Any, *, image: bool) -> Any:
    """A convolution, then depthwise separable ones; mean and maximum of each filter at the end.

    A. G. Howard and others: MobileNets, arXiv:1704.04861 (2017); Y. Zhang and others: Hello Edge,
    arXiv:1711.07128 (2017). ``residual`` has a second one in each block, around which its input is
    added (K. He and others, arXiv:1512.03385).
    """
    import keras

    ends = []
    if image:
        x = keras.layers.Reshape((*x.shape[1:], 1))(x)
        ends.append(_band_statistics(x, architecture, decay))
        kernel, stride = (architecture.kernel,) * 2, (2, 2)
    else:
        x = _as_sequence(x)
        kernel, stride = (1, architecture.kernel), (1, 2)
    first, *others = architecture.layers
    x = keras.layers.Conv2D(
        first, kernel, stride, padding="same", use_bias=False, kernel_regularizer=decay
    )(x)
    x = _normalised(x)
    for number, filters in enumerate(others):
        step = stride if number < _STRIDED_BLOCKS else (1, 1)
        x = _normalised(_separable_block(x, filters, kernel, step, decay))
        if architecture.kind == "residual":
            inner = _separable_block(x, filters, kernel, (1, 1), decay)
            inner = keras.layers.BatchNormalization(momentum=_NORM_MOMENTUM)(inner)
            x = keras.layers.ReLU()(keras.layers.Add()([x, inner]))
    ends += [keras.layers.GlobalAveragePooling2D()(x), keras.layers.GlobalMaxPooling2D()(x)]
    return keras.layers.Concatenate()(ends)


def _band_statistics(x: Any, architecture: Architecture, decay: Any) -> Any:
    """Neurons on each band's mean and maximum over time: the spectrum, which filters alike in all
    bands do not see."""
    import keras

    whole = (x.shape[1], 1)
    ends = [keras.layers.AveragePooling2D(whole)(x), keras.layers.MaxPooling2D(whole)(x)]
    x = keras.layers.Flatten()(keras.layers.Concatenate()(ends))
    if architecture.dropout:
        x = keras.layers.Dropout(architecture.dropout)(x)
    width = architecture.layers[-1]
    return keras.layers.Dense(width, activation="relu", kernel_regularizer=decay)(x)


def _separable_block(
    x: Any, filters: int, kernel: tuple[int, int], stride: tuple[int, int], decay: Any
) -> Any:
    import keras

    # Keras takes one stride for both axes; along an axis of one element it makes no difference.
    x = keras.layers.DepthwiseConv2D(kernel, max(stride), padding="same", use_bias=False)(x)
    x = _normalised(x)
    return keras.layers.Conv2D(filters, 1, use_bias=False, kernel_regularizer=decay)(x)


def _normalised(x: Any) -> Any:
    import keras

    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=_NORM_MOMENTUM)(x))


def _as_sequence(x: Any) -> Any:
    """``[steps][channels]`` as an image of height 1.

    A Conv1D would be converted with EXPAND_DIMS around it.
    """
    import keras

    if len(x.shape) != 3:
        raise TrainingError(
            "a convolution needs a series of features: use a raw, spectral, envelope or "
            "sound front end, or a dense model"
        )
    return keras.layers.Reshape((1, *x.shape[1:]))(x)
