"""The C text of a compiled model: tables, one function a step, and the interface to it all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from tinyml.compiler.c_values import (
    C_TYPES,
    Table,
    define_table,
    initializer,
)
from tinyml.compiler.emit_strips import segment_symbol, segment_text, step_symbol, strip_step_text
from tinyml.compiler.interface import Interface
from tinyml.compiler.kernel_files import sources_of
from tinyml.compiler.memory import Plan
from tinyml.compiler.program import Constant, Kept, Operand, Program, Step
from tinyml.graph.ir import Graph
from tinyml.model import ModelSettings

_DATA: Final = "TML_MODEL_DATA"
_TABLE: Final = "TML_MODEL_TABLE"

_SOURCE_HEAD: Final = """
#include "{name}.h"

{includes}

/* Constants stay in flash, under a name by which `tinyml bench` and the linker's map tell them.
 * Position-independent programs relocate pointers and cannot have them in a read-only section. */
#ifdef __PIC__
#define TML_MODEL_DATA
#else
#define TML_MODEL_DATA __attribute__((section(".rodata.tml_model_{name}")))
#endif
/* Where flash has an address space of its own (tml/flash.h), tables stay there, and a step's
 * parameters come to the stack for as long as it takes; all else is copied to RAM at start-up. */
#ifdef __AVR__
#define TML_MODEL_TABLE __attribute__((section(".progmem.data.tml_model_{name}")))
#define TML_MODEL_PARAMS(type) ((const type[]){{params}})
#else
#define TML_MODEL_TABLE TML_MODEL_DATA
#define TML_MODEL_PARAMS(type) (&params)
#endif
/* One function a step, so that each can be measured; called once, so that nothing is lost. */
#define TML_MODEL_STEP static __attribute__((noinline))
"""

# For projects that are built with CMake.
_CMAKE: Final = """\
set(TML_MODEL_NAME {name})
set(TML_MODEL_SOURCES
{sources}
)
set(TML_MODEL_INCLUDES
{includes}
)
"""
# Kernels first: a model may have the name of one of their headers.
_INCLUDES: Final = ("kernels", "include", ".")


def _cmake_list(paths: Iterable[str]) -> str:
    return "\n".join(f"    ${{CMAKE_CURRENT_LIST_DIR}}/{path}" for path in paths)


def _keeps(step: Step) -> bool:
    """Whether a step works on the state."""
    return any(isinstance(operand.place, Kept) for operand in (*step.inputs, *step.updates))


class ModelWriter:
    """Writes one model's files."""

    def __init__(
        self, graph: Graph, name: str, program: Program, plan: Plan, settings: ModelSettings | None
    ) -> None:
        self.graph = graph
        self.name = name
        self.program = program
        self.plan = plan
        self.settings = settings
        self._table_names: dict[int, str] = {}  # by id(table): steps may share one
        offsets = {
            index: plan.offsets[program.tensor_buffers[index]]
            for index in (*graph.inputs, *graph.outputs)
        }
        self.interface = Interface(
            graph, name, settings, offsets, plan.arena_bytes, program.state_bytes
        )

    def files(self) -> dict[str, str]:
        """Text by file name."""
        sources = [f"{self.name}.c", *sources_of(self.firmware_sources())]
        description = {"name": self.name, "sources": sources, "includes": _INCLUDES}
        return {
            f"{self.name}.c": self.interface.head() + self._source(),
            f"{self.name}.h": self.interface.header(),
            "model_select.h": self.interface.select(),
            "model.json": json.dumps(description, indent=2) + "\n",
            "model.cmake": _CMAKE.format(
                name=self.name, sources=_cmake_list(sources), includes=_cmake_list(_INCLUDES)
            ),
        }

    def kernel_sources(self) -> list[str]:
        """The kernel files that this model calls."""
        return sorted({step.call.source for step in self.program.steps})

    def kernel_headers(self) -> list[str]:
        """Theirs, which declare them."""
        return [f"kernels/{PurePosixPath(s).with_suffix('.h')}" for s in self.kernel_sources()]

    def firmware_sources(self) -> list[str]:
        """What the model calls, as paths under firmware/: kernels, and its front end."""
        sources = self.kernel_headers()
        if self.program.segments:
            sources.append("kernels/strips.h")
        if self.settings is not None:
            sources += self.settings.front_end.source_files
        return sources

    def _source(self) -> str:
        # By folder: a model may have the name of a kernel.
        headers = self.kernel_headers()
        if self.program.segments:
            headers.append("kernels/strips.h")
        if self.settings is not None:
            headers.append("tml/features.h")
        includes = "\n".join(
            [*(f'#include "{header}"' for header in headers), "#include <stddef.h>"]
            + (["#include <string.h>"] if self.program.state_bytes else [])
        )
        parts = [_SOURCE_HEAD.format(name=self.name, includes=includes)]
        for step in self.program.steps:
            parts.append(self._step(step))
            segment = self.program.segment_of(step.index)
            if segment is not None and step.index == segment.last:
                parts.append(
                    segment_text(self.name, segment, self.program, self.plan.offsets, _DATA)
                )
        parts.append(self._infer())
        if self.program.state_bytes:
            parts.append(self._reset_state())
        parts.append(self.interface.definition(_DATA))
        return "\n".join(parts)

    def _step(self, step: Step) -> str:
        prefix = f"{self.name}_step_{step.index:03d}"
        lines = []
        call = step.call
        for table in call.params.tables():
            if id(table) not in self._table_names:
                self._table_names[id(table)] = f"{prefix}_{table.role}"
                lines.append(
                    define_table(self._table_names[id(table)], table, _TABLE, "TML_FLASH ")
                )
        if self.program.segment_of(step.index) is not None:
            whole = initializer(call.params, self._table_names)
            scratch = None if step.scratch is None else self.plan.offsets[step.scratch]
            lines.append(strip_step_text(self.name, step, whole, scratch, _TABLE))
            return "\n".join(lines)
        arguments = [f"TML_MODEL_PARAMS({call.params.type})"]
        for position, operand in enumerate(step.inputs):
            if isinstance(operand.place, Constant):
                name = f"{prefix}_input_{position}"
                lines.append(define_table(name, Table(name, operand.place.data), _DATA))
                arguments.append(name)
            else:
                arguments.append(self._pointer(operand, constant=True))
        written = (*step.outputs, *step.updates)
        arguments += [self._pointer(operand, constant=False) for operand in written]
        if step.scratch is not None:
            arguments.append(f"arena + {self.plan.offsets[step.scratch]}")
        params = initializer(call.params, self._table_names)
        parameters = "uint8_t *arena, uint8_t *state" if _keeps(step) else "uint8_t *arena"
        lines += [
            f"TML_MODEL_STEP void {step_symbol(self.name, step.index)}({parameters}) {{",
            f"    static const TML_FLASH {call.params.type} params {_TABLE} = {params};",
            f"    {call.function}({', '.join(arguments)});",
            "}",
            "",
        ]
        return "\n".join(lines)

    def _pointer(self, operand: Operand, *, constant: bool) -> str:
        ctype = C_TYPES[operand.dtype.numpy]
        qualifier = "const " if constant else ""
        if isinstance(operand.place, Kept):
            return f"({qualifier}{ctype} *)(state + {operand.place.offset})"
        assert isinstance(operand.place, int)
        return f"({qualifier}{ctype} *)(arena + {self.plan.offsets[operand.place]})"

    def _infer(self) -> str:
        calls = []
        for step in self.program.steps:
            segment = self.program.segment_of(step.index)
            if segment is None:
                arguments = "arena, state" if _keeps(step) else "arena"
                calls.append(f"    {step_symbol(self.name, step.index)}({arguments});")
            elif step.index == segment.first:
                calls.append(f"    {segment_symbol(self.name, segment)}(arena);")
        return "\n".join(
            [
                f"static void tml_{self.name}_infer(uint8_t *arena, uint8_t *state) {{",
                "    (void)arena;",
                "    (void)state;",
                *calls,
                "}",
                "",
            ]
        )

    def _reset_state(self) -> str:
        tables, lines = [], []
        for index, kept in self.program.variables.items():
            tensor = self.graph.tensor(index)
            initial = np.ascontiguousarray(tensor.initial_elements).reshape(-1)
            values = set(initial.tobytes())
            if len(values) == 1:
                lines.append(f"    memset(state + {kept.offset}, {values.pop()}, {tensor.bytes});")
                continue
            name = f"{self.name}_initial_{index}"
            tables.append(define_table(name, Table(name, initial), _DATA))
            lines.append(f"    memcpy(state + {kept.offset}, {name}, {tensor.bytes});")
        head = f"static void tml_{self.name}_reset_state(uint8_t *state) {{"
        return "\n".join([*tables, head, *lines, "}", ""])
