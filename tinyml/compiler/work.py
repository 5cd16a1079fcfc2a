"""What lowering makes of a graph: operators that have to run, each with the call that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tinyml.compiler.lower.sums_by_rows import SumsByRows
from tinyml.compiler.program import Call, Kept
from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops import Prepared


@dataclass(frozen=True)
class Work:
    """A call on tensors of the graph."""

    op: Operator | None  # None for a copy into an output of the graph
    prepared: Prepared | SumsByRows | None
    call: Call
    inputs: tuple[int, ...]  # tensors
    outputs: tuple[int, ...]
    updates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Lowered:
    """All work in its order, and where the elements of tensors are found."""

    graph: Graph
    work: tuple[Work, ...]
    constants: Mapping[int, Array]
    alias: Mapping[int, int]  # tensor -> the tensor whose elements it shares
    variables: Mapping[int, Kept]
    state_bytes: int

    @cached_property
    def constant_bytes(self) -> int:
        """Weights and tables of all calls."""
        tables = {id(table): table.nbytes for w in self.work for table in w.call.params.tables()}
        return sum(tables.values())

    def root(self, tensor: int) -> int:
        """The tensor whose place in the arena this one has."""
        return self.alias.get(tensor, tensor)

    def in_arena(self, tensor: int) -> bool:
        """Whether a tensor's elements are neither constant nor kept between inferences."""
        return tensor not in self.constants and tensor not in self.variables

    @cached_property
    def lives(self) -> dict[int, tuple[int, int]]:
        """First and last piece of work of every tensor that lies in the arena, by its root.

        -1 for an input of the graph; the number of pieces for an output.
        """
        lives: dict[int, tuple[int, int]] = dict.fromkeys(self.graph.inputs, (-1, -1))
        for index, work in enumerate(self.work):
            for tensor in work.inputs:
                root = self.root(tensor)
                if root in lives:
                    lives[root] = (lives[root][0], index)
            for tensor in work.outputs:
                # Several calls may write one tensor, each its part.
                lives[tensor] = (lives.get(tensor, (index, index))[0], index)
        for tensor in self.graph.outputs:
            root = self.root(tensor)
            lives[root] = (lives[root][0], len(self.work))
        return lives
