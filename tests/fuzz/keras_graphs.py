"""Random Keras models through the converter: our arithmetic against LiteRT, operator by operator.

The comparison is that of `tinyml verify` (tinyml/bench/litert.py). Then all that were not refused
are compiled, into one native program under the sanitizers and some for an emulated board, and their
outputs compared with the oracle's.

``python -m tests.fuzz.keras_graphs --models 200 --seed 1`` runs it for long.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.kernels.batch import Case
from tests.kernels.batch import check as check_natively
from tinyml import boards
from tinyml.bench.litert import compare
from tinyml.bench.session import BenchSession
from tinyml.errors import UnsupportedModelError
from tinyml.graph import Oracle, parse
from tinyml.graph.ir import Array

Rng = np.random.Generator
BOARD = "mps2-an386"
EVERY = 6  # models between two that run on the board


def random_model(rng: Rng) -> Any:
    """A small image model with branches, of whatever layers the dice say."""
    import keras

    keras.utils.set_random_seed(int(rng.integers(2**31)))
    size = (int(rng.integers(4, 12)), int(rng.integers(4, 12)), int(rng.integers(1, 5)))
    source = x = keras.Input(batch_shape=(1, *size))
    for _ in range(int(rng.integers(1, 7))):
        x = _any_layer(rng, x)
    if rng.random() < 0.6:
        x = _head(rng, x)
    return keras.Model(source, x)


def _any_layer(rng: Rng, x: Any) -> Any:
    kinds: list[Callable[[Rng, Any], Any]] = [_convolution, _pooling, _activation, _shaping, _pair]
    return kinds[int(rng.integers(len(kinds)))](rng, x)


def _choice(rng: Rng, *options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _convolution(rng: Rng, x: Any) -> Any:
    from keras import layers

    kernel = (_choice(rng, 1, 2, 3), _choice(rng, 1, 2, 3))
    kernel = tuple(min(k, n) for k, n in zip(kernel, x.shape[1:3], strict=True))
    padding = _choice(rng, "same", "valid")
    stride = _choice(rng, 1, 1, 2)
    fused = _choice(rng, None, None, "relu", "relu6")
    if rng.random() < 0.3:
        multiplier = _choice(rng, 1, 1, 2)
        return layers.DepthwiseConv2D(
            kernel, stride, padding, depth_multiplier=multiplier, activation=fused
        )(x)
    filters = _choice(rng, 1, 2, 3, 4, 8)
    if rng.random() < 0.1:
        return layers.Conv2DTranspose(filters, 2, 2, padding)(x)
    return layers.Conv2D(filters, kernel, stride, padding, activation=fused)(x)


def _pooling(rng: Rng, x: Any) -> Any:
    from keras import layers

    kind = _choice(rng, layers.AveragePooling2D, layers.MaxPooling2D)
    size = tuple(min(_choice(rng, 1, 2, 3), n) for n in x.shape[1:3])
    return kind(size, strides=_choice(rng, 1, 2), padding=_choice(rng, "same", "valid"))(x)


def _activation(rng: Rng, x: Any) -> Any:
    from keras import layers

    name = _choice(
        rng, "relu", "relu6", "leaky", "prelu", "sigmoid", "tanh", "hard_swish", "softmax",
        "gelu",
    )  # fmt: skip
    if name == "leaky":
        return layers.LeakyReLU(negative_slope=float(rng.uniform(0, 0.5)))(x)
    if name == "prelu":
        slopes = _keras_initializer(rng)
        return layers.PReLU(alpha_initializer=slopes, shared_axes=_choice(rng, [1, 2], None))(x)
    return layers.Activation(name)(x)


def _keras_initializer(rng: Rng) -> Any:
    import keras

    return keras.initializers.RandomUniform(-0.5, 0.5, seed=int(rng.integers(2**31)))


def _shaping(rng: Rng, x: Any) -> Any:
    import keras
    from keras import layers

    rows, columns, channels = x.shape[1:]
    pads = tuple((int(rng.integers(3)), int(rng.integers(3))) for _ in range(2))
    axis = _choice(rng, 1, 2, 3)
    shapings: list[Callable[[Any], Any]] = [
        layers.ZeroPadding2D(pads),
        layers.Reshape((columns, rows, channels)),
        layers.Permute(_choice(rng, (2, 1, 3), (3, 1, 2), (1, 3, 2))),
        lambda t: t[:, :: _choice(rng, 1, 2), : max(columns - 1, 1), :],
        lambda t: keras.ops.concatenate([t, t], axis=axis),
    ]
    if rows > 2 and columns > 2:
        shapings.append(layers.Cropping2D(((1, 0), (0, 1))))
    if rows * columns < 80:
        shapings.append(layers.UpSampling2D(2, interpolation=_choice(rng, "nearest", "bilinear")))
    return _choice(rng, *shapings)(x)


def _pair(rng: Rng, x: Any) -> Any:
    from keras import layers

    kinds = (layers.Add, layers.Subtract, layers.Multiply, layers.Maximum, layers.Minimum,
             layers.Concatenate)  # fmt: skip
    other = layers.Conv2D(x.shape[-1], 1, activation=_choice(rng, None, "relu"))(x)
    return _choice(rng, *kinds)()([x, other])


def _head(rng: Rng, x: Any) -> Any:
    from keras import layers

    ends = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D, layers.Flatten)
    x = _choice(rng, *ends)()(x)
    return layers.Dense(int(rng.integers(1, 9)), activation=_choice(rng, None, "softmax"))(x)


def convert(rng: Rng, model: Any) -> bytes:
    """To full int8, or to 16x8."""
    import tensorflow as tf

    shape = model.input_shape

    def representative() -> Any:
        for _ in range(20):
            yield [rng.normal(0, 1, shape).astype(np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    sets = tf.lite.OpsSet
    wide = rng.random() < 0.25
    int16 = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [int16 if wide else sets.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int16 if wide else tf.int8
    converter.inference_output_type = converter.inference_input_type
    data: bytes = converter.convert()
    return data


def check(data: bytes, sample: Array, counts: Counter[str]) -> bool:
    """Every operator of the model, on LiteRT's own tensors; whether it was not refused."""
    try:
        opinions = compare(data, [sample])
    except UnsupportedModelError as error:
        counts[f"refused: {str(error)[:60]}"] += 1
        return False
    for opinion in opinions:
        counts[opinion.op] += 1
        assert opinion.expected, (
            f"operator {opinion.operator} ({opinion.op}): {opinion.steps} steps"
        )
    return True


