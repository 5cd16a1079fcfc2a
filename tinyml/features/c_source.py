"""A front end as C sees it: constant tables and a tml_front_end_t."""

from __future__ import annotations

from collections.abc import Iterable

from tinyml.features import measure
from tinyml.features.front_end import FrontEnd


def c_source(front_end: FrontEnd, name: str) -> str:
    """C text that defines ``static const tml_front_end_t <name>``; needs tml/features.h."""
    lines = [
        _table(f"{name}_offsets", "int32_t", front_end.offsets),
        _table(f"{name}_multipliers", "int32_t", front_end.multipliers),
    ]
    fields = {
        "run": f"tml_front_end_{front_end.kind}",
        "window": str(front_end.window),
        "channels": str(front_end.channels),
        "feature_count": str(front_end.feature_count),
        "scratch_bytes": str(scratch_bytes(front_end)),
        "offsets": f"{name}_offsets",
        "multipliers": f"{name}_multipliers",
        "zero_point": str(front_end.zero_point),
    }
    if front_end.kind == "spectral":
        lines.append(_table(f"{name}_hann", "int16_t", measure.hann(front_end.window)))
        lines.append(_table(f"{name}_twiddles", "int16_t", measure.twiddles(front_end.window)))
        lines.append(_table(f"{name}_bands", "uint16_t", front_end.bands))
        fields["hann"] = f"{name}_hann"
        fields["twiddles"] = f"{name}_twiddles"
        fields["bands"] = f"{name}_bands"
        fields["band_count"] = str(len(front_end.bands) - 1)
    body = "\n".join(f"    .{field} = {value}," for field, value in fields.items())
    lines.append(f"static const tml_front_end_t {name} = {{\n{body}\n}};\n")
    return "\n".join(lines)


def scratch_bytes(front_end: FrontEnd) -> int:
    """RAM that the C front end needs beside samples and features, in bytes."""
    return 8 * front_end.window if front_end.kind == "spectral" else 0


def _table(name: str, ctype: str, values: Iterable[int]) -> str:
    literals = [str(int(value)) for value in values]
    rows = [", ".join(literals[start : start + 10]) for start in range(0, len(literals), 10)]
    body = "".join(f"    {row},\n" for row in rows)
    return f"static const {ctype} {name}[] = {{\n{body}}};\n"
