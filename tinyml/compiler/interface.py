"""The interface of a model in C: ``tml_model_t``, its header, and how an application selects it.

Everything that calls a model goes through it, whatever engine is behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tinyml import __version__
from tinyml.compiler.c_values import Expression, Struct, initializer, string
from tinyml.features import FrontEnd, c_source
from tinyml.graph.ir import Graph
from tinyml.graph.reader import MAX_RANK
from tinyml.model import ModelSettings, model_hash

_SAMPLE_BYTES: Final = 2
_LATEST_SAMPLES: Final = 4096  # of sounds: a quarter of a second at 16 kHz, for recording

_HEAD: Final = """\
/* {title}, compiled by tinyml {version} from a .tflite with the SHA-256
 * {sha256}.
 * Made by a program: change the model and compile it again, not this file. */
"""

_HEADER: Final = """\
#ifndef TML_MODEL_{guard}_H
#define TML_MODEL_{guard}_H

{includes}

#define TML_MODEL_{guard}_ARENA_BYTES {arena_bytes}u
#define TML_MODEL_{guard}_STATE_BYTES {state_bytes}
#define TML_MODEL_{guard}_INPUT_BYTES {input_bytes}u
#define TML_MODEL_{guard}_CHANNELS {channels}
#define TML_MODEL_{guard}_WINDOW_BYTES {window_bytes}u
#define TML_MODEL_{guard}_SPAN_BYTES {span_bytes}u
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
/* All inputs together. */
#define TML_MODEL_INPUT_BYTES TML_MODEL_{guard}_INPUT_BYTES
/* Of a sample; 0 where the model has no front end. */
#define TML_MODEL_CHANNELS TML_MODEL_{guard}_CHANNELS
/* The front end's window of samples, of sounds the latest ones, and its scratch; 0 where the model
 * has no front end. */
#define TML_MODEL_WINDOW_BYTES TML_MODEL_{guard}_WINDOW_BYTES
/* Samples of one frame of sound; 0 where the front end is another one, or none. */
#define TML_MODEL_SPAN_BYTES TML_MODEL_{guard}_SPAN_BYTES
#define TML_MODEL_SCRATCH_BYTES TML_MODEL_{guard}_SCRATCH_BYTES

#endif
"""


def _window_bytes(front_end: FrontEnd) -> int:
    """RAM for the samples that a node keeps: a window, or of sounds the latest ones."""
    samples = front_end.window
    if front_end.in_frames:
        samples = min(samples, _LATEST_SAMPLES)
    return _SAMPLE_BYTES * samples * front_end.channels


def _span_bytes(front_end: FrontEnd) -> int:
    """RAM for the samples of a frame that is computed as samples come; else 0."""
    if not front_end.in_frames:
        return 0
    return _SAMPLE_BYTES * front_end.span_samples * front_end.channels


@dataclass(frozen=True)
class Interface:
    """What a model shows to its callers."""

    graph: Graph
    name: str  # an identifier in C
    settings: ModelSettings | None
    offsets: Mapping[int, int]  # input or output tensor -> where it lies in the arena, in bytes
    arena_bytes: int
    state_bytes: int | Expression  # Expression: what the preprocessor knows
    header_includes: tuple[str, ...] = ("tml/model.h",)

    @property
    def guard(self) -> str:
        """The name in macros."""
        return self.name.upper()

    def head(self) -> str:
        """The comment at the top of each file."""
        return _HEAD.format(title=self.graph.name, version=__version__, sha256=self.graph.sha256)

    def header(self) -> str:
        """``<name>.h``."""
        front_end = self.settings.front_end if self.settings else None
        state = self.state_bytes
        return self.head() + _HEADER.format(
            guard=self.guard,
            name=self.name,
            includes="\n".join(f'#include "{name}"' for name in self.header_includes),
            arena_bytes=self.arena_bytes,
            input_bytes=sum(self.graph.tensor(i).bytes for i in self.graph.inputs),
            channels=front_end.channels if front_end else 0,
            state_bytes=state.text if isinstance(state, Expression) else f"{state}u",
            window_bytes=_window_bytes(front_end) if front_end else 0,
            span_bytes=_span_bytes(front_end) if front_end else 0,
            scratch_bytes=front_end.scratch_bytes if front_end else 0,
        )

    def select(self) -> str:
        """``model_select.h``."""
        return _SELECT.format(name=self.name, guard=self.guard)

    def definition(self, attribute: str) -> str:
        """C text that defines ``tml_model_<name>``.

        ``tml_<name>_infer`` and, with a state, ``tml_<name>_reset_state`` stand before it.

        Args:
            attribute: of every constant.
        """
        graph, name, settings = self.graph, self.name, self.settings
        lines = []
        for role, indices in (("inputs", graph.inputs), ("outputs", graph.outputs)):
            items = ",\n".join("    " + initializer(self._tensor(i), {}) for i in indices)
            lines.append(
                f"static const tml_tensor_t {name}_{role}[] {attribute} = {{\n{items},\n}};\n"
            )
        labels = settings.labels if settings else ()
        if labels:
            items = initializer(tuple(string(label) for label in labels), {})
            lines.append(f"static const char *const {name}_labels[] {attribute} = {items};\n")
        if settings:
            lines.append(c_source(settings.front_end, f"{name}_front_end"))
        digest = tuple(
            Expression(f"0x{byte:02x}") for byte in bytes.fromhex(model_hash(graph.sha256))
        )
        interface = Struct(
            "tml_model_t",
            {
                "magic": Expression("TML_MODEL_MAGIC"),
                "abi_version": Expression("TML_ABI_VERSION"),
                "input_count": len(graph.inputs),
                "output_count": len(graph.outputs),
                "label_count": len(labels),
                "arena_bytes": self.arena_bytes,
                "state_bytes": self.state_bytes,
                "sample_period_us": settings.sample_period_us if settings else 0,
                "inputs": Expression(f"{name}_inputs"),
                "outputs": Expression(f"{name}_outputs"),
                "labels": Expression(f"{name}_labels") if labels else None,
                "front_end": Expression(f"&{name}_front_end") if settings else None,
                "self_test": None,
                "name": string(name),
                "model_hash": digest,
                "infer": Expression(f"tml_{name}_infer"),
                "reset_state": Expression(f"tml_{name}_reset_state") if self.state_bytes else None,
            },
        )
        lines.append(
            f"const tml_model_t tml_model_{name} {attribute} = {initializer(interface, {}, '')};\n"
        )
        return "\n".join(lines)

    def _tensor(self, index: int) -> Struct:
        tensor = self.graph.tensor(index)
        affine = tensor.quantization
        return Struct(
            "tml_tensor_t",
            {
                "name": string(tensor.name),
                "arena_offset": self.offsets[index],
                "bytes": tensor.bytes,
                "dims": tensor.shape + (1,) * (MAX_RANK - len(tensor.shape)),
                "scale": affine.scale if affine else 0,
                "zero_point": affine.zero_point if affine else 0,
                "dtype": int(tensor.dtype),
                "rank": len(tensor.shape),
            },
        )
