"""The files of an export for TensorFlow Lite Micro."""

from __future__ import annotations

import json
from typing import Final

from tinyml.compiler.c_values import Expression, string
from tinyml.compiler.interface import Interface
from tinyml.compiler.kernel_files import firmware_files
from tinyml.export.pieces import (
    byte_lines,
    firmware_text,
    meaning,
    origin,
    self_test_vector,
    template,
    tensor_table,
)
from tinyml.export.source import Source
from tinyml.export.tflm.arena import ALIGNMENT, Kernels, arena_bytes
from tinyml.export.tflm.arena_header import arena_header
from tinyml.export.tflm.operators import check_operators, resolver_method

# Of the arenas in tests/export/test_export_tflm.py and docs/exports.md.
_WORST_ERROR: Final = "10 %"
_ENGINE: Final = ("engine.cc", "engine.h")
_BUILD: Final = ("debug_log.cc", "bare_metal.c", "tflm.mk")


def tflm_files(source: Source) -> dict[str, str]:
    """Text by path: model array, resolver, arena, settings, the interface, self test, Makefile.

    Raises ExportError where TFLite Micro cannot run the model, or its arena is not known.
    """
    name = source.name
    files = firmware_files(["include/tml/self_test.h", "self_test/self_test.c"])
    files.update(model_files(source))
    files.update({path: firmware_text(f"exports/tflm/{path}") for path in _BUILD})
    files["main.c"] = firmware_text("exports/c/main.c")
    files.update(self_test_vector(source))
    sources = sorted(
        path
        for path in files
        if path.endswith((".c", ".cc")) and path not in ("main.c", "debug_log.cc", "bare_metal.c")
    )
    values = {
        "name": name,
        "origin": origin(source),
        "sources": " \\\n    ".join(sources),
        "operator_count": _operator_count(source),
        "tensors": tensor_table(source),
        "meaning": meaning(source),
        "arenas": "\n".join(
            f"| {kernels.value} | {arena_bytes(source.graph, kernels):,} |" for kernels in Kernels
        ),
        "error": _WORST_ERROR,
    }
    for made in ("Makefile", "README.md"):
        files[made] = template(f"tflm/{made}.in", **values)
    files["model.json"] = _description(name, sources)
    return files


def _description(name: str, sources: list[str]) -> str:
    """What `tinyml build` needs to put an application, such as the node, on TFLite Micro."""
    table = {
        "name": name,
        "engine": "tflm",
        "sources": [*sources, "debug_log.cc"],
        "bare_sources": ["bare_metal.c"],
        "includes": [".", "include"],
    }
    return json.dumps(table, indent=2) + "\n"


def model_files(source: Source, package_header: str = "") -> dict[str, str]:
    """Text by path: array, resolver, arena, settings, front end and the interface, without a build.

    Args:
        source: the model.
        package_header: what is included before anything of TFLite Micro, where its package wants
            that.

    Raises as :func:`tflm_files`.
    """
    check_operators(source.graph)
    name, settings = source.name, source.settings
    files = firmware_files(settings.front_end.source_files if settings else [])
    files.update({path: firmware_text(f"exports/tflm/{path}") for path in _ENGINE})
    interface = _interface(source)
    files.update(
        {
            f"{name}.h": interface.header(),
            f"{name}.c": _definition(source, interface),
            "model_select.h": interface.select(),
            "tflm_model.h": _glue(source, package_header),
            f"{name}_model.h": _model_header(source),
            f"{name}_model.cc": _model_source(source),
            f"{name}_resolver.h": _resolver(source),
            f"{name}_arena.h": _arena(source),
            f"{name}_settings.h": _settings(source),
        }
    )
    return files


def _guarded(source: Source, name: str, body: str) -> str:
    guard = name.upper().replace(".", "_")
    return f"// {origin(source)}\n#ifndef {guard}\n#define {guard}\n\n{body}\n#endif\n"


