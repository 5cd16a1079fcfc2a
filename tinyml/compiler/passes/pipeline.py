"""All passes in their order, the verifier after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tinyml.compiler.passes.arg_max import skip_softmax
from tinyml.compiler.passes.clamps import fuse_clamps
from tinyml.compiler.passes.constant_channels import remove_constant_channels
from tinyml.compiler.passes.constants import fold_constants
from tinyml.compiler.passes.dead_code import remove_dead_code
from tinyml.compiler.passes.dead_weights import zero_dead_weights
from tinyml.compiler.passes.no_ops import remove_no_ops
from tinyml.compiler.passes.pads import fold_pads
from tinyml.compiler.passes.rewriting import Kept, Rewritten
from tinyml.compiler.passes.verifier import BrokenGraphError, verify_graph
from tinyml.graph.ir import Array, Graph
from tinyml.graph.ops import prepare

Pass = Callable[[Graph], Rewritten]

# By what `tinyml compile` calls them. Constants first, for they show what is a copy.
PASSES: Final[dict[str, Pass]] = {
    "constants": fold_constants,
    "no-ops": remove_no_ops,
    "pads": fold_pads,
    "clamps": fuse_clamps,
    "softmax": skip_softmax,
    "constant channels": remove_constant_channels,
    "dead weights": zero_dead_weights,
    "dead code": remove_dead_code,
}


@dataclass(frozen=True)
class Optimized:
    """A graph after all passes; its tensors keep their numbers."""

    graph: Graph
    did: dict[str, str] = field(default_factory=dict)  # pass -> what it did, where it did something
    kept: Kept = field(default_factory=dict)

    def of(self, tensor: int, elements: Array) -> Array:
        """What is left of a tensor of the given graph that is still computed."""
        return elements if tensor not in self.kept else elements[..., self.kept[tensor]]


def optimize(graph: Graph, channels_together: int = 1) -> Optimized:
    """Run every pass, and the verifier after each.

    Args:
        graph: as it was read.
        channels_together: of what a tensor that loses channels keeps a multiple.

    Raises UnsupportedModelError where the given graph has an operator that is not supported, also
    where nobody reads what it makes; BrokenGraphError where a pass has a bug.
    """
    for op in graph.operators:
        prepare(graph, op)
    given, did = graph, {}
    kept: Kept = {}
    for name, run in PASSES.items():
        if run is remove_constant_channels:
            found = remove_constant_channels(graph, channels_together)
        else:
            found = run(graph)
        if not found.did:
            continue
        try:
            verify_graph(found.graph, given)
        except BrokenGraphError as error:
            raise BrokenGraphError(f"after the pass '{name}': {error}") from error
        graph, kept = found.graph, found.kept or kept
        did[name] = found.did
    return Optimized(graph, did, kept)
