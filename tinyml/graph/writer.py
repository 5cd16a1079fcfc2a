"""Writing a graph as a .tflite; :mod:`tinyml.graph.reader` reads the same graph back.

Options that no kernel here reads are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from tinyml.errors import ToolMissingError
from tinyml.graph import schema
from tinyml.graph.ir import DType, Graph, Operator, Tensor
from tinyml.graph.ops import facts_of
from tinyml.install import package_command

_EMPTY_BUFFER: Final = 0
_ALIGNMENT: Final = 16  # of constants, as schema.fbs wants it
_CUSTOM: Final = (
    "CUSTOM:"  # with which the reader begins the name of an operator outside the schema
)
# Methods of the builder for each `struct` format of an option.
_PREPEND: Final = {
    "b": "PrependInt8Slot",
    "i": "PrependInt32Slot",
    "I": "PrependUint32Slot",
    "f": "PrependFloat32Slot",
    "?": "PrependBoolSlot",
}
Fill = Callable[[], None]


def write(graph: Graph) -> bytes:
    """The file that is read back as ``graph``; variables become resources or variable tensors.

    Raises ToolMissingError where the package flatbuffers is not installed.
    """
    return _Writer(graph).model()


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = _builder()
        self.codes: list[tuple[str, int]] = []  # name and version
        self.buffers: list[bytes] = [b""]
        read = {i for op in graph.operators if op.name == "READ_VARIABLE" for i in op.inputs}
        assigned = {i for op in graph.operators if op.name == "ASSIGN_VARIABLE" for i in op.updates}
        self.resources = sorted(read | assigned)

    def model(self) -> bytes:
        """The whole file."""
        tensors, operators = list(self.graph.tensors), list(self.graph.operators)
        graphs = []
        first_values = [i for i in self.resources if tensors[i].initial is not None]
        handles = [_handle_operator(number, index) for number, index in enumerate(self.resources)]
        once = [Operator(0, "CALL_ONCE", 1, (), (), {"init_subgraph": 1})] if first_values else []
        for index in self.resources:
            operators = [_through_handle(op, index) for op in operators]
        main = [_as_handle(t) if t.index in self.resources else t for t in tensors]
        graphs.append(
            self._subgraph(
                main, [*once, *handles, *operators], self.graph.inputs, self.graph.outputs
            )
        )
        if first_values:
            graphs.append(self._initialiser(first_values))
        subgraphs = self._offsets(graphs)
        codes = self._offsets([self._code(*code) for code in self.codes])
        metadata = self._offsets([self._metadata(*entry) for entry in self.graph.metadata.items()])
        buffers = self._offsets([self._buffer(data) for data in self.buffers])
        b = self.builder
        root = self._table(
            7,
            lambda: b.PrependUint32Slot(schema.ModelSlot.VERSION, 3, 0),
            self._offset(schema.ModelSlot.OPERATOR_CODES, codes),
            self._offset(schema.ModelSlot.SUBGRAPHS, subgraphs),
            self._offset(schema.ModelSlot.BUFFERS, buffers),
            self._offset(schema.ModelSlot.METADATA, metadata),
        )
        b.Finish(root, file_identifier=schema.FILE_IDENTIFIER)
        return bytes(b.Output())

    def _initialiser(self, indices: Sequence[int]) -> int:
        """The graph that sets variables before the first inference."""
        tensors: list[Tensor] = []
        operators: list[Operator] = []
        for index in indices:
            variable = self.graph.tensor(index)
            handle, value = len(tensors), len(tensors) + 1
            tensors.append(_as_handle(variable))
            tensors.append(
                Tensor(value, "value", variable.shape, variable.dtype, None, variable.initial)
            )
            operators.append(_handle_operator(handle, handle, shared_name=f"variable_{index}"))
            operators.append(Operator(value, "ASSIGN_VARIABLE", 1, (handle, value), ()))
        return self._subgraph(tensors, operators, (), ())

    def _subgraph(
        self,
        tensors: Sequence[Tensor],
        operators: Sequence[Operator],
        inputs: Sequence[int],
        outputs: Sequence[int],
    ) -> int:
        slot = schema.SubGraphSlot
        return self._table(
            5,
            self._offset(slot.TENSORS, self._offsets([self._tensor(t) for t in tensors])),
            self._offset(slot.INPUTS, self._numbers(inputs, np.int32)),
            self._offset(slot.OUTPUTS, self._numbers(outputs, np.int32)),
            self._offset(slot.OPERATORS, self._offsets([self._operator(op) for op in operators])),
        )

    def _tensor(self, tensor: Tensor) -> int:
        b, slot = self.builder, schema.TensorSlot
        name, shape = b.CreateString(tensor.name), self._numbers(tensor.shape, np.int32)
        buffer = _EMPTY_BUFFER
        if tensor.data is not None:
            buffer = len(self.buffers)
            self.buffers.append(_elements(tensor))
        quantization = self._quantization(tensor)
        fills = [
            self._offset(slot.SHAPE, shape),
            lambda: b.PrependInt8Slot(slot.TYPE, int(tensor.dtype), 0),
            lambda: b.PrependUint32Slot(slot.BUFFER, buffer, 0),
            self._offset(slot.NAME, name),
            lambda: b.PrependBoolSlot(slot.IS_VARIABLE, tensor.is_variable, False),
        ]
        if quantization is not None:
            fills.append(self._offset(slot.QUANTIZATION, quantization))
        return self._table(8, *fills)

    def _quantization(self, tensor: Tensor) -> int | None:
        if tensor.quantization is None:
            return None
        b, slot, found = self.builder, schema.QuantizationSlot, tensor.quantization
        scales = self._numbers(found.scales, np.float32)
        zero_points = self._numbers(found.zero_points, np.int64)
        return self._table(
            7,
            self._offset(slot.SCALE, scales),
            self._offset(slot.ZERO_POINT, zero_points),
            lambda: b.PrependInt32Slot(slot.QUANTIZED_DIMENSION, found.axis, 0),
        )

    def _operator(self, op: Operator) -> int:
        if (op.name, op.version) not in self.codes:
            self.codes.append((op.name, op.version))
        b, slot = self.builder, schema.OperatorSlot
        inputs, outputs = (self._numbers(indices, np.int32) for indices in (op.inputs, op.outputs))
        intermediates = self._numbers(op.intermediates, np.int32)
        code, kind = self.codes.index((op.name, op.version)), schema.options_type(op.name)
        return self._table(
            9,
            lambda: b.PrependUint32Slot(slot.OPCODE_INDEX, code, 0),
            self._offset(slot.INPUTS, inputs),
            self._offset(slot.OUTPUTS, outputs),
            lambda: b.PrependUint8Slot(slot.BUILTIN_OPTIONS_TYPE, kind, 0),
            self._offset(slot.BUILTIN_OPTIONS, self._options(op)),
            self._offset(slot.INTERMEDIATES, intermediates),
        )

    def _options(self, op: Operator) -> int:
        fills: list[Fill] = []
        fields = facts_of(op.name).options
        for slot, field in enumerate(fields):
            if field is None or field[0] not in op.options:
                continue
            name, form, default = field
            value: Any = op.options[name]
            if form == "[i":
                fills.append(self._offset(slot, self._numbers(value, np.int32)))
            elif form == "s":
                fills.append(self._offset(slot, self.builder.CreateString(value)))
            else:
                fills.append(self._scalar(slot, form, value, default))
        return self._table(len(fields), *fills)

    def _scalar(self, slot: int, form: str, value: Any, default: Any) -> Fill:
        return lambda: getattr(self.builder, _PREPEND[form])(slot, value, default)

    def _code(self, name: str, version: int) -> int:
        b, slot, code = self.builder, schema.OperatorCodeSlot, schema.CUSTOM_OPERATOR
        custom = b.CreateString(name.removeprefix(_CUSTOM)) if name.startswith(_CUSTOM) else 0
        if not custom:
            code = schema.OPERATOR_NAMES.index(name)
        return self._table(
            4,
            self._offset(slot.CUSTOM_CODE, custom),
            lambda: b.PrependInt8Slot(slot.DEPRECATED_BUILTIN_CODE, min(code, 127), 0),
            lambda: b.PrependInt32Slot(slot.VERSION, version, 1),
            lambda: b.PrependInt32Slot(slot.BUILTIN_CODE, code, 0),
        )

    def _metadata(self, name: str, content: bytes) -> int:
        b, slot, text = self.builder, schema.MetadataSlot, self.builder.CreateString(name)
        self.buffers.append(content)
        number = len(self.buffers) - 1
        return self._table(
            2,
            self._offset(slot.NAME, text),
            lambda: b.PrependUint32Slot(slot.BUFFER, number, 0),
        )

    def _buffer(self, data: bytes) -> int:
        b = self.builder
        b.StartVector(1, len(data), _ALIGNMENT)
        b.head -= len(data)
        b.Bytes[b.head : b.head + len(data)] = data
        vector = b.EndVector()
        return self._table(1, self._offset(schema.BufferSlot.DATA, vector))

    def _numbers(self, values: Any, dtype: Any) -> int:
        return int(self.builder.CreateNumpyVector(np.asarray(values, dtype)))

    def _offsets(self, offsets: Sequence[int]) -> int:
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return int(self.builder.EndVector())

    def _offset(self, slot: int, offset: int) -> Fill:
        return lambda: self.builder.PrependUOffsetTRelativeSlot(slot, offset, 0)

    def _table(self, slots: int, *fills: Fill) -> int:
        self.builder.StartObject(slots)
        for fill in fills:
            fill()
        return int(self.builder.EndObject())


def _builder() -> Any:
    try:
        import flatbuffers  # noqa: PLC0415 - reading goes without it
    except ImportError as error:
        command = package_command("flatbuffers")
        raise ToolMissingError(
            f"writing a .tflite needs flatbuffers; to install it, type: {command}"
        ) from error
    return flatbuffers.Builder(4096)


def _handle_operator(number: int, index: int, shared_name: str | None = None) -> Operator:
    name = shared_name or f"variable_{index}"
    options = {"container": "", "shared_name": name}
    return Operator(number, "VAR_HANDLE", 1, (), (index,), options)


def _as_handle(variable: Tensor) -> Tensor:
    return Tensor(variable.index, variable.name, (1,), DType.RESOURCE, None, None)


def _through_handle(op: Operator, index: int) -> Operator:
    """ASSIGN_VARIABLE with its handle among the inputs, as a file has it."""
    if op.name != "ASSIGN_VARIABLE" or op.updates != (index,):
        return op
    return Operator(op.index, op.name, op.version, (index, *op.inputs), ())


def _elements(tensor: Tensor) -> bytes:
    assert tensor.data is not None
    if tensor.dtype is not DType.INT4:
        return np.ascontiguousarray(tensor.data, tensor.dtype.numpy.newbyteorder("<")).tobytes()
    halves = np.asarray(tensor.data).reshape(-1) & 15
    padded = np.append(halves, np.zeros(len(halves) % 2, np.int8)).astype(np.uint8)
    packed: bytes = (padded[0::2] | padded[1::2] << 4).tobytes()
    return packed
