"""Operators that Keras layers seldom make, through the converter, against LiteRT."""

import numpy as np
import pytest

from tinyml.bench.litert import compare
from tinyml.graph.oracle import Oracle
from tinyml.graph.reader import parse

tf = pytest.importorskip("tensorflow", reason="converting needs TensorFlow: pip install .[train]")
interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="no LiteRT to compare with")

SAMPLES = 20


def converted(function, shapes, sixteen=False, model=None):
    """The .tflite of a function of float32 tensors, quantised for normal inputs."""
    signatures = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    concrete = tf.function(function).get_concrete_function(*signatures)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    rng = np.random.default_rng(0)
    converter.representative_dataset = lambda: (
        [(3 * rng.normal(size=shape)).astype(np.float32) for shape in shapes] for _ in range(50)
    )
    sets = tf.lite.OpsSet
    int16 = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [int16 if sixteen else sets.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int16 if sixteen else tf.int8
    converter.inference_output_type = converter.inference_input_type
    if model is not None:
        converter._experimental_variable_quantization = True
    return converter.convert()


def elements(rng, graph):
    found = []
    for index in graph.inputs:
        tensor = graph.tensor(index)
        limits = np.iinfo(tensor.dtype.numpy)
        found.append(rng.integers(limits.min, limits.max, tensor.shape, tensor.dtype.numpy, True))
    return tuple(found)


def of(function, *shapes, sixteen=False, steps=0):
    return function, shapes, sixteen, steps


FUNCTIONS = {
    "LOG_SOFTMAX": of(tf.nn.log_softmax, (1, 3, 9)),
    "L2_NORMALIZATION": of(
        lambda x: tf.math.l2_normalize(x, axis=-1, epsilon=1e-30), (1, 4, 12)
    ),
    "BATCH_MATMUL": of(
        lambda x, y: tf.matmul(x, y, transpose_b=True), (2, 3, 8), (2, 5, 8)
    ),
    "BATCH_MATMUL int16": of(tf.matmul, (1, 3, 8), (1, 8, 5), sixteen=True),
    # LiteRT rounds once, and small dividends are undefined there.
    "DIV": of(lambda x, y: (tf.abs(x) + 1.0) / (tf.abs(y) + 1.0), (1, 30), (1, 30), steps=1),
    "SOFTMAX int16": of(tf.nn.softmax, (1, 3, 9), sixteen=True),
    "LOGISTIC int16": of(tf.sigmoid, (1, 30), sixteen=True),
    "TANH int16": of(tf.tanh, (1, 30), sixteen=True),
    "LEAKY_RELU int16": of(lambda x: tf.nn.leaky_relu(x, 0.1), (1, 30), sixteen=True),
    "RELU int16": of(lambda x: tf.nn.relu(x) + 1.0, (1, 30), sixteen=True),
    "ABS int16": of(lambda x: tf.abs(x) * 2.0, (1, 30), sixteen=True),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_equals_litert(name):
    function, shapes, sixteen, steps = FUNCTIONS[name]
    model = converted(function, shapes, sixteen)
    graph = parse(model, "function")
    wanted = name.split()[0]
    assert wanted in {op.name for op in graph.operators}
    rng = np.random.default_rng(1)
    for _ in range(SAMPLES):
        for opinion in compare(model, elements(rng, graph)):
            assert opinion.steps <= steps, opinion


class Ring(tf.Module):
    """The last four samples and the new one, times a matrix."""

    def __init__(self):
        super().__init__()
        self.past = tf.Variable(np.zeros((1, 4, 3), np.float32))
        self.weights = tf.constant(np.random.default_rng(2).normal(size=(15, 5)), tf.float32)

    def __call__(self, x):
        joined = tf.concat([self.past, x], axis=1)
        self.past.assign(joined[:, 1:])
        return tf.matmul(tf.reshape(joined, (1, 15)), self.weights)


def test_streaming_model_keeps_what_litert_keeps():
    ring = Ring()
    model = converted(ring.__call__, [(1, 1, 3)], model=ring)
    graph = parse(model, "ring")
    assert sum(tensor.is_variable for tensor in graph.tensors) == 1
    theirs = interpreter.Interpreter(
        model_content=model,
        experimental_op_resolver_type=interpreter.OpResolverType.BUILTIN_REF,
    )
    theirs.allocate_tensors()
    fed, shown = theirs.get_input_details()[0]["index"], theirs.get_output_details()[0]["index"]
    oracle, rng = Oracle(graph), np.random.default_rng(3)
    for _ in range(SAMPLES):
        sample = elements(rng, graph)
        theirs.set_tensor(fed, sample[0])
        theirs.invoke()
        ours = dict(oracle.trace(sample))[graph.outputs[0]]
        # FULLY_CONNECTED: LiteRT rounds once, TFLite Micro twice.
        difference = ours.astype(int) - theirs.get_tensor(shown)
        assert np.max(np.abs(difference)) <= 1
