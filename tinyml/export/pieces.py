"""Parts that several exports share: templates, the self-test vector, figures, settings."""

from __future__ import annotations

import re
from typing import Final

from tinyml import __version__
from tinyml.errors import ExportError
from tinyml.export.source import Source
from tinyml.model import Meaning
from tinyml.resources import folder

_BYTES_A_LINE: Final = 16
_OPEN_PLACE: Final = re.compile(r"@([A-Z_]+)@")


def template(name: str, /, **values: object) -> str:
    """The file ``firmware/exports/<name>`` with ``@NAME@`` replaced by ``values["name"]``."""
    text = (folder("firmware") / "exports" / name).read_text(encoding="utf-8")
    return _OPEN_PLACE.sub(lambda found: str(values[found[1].lower()]), text)


def firmware_text(name: str) -> str:
    """A file of firmware/, as it is."""
    return (folder("firmware") / name).read_text(encoding="utf-8")


def optional_text(name: str) -> str:
    """A file of firmware/, as it is; nothing where there is none."""
    path = folder("firmware") / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def origin(source: Source) -> str:
    """Where a generated file comes from, in one sentence."""
    return (
        f"Made by tinyml {__version__} from {source.graph.name}.tflite, SHA-256 "
        f"{source.graph.sha256}."
    )


def byte_lines(data: bytes, indent: str = "    ") -> str:
    """The elements of an array of bytes in C."""
    return "\n".join(
        indent + ", ".join(f"0x{byte:02x}" for byte in data[at : at + _BYTES_A_LINE]) + ","
        for at in range(0, len(data), _BYTES_A_LINE)
    )


def self_test_vector(source: Source) -> dict[str, str]:
    """``self_test_vector.c`` and ``.h``: one known inference as a ``tml_self_test_t``."""
    vector = source.self_test
    if not vector.inputs or not vector.outputs:
        raise ExportError(
            f"{source.graph.name} has no inputs or no outputs, so it cannot be tested"
        )
    header = (
        f"/* {origin(source)} */\n#ifndef SELF_TEST_VECTOR_H\n#define SELF_TEST_VECTOR_H\n\n"
        '#include "tml/model.h"\n\n'
        "/* Random inputs, and what a correct engine makes of them. */\n"
        "extern const tml_self_test_t tml_self_test_vector;\n\n#endif\n"
    )
    tables = "".join(
        f"static const uint8_t {role}[{len(data)}] = {{\n{byte_lines(data)}\n}};\n\n"
        for role, data in (("inputs", vector.inputs), ("outputs", vector.outputs))
    )
    text = (
        f'/* {origin(source)} */\n#include "self_test_vector.h"\n\n{tables}'
        "const tml_self_test_t tml_self_test_vector = {inputs, outputs};\n"
    )
    return {"self_test_vector.c": text, "self_test_vector.h": header}


def cost_table(source: Source) -> str:
    """What the model costs with our engine, in Markdown: exact, or measured where it was."""
    compiled = source.compiled
    rows = [
        ("RAM: arena, bytes", f"{compiled.arena_bytes:,}", "exact"),
        ("RAM: state between inferences, bytes", f"{compiled.state_bytes:,}", "exact"),
        ("flash: weights and tables, bytes", f"{compiled.constant_bytes:,}", "exact"),
        ("multiply-accumulates", f"{compiled.macs:,}", "exact"),
    ]
    if source.measured is not None:
        how = f"measured on {source.measured.board}"
        rows += [
            ("instructions per inference", f"{source.measured.instructions:,}", how),
            ("RAM: stack, bytes", f"{source.measured.stack_bytes:,}", how),
            ("flash: all constants, bytes", f"{source.measured.flash_model_bytes:,}", how),
            ("flash: code, bytes", f"{source.measured.flash_code_bytes:,}", how),
        ]
    else:
        rows.append(
            ("instructions, stack, code", "not measured", "`tinyml export --board` measures it")
        )
    body = "\n".join(f"| {what} | {value} | {how} |" for what, value, how in rows)
    return f"| cost | | |\n|---|---:|---|\n{body}"


def tensor_table(source: Source) -> str:
    """Inputs and outputs, in Markdown."""
    rows = []
    for role, indices in (("input", source.graph.inputs), ("output", source.graph.outputs)):
        for index in indices:
            tensor = source.graph.tensor(index)
            affine = tensor.quantization
            scale = f"{float(affine.scale):.9g} | {affine.zero_point}" if affine else "- | -"
            shape = " x ".join(map(str, tensor.shape)) or "1"
            rows.append(
                f"| {role} | `{tensor.name}` | {tensor.dtype.name.lower()} | {shape} | {scale} |"
            )
    return "\n".join(
        ["| | name | type | shape | scale | zero point |", "|---|---|---|---|---:|---:|", *rows]
    )


def meaning(source: Source) -> str:
    """Labels, channels and rate, in Markdown; says so where nothing is known."""
    settings = source.settings
    if settings is None:
        return (
            "The .tflite does not contain tinyml settings: ask its maker what goes in "
            "and what comes out. real value = scale * (element - zero point)."
        )
    channels = ", ".join(
        f"{name} ({unit}, {scale:g} per count)"
        for name, unit, scale in zip(
            settings.channel_names, settings.channel_units, settings.channel_scales, strict=True
        )
    )
    lines = [
        (
            f"- Samples: {settings.front_end.window} per window, int16, "
            f"{settings.sample_rate_hz:g} Hz; channels: {channels}."
        ),
        (
            f"- The front end (`{settings.front_end.kind}`) computes the model's input "
            "from a window."
        ),
    ]
    if settings.labels:
        lines.append("- Classes: " + ", ".join(settings.labels) + ".")
    if settings.task != "classification":
        lines.append(f"- Output: {Meaning.by(settings)}.")
    return "\n".join(lines)
