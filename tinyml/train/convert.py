"""From a trained Keras model to a full-integer .tflite that carries its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import TrainingError
from tinyml.features import ModelSettings
from tinyml.features.settings import METADATA_NAME
from tinyml.graph import DType, Graph, parse
from tinyml.train.tensorflow import quiet

# What every target runs; anything else means that an architecture needs mending.
OPERATORS: Final = frozenset({
    "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "AVERAGE_POOL_2D", "MAX_POOL_2D", "MEAN",
    "ADD", "RESHAPE", "SOFTMAX", "LOGISTIC", "QUANTIZE", "DEQUANTIZE",
})  # fmt: skip
REPRESENTATIVE_WINDOWS: Final = 10_000  # rare peaks must be among them, or the output is clipped


def convert(
    tensorflow: Any, network: Any, representative: npt.NDArray[np.float32], name: str
) -> bytes:
    """The int8 .tflite of ``network``, calibrated on ``representative`` ``[n, *input shape]``.

    Raises TrainingError where the result is not int8 throughout or has an unwanted operator.
    """
    import keras

    # A batch of 1 that is known beforehand: otherwise SHAPE and PACK appear around each reshape.
    inputs = keras.Input(batch_shape=(1, *network.inputs[0].shape[1:]))
    with quiet():
        converter = tensorflow.lite.TFLiteConverter.from_keras_model(
            keras.Model(inputs, network(inputs, training=False))
        )
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([row[np.newaxis]] for row in representative)
        converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tensorflow.int8
        converter.inference_output_type = tensorflow.int8
        converted: bytes = converter.convert()
    _check(parse(converted, name))
    return converted


def spread(windows: int) -> npt.NDArray[np.int64]:
    """Indices of at most REPRESENTATIVE_WINDOWS of so many windows, evenly over all of them."""
    count = min(windows, REPRESENTATIVE_WINDOWS)
    return np.linspace(0, windows - 1, count).astype(np.int64)


def with_settings(model: bytes, settings: ModelSettings) -> bytes:
    """The .tflite with ``settings`` in its metadata, the front end scaled to its input."""
    graph = parse(model)
    quantization = graph.tensor(graph.inputs[0]).quantized
    front_end = settings.front_end.quantized(float(quantization.scale), quantization.zero_point)
    return add_metadata(model, METADATA_NAME, replace(settings, front_end=front_end).to_bytes())


def add_metadata(model: bytes, name: str, content: bytes) -> bytes:
    """The .tflite with one more metadata entry, through TensorFlow's own schema."""
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(model), 0))
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(content, np.uint8)
    tree.buffers.append(buffer)
    metadata = schema.MetadataT()
    metadata.name = name
    metadata.buffer = len(tree.buffers) - 1
    tree.metadata = [*(tree.metadata or []), metadata]
    builder = flatbuffers.Builder(len(model) + len(content) + 1024)
    builder.Finish(tree.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _check(graph: Graph) -> None:
    unwanted = sorted({op.name for op in graph.operators} - OPERATORS)
    if unwanted:
        raise TrainingError(
            f"the converted model uses {', '.join(unwanted)}, which the boards do not run; "
            "choose another architecture"
        )
    for index in (*graph.inputs, *graph.outputs):
        tensor = graph.tensor(index)
        if tensor.dtype != DType.INT8:
            raise TrainingError(
                f"the converted model's '{tensor.name}' is {tensor.dtype.name}, not INT8"
            )
