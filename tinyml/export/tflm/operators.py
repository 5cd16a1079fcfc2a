"""What TFLite Micro keeps for an operator: its resolver's method, and the fixed structures.

Source: TFLite Micro at 90b983c: micro_mutable_op_resolver.h for the methods, builtin_op_data.h and
the kernels' OpData for the sizes, as a compiler gave them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tinyml.errors import ExportError
from tinyml.graph import Graph, Operator, Tensor


class OperatorMemory(NamedTuple):
    """One operator of TFLite Micro; sizes in bytes."""

    method: str  # of MicroMutableOpResolver, without "Add"
    options: int = 0  # parsed options, with enums of 4 bytes
    data_32: int = 0  # OpData where pointers have 4 bytes
    data_64: int = 0
    data_cmsis_nn: int = 0  # OpData of the CMSIS-NN kernel; 0 where there is none


_M = OperatorMemory
OPERATORS: Final = {
    "ABS": _M("Abs", 0, 28, 28),
    "ADD": _M("Add", 8, 60, 60, 60),
    "ARG_MAX": _M("ArgMax", 4),
    "ARG_MIN": _M("ArgMin", 4),
    "AVERAGE_POOL_2D": _M("AveragePool2D", 40, 32, 32, 36),
    "BATCH_MATMUL": _M("BatchMatMul", 4, 16, 32, 36),
    "BATCH_TO_SPACE_ND": _M("BatchToSpaceNd"),
    "BROADCAST_TO": _M("BroadcastTo"),
    "CAST": _M("Cast", 8),
    "CONCATENATION": _M("Concatenation", 8, 24, 40),
    "CONV_2D": _M("Conv2D", 28, 56, 72, 60),
    "DEPTHWISE_CONV_2D": _M("DepthwiseConv2D", 28, 56, 72, 60),
    "DEPTH_TO_SPACE": _M("DepthToSpace", 4),
    "DEQUANTIZE": _M("Dequantize", 0, 32, 32),
    "DIV": _M("Div", 4, 28, 28),
    "ELU": _M("Elu", 0, 256, 256),
    "EQUAL": _M("Equal", 0, 32, 32),
    "EXP": _M("Exp"),
    "EXPAND_DIMS": _M("ExpandDims"),
    "FULLY_CONNECTED": _M("FullyConnected", 16, 48, 64, 72),
    "GATHER": _M("Gather", 8),
    "GREATER": _M("Greater", 0, 32, 32),
    "GREATER_EQUAL": _M("GreaterEqual", 0, 32, 32),
    "HARD_SWISH": _M("HardSwish", 0, 20, 20),
    "L2_NORMALIZATION": _M("L2Normalization", 4, 4, 4),
    "LEAKY_RELU": _M("LeakyRelu", 4, 24, 24),
    "LESS": _M("Less", 0, 32, 32),
    "LESS_EQUAL": _M("LessEqual", 0, 32, 32),
    "LOG": _M("Log"),
    "LOGICAL_AND": _M("LogicalAnd"),
    "LOGICAL_NOT": _M("LogicalNot"),
    "LOGICAL_OR": _M("LogicalOr"),
    "LOGISTIC": _M("Logistic", 0, 16, 16),
    "LOG_SOFTMAX": _M("LogSoftmax", 0, 28, 40),
    "MAXIMUM": _M("Maximum"),
    "MAX_POOL_2D": _M("MaxPool2D", 40, 32, 32, 36),
    "MEAN": _M("Mean", 4, 44, 44),
    "MINIMUM": _M("Minimum"),
    "MIRROR_PAD": _M("MirrorPad", 4, 20, 20),
    "MUL": _M("Mul", 4, 36, 36),
    "NEG": _M("Neg"),
    "NOT_EQUAL": _M("NotEqual", 0, 32, 32),
    "PACK": _M("Pack", 8),
    "PAD": _M("Pad", 0, 56, 56),
    "PADV2": _M("PadV2", 0, 56, 56),
    "PRELU": _M("Prelu", 0, 28, 28),
    "QUANTIZE": _M("Quantize", 0, 32, 32),
    "REDUCE_MAX": _M("ReduceMax", 4, 44, 44),
    "REDUCE_MIN": _M("ReduceMin", 4, 44, 44),
    "RELU": _M("Relu", 0, 28, 28),
    "RELU6": _M("Relu6", 0, 8, 8),
    "RESHAPE": _M("Reshape", 36),
    "RESIZE_BILINEAR": _M("ResizeBilinear", 4),
    "RESIZE_NEAREST_NEIGHBOR": _M("ResizeNearestNeighbor", 4),
    "RSQRT": _M("Rsqrt", 0, 28, 28),
    "SELECT_V2": _M("SelectV2", 0, 4, 4),
    "SHAPE": _M("Shape", 4),
    "SLICE": _M("Slice"),
    "SOFTMAX": _M("Softmax", 4, 56, 80, 64),
    "SPACE_TO_BATCH_ND": _M("SpaceToBatchNd", 0, 4, 4),
    "SPACE_TO_DEPTH": _M("SpaceToDepth", 4),
    "SPLIT": _M("Split", 4),
    "SPLIT_V": _M("SplitV", 4),
    "SQRT": _M("Sqrt"),
    "SQUARED_DIFFERENCE": _M("SquaredDifference", 0, 112, 112),
    "SQUEEZE": _M("Squeeze", 36),
    "STRIDED_SLICE": _M("StridedSlice", 24, 84, 84),
    "SUB": _M("Sub", 8, 52, 52),
    "SUM": _M("Sum", 4, 44, 44),
    "SVDF": _M("Svdf", 12, 36, 36, 40),
    "TANH": _M("Tanh", 0, 16, 16),
    "TRANSPOSE": _M("Transpose"),
    "TRANSPOSE_CONV": _M("TransposeConv", 20, 72, 80, 76),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _M("UnidirectionalSequenceLSTM", 16, 688, 688, 912),
    "UNPACK": _M("Unpack", 8),
}

# Options where enums are as short as they can be, as on bare-metal ARM, if that is less.
_SHORT_OPTIONS: Final = {
    **{"ADD": 2, "ARG_MAX": 1, "ARG_MIN": 1, "BATCH_MATMUL": 3, "CAST": 2, "DIV": 1},
    **{"FULLY_CONNECTED": 5, "L2_NORMALIZATION": 1, "MEAN": 1, "MIRROR_PAD": 1, "MUL": 1},
    **{"REDUCE_MAX": 1, "REDUCE_MIN": 1, "RESIZE_BILINEAR": 2, "RESIZE_NEAREST_NEIGHBOR": 2},
    **{"SHAPE": 1, "SUB": 2, "SUM": 1, "SVDF": 8, "TRANSPOSE_CONV": 16},
}


def options_bytes(op: Operator, enum_bytes: int) -> int:
    """Size of an operator's parsed options."""
    usual = operator_memory(op).options
    return _SHORT_OPTIONS.get(op.name, usual) if enum_bytes == 1 else usual


def operator_memory(op: Operator) -> OperatorMemory:
    """The row of an operator; ExportError where TFLite Micro, or this table, has none."""
    if op.name not in OPERATORS:
        raise ExportError(
            f"{op.where} is not exported for TFLite Micro, which lacks it or keeps it in resources "
            "of its own; replace it in the model, or export for another format"
        )
    return OPERATORS[op.name]


def check_operators(graph: Graph) -> None:
    """Raise ExportError where TFLite Micro would compute something else than the model says."""
    for op in graph.operators:
        if op.name == "RELU6" and _rescales(graph.input_of(op, 0), graph.output_of(op)):
            raise ExportError(
                f"{op.where} changes the scale, which TFLite Micro's kernel forgets: its results "
                "would be wrong; fuse it into the layer before, use RELU, or export for another "
                "format"
            )


def _rescales(given: Tensor, made: Tensor) -> bool:
    if given.quantization is None or made.quantization is None:
        return False
    before, after = given.quantization, made.quantization
    return (before.scale, before.zero_point) != (after.scale, after.zero_point)


def resolver_method(op: Operator) -> str:
    """The method of MicroMutableOpResolver that registers an operator."""
    return f"Add{operator_memory(op).method}"
