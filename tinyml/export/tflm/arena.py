"""The arena that TFLite Micro needs for a model, computed without running it.

The arena is used from both ends: what lasts grows down from its end, what is planned or temporary
lies at its start. Three moments can be the tightest, and all are computed in the order of TFLite
Micro's own allocations:

1. preparing an operator: what lasts so far, the list of scratch requests, temporary tensors;
2. planning: all that lasts before it, that list, and the planner's own working arrays;
3. running: the plan, and all that lasts.

Source: TFLite Micro at 90b983c: micro_allocator.cc, micro_allocation_info.cc,
micro_interpreter.cc, single_arena_buffer_allocator.cc.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tinyml.errors import ExportError
from tinyml.export.tflm.operators import options_bytes, tflm_of
from tinyml.export.tflm.planner import Planned, planned_bytes
from tinyml.export.tflm.requests import Kernels, Requests, requests_of
from tinyml.graph import Graph, Operator, Tensor

__all__ = ["ALIGNMENT", "Abi", "Kernels", "arena_bytes"]

ALIGNMENT: Final = 16  # MicroArenaBufferAlignment
_OFFLINE_PLAN: Final = "OfflineMemoryAllocation"
_REQUESTS_AN_OPERATOR: Final = 12  # kMaxScratchBuffersPerOp
_PLANNER_BYTES_A_BUFFER: Final = 40
_UNUSED: Final = -1  # kUninitializedLifetime


@dataclass(frozen=True)
class _Sizes:
    """Sizes of TFLite Micro's structures, in bytes."""

    pointer: int
    enum: int
    allocator: int  # SingleArenaBufferAllocator
    planner: int  # GreedyMemoryPlanner
    micro_allocator: int
    eval_tensor: int
    node: int  # NodeAndRegistration
    tensor: int  # TfLiteTensor
    affine: int  # TfLiteAffineQuantization
    request: int  # ScratchBufferRequest
    allocation: int  # AllocationInfo


class Abi(Enum):
    """How a compiler lays structures out; WHOLE where TF_LITE_STATIC_MEMORY does not shrink them,
    as in Arduino's and Zephyr's packages."""

    ARM = _Sizes(4, 1, 36, 44, 36, 12, 32, 32, 12, 12, 24)  # bare-metal ARM: short enums
    ARM_WHOLE = _Sizes(4, 1, 36, 44, 36, 12, 44, 64, 12, 12, 24)
    POINTERS_32 = _Sizes(4, 4, 36, 44, 36, 12, 32, 40, 12, 12, 24)
    POINTERS_32_WHOLE = _Sizes(4, 4, 36, 44, 36, 12, 44, 64, 12, 12, 24)
    POINTERS_64 = _Sizes(8, 4, 72, 72, 72, 24, 64, 64, 24, 16, 32)
    POINTERS_64_WHOLE = _Sizes(8, 4, 72, 72, 72, 24, 88, 112, 24, 16, 32)


def _up(value: int, alignment: int) -> int:
    return (value + alignment - 1) // alignment * alignment


class _Tail:
    """What lasts: bytes taken from the arena's end."""

    def __init__(self) -> None:
        self.bytes = 0

    def take(self, size: int, alignment: int = ALIGNMENT) -> None:
        """A persistent buffer."""
        self.bytes = _up(self.bytes + size, alignment)


def arena_bytes(graph: Graph, kernels: Kernels, abi: Abi = Abi.ARM) -> int:
    """The smallest arena, in bytes, a multiple of ALIGNMENT, that is not too small.

    Args:
        graph: the model.
        kernels: what TFLite Micro is built with.
        abi: of the compiler.

    Raises ExportError where the model plans its memory itself or has an operator that is not known.
    """
    if _OFFLINE_PLAN in graph.metadata:
        raise ExportError(
            f"{graph.name} contains an offline memory plan, for which the arena cannot be "
            "computed; convert it without that plan"
        )
    return _Allocation(graph, kernels, abi.value).arena_bytes()


