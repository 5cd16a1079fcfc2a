"""The C text of a compiled model: tables, one function a step, and the door to it all."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinyml import __version__
from tinyml.compiler.c_values import (
    C_TYPES,
    Expression,
    Struct,
    Table,
    define_table,
    initializer,
    string,
)
from tinyml.compiler.kernel_files import sources_of
from tinyml.compiler.memory import Plan
from tinyml.compiler.program import Constant, Kept, Operand, Program, Step
from tinyml.features import ModelSettings, c_source, scratch_bytes, source_file
from tinyml.graph.ir import Graph
from tinyml.graph.reader import MAX_RANK

_DATA: Final = "TML_MODEL_DATA"

_HEAD: Final = """\
/* {title}, compiled by tinyml {version} from a .tflite with the SHA-256
 * {sha256}.
 * Made by a program: change the model and compile it again, not this file. */
"""

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
/* One function a step, so that each can be measured; called once, so that nothing is lost. */
#define TML_MODEL_STEP static __attribute__((noinline))
"""

_HEADER: Final = """\
#ifndef TML_MODEL_{guard}_H
#define TML_MODEL_{guard}_H

#include "tml/model.h"

#define TML_MODEL_{guard}_ARENA_BYTES {arena_bytes}u
#define TML_MODEL_{guard}_STATE_BYTES {state_bytes}u
#define TML_MODEL_{guard}_WINDOW_BYTES {window_bytes}u
#define TML_MODEL_{guard}_SCRATCH_BYTES {scratch_bytes}u

extern const tml_model_t tml_model_{name};

#endif
"""

_SELECT: Final = """\
/* Which model an application is built with. */
#ifndef TML_MODEL_SELECT_H
#define TML_MODEL_SELECT_H

#include "{name}.h"

#define TML_MODEL tml_model_{name}
#define TML_MODEL_ARENA_BYTES TML_MODEL_{guard}_ARENA_BYTES
#define TML_MODEL_STATE_BYTES TML_MODEL_{guard}_STATE_BYTES
/* The front end's window of samples and its scratch; 0 where the model has no front end. */
#define TML_MODEL_WINDOW_BYTES TML_MODEL_{guard}_WINDOW_BYTES
#define TML_MODEL_SCRATCH_BYTES TML_MODEL_{guard}_SCRATCH_BYTES

#endif
"""

_CMAKE: Final = """\
set(TML_MODEL_NAME {name})
set(TML_MODEL_SOURCES
{sources}
)
set(TML_MODEL_INCLUDES ${{CMAKE_CURRENT_LIST_DIR}} ${{CMAKE_CURRENT_LIST_DIR}}/kernels
    ${{CMAKE_CURRENT_LIST_DIR}}/include)
"""


def step_symbol(name: str, step: int) -> str:
    """The C name of a step's function, by which it can be found in an image."""
    return f"tml_{name}_step_{step:03d}"


def _keeps(step: Step) -> bool:
    """Whether a step works on the state."""
    return any(isinstance(operand.place, Kept) for operand in (*step.inputs, *step.updates))


