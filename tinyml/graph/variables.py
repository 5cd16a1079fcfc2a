"""Variables: what a model keeps from one inference to the next.

A .tflite has them in two forms: tensors that are marked as variables (the state of an LSTM), and
resources that are opened by VAR_HANDLE, set once by a graph that CALL_ONCE names, and read and
assigned by name. Here both become variable tensors, which operators read as inputs and write as
``updates``; handles and CALL_ONCE disappear.

Source: TFLite Micro's micro_resource_variable.cc, call_once.cc, read_variable.cc,
assign_variable.cc.
"""

from __future__ import annotations

from dataclasses import replace

from tinyml.errors import InvalidModelError, UnsupportedModelError
from tinyml.graph.ir import Array, DType, Operator, Tensor
from tinyml.graph.ops import facts_of

SubGraph = tuple[tuple[Tensor, ...], tuple[Operator, ...]]
_Key = tuple[str, str]  # container and name


def resolve_variables(main: SubGraph, initialisers: list[SubGraph]) -> SubGraph:
    """The main graph's tensors and operators, with variables instead of handles.

    Args:
        main: the graph that is run.
        initialisers: graphs that run once before it.

    Raises InvalidModelError where a variable changes its type or shape, UnsupportedModelError where
    a variable's first value is computed rather than constant.
    """
    initial: dict[_Key, Array] = {}
    for graph in initialisers:
        initial.update(_initial_values(graph))
    return _Resolver(main, initial).resolved()


def _handles(operators: tuple[Operator, ...]) -> dict[int, _Key]:
    """Tensor -> which variable it opens."""
    return {
        op.outputs[0]: (str(op.options["container"]), str(op.options["shared_name"]))
        for op in operators
        if op.name == "VAR_HANDLE" and op.outputs
    }


def _initial_values(graph: SubGraph) -> dict[_Key, Array]:
    tensors, operators = graph
    handles = _handles(operators)
    values: dict[_Key, Array] = {}
    for op in operators:
        if op.name == "VAR_HANDLE":
            continue
        if op.name != "ASSIGN_VARIABLE":
            raise UnsupportedModelError(
                f"the graph that sets the variables uses {op.name}; initialise them with constants"
            )
        handle, value = _operands(op, 2)
        data = tensors[value].data
        if data is None:
            raise UnsupportedModelError(
                "the first value of a variable is not a constant; initialise it with a constant"
            )
        values[_key(handles, op, handle)] = data
    return values


def _operands(op: Operator, count: int) -> tuple[int, ...]:
    if len(op.inputs) != count or min(op.inputs) < 0:
        raise InvalidModelError(f"the file is damaged: {op.where} needs {count} inputs")
    return op.inputs


def _key(handles: dict[int, _Key], op: Operator, handle: int) -> _Key:
    if handle not in handles:
        raise UnsupportedModelError(f"{op.where} does not name its variable with VAR_HANDLE")
    return handles[handle]


class _Resolver:
    def __init__(self, main: SubGraph, initial: dict[_Key, Array]) -> None:
        self.tensors = list(main[0])
        self.operators = main[1]
        self.initial = initial
        self.handles = _handles(main[1])
        self.variables: dict[_Key, int] = {}  # -> the tensor that stands for it

    def resolved(self) -> SubGraph:
        kept = (op for op in self.operators if op.name not in ("VAR_HANDLE", "CALL_ONCE"))
        operators = tuple(self._operator(op) for op in kept)
        return tuple(self.tensors), operators

    def _operator(self, op: Operator) -> Operator:
        if op.name == "READ_VARIABLE":
            return self._read(op)
        if op.name == "ASSIGN_VARIABLE":
            return self._assign(op)
        used = (index for index in op.inputs if index >= 0)
        variables = tuple(index for index in used if self.tensors[index].is_variable)
        if variables and not facts_of(op.name).keeps_state:
            raise UnsupportedModelError(f"{op.where} reads a variable without READ_VARIABLE")
        return replace(op, updates=variables)

    def _read(self, op: Operator) -> Operator:
        (handle,) = _operands(op, 1)
        if len(op.outputs) != 1:
            raise InvalidModelError(f"the file is damaged: {op.where} needs one output")
        return replace(op, inputs=(self._variable(op, handle, op.outputs[0]),))

    def _assign(self, op: Operator) -> Operator:
        handle, value = _operands(op, 2)
        return replace(op, inputs=(value,), updates=(self._variable(op, handle, value),))

    def _variable(self, op: Operator, handle: int, value: int) -> int:
        """The tensor of a variable that holds the like of the tensor ``value``."""
        key = _key(self.handles, op, handle)
        like = self.tensors[value]
        if key not in self.variables:
            self.variables[key] = len(self.tensors)
            self.tensors.append(self._new(key, like))
        variable = self.tensors[self.variables[key]]
        if (variable.shape, variable.dtype) != (like.shape, like.dtype):
            raise InvalidModelError(
                f"{op.where}: variable '{variable.name}' is {variable.dtype.name.lower()} "
                f"{list(variable.shape)} here and {like.dtype.name.lower()} {list(like.shape)} "
                "there; convert the model again"
            )
        return variable.index

    def _new(self, key: _Key, like: Tensor) -> Tensor:
        initial = self.initial.get(key)
        if initial is not None and (initial.shape, initial.dtype) != (like.shape, like.dtype.numpy):
            raise InvalidModelError(
                f"variable '{key[1]}' is set to {initial.dtype} {list(initial.shape)}, but used as "
                f"{like.dtype.name.lower()} {list(like.shape)}; convert the model again"
            )
        if like.dtype is DType.RESOURCE:
            raise InvalidModelError(f"variable '{key[1]}' contains a handle, not elements")
        return replace(
            like,
            index=len(self.tensors),
            name=key[1] or f"variable_{len(self.variables)}",
            data=None,
            is_variable=True,
            initial=initial,
        )
