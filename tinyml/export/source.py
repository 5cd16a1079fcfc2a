"""What every export begins with: the model, checked, compiled, and with a known answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tinyml.compiler import DEFAULTS, CompiledModel, Options, compile_model
from tinyml.graph import Graph, Oracle
from tinyml.graph.ir import Array
from tinyml.graph.samples import random_inputs
from tinyml.model import ModelSettings

_SEED: Final = 0


@dataclass(frozen=True)
class SelfTest:
    """One inference and its right answer; both are all tensors one after another."""

    inputs: bytes
    outputs: bytes


@dataclass(frozen=True)
class Measured:
    """What a run on a board has shown; see `tinyml bench`."""

    board: str
    instructions: int
    stack_bytes: int
    flash_model_bytes: int
    flash_code_bytes: int


@dataclass(frozen=True)
class Source:
    """A model to be exported.

    What is compiled or computed of it raises as :func:`tinyml.compiler.compile_model` and
    :class:`tinyml.graph.Oracle`.
    """

    graph: Graph
    data: bytes  # the .tflite that the graph was read from
    name: str  # an identifier in C
    core: str = "portable"  # see tinyml.boards.core
    measured: Measured | None = None
    options: Options = DEFAULTS

    @cached_property
    def settings(self) -> ModelSettings | None:
        """Labels, front end and the like, where it was trained by tinyml."""
        return ModelSettings.of(self.graph.metadata)

    @cached_property
    def compiled(self) -> CompiledModel:
        """The model as our own engine runs it."""
        return compile_model(self.graph, core=self.core, name=self.name, options=self.options)

    @cached_property
    def self_test(self) -> SelfTest:
        """Random inputs, always the same, and what the oracle makes of them."""
        inputs = random_inputs(self.graph, 1, _SEED)
        outputs = Oracle(self.graph).run(inputs)
        return SelfTest(_one_after_another(inputs), _one_after_another(outputs))


def _one_after_another(arrays: Sequence[Array]) -> bytes:
    return b"".join(array.tobytes() for array in arrays)
