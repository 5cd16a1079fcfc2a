"""From the bytes of a .tflite to a :class:`~tinyml.graph.ir.Graph`, checked.

Beyond this module a graph is trusted: indices are in range, shapes are static and positive,
constants have the size of their shape, every tensor is written before it is read.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.errors import InvalidModelError, UnsupportedModelError
from tinyml.graph import schema
from tinyml.graph.flatbuffer import Buffer, Table
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator, Option, Quantization, Tensor
from tinyml.graph.ops import facts_of
from tinyml.graph.variables import SubGraph, resolve_variables

MAX_RANK: Final = 6
# No microcontroller here has more memory than this, and a lie about a shape must not cost the
# host's memory either.
MAX_TENSOR_BYTES: Final = 16 * 1024 * 1024
MAX_FILE_BYTES: Final = 256 * 1024 * 1024


def load(path: Path | str) -> Graph:
    """Read and check a .tflite.

    Raises InvalidModelError where it is not a TFLite file or damaged, UnsupportedModelError where
    it is one that this engine cannot represent.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidModelError(
                f"{path}: it is larger than {MAX_FILE_BYTES} bytes, too large for a model of tinyml"
            )
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise InvalidModelError(f"{path}: it is a folder; give the .tflite in it") from error
    except OSError as error:
        raise InvalidModelError(f"{path}: it cannot be read ({error.strerror})") from error
    try:
        return parse(data, name=path.stem)
    except InvalidModelError as error:
        raise InvalidModelError(f"{path}: {error}") from error
    except UnsupportedModelError as error:
        raise UnsupportedModelError(f"{path}: {error}") from error


def parse(data: bytes, name: str = "model") -> Graph:
    """Check the bytes of a .tflite; as :func:`load`."""
    if len(data) < 16 or data[4:8] != schema.FILE_IDENTIFIER:
        raise InvalidModelError(
            "it is not a TFLite file (it lacks the identifier TFL3); give a .tflite file "
            "as the converter wrote it"
        )
    model = Buffer(data).root()
    version = model.integer(schema.ModelSlot.VERSION, "I")
    if version != 3:
        raise InvalidModelError(
            f"it has TFLite schema version {version}, but only version 3 is known"
        )
    subgraphs = model.tables(schema.ModelSlot.SUBGRAPHS)
    if len(subgraphs) == 0:
        raise InvalidModelError("the file contains no graph; convert the model again")
    buffers = _Buffers(model, data)
    codes = [_operator_code(table) for table in model.tables(schema.ModelSlot.OPERATOR_CODES)]
    graph = subgraphs[0]
    main = _subgraph(graph, codes, buffers)
    once = _run_once(main)
    if set(range(len(subgraphs))) != {0, *once}:
        raise UnsupportedModelError(
            f"the file contains {len(subgraphs)} graphs; models with control flow are not supported"
        )
    tensors, operators = resolve_variables(
        main, [_subgraph(subgraphs[index], codes, buffers) for index in once]
    )
    inputs = _indices(graph.integers(schema.SubGraphSlot.INPUTS), len(tensors), "graph inputs")
    outputs = _indices(graph.integers(schema.SubGraphSlot.OUTPUTS), len(tensors), "graph outputs")
    if not inputs or not outputs:
        raise InvalidModelError("the graph has no inputs or no outputs; convert the model again")
    _check_order(tensors, operators, inputs, outputs)
    return Graph(
        name=name,
        tensors=tensors,
        operators=operators,
        inputs=inputs,
        outputs=outputs,
        metadata=_metadata(model, buffers),
        sha256=hashlib.sha256(data).hexdigest(),
        file_bytes=len(data),
    )


def _subgraph(table: Table, codes: list[tuple[str, int]], buffers: _Buffers) -> SubGraph:
    tensors = tuple(
        _tensor(index, entry, buffers)
        for index, entry in enumerate(table.tables(schema.SubGraphSlot.TENSORS))
    )
    operators = tuple(
        _operator(index, entry, codes, len(tensors))
        for index, entry in enumerate(table.tables(schema.SubGraphSlot.OPERATORS))
    )
    return tensors, operators


def _run_once(main: SubGraph) -> list[int]:
    """The graphs that run before the first inference, to set variables."""
    return [op.integer("init_subgraph") for op in main[1] if op.name == "CALL_ONCE"]