def _interface(source: Source) -> Interface:
    """Inputs and outputs one after another in the arena; TFLite Micro's own is the state."""
    offsets = {}
    used = 0
    for index in dict.fromkeys((*source.graph.inputs, *source.graph.outputs)):
        offsets[index] = used
        used += -(-source.graph.tensor(index).bytes // ALIGNMENT) * ALIGNMENT
    return Interface(
        source.graph,
        source.name,
        source.settings,
        offsets,
        used,
        Expression("TML_TFLM_ARENA_BYTES"),
        ("tml/model.h", f"{source.name}_arena.h"),
    )


def _definition(source: Source, interface: Interface) -> str:
    name = source.name
    includes = f'#include "{name}.h"\n\n'
    if source.settings is not None:
        includes += '#include "tml/features.h"\n\n'
    return (
        f"{interface.head()}{includes}#include <stddef.h>\n\n"
        "/* In engine.cc. */\n"
        f"void tml_{name}_infer(uint8_t *arena, uint8_t *state);\n"
        f"void tml_{name}_reset_state(uint8_t *state);\n\n{interface.definition('')}"
    )


def _glue(source: Source, package_header: str) -> str:
    name = source.name
    package = f"#include <{package_header}>\n\n" if package_header else ""
    return _guarded(
        source,
        "tml_tflm_model.h",
        f'{package}#include "{name}_model.h"\n#include "{name}_resolver.h"\n\n'
        "// The names that engine.cc knows this model by.\n"
        f"#define TML_TFLM_INFER tml_{name}_infer\n"
        f"#define TML_TFLM_RESET_STATE tml_{name}_reset_state\n"
        f"#define tml_tflm_model_data {name}_model_data\n"
        f"#define tml_tflm_register {name}_register\n"
        f"using tml_tflm_resolver_t = {name}_resolver_t;\n",
    )


def _model_header(source: Source) -> str:
    name = source.name
    return _guarded(
        source,
        f"{name}_model.h",
        "#include <cstdint>\n\n"
        "// Aligned as TFLite Micro needs it, and constant: it stays in flash.\n"
        f"extern const unsigned char {name}_model_data[];\n"
        f"constexpr unsigned int {name}_model_bytes = {len(source.data)};\n",
    )


def _model_source(source: Source) -> str:
    name = source.name
    return (
        f'// {origin(source)}\n#include "{name}_model.h"\n\n'
        f"alignas(16) extern const unsigned char {name}_model_data[] = {{\n"
        f"{byte_lines(source.data)}\n}};\n"
    )


def _operator_count(source: Source) -> int:
    return len({resolver_method(op) for op in source.graph.operators})


def _resolver(source: Source) -> str:
    name = source.name
    methods = sorted({resolver_method(op) for op in source.graph.operators})
    calls = "\n".join(
        f"  if (resolver.{method}() != kTfLiteOk) return kTfLiteError;" for method in methods
    )
    return _guarded(
        source,
        f"{name}_resolver.h",
        '#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"\n\n'
        "// Exactly the operators that this model uses.\n"
        f"using {name}_resolver_t = tflite::MicroMutableOpResolver<{len(methods)}>;\n\n"
        f"inline TfLiteStatus {name}_register({name}_resolver_t &resolver) {{\n{calls}\n"
        "  return kTfLiteOk;\n}\n",
    )


def _arena(source: Source) -> str:
    return _guarded(source, f"{source.name}_arena.h", arena_header(source.graph))


def _settings(source: Source) -> str:
    graph, name, settings = source.graph, source.name, source.settings
    lines = [f'#include "{name}_arena.h"', ""]
    for role, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for position, index in enumerate(indices):
            tensor = graph.tensor(index)
            stem = f"{name}_{role}_{position}"
            lines.append(
                f"// {role} {position}: {tensor.name}, {tensor.dtype.name.lower()} "
                f"{list(tensor.shape)}; real = scale * (element - zero point)"
            )
            lines.append(f"constexpr int {stem}_elements = {tensor.elements};")
            if tensor.quantization is not None:
                scale = float(tensor.quantized.scale)
                lines.append(f"constexpr float {stem}_scale = {scale!r}f;")
                lines.append(f"constexpr int {stem}_zero_point = {tensor.quantized.zero_point};")
    if settings is not None:
        front_end = settings.front_end
        lines += [
            "",
            f"// Samples for the front end '{front_end.kind}', tml_model_{name}.front_end, int16.",
            f"constexpr int {name}_window = {front_end.window};",
            f"constexpr int {name}_channels = {front_end.channels};",
            f"constexpr double {name}_sample_rate_hz = {settings.sample_rate_hz!r};",
        ]
    if settings is not None and settings.labels:
        labels = ", ".join(string(label).text for label in settings.labels)
        lines.append(f"constexpr const char *{name}_labels[] = {{{labels}}};")
    return _guarded(source, f"{name}_settings.h", "\n".join([*lines, ""]))