class _Allocation:
    """MicroInterpreter::AllocateTensors, counting instead of allocating."""

    def __init__(self, graph: Graph, kernels: Kernels, sizes: _Sizes) -> None:
        self.graph = graph
        self.kernels = kernels
        self.sizes = sizes
        self.tail = _Tail()
        self.needed = 0  # the most that any moment took
        self.scratch: list[tuple[int, int]] = []  # operator's index, bytes

    def arena_bytes(self) -> int:
        """The most that any moment takes."""
        self._start()
        for op in self.graph.operators:
            self._initialise(op)
        for op in self.graph.operators:
            self._prepare(op)
        plan = self._plan()
        self._keep_inputs_and_outputs()
        self.needed = max(self.needed, plan + self.tail.bytes)
        return _up(self.needed, ALIGNMENT)

    def _start(self) -> None:
        sizes, tail = self.sizes, self.tail
        for size in (sizes.allocator, sizes.planner, sizes.micro_allocator):
            tail.take(size, sizes.pointer)
        tail.take(2 * sizes.pointer, sizes.pointer)  # MicroBuiltinDataAllocator
        tail.take(2 * sizes.pointer, sizes.pointer)  # SubgraphAllocations
        tail.take(sizes.eval_tensor * len(self.graph.tensors), sizes.pointer)
        tail.take(sizes.node * len(self.graph.operators), sizes.pointer)
        for op in self.graph.operators:
            options = options_bytes(op, sizes.enum)
            if options:
                tail.take(options, 1 if options % 4 else 4)

    def _initialise(self, op: Operator) -> None:
        memory = tflm_of(op)
        data = memory.data_32 if self.sizes.pointer == 4 else memory.data_64
        if self.kernels.is_cmsis_nn and memory.data_cmsis_nn:
            data = memory.data_cmsis_nn
        if data:
            self.tail.take(data)

    def _prepare(self, op: Operator) -> None:
        found: Requests = requests_of(self.graph, op, self.kernels)
        head = self._requests_head()
        for size in found.persistent:
            self.tail.take(size)
        self.scratch += [(op.index, size) for size in found.scratch if size > 0]
        looked_at = [*op.inputs, *op.outputs]
        twice = tflm_of(op).read_twice
        if twice:
            looked_at += [*op.inputs[:twice], *op.outputs]
        temporary = sum(self._temporary(self.graph.tensor(i)) for i in looked_at if i >= 0)
        self.needed = max(self.needed, head + temporary + self.tail.bytes)

    def _requests_head(self) -> int:
        return self.sizes.request * (len(self.scratch) + _REQUESTS_AN_OPERATOR)

    def _temporary(self, tensor: Tensor) -> int:
        size = self.sizes.tensor
        if tensor.quantization is not None:
            size += self.sizes.affine + 4 + 4 * len(tensor.quantization.scales)
        return _up(size, self.sizes.pointer)

    def _plan(self) -> int:
        """Bytes of the plan; what planning itself takes is counted."""
        sizes = self.sizes
        self.tail.take(sizes.pointer * len(self.scratch), sizes.pointer)
        for tensor in self.graph.tensors:
            if tensor.is_variable:
                self.tail.take(tensor.bytes)
        buffers = self._buffers()
        head = _up(self._requests_head(), sizes.pointer) + sizes.pointer
        head += sizes.allocation * (len(self.graph.tensors) + len(self.scratch))
        working = _PLANNER_BYTES_A_BUFFER * len(buffers)
        below = _up(self.tail.bytes, ALIGNMENT)
        self.needed = max(self.needed, _up(head, ALIGNMENT) + working + below)
        return planned_bytes(buffers)

    def _buffers(self) -> list[Planned]:
        """Tensors in their order, then scratch: AllocationInfoBuilder."""
        last_step = len(self.graph.operators)
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for index in self.graph.inputs:
            first.setdefault(index, 0)
            last[index] = 0
        for op in self.graph.operators:
            step = op.index + 1
            for index in op.outputs:
                first.setdefault(index, step)
            for index in (*op.inputs, *op.outputs):
                last[index] = step
        for index in self.graph.outputs:
            first.setdefault(index, last_step)
            last[index] = last_step
        buffers = [
            Planned(
                _up(tensor.bytes, ALIGNMENT),
                first.get(tensor.index, _UNUSED),
                last.get(tensor.index, _UNUSED),
            )
            for tensor in self.graph.tensors
            if tensor.data is None and not tensor.is_variable and tensor.bytes > 0
        ]
        return buffers + [
            Planned(_up(size, ALIGNMENT), index + 1, index + 1) for index, size in self.scratch
        ]

    def _keep_inputs_and_outputs(self) -> None:
        for indices in (self.graph.inputs, self.graph.outputs):
            self.tail.take(self.sizes.pointer * len(indices))
            for index in indices:
                affine = self.graph.tensor(index).quantization
                self.tail.take(self.sizes.tensor, self.sizes.pointer)
                if affine is not None:
                    self.tail.take(self.sizes.affine, self.sizes.pointer)
                    self.tail.take(4 + 4 * len(affine.scales), 4)
