"""A model on an emulated board, driven from outside: nothing in the image but the model.

The bench application stops at ``tml_bench_ready`` before an inference and at ``tml_bench_done``
after it; inputs, guards and the stack's paint are written and read through the debugger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.bench.stopped import StoppedBoard
from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.compiler import DEFAULTS, CompiledModel, Options, compile_model
from tinyml.compiler.rows import Visit
from tinyml.emulator.counting import Counts
from tinyml.errors import VerificationError
from tinyml.graph import Graph
from tinyml.graph.ir import Array

GUARD_BYTES: Final = 64
_GUARD: Final = bytes([0xA5]) * GUARD_BYTES
_PAINT: Final = 0xC7
# Far more than any model needs: painting all of a board's RAM would take long.
_PAINTED_BYTES: Final = 64 * 1024
_TIMEOUT_SECONDS: Final = 600.0


class BenchSession(StoppedBoard):
    """Builds the bench application and holds an emulated board stopped before an inference.

    Args:
        graph: the model.
        board: an emulated board.
        place: where to build; a temporary folder where absent.
        options: as :func:`tinyml.compiler.compile_model` takes them.

    Raises what compiling, building and starting raise.
    """

    def __init__(
        self,
        graph: Graph,
        board: Board,
        place: Path | None = None,
        *,
        options: Options = DEFAULTS,
    ) -> None:
        super().__init__(board, graph.name, _TIMEOUT_SECONDS)
        place = place or self._place
        self.graph = graph
        self.model: CompiledModel = compile_model(graph, core=board.core, options=options)
        self._load(build_node(self.model, board, place, "bench"))
        self._memory = self.image.symbols["tml_bench_memory"].address

    def infer(self, sample: Sequence[Array]) -> list[Array]:
        """Outputs of one sample, both in full shapes; guards are checked.

        Raises VerificationError where the model wrote beyond its arena.
        """
        self._write_inputs(sample)
        self._until(self._done)
        outputs = [self.tensor(index) for index in self.graph.outputs]
        self._check_guards()
        self._until(self._ready)
        return outputs

    def reset_state(self) -> None:
        """Set what the model keeps between inferences to its first values."""
        for index, kept in self.model.program.variables.items():
            address = self.image.symbols["tml_bench_state"].address + kept.offset
            initial = np.ascontiguousarray(self.graph.tensor(index).initial_elements)
            self._emulator.gdb.write(address, initial.tobytes())

    def steps(self, sample: Sequence[Array]) -> Iterator[tuple[int, Visit | None, Counts]]:
        """Segment one sample step by step.

        Yields, after each step of the program, its index, the strip of rows that it has made where
        it works on strips, and the counters so far; until the next one is asked for, what the step
        has written can be read. The first item has the index -1 and the counters at the
        inference's start.
        """
        self._write_inputs(sample)
        gdb = self._emulator.gdb
        starts = {
            step.index: self.image.symbols[self.model.symbol(step.index)].address
            for step in self.model.program.steps
        }
        end = self._code_end
        for address in starts.values():
            gdb.add_breakpoint(address)
        try:
            yield -1, None, self.counters.snapshot(end)
            before: tuple[int, Visit | None] | None = None
            for step, visit in self.model.program.execution:
                self._until(starts[step])
                if before is not None:
                    yield *before, self.counters.snapshot(end)
                before = (step, visit)
            self._until(self._done)
            if before is not None:
                yield *before, self.counters.snapshot(end)
        finally:
            for address in starts.values():
                gdb.remove_breakpoint(address)
        self._until(self._ready)

    def count(self, sample: Sequence[Array]) -> Counts:
        """Executions of each instruction in one inference of this sample."""
        self._write_inputs(sample)
        before = self.counters.snapshot(self._code_end)
        self._until(self._done)
        counts = self.counters.snapshot(self._code_end) - before
        self._until(self._ready)
        # The frame around the inference is not part of it.
        for name in ("main", "tml_bench_ready", "tml_bench_done"):
            symbol = self.image.symbols[name]
            first = (symbol.address - self.counters.code.origin) // 2
            counts[first : first + (symbol.bytes + 1) // 2] = 0
        return counts

    def stack_bytes(self, sample: Sequence[Array]) -> int:
        """The stack's high-water mark in one inference, from its very top."""
        gdb = self._emulator.gdb
        top = self.image.symbols["tml_stack_top"].address
        pointer = gdb.register(gdb.registers.stack_pointer)
        limit = max(self.image.symbols["tml_stack_limit"].address, pointer - _PAINTED_BYTES)
        gdb.write(limit, bytes([_PAINT]) * (pointer - limit))
        self._write_inputs(sample)
        self._until(self._done)
        left = gdb.read(limit, pointer - limit)
        self._until(self._ready)
        untouched = len(left) - len(left.lstrip(bytes([_PAINT])))
        return top - (limit + untouched)

    def tensor(self, index: int) -> Array:
        """A tensor of the graph as it lies in the arena now, without channels that are gone."""
        tensor = self.model.optimized.graph.tensor(index)
        address = self._memory + GUARD_BYTES + self.model.tensor_offset(index)
        data = self._emulator.gdb.read(address, tensor.bytes)
        return np.frombuffer(data, tensor.dtype.numpy).reshape(tensor.shape)

    def strip(self, index: int, step: int, visit: Visit) -> Array:
        """The rows of a tensor that a step has just made: [1, rows, ...]."""
        tensor = self.model.optimized.graph.tensor(index)
        place = self.model.program.steps[step].outputs[0].place
        assert isinstance(place, int)
        row = tensor.bytes // tensor.shape[1]
        offset = self.model.plan.offsets[place] + visit.held * row
        address = self._memory + GUARD_BYTES + offset
        data = self._emulator.gdb.read(address, (visit.end - visit.first) * row)
        shape = (1, visit.end - visit.first, *tensor.shape[2:])
        return np.frombuffer(data, tensor.dtype.numpy).reshape(shape)

    def _write_inputs(self, sample: Sequence[Array]) -> None:
        gdb = self._emulator.gdb
        gdb.write(self._memory, _GUARD)
        gdb.write(self._memory + GUARD_BYTES + self._arena_bytes, _GUARD)
        for index, values in zip(self.graph.inputs, sample, strict=True):
            address = self._memory + GUARD_BYTES + self.model.tensor_offset(index)
            gdb.write(address, np.ascontiguousarray(values).tobytes())

    @property
    def _arena_bytes(self) -> int:
        return self.model.arena_bytes

    def _check_guards(self) -> None:
        gdb = self._emulator.gdb
        before = gdb.read(self._memory, GUARD_BYTES)
        after = gdb.read(self._memory + GUARD_BYTES + self._arena_bytes, GUARD_BYTES)
        if (before, after) != (_GUARD, _GUARD):
            raise VerificationError(
                f"{self.graph.name} wrote outside its arena of {self._arena_bytes} bytes on "
                f"{self.board.name}; this is a bug in tinyml, please report it with the model"
            )