class _Buffers:
    """The file's constant data, by buffer index."""

    def __init__(self, model: Table, data: bytes) -> None:
        self._tables = model.tables(schema.ModelSlot.BUFFERS)
        self._data = data

    def __getitem__(self, index: int) -> bytes:
        if index >= len(self._tables):
            raise InvalidModelError(f"the file is damaged: it refers to buffer {index}")
        table = self._tables[index]
        # Files above 2 GB keep data behind the flatbuffer; converters use it for small ones, too.
        start = table.integer(schema.BufferSlot.OFFSET, "Q")
        size = table.integer(schema.BufferSlot.SIZE, "Q")
        if start > 1:
            if start + size > len(self._data):
                raise InvalidModelError(
                    "the file is truncated: it ends before one of its constants"
                )
            return self._data[start : start + size]
        return table.data(schema.BufferSlot.DATA)


def _metadata(model: Table, buffers: _Buffers) -> dict[str, bytes]:
    return {
        table.text(schema.MetadataSlot.NAME): buffers[
            table.integer(schema.MetadataSlot.BUFFER, "I")
        ]
        for table in model.tables(schema.ModelSlot.METADATA)
    }


def _dtype(code: int, where: str) -> DType:
    try:
        return DType(code)
    except ValueError:
        raise UnsupportedModelError(
            f"{where} has the schema's element type {code}, which is not supported; "
            "convert with int8, int16 or float32"
        ) from None


def _tensor(index: int, table: Table, buffers: _Buffers) -> Tensor:
    name = table.text(schema.TensorSlot.NAME) or f"tensor_{index}"
    where = f"tensor '{name}'"
    shape = table.integers(schema.TensorSlot.SHAPE)
    dtype = _dtype(table.integer(schema.TensorSlot.TYPE, "b"), where)
    if len(shape) > MAX_RANK:
        raise UnsupportedModelError(
            f"{where} has rank {len(shape)}, but at most {MAX_RANK} is supported"
        )
    if any(size < 0 for size in shape):
        raise _not_static(where, shape)
    if math.prod(shape) * dtype.bytes > MAX_TENSOR_BYTES:
        raise UnsupportedModelError(
            f"{where} has the shape {list(shape)}: more than {MAX_TENSOR_BYTES} bytes"
        )
    if table.table(schema.TensorSlot.SPARSITY) is not None:
        raise UnsupportedModelError(
            f"{where} is stored as a sparse tensor; convert without sparsity"
        )
    is_variable = bool(table.scalar(schema.TensorSlot.IS_VARIABLE, "?", False))
    # TFLite Micro resets variables whatever the file holds for them.
    data = b"" if is_variable else buffers[table.integer(schema.TensorSlot.BUFFER, "I")]
    return Tensor(
        index=index,
        name=name,
        shape=shape,
        dtype=dtype,
        quantization=_quantization(
            table.table(schema.TensorSlot.QUANTIZATION), shape, dtype, where
        ),
        data=_constant(data, shape, dtype, where),
        is_variable=is_variable,
    )


def _not_static(where: str, shape: tuple[int, ...]) -> UnsupportedModelError:
    return UnsupportedModelError(
        f"{where} has the shape {list(shape)}, which is not static; convert with a batch of 1"
    )


def _quantization(
    table: Table | None, shape: tuple[int, ...], dtype: DType, where: str
) -> Quantization | None:
    if table is None:
        return None
    scales = table.array(schema.QuantizationSlot.SCALE, np.float32)
    if scales is None or len(scales) == 0:
        return None
    zero_points = table.array(schema.QuantizationSlot.ZERO_POINT, np.int64)
    if zero_points is None or len(zero_points) == 0:
        zero_points = np.zeros(len(scales), np.int64)
    axis = table.integer(schema.QuantizationSlot.QUANTIZED_DIMENSION, "i")
    if len(shape) == 1:
        axis = 0  # of biases some converters name their weights' axis
    if len(scales) > 1 and not (0 <= axis < len(shape) and shape[axis] == len(scales)):
        raise InvalidModelError(
            f"{where}: {len(scales)} scales do not match dimension {axis} of shape {list(shape)}"
        )
    if len(zero_points) == 1:
        zero_points = np.repeat(zero_points, len(scales))
    if len(zero_points) != len(scales):
        raise InvalidModelError(f"{where}: {len(scales)} scales but {len(zero_points)} zero points")
    if not np.all(np.isfinite(scales)) or np.any(scales < 0):
        raise InvalidModelError(f"{where}: a scale is negative or not finite")
    lowest, highest = RANGES.get(dtype, RANGES[DType.INT32])
    if np.any((zero_points < lowest) | (zero_points > highest)):
        raise InvalidModelError(f"{where}: a zero point is not from {lowest} to {highest}")
    return Quantization(scales.astype(np.float32), zero_points.astype(np.int64), axis)