def _parameters(step: Step) -> str:
    return "uint8_t *arena, uint8_t *state" if _keeps(step) else "uint8_t *arena"


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

    def files(self) -> dict[str, str]:
        """Text by file name."""
        guard = self.name.upper()
        head = _HEAD.format(title=self.graph.name, version=__version__, sha256=self.graph.sha256)
        front_end = self.settings.front_end if self.settings else None
        header = _HEADER.format(
            guard=guard,
            name=self.name,
            arena_bytes=self.plan.arena_bytes,
            state_bytes=self.program.state_bytes,
            window_bytes=2 * front_end.window * front_end.channels if front_end else 0,
            scratch_bytes=scratch_bytes(front_end) if front_end else 0,
        )
        sources = [f"    ${{CMAKE_CURRENT_LIST_DIR}}/{self.name}.c"]
        sources += [
            f"    ${{CMAKE_CURRENT_LIST_DIR}}/{path}"
            for path in sources_of(self.firmware_sources())
        ]
        return {
            f"{self.name}.c": head + self._source(),
            f"{self.name}.h": head + header,
            "model_select.h": _SELECT.format(name=self.name, guard=guard),
            "model.cmake": _CMAKE.format(name=self.name, sources="\n".join(sources)),
        }

    def kernel_sources(self) -> list[str]:
        """The kernel files that this model calls."""
        return sorted({step.call.source for step in self.program.steps})

    def firmware_sources(self) -> list[str]:
        """What the model calls, as paths under firmware/: kernels, and its front end."""
        sources = [f"kernels/{source}" for source in self.kernel_sources()]
        if self.settings is not None:
            sources.append(source_file(self.settings.front_end))
        return sources

    def _source(self) -> str:
        # By folder: a model may have the name of a kernel.
        headers = [f"kernels/{source.removesuffix('.c')}.h" for source in self.kernel_sources()]
        if self.settings is not None:
            headers.append("tml/features.h")
        includes = "\n".join(
            [*(f'#include "{header}"' for header in headers), "#include <stddef.h>"]
            + (["#include <string.h>"] if self.program.state_bytes else [])
        )
        parts = [_SOURCE_HEAD.format(name=self.name, includes=includes)]
        parts += [self._step(step) for step in self.program.steps]
        parts.append(self._infer())
        if self.program.state_bytes:
            parts.append(self._reset_state())
        parts.append(self._door())
        return "\n".join(parts)

    def _step(self, step: Step) -> str:
        prefix = f"{self.name}_step_{step.index:03d}"
        lines = []
        for table in step.call.params.tables():
            if id(table) not in self._table_names:
                self._table_names[id(table)] = f"{prefix}_{table.role}"
                lines.append(define_table(self._table_names[id(table)], table, _DATA))
        arguments = ["&params"]
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
        params = initializer(step.call.params, self._table_names)
        lines += [
            f"TML_MODEL_STEP void {step_symbol(self.name, step.index)}({_parameters(step)}) {{",
            f"    static const {step.call.params.type} params {_DATA} = {params};",
            f"    {step.call.function}({', '.join(arguments)});",
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
        calls = [
            f"    {step_symbol(self.name, s.index)}({'arena, state' if _keeps(s) else 'arena'});"
            for s in self.program.steps
        ]
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

    def _door(self) -> str:
        lines = []
        for role, indices in (("inputs", self.graph.inputs), ("outputs", self.graph.outputs)):
            items = ",\n".join("    " + initializer(self._tensor(i), {}) for i in indices)
            lines.append(
                f"static const tml_tensor_t {self.name}_{role}[] {_DATA} = {{\n{items},\n}};\n"
            )
        labels = self.settings.labels if self.settings else ()
        if labels:
            items = initializer(tuple(string(label) for label in labels), {})
            lines.append(f"static const char *const {self.name}_labels[] {_DATA} = {items};\n")
        if self.settings:
            lines.append(c_source(self.settings.front_end, f"{self.name}_front_end"))
        digest = tuple(Expression(f"0x{byte:02x}") for byte in bytes.fromhex(self.graph.sha256))
        door = Struct(
            "tml_model_t",
            {
                "magic": Expression("TML_MODEL_MAGIC"),
                "abi_version": Expression("TML_ABI_VERSION"),
                "input_count": len(self.graph.inputs),
                "output_count": len(self.graph.outputs),
                "label_count": len(labels),
                "arena_bytes": self.plan.arena_bytes,
                "state_bytes": self.program.state_bytes,
                "inputs": Expression(f"{self.name}_inputs"),
                "outputs": Expression(f"{self.name}_outputs"),
                "labels": Expression(f"{self.name}_labels") if labels else None,
                "front_end": Expression(f"&{self.name}_front_end") if self.settings else None,
                "self_test": None,
                "name": string(self.name),
                "model_hash": digest,
                "infer": Expression(f"tml_{self.name}_infer"),
                "reset_state": Expression(f"tml_{self.name}_reset_state")
                if self.program.state_bytes
                else None,
            },
        )
        lines.append(
            f"const tml_model_t tml_model_{self.name} {_DATA} = {initializer(door, {}, '')};\n"
        )
        return "\n".join(lines)

    def _tensor(self, index: int) -> Struct:
        tensor = self.graph.tensor(index)
        affine = tensor.quantization
        return Struct(
            "tml_tensor_t",
            {
                "name": string(tensor.name),
                "arena_offset": self.plan.offsets[self.program.tensor_buffers[index]],
                "bytes": tensor.bytes,
                "dims": tensor.shape + (1,) * (MAX_RANK - len(tensor.shape)),
                "scale": affine.scale if affine else 0,
                "zero_point": affine.zero_point if affine else 0,
                "dtype": int(tensor.dtype),
                "rank": len(tensor.shape),
            },
        )