def check_on_board(case: Case) -> None:
    """The outputs that an emulated board computes."""
    wanted = dict(Oracle(case.graph).trace(case.inputs))
    with BenchSession(case.graph, boards.load(BOARD)) as session:
        found = session.infer(case.inputs)
    for index, output in zip(case.graph.outputs, found, strict=True):
        np.testing.assert_array_equal(output, wanted[index])


def run(seed: int, models: int) -> Counter[str]:
    """Compare so many models; returns how many operators of each kind were compared."""
    from tensorflow.lite.python.convert_phase import ConverterError

    counts: Counter[str] = Counter()
    rng = np.random.default_rng(seed)
    cases = []
    for number in range(models):
        try:
            data = convert(rng, random_model(rng))
        except (RuntimeError, ConverterError):  # to 16x8 the converter lacks operators
            counts["not converted"] += 1
            continue
        graph = parse(data)
        tensor = graph.tensor(graph.inputs[0])
        limits = np.iinfo(tensor.dtype.numpy)
        sample = rng.integers(limits.min, limits.max, tensor.shape, tensor.dtype.numpy, True)
        try:
            if check(data, sample, counts):
                cases.append(Case(graph, (sample,)))
        except BaseException:
            print(f"seed {seed}, model {number}")
            raise
    with tempfile.TemporaryDirectory(prefix="keras-graphs-") as place:
        check_natively(cases, Path(place))
    for case in cases[::EVERY]:
        check_on_board(case)
    counts["compiled and run natively"] = len(cases)
    counts[f"run on {BOARD}"] = len(cases[::EVERY])
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counts = run(arguments.seed, arguments.models)
    print(f"seed {arguments.seed}: {arguments.models} models, {counts.total():,} operators")
    for name, count in counts.most_common():
        print(f"{count:8,}  {name}")


if __name__ == "__main__":
    main()
