"""Architectures in Keras: only operators that every target runs."""

from __future__ import annotations

from typing import Any

from tinyml.errors import TrainingError
from tinyml.project import Architecture


def build(
    architecture: Architecture, input_shape: tuple[int, ...], outputs: int, weight_decay: float
) -> Any:
    """A Keras model: float32 ``[batch, *input_shape]`` to ``[batch, outputs]``.

    ``outputs`` of 2 or more are class probabilities; 1 is a regression's standardised value.
    """
    import keras

    inputs = keras.Input(input_shape)
    decay = keras.regularizers.L2(weight_decay) if weight_decay else None
    hidden = _dense if architecture.kind == "dense" else _cnn1d
    x = hidden(inputs, architecture, decay)
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


def _cnn1d(x: Any, architecture: Architecture, decay: Any) -> Any:
    """Convolutions along the first axis of ``[steps][channels]``, halved after each."""
    import keras

    if len(x.shape) != 3:
        raise TrainingError(
            "a cnn1d needs an axis to move along: use a raw or spectral front end, or a dense model"
        )
    # As images of height 1: a Conv1D would be converted with EXPAND_DIMS around it.
    x = keras.layers.Reshape((1, *x.shape[1:]))(x)
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
