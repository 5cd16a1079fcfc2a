"""What lowering makes of a graph: a list of kernel calls over buffers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyml.compiler.c_values import Struct
from tinyml.graph.ir import Array, DType


@dataclass(frozen=True)
class Buffer:
    """A piece of the arena that lives for a while."""

    index: int
    bytes: int
    first: int  # step that writes it; -1 for an input of the graph
    last: int  # last step that reads it; the number of steps for an output of the graph
    role: str  # what the memory map shows: a tensor's name, or "scratch of ..."


@dataclass(frozen=True, eq=False)
class Constant:
    """An operand that lies in flash."""

    data: Array


@dataclass(frozen=True)
class Kept:
    """An operand that lies in the state: a variable."""

    offset: int  # in bytes from the state's start


@dataclass(frozen=True)
class Call:
    """One call of a kernel, as an operator's lowering describes it.

    ``function(&params, inputs..., outputs..., updates..., scratch)``: pointers of the elements'
    types; scratch only where ``scratch_bytes`` is not 0.
    """

    function: str
    source: str  # file under firmware/kernels/ that defines it; its header has the same stem
    params: Struct
    inputs: tuple[int, ...] = (0,)  # which of the operator's inputs are passed
    outputs: tuple[int, ...] = (0,)
    updates: tuple[int, ...] = ()  # which of the variables that it updates are passed
    scratch_bytes: int = 0
    # Input -> distance d: output 0 may overlap this input, where the input is not needed later, as
    # long as it starts at least d bytes before it.
    overlaps: Mapping[int, int] = field(default_factory=dict)
    # Inputs of output 0's size whose very place it may take, as above, but nothing in between.
    in_place: tuple[int, ...] = ()


@dataclass(frozen=True)
class Operand:
    """Where a kernel's argument lies, and its element type."""

    place: int | Constant | Kept  # a buffer's index, or flash, or the state
    dtype: DType
    elements: int


@dataclass(frozen=True)
class Step:
    """A call with its operands."""

    index: int
    operator: int  # of the graph
    op: str  # the operator's name
    call: Call
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    updates: tuple[Operand, ...]
    scratch: int | None  # buffer
    macs: int
    tensors: tuple[int, ...]  # of the graph, which are complete after this step


@dataclass(frozen=True)
class Program:
    """Steps in execution order, and the buffers that they work on."""

    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]
    tensor_buffers: Mapping[int, int]  # tensor of the graph -> buffer, where it lies in the arena
    # (input buffer, output buffer) -> distance, see Call.overlaps.
    overlaps: Mapping[tuple[int, int], int]
    # (input buffer, output buffer) that may be the same place, see Call.in_place.
    in_place: frozenset[tuple[int, int]] = frozenset()
    variables: Mapping[int, Kept] = field(default_factory=dict)  # tensor of the graph -> its place
    state_bytes: int = 0
