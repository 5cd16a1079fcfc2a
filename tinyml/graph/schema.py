"""The TFLite schema, as far as this engine reads it: facts from schema.fbs, version 3.

Source: tensorflow/compiler/mlir/lite/schema/schema.fbs of TensorFlow 2.21.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

FILE_IDENTIFIER: Final = b"TFL3"

# BuiltinOperator: the name's place in this list is its code.
OPERATOR_NAMES: Final = """
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1
RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM
CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND
SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM
CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE
SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK
REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR
LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS
WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG
REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL
CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL
BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD
UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR
RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY
STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE
STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL
STABLEHLO_REDUCE STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL
STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER
STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH
STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE
STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL
STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE
DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT
STABLEHLO_CBRT STABLEHLO_CASE
""".split()  # noqa: SIM905 - two hundred quoted names would be harder to check

CUSTOM_OPERATOR: Final = OPERATOR_NAMES.index("CUSTOM")


class Padding(IntEnum):
    """How a window meets the border."""

    SAME = 0
    VALID = 1


class Activation(IntEnum):
    """ActivationFunctionType: what an operator does to its own output."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3
    TANH = 4
    SIGN_BIT = 5


# Slots of the tables, for the reader.
class ModelSlot(IntEnum):
    """table Model."""

    VERSION = 0
    OPERATOR_CODES = 1
    SUBGRAPHS = 2
    DESCRIPTION = 3
    BUFFERS = 4
    METADATA = 6


class OperatorCodeSlot(IntEnum):
    """table OperatorCode."""

    DEPRECATED_BUILTIN_CODE = 0
    CUSTOM_CODE = 1
    VERSION = 2
    BUILTIN_CODE = 3


class SubGraphSlot(IntEnum):
    """table SubGraph."""

    TENSORS = 0
    INPUTS = 1
    OUTPUTS = 2
    OPERATORS = 3
    NAME = 4


class TensorSlot(IntEnum):
    """table Tensor."""

    SHAPE = 0
    TYPE = 1
    BUFFER = 2
    NAME = 3
    QUANTIZATION = 4
    IS_VARIABLE = 5
    SPARSITY = 6
    SHAPE_SIGNATURE = 7


class QuantizationSlot(IntEnum):
    """table QuantizationParameters."""

    SCALE = 2
    ZERO_POINT = 3
    QUANTIZED_DIMENSION = 6


class OperatorSlot(IntEnum):
    """table Operator."""

    OPCODE_INDEX = 0
    INPUTS = 1
    OUTPUTS = 2
    BUILTIN_OPTIONS = 4  # slot 3 is the union's type
    CUSTOM_OPTIONS = 5
    INTERMEDIATES = 8


class BufferSlot(IntEnum):
    """table Buffer."""

    DATA = 0
    OFFSET = 1
    SIZE = 2


class MetadataSlot(IntEnum):
    """table Metadata."""

    NAME = 0
    BUFFER = 1


# The most inputs an operator takes, where that is not one; optional ones counted.
# Source: the NumInputs checks and tensor numbers of TFLite Micro's kernels.
_INPUTS: Final = {
    2: """
    ADD SUB MUL DIV MAXIMUM MINIMUM SQUARED_DIFFERENCE PRELU EQUAL NOT_EQUAL LESS LESS_EQUAL
    GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR BATCH_MATMUL MEAN SUM REDUCE_MAX REDUCE_MIN
    ARG_MAX ARG_MIN PAD MIRROR_PAD TRANSPOSE TILE BROADCAST_TO RESHAPE EXPAND_DIMS GATHER
    RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR SPLIT
    """,
    3: """
    CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED SELECT_V2 SLICE PADV2 SPLIT_V SPACE_TO_BATCH_ND
    BATCH_TO_SPACE_ND
    """,
    4: "STRIDED_SLICE TRANSPOSE_CONV",
    5: "SVDF",
    24: "UNIDIRECTIONAL_SEQUENCE_LSTM",
    2**31 - 1: "CONCATENATION PACK",
}
MOST_INPUTS: Final = {name: most for most, names in _INPUTS.items() for name in names.split()}

