"""What the whole image of a node takes: model, front end, link, records and start-up."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyml.boards import Board
from tinyml.build import Image, build_node
from tinyml.compiler import DEFAULTS, Options, compile_model
from tinyml.graph import Graph


@dataclass(frozen=True)
class NodeCost:
    """Memory of a node's image; exact but for the stack, which is what is set aside for it."""

    flash_bytes: int
    data_bss_bytes: int  # with the arena, the samples and the records that wait in RAM
    stack_bytes: int

    @classmethod
    def of(cls, image: Image) -> NodeCost:
        """Of an image that was built."""
        return cls(image.flash_bytes, image.data_bss_bytes, image.board.node.stack_bytes)

    @property
    def ram_bytes(self) -> int:
        """All that the node occupies."""
        return self.data_bss_bytes + self.stack_bytes

    def to_dict(self) -> dict[str, Any]:
        """As `tinyml bench --json` prints it beside the model's figures."""
        return {
            "node_flash_bytes": self.flash_bytes,
            "node_data_bss_bytes": self.data_bss_bytes,
            "node_stack_bytes": self.stack_bytes,
            "node_ram_bytes": self.ram_bytes,
        }


def measure_node(graph: Graph, board: Board, options: Options = DEFAULTS) -> NodeCost:
    """Build the node with a model; ModelTooLargeError where the board's memory does not suffice."""
    model = compile_model(graph, core=board.core, options=options)
    with tempfile.TemporaryDirectory(prefix="tinyml-node-") as place:
        return NodeCost.of(build_node(model, board, Path(place)))
