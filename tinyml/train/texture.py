"""Sounds by their texture: statistics of a spectrogram, then a small dense network on them.

J. H. McDermott, E. P. Simoncelli: "Sound Texture Perception via Statistics of the Auditory
Periphery", Neuron 71 (2011): what a rain or a motor is lies in how strong each band is, how fast it
changes, and how far it stands out from its neighbours, not in when. A few hundred clips are enough
for a classifier on such statistics, and far too few for filters to be learnt from. So the filters
here are given; only the dense layers behind them are trained.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import TrainingError
from tinyml.project import Architecture

# Frames that are averaged before changes are looked at: with hops of 20 ms the beats of a rotor,
# steps of a second, and what is slower.
_SCALES: Final = (1, 4, 16)
_DISTANCES: Final = (2, 4)  # bands from a peak to the neighbours that it is compared with
_FRAMES: Final = 3 * max(_SCALES)
_BANDS: Final = 2 * max(_DISTANCES) + 1
_LEAST_VARIANCE: Final = 1e-5  # of a band in which nothing ever happens
_STATISTICS: Final = "statistics"  # name of the layer that ends what is given


def texture(inputs: Any, architecture: Architecture, decay: Any) -> Any:
    """Hidden layers on the standardised statistics of ``[batch][frames][bands]``."""
    import keras

    shape = inputs.shape[1:]
    if len(shape) != 2 or shape[0] < _FRAMES or shape[1] < _BANDS:
        raise TrainingError(
            f"a texture model needs at least {_FRAMES} frames of {_BANDS} bands, not "
            f"{list(shape)}: use a log_mel front end, a shorter hop, a longer window or more bands"
        )
    frames, bands = shape
    image = keras.layers.Reshape((frames, bands, 1))(inputs)
    found = [_over_time(image, "mean"), _over_time(image, "max")]
    for scale in _SCALES:
        smooth = keras.layers.AveragePooling2D((scale, 1))(image) if scale > 1 else image
        found.append(_over_time(_fixed(smooth, _changes()), "mean"))
    peaks = _fixed(image, _peaks())
    found += [_over_time(peaks, "mean"), _over_time(peaks, "max")]
    x = keras.layers.Concatenate(name=_STATISTICS)([_standardised(each) for each in found])
    for width in architecture.layers:
        if architecture.dropout:
            x = keras.layers.Dropout(architecture.dropout)(x)
        x = keras.layers.Dense(width, activation="relu", kernel_regularizer=decay)(x)
    return x


def _changes() -> npt.NDArray[np.float32]:
    """A rise from the frame before, and what stands out from both neighbours in time."""
    rise, peak = (-1.0, 1.0, 0.0), (-0.5, 1.0, -0.5)
    return np.array([rise, peak], np.float32).T[:, np.newaxis, np.newaxis, :]


def _peaks() -> npt.NDArray[np.float32]:
    """What stands out from the bands so far above and below: harmonics, not noise."""
    kernel = np.zeros((1, _BANDS, 1, len(_DISTANCES)), np.float32)
    middle = _BANDS // 2
    for number, distance in enumerate(_DISTANCES):
        kernel[0, middle, 0, number] = 1.0
        kernel[0, [middle - distance, middle + distance], 0, number] = -0.5
    return kernel


def _fixed(image: Any, kernel: npt.NDArray[np.float32]) -> Any:
    """Filters that are not learnt, and only what is above 0 of them."""
    import keras

    layer = keras.layers.Conv2D(
        kernel.shape[-1],
        kernel.shape[:2],
        use_bias=False,
        activation="relu",
        kernel_initializer=keras.initializers.Constant(kernel),
        trainable=False,
    )
    return layer(image)


def _over_time(image: Any, how: str) -> Any:
    """``[batch][frames][bands][filters]`` to ``[batch][bands * filters]``."""
    import keras

    reduce = keras.ops.mean if how == "mean" else keras.ops.max
    return keras.layers.Flatten()(reduce(image, axis=1))


def _standardised(values: Any) -> Any:
    """Each with mean 0 and deviation 1, so that 8 bits serve all of them alike.

    A depthwise filter of one tap carries the scaling, a channel its own, through the conversion.
    """
    import keras

    count = values.shape[1]
    x = keras.layers.Reshape((1, 1, count))(values)
    x = keras.layers.DepthwiseConv2D(
        1, use_bias=False, depthwise_initializer="ones", trainable=False
    )(x)
    x = keras.layers.BatchNormalization(
        epsilon=_LEAST_VARIANCE, center=False, scale=False, trainable=False
    )(x)
    return keras.layers.Flatten()(x)


def divided(network: Any, inputs: npt.NDArray[np.float32]) -> tuple[Any, Any]:
    """The statistics, standardised over ``inputs`` ``[n][frames][bands]``, and what learns.

    Both share their layers with ``network``, whose first part never changes while training: it need
    not run again in each epoch.
    """
    import keras

    norms = [each for each in network.layers if isinstance(each, keras.layers.BatchNormalization)]
    probe = keras.Model(network.inputs, [norm.input for norm in norms])
    for norm, values in zip(norms, probe.predict(inputs, verbose=0), strict=True):
        flat = values.reshape(-1, values.shape[-1])
        norm.set_weights([flat.mean(axis=0), flat.var(axis=0)])
    border = network.get_layer(_STATISTICS).output
    return keras.Model(network.inputs, border), keras.Model(border, network.outputs)
