"""Export for TensorFlow Lite Micro: the model as a C array, its operators, its settings.

Source of the names: micro_mutable_op_resolver.h of TFLite Micro.
"""

from __future__ import annotations

from typing import Final

from tinyml import __version__
from tinyml.compiler.c_values import string
from tinyml.export.source import Source
from tinyml.features import ModelSettings, c_source
from tinyml.graph import Graph

# Operators whose Add... method is not the name in camel case.
_ODD_NAMES: Final = {
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    "SVDF": "Svdf",
}
_BYTES_A_LINE: Final = 16

_HEAD: Final = (
    "// {what} of {name}, made by tinyml {version} from a .tflite with the SHA-256\n// {sha}.\n"
)


def resolver_method(op: str) -> str:
    """The method of MicroMutableOpResolver that registers an operator."""
    return "Add" + _ODD_NAMES.get(op, "".join(part.capitalize() for part in op.split("_")))


def tflm_files(source: Source) -> dict[str, str]:
    """Text by file name: what a TFLite Micro application includes."""
    graph, data, name, settings = source.graph, source.data, source.name, source.settings

    def head(what: str) -> str:
        return _HEAD.format(what=what, name=graph.name, version=__version__, sha=graph.sha256)

    return {
        f"{name}_model.h": head("The model") + _model_header(name, data),
        f"{name}_model.cc": head("The model") + _model_source(name, data),
        f"{name}_resolver.h": head("The operators") + _resolver(graph, name),
        f"{name}_settings.h": head("Inputs, outputs and labels") + _settings(graph, name, settings),
    }


def _model_header(name: str, data: bytes) -> str:
    return (
        f"#ifndef {name.upper()}_MODEL_H\n#define {name.upper()}_MODEL_H\n\n#include <cstdint>\n\n"
        f"// Aligned as TFLite Micro needs it, and constant: it stays in flash.\n"
        f"extern const unsigned char {name}_model_data[];\n"
        f"constexpr unsigned int {name}_model_bytes = {len(data)};\n\n#endif\n"
    )


def _model_source(name: str, data: bytes) -> str:
    lines = [
        "    " + ", ".join(f"0x{byte:02x}" for byte in data[start : start + _BYTES_A_LINE]) + ","
        for start in range(0, len(data), _BYTES_A_LINE)
    ]
    body = "\n".join(lines)
    return (
        f'#include "{name}_model.h"\n\n'
        f"alignas(16) extern const unsigned char {name}_model_data[] = {{\n{body}\n}};\n"
    )


def _resolver(graph: Graph, name: str) -> str:
    operators = sorted({op.name for op in graph.operators})
    calls = "\n".join(f"  resolver.{resolver_method(op)}();" for op in operators)
    return (
        f"#ifndef {name.upper()}_RESOLVER_H\n#define {name.upper()}_RESOLVER_H\n\n"
        '#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"\n\n'
        "// Exactly the operators that this model uses.\n"
        f"using {name}_resolver_t = tflite::MicroMutableOpResolver<{len(operators)}>;\n\n"
        f"inline void {name}_register({name}_resolver_t &resolver) {{\n{calls}\n}}\n\n#endif\n"
    )


def _settings(graph: Graph, name: str, settings: ModelSettings | None) -> str:
    lines = [f"#ifndef {name.upper()}_SETTINGS_H", f"#define {name.upper()}_SETTINGS_H", ""]
    if settings is not None:
        lines += ['#include "tml/features.h"', ""]
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
    if settings is not None and settings.labels:
        labels = ", ".join(string(label).text for label in settings.labels)
        lines.append(f"constexpr const char *{name}_labels[] = {{{labels}}};")
    if settings is not None:
        lines += ["", c_source(settings.front_end, f"{name}_front_end")]
    return "\n".join([*lines, "", "#endif", ""])
