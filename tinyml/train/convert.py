"""From a trained Keras model to a full-integer .tflite that carries its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import TrainingError
from tinyml.graph import DType, Graph, parse
from tinyml.model import METADATA_NAME, ModelSettings
from tinyml.train.tensorflow import quiet

# What every target runs; anything else means that an architecture needs mending.
OPERATORS: Final = frozenset({
    "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "AVERAGE_POOL_2D", "MAX_POOL_2D", "MEAN",
    "ADD", "SUB", "SQUARED_DIFFERENCE", "CONCATENATION", "REDUCE_MAX", "RESHAPE", "SOFTMAX",
    "LOGISTIC", "QUANTIZE", "DEQUANTIZE",
})  # fmt: skip
REPRESENTATIVE_WINDOWS: Final = 10_000  # rare peaks must be among them, or the output is clipped


def convert(
    tensorflow: Any,
    network: Any,
    representative: npt.NDArray[np.float32],
    name: str,
    quantization: str = "int8",
) -> bytes:
    """The int8 .tflite of ``network``, calibrated on ``representative`` ``[n, *input shape]``.

    With the ``quantization`` "int16x8" activations have 16 bits; the input keeps 8.
    Raises TrainingError where the result is not quantised throughout or has an unwanted operator.
    """
    operators = tensorflow.lite.OpsSet
    wide = quantization == "int16x8"
    with quiet():
        converter = _converter(tensorflow, network)
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([row[np.newaxis]] for row in representative)
        converter.target_spec.supported_ops = [
            operators.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            if wide
            else operators.TFLITE_BUILTINS_INT8
        ]
        element = tensorflow.int16 if wide else tensorflow.int8
        converter.inference_input_type = element
        converter.inference_output_type = element
        converted: bytes = converter.convert()
    if wide:
        converted = with_int8_input(converted)
    _check(parse(converted, name), DType.INT16 if wide else DType.INT8)
    return converted


def convert_float(tensorflow: Any, network: Any) -> bytes:
    """The .tflite of ``network`` as it is, to compare with."""
    with quiet():
        converted: bytes = _converter(tensorflow, network).convert()
    return converted


def _converter(tensorflow: Any, network: Any) -> Any:
    import keras

    # A batch of 1 that is known beforehand: otherwise SHAPE and PACK appear around each reshape.
    inputs = keras.Input(batch_shape=(1, *network.inputs[0].shape[1:]))
    return tensorflow.lite.TFLiteConverter.from_keras_model(
        keras.Model(inputs, network(inputs, training=False))
    )


def with_int8_input(model: bytes) -> bytes:
    """A 16-bit .tflite that takes int8: a QUANTIZE before its first operator widens the input.

    Front ends give int8, 256 steps of the 16-bit input each.
    """
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(model), 0))
    graph = tree.subgraphs[0]
    wide = graph.inputs[0]
    narrow = schema.TensorT()
    narrow.name, narrow.shape = b"input_int8", graph.tensors[wide].shape
    narrow.type = schema.TensorType.INT8
    tree.buffers.append(schema.BufferT())
    narrow.buffer = len(tree.buffers) - 1
    narrow.quantization = schema.QuantizationParametersT()
    narrow.quantization.scale = [256 * float(graph.tensors[wide].quantization.scale[0])]
    narrow.quantization.zeroPoint = [0]
    graph.tensors.append(narrow)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.QUANTIZE
    code.version = 1
    tree.operatorCodes.append(code)
    widen = schema.OperatorT()
    widen.opcodeIndex = len(tree.operatorCodes) - 1
    widen.inputs, widen.outputs = [len(graph.tensors) - 1], [wide]
    graph.operators.insert(0, widen)
    graph.inputs = [len(graph.tensors) - 1]
    for signature in tree.signatureDefs or []:
        signature.inputs[0].tensorIndex = graph.inputs[0]
    builder = flatbuffers.Builder(len(model) + 1024)
    builder.Finish(tree.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


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


def _check(graph: Graph, output: DType) -> None:
    unwanted = sorted({op.name for op in graph.operators} - OPERATORS)
    if unwanted:
        raise TrainingError(
            f"the converted model uses {', '.join(unwanted)}, which boards cannot run; "
            "choose another architecture"
        )
    for index, wanted in ((graph.inputs[0], DType.INT8), (graph.outputs[0], output)):
        tensor = graph.tensor(index)
        if tensor.dtype != wanted:
            raise TrainingError(
                f"the converted model's '{tensor.name}' is {tensor.dtype.name}, not {wanted.name}"
            )