def _constant(data: bytes, shape: tuple[int, ...], dtype: DType, where: str) -> Array | None:
    if not data:
        return None
    elements = math.prod(shape)
    expected = (elements + 1) // 2 if dtype is DType.INT4 else elements * dtype.bytes
    if len(data) != expected:
        raise InvalidModelError(
            f"{where}: {len(data)} bytes of data, but its shape {list(shape)} needs "
            f"{expected} bytes"
        )
    if dtype is DType.INT4:
        return _unpack_int4(data, elements).reshape(shape)
    return np.frombuffer(data, dtype.numpy.newbyteorder("<")).astype(dtype.numpy).reshape(shape)


def _unpack_int4(data: bytes, elements: int) -> Array:
    """Two signed elements a byte, the lower half first, as int8."""
    packed = np.frombuffer(data, np.uint8)
    pairs = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1)[:elements].astype(np.int8)
    return np.where(pairs > 7, pairs - 16, pairs).astype(np.int8)


def _operator_code(table: Table) -> tuple[str, int]:
    # Codes above 127 stand in builtin_code only; older files have only the deprecated field.
    code = max(
        table.integer(schema.OperatorCodeSlot.DEPRECATED_BUILTIN_CODE, "b"),
        table.integer(schema.OperatorCodeSlot.BUILTIN_CODE, "i"),
    )
    if not 0 <= code < len(schema.OPERATOR_NAMES):
        raise UnsupportedModelError(f"the model uses operator code {code}, which is not known")
    name = schema.OPERATOR_NAMES[code]
    if code == schema.CUSTOM_OPERATOR:
        name = f"CUSTOM:{table.text(schema.OperatorCodeSlot.CUSTOM_CODE)}"
    return name, table.integer(schema.OperatorCodeSlot.VERSION, "i", 1)


def _indices(
    indices: tuple[int, ...], tensors: int, where: str, *, optional: bool = False
) -> tuple[int, ...]:
    lowest = -1 if optional else 0
    if any(not lowest <= index < tensors for index in indices):
        raise InvalidModelError(f"the file is damaged: {where} name a tensor that does not exist")
    return indices


def _operator(index: int, table: Table, codes: list[tuple[str, int]], tensors: int) -> Operator:
    code = table.integer(schema.OperatorSlot.OPCODE_INDEX, "I")
    if code >= len(codes):
        raise InvalidModelError(f"the file is damaged: operator {index} has no operator code")
    name, version = codes[code]
    where = f"inputs or outputs of operator {index} ({name})"
    return Operator(
        index=index,
        name=name,
        version=version,
        inputs=_indices(table.integers(schema.OperatorSlot.INPUTS), tensors, where, optional=True),
        outputs=_indices(table.integers(schema.OperatorSlot.OUTPUTS), tensors, where),
        options=_options(name, table.table(schema.OperatorSlot.BUILTIN_OPTIONS)),
        intermediates=_indices(table.integers(schema.OperatorSlot.INTERMEDIATES), tensors, where),
    )


def _options(name: str, table: Table | None) -> dict[str, Option]:
    found: dict[str, Option] = {}
    for slot, entry in enumerate(facts_of(name).options):
        if entry is None:
            continue
        field, form, default = entry
        if form == "[i":
            found[field] = () if table is None else table.integers(slot)
        elif form == "s":
            found[field] = "" if table is None else table.text(slot)
        else:
            found[field] = value = default if table is None else table.scalar(slot, form, default)
            if not math.isfinite(value):
                raise InvalidModelError(f"the file is damaged: option {field} of {name} is {value}")
    return found


def _check_order(
    tensors: tuple[Tensor, ...],
    operators: tuple[Operator, ...],
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
) -> None:
    """Every tensor is written once, before it is read; constants and inputs are not written.

    Only what operators leave aside, such as the intermediates of an LSTM, may be empty.
    """
    used = {i for op in operators for i in (*op.inputs, *op.outputs, *op.updates) if i >= 0}
    for index in used:
        if tensors[index].elements == 0:
            raise _not_static(f"tensor '{tensors[index].name}'", tensors[index].shape)
    for index in inputs:
        if tensors[index].is_variable or tensors[index].data is not None:
            raise InvalidModelError(f"input '{tensors[index].name}' has a value already")
    written = set(inputs) | {t.index for t in tensors if t.data is not None or t.is_variable}
    for op in operators:
        for index in op.inputs:
            if index >= 0 and index not in written:
                raise InvalidModelError(
                    f"{op.where} reads tensor '{tensors[index].name}' before anything wrote it"
                )
        for index in op.outputs:
            if index in written:
                raise InvalidModelError(
                    f"{op.where} writes tensor '{tensors[index].name}', which has a value already"
                )
            written.add(index)
    for index in outputs:
        if index not in written:
            raise InvalidModelError(f"output '{tensors[index].name}' is never computed")
