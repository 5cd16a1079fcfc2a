"""A front end as C sees it: constant tables and a tml_front_end_t."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from tinyml.features.arrays import CTable
from tinyml.features.front_end import FrontEnd

_LINKAGE: Final = {"internal": "static ", "external": ""}


def c_source(
    front_end: FrontEnd, name: str, linkage: Literal["internal", "external"] = "internal"
) -> str:
    """C text that defines ``const tml_front_end_t <name>``; needs tml/features.h.

    Args:
        front_end: with its scaling.
        name: an identifier in C.
        linkage: whether other C files see it.
    """
    tables: dict[str, CTable] = {
        "offsets": ("int32_t", front_end.offsets),
        "multipliers": ("int32_t", front_end.multipliers),
        **front_end.c_tables(),
    }
    fields = {
        "run": front_end.c_function,
        "window": str(front_end.window),
        "channels": str(front_end.channels),
        "feature_count": str(front_end.feature_count),
        "scratch_bytes": str(front_end.scratch_bytes),
        "zero_point": str(front_end.zero_point),
        **{table: f"{name}_{table}" for table in tables},
        **front_end.c_fields(),
    }
    lines = [_table(f"{name}_{table}", *content) for table, content in tables.items()]
    body = "\n".join(f"    .{field} = {value}," for field, value in fields.items())
    lines.append(f"{_LINKAGE[linkage]}const tml_front_end_t {name} = {{\n{body}\n}};\n")
    return "\n".join(lines)


def _table(name: str, ctype: str, values: Iterable[int]) -> str:
    literals = [str(int(value)) for value in values]
    rows = [", ".join(literals[start : start + 10]) for start in range(0, len(literals), 10)]
    body = "".join(f"    {row},\n" for row in rows)
    return f"static const {ctype} {name}[] = {{\n{body}}};\n"
