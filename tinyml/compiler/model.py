"""A compiled model: its cost, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tinyml import boards
from tinyml.compiler.calls import lower_graph
from tinyml.compiler.emit import ModelWriter
from tinyml.compiler.emit_strips import step_symbol
from tinyml.compiler.kernel_files import firmware_files
from tinyml.compiler.memory import Plan
from tinyml.compiler.options import DEFAULTS, Options
from tinyml.compiler.passes import Optimized, optimize
from tinyml.compiler.planner import schedule
from tinyml.compiler.program import Constant, Program
from tinyml.compiler.sharing import with_shared_kernels
from tinyml.compiler.trades import channels_together, with_trades
from tinyml.errors import ModelError
from tinyml.files import write_folder
from tinyml.graph import Graph
from tinyml.model import ModelSettings


@dataclass(frozen=True)
class CompiledModel:
    """What :func:`compile_model` makes."""

    graph: Graph
    name: str  # an identifier in C
    core: str
    optimized: Optimized  # what runs: the graph after all passes
    program: Program
    plan: Plan
    files: Mapping[str, str]  # text by path in the model's folder

    @property
    def arena_bytes(self) -> int:
        """RAM for inputs, outputs, intermediates and scratch: exact."""
        return self.plan.arena_bytes

    @property
    def state_bytes(self) -> int:
        """RAM that is kept from one inference to the next: exact."""
        return self.program.state_bytes

    @property
    def macs(self) -> int:
        """Multiply-accumulates of an inference."""
        return sum(step.macs for step in self.program.steps)

    @property
    def constant_bytes(self) -> int:
        """Flash for weights, tables and operands; parameters and code come on top."""
        tables = {
            id(table): table.nbytes
            for step in self.program.steps
            for table in step.call.params.tables()
        }
        operands = (
            operand.place.data.nbytes
            for step in self.program.steps
            for operand in step.inputs
            if isinstance(operand.place, Constant)
        )
        return sum(tables.values()) + sum(operands)

    def symbol(self, step: int) -> str:
        """The name of a step's function in an image."""
        return step_symbol(self.name, step)

    def tensor_offset(self, tensor: int) -> int:
        """Where a tensor of the graph lies in the arena, in bytes."""
        return self.plan.offsets[self.program.tensor_buffers[tensor]]

    def write(self, target: Path) -> Path:
        """Write a folder that compiles by itself; it is made if it is missing.

        It holds ``<name>.c`` and ``<name>.h``, the kernels and the front end that the model needs,
        the public headers, and three lists of these: ``model_select.h`` for an application
        (``TML_MODEL`` is the model's name), ``model.json`` for :mod:`tinyml.build` and
        ``model.cmake`` for projects that CMake builds (``TML_MODEL_NAME``, ``TML_MODEL_SOURCES``,
        ``TML_MODEL_INCLUDES``).

        Returns ``target``. A file that is already there with the same text is not touched.
        """
        write_folder(target, self.files)
        return target


def compile_model(
    graph: Graph, *, core: str, name: str | None = None, options: Options = DEFAULTS
) -> CompiledModel:
    """Compile a graph for a core.

    Args:
        graph: as :func:`tinyml.graph.load` gives it.
        core: a core's name, as in ``tinyml.boards``.
        name: how the model is called in C; made from the graph's name where absent.
        options: what to trade for what.

    Raises UnsupportedModelError where an operator is not supported, BoardError where there is no
    such core.
    """
    identifier = identifier_of(name) if name else identifier_of(graph.name, "model")
    target = boards.core(core)
    optimized = optimize(graph, channels_together(target, options))
    lowered = with_trades(lower_graph(optimized.graph, target), target, options)
    lowered = with_shared_kernels(lowered, target, options)
    found = schedule(lowered, target, options.strip_cost)
    program, plan = found.program, found.plan
    writer = ModelWriter(graph, identifier, program, plan, ModelSettings.of(graph.metadata))
    files = writer.files()
    files.update(firmware_files(writer.firmware_sources()))
    return CompiledModel(graph, identifier, core, optimized, program, plan, files)


def identifier_of(name: str, fallback: str = "") -> str:
    """``name`` as an identifier in C.

    Where nothing of it can be used it is ``fallback`` or, without one, ModelError.
    """
    identifier = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower() or fallback
    if not identifier:
        raise ModelError(f"'{name}' cannot be a name in C; give a name that contains letters")
    return identifier if identifier[0].isalpha() else f"model_{identifier}"
