"""What lowering makes of a graph: a list of kernel calls over buffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tinyml.compiler.c_values import Struct
from tinyml.compiler.rows import Run, Visit
from tinyml.graph.ir import Array, DType


@dataclass(frozen=True)
class Buffer:
    """A piece of the arena that lives for a while."""

    index: int
    bytes: int
    first: int  # step that writes it; -1 for an input of the graph
    last: int  # last step that reads it; the number of steps for an output of the graph
    role: str  # what the memory map shows: a tensor's name, or "scratch of ..."
    # Of rows in a run, which lives from the run's first step to its last: the steps in which it
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
class Bands:
    """How a call works on a band: some consecutive rows of an image.

    In ``fields``, what changes from band to band: fields of the parameters as C names them, by the
    expressions of ``band``, a tml_band_t, that they take.
    """

    fields: Mapping[str, str]
    call: Callable[[int], Call]  # the call for bands of at most so many rows of the output


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
    bands: Bands | None = None  # None where it works on whole images only


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
class PlacedRun:
    """Consecutive steps that are executed band by band."""

    first: int  # step
    run: Run
    sources: tuple[int, ...]  # buffers of the run's sources

    @property
    def last(self) -> int:
        """Its last step."""
        return self.first + len(self.run.steps) - 1


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
    runs: tuple[PlacedRun, ...] = ()  # in their order; steps that belong to none run by themselves

    def run_of(self, step: int) -> PlacedRun | None:
        """The run that a step belongs to."""
        return next((run for run in self.runs if run.first <= step <= run.last), None)

    @property
    def execution(self) -> tuple[tuple[int, Visit | None], ...]:
        """Steps in the order of an inference: once each, or in a run once a band."""
        order: list[tuple[int, Visit | None]] = []
        for step in self.steps:
            run = self.run_of(step.index)
            if run is None:
                order.append((step.index, None))
            elif step.index == run.first:
                order += [(run.first + v.step, v) for v in run.run.schedule.visits]
        return tuple(order)