# Options a BuiltinOptions table holds, by operator: (field, type, default) in slot order. Types are
# `struct` formats, "[i" is a vector of int32 and "s" a string; None is a slot that is not read.
Field = tuple[str, str, int | float | bool] | None

_PADDING: Final = ("padding", "b", 0)
_STRIDES: Final = (("stride_w", "i", 0), ("stride_h", "i", 0))
_ACTIVATION: Final = ("activation", "b", 0)
_DILATION: Final = (("dilation_w", "i", 1), ("dilation_h", "i", 1))
_POOL: Final[tuple[Field, ...]] = (
    _PADDING, *_STRIDES, ("filter_w", "i", 0), ("filter_h", "i", 0), _ACTIVATION,
)  # fmt: skip
_REDUCER: Final[tuple[Field, ...]] = (("keep_dims", "?", False),)

OPTIONS: Final[dict[str, tuple[Field, ...]]] = {
    "CONV_2D": (_PADDING, *_STRIDES, _ACTIVATION, *_DILATION),
    "DEPTHWISE_CONV_2D": (
        _PADDING, *_STRIDES, ("depth_multiplier", "i", 0), _ACTIVATION, *_DILATION,
    ),
    "TRANSPOSE_CONV": (_PADDING, *_STRIDES, _ACTIVATION),
    "AVERAGE_POOL_2D": _POOL,
    "MAX_POOL_2D": _POOL,
    "FULLY_CONNECTED": (_ACTIVATION, ("weights_format", "b", 0), ("keep_num_dims", "?", False)),
    "BATCH_MATMUL": (("adj_x", "?", False), ("adj_y", "?", False)),
    "SOFTMAX": (("beta", "f", 0.0),),
    "MEAN": _REDUCER,
    "SUM": _REDUCER,
    "REDUCE_MAX": _REDUCER,
    "REDUCE_MIN": _REDUCER,
    "ADD": (_ACTIVATION, ("pot_scale_int16", "?", True)),
    "SUB": (_ACTIVATION, ("pot_scale_int16", "?", True)),
    "MUL": (_ACTIVATION,),
    "DIV": (_ACTIVATION,),
    "L2_NORMALIZATION": (_ACTIVATION,),
    "RESHAPE": (("new_shape", "[i", 0),),
    "SQUEEZE": (("squeeze_dims", "[i", 0),),
    "CONCATENATION": (("axis", "i", 0), _ACTIVATION),
    "SPLIT": (("num_splits", "i", 0),),
    "SPLIT_V": (("num_splits", "i", 0),),
    "PACK": (("values_count", "i", 0), ("axis", "i", 0)),
    "UNPACK": (("num", "i", 0), ("axis", "i", 0)),
    "GATHER": (("axis", "i", 0), ("batch_dims", "i", 0)),
    "STRIDED_SLICE": (
        ("begin_mask", "i", 0), ("end_mask", "i", 0), ("ellipsis_mask", "i", 0),
        ("new_axis_mask", "i", 0), ("shrink_axis_mask", "i", 0), ("offset", "?", False),
    ),
    "MIRROR_PAD": (("mode", "b", 0),),
    "LEAKY_RELU": (("alpha", "f", 0.0),),
    "GELU": (("approximate", "?", False),),
    "RESIZE_BILINEAR": (
        None, None, ("align_corners", "?", False), ("half_pixel_centers", "?", False),
    ),
    "RESIZE_NEAREST_NEIGHBOR": (
        ("align_corners", "?", False), ("half_pixel_centers", "?", False),
    ),
    "SPACE_TO_DEPTH": (("block_size", "i", 0),),
    "DEPTH_TO_SPACE": (("block_size", "i", 0),),
    "ARG_MAX": (("output_type", "b", 0),),
    "ARG_MIN": (("output_type", "b", 0),),
    "CAST": (("in_type", "b", 0), ("out_type", "b", 0)),
    "SHAPE": (("out_type", "b", 0),),
    "SVDF": (("rank", "i", 0), _ACTIVATION),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (
        _ACTIVATION, ("cell_clip", "f", 0.0), ("proj_clip", "f", 0.0), ("time_major", "?", False),
    ),
    "VAR_HANDLE": (("container", "s", 0), ("shared_name", "s", 0)),
    "CALL_ONCE": (("init_subgraph", "i", 0),),
}  # fmt: skip
