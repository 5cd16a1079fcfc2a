"""What lowering makes of a graph: a list of kernel calls over buffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tinyml.compiler.c_values import Struct
from tinyml.compiler.rows import Segment, Visit
from tinyml.graph.ir import Array, DType


@dataclass(frozen=True)
class Buffer:
    """A piece of the arena that lives for a while."""

    index: int
    bytes: int
    first: int  # step that writes it; -1 for an input of the graph
    last: int  # last step that reads it; the number of steps for an output of the graph
    role: str  # what the memory map shows: a tensor's name, or "scratch of ..."
    # Of rows in a segment, which live from its first step to its last: the steps in which it
    # has all its bytes, and how many are kept in the others.
    busy: tuple[int, int] | None = None
    kept_bytes: int = 0

    @property
    def lives(self) -> tuple[tuple[int, int, int], ...]:
        """First step, last step, and the bytes that are needed between."""
        if self.busy is None:
            return ((self.first, self.last, self.bytes),)
        begin, end = self.busy
        parts = [(self.first, begin - 1, self.kept_bytes), (begin, end, self.bytes),
                 (end + 1, self.last, self.kept_bytes)]  # fmt: skip
        return tuple(part for part in parts if part[0] <= part[1] and part[2] > 0)


@dataclass(frozen=True, eq=False)
class Constant:
    """An operand that lies in flash."""

    data: Array


@dataclass(frozen=True)
class Kept:
    """An operand that lies in the state: a variable."""

    offset: int  # in bytes from the state's start


@dataclass(frozen=True)
class Strips:
    """How a call works on a strip: some consecutive rows of an image.

    ``fields`` has what changes from strip to strip: fields of the parameters as C names them, by
    the expressions of ``strip``, a tml_strip_t, that they take.
    """

    fields: Mapping[str, str]
    call: Callable[[int], Call]  # the call for strips of at most so many rows of the output


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
    strips: Strips | None = None  # None where it works on whole images only


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
    operator: int  # its index in the .tflite; -1 for a copy into an output
    op: str  # the operator's name
    call: Call
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    updates: tuple[Operand, ...]
    scratch: int | None  # buffer
    macs: int
    tensors: tuple[int, ...]  # of the graph, which are complete after this step


@dataclass(frozen=True)
class PlacedSegment:
    """Consecutive steps that are executed strip by strip."""

    first: int  # step
    segment: Segment
    sources: tuple[int, ...]  # buffers of the segment's sources

    @property
    def last(self) -> int:
        """Its last step."""
        return self.first + len(self.segment.steps) - 1


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
    segments: tuple[
        PlacedSegment, ...
    ] = ()  # in their order; steps that belong to none stand alone

    def segment_of(self, step: int) -> PlacedSegment | None:
        """The segment that a step belongs to."""
        return next(
            (segment for segment in self.segments if segment.first <= step <= segment.last), None
        )

    @property
    def execution(self) -> tuple[tuple[int, Visit | None], ...]:
        """Steps in the order of an inference: once each, or in a segment once a strip."""
        order: list[tuple[int, Visit | None]] = []
        for step in self.steps:
            segment = self.segment_of(step.index)
            if segment is None:
                order.append((step.index, None))
            elif step.index == segment.first:
                order += [(segment.first + v.step, v) for v in segment.segment.schedule.visits]
        return tuple(order)
