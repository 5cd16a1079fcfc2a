"""Names of columns: units that stand in them, names that come twice, columns without one."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

from tinyml.data.importing.asking import UnsettledError
from tinyml.data.importing.recording import Options
from tinyml.data.importing.tables.layout import UNNAMED, Layout, kind_of
from tinyml.errors import DataError

# "Temp (°C)", "Temp [°C]", and HOBO's "Temp, °C (LGR S/N: 1, SEN S/N: 2)".
_BRACKETS: Final = re.compile(r"(?P<name>[^(\[]*[^(\[\s_])[\s_]*[(\[](?P<unit>[^)\]]{1,12})[)\]]")
_COMMA: Final = re.compile(r"(?P<name>[^,]+), ?(?P<unit>[^,(]{1,12}?)( \((LGR|SEN) S/N.*\))?")
_HOBO: Final = re.compile(r"(?P<name>[^,(]+?)(?P<unit>) ?\((LGR|SEN) S/N.*\)")


class Name(NamedTuple):
    """A column's name and unit; ``full`` is how the file has both."""

    name: str
    unit: str
    full: str


def columns_of(layout: Layout, where: str, options: Options) -> list[Name | None]:
    """A name for each cell of a row, None for a cell that is always empty and has no name."""
    given = options.columns or layout.names
    if not given and not options.no_header:
        row = ", ".join(layout.sample[0][:6]) if layout.sample else ""
        raise UnsettledError(
            f"{where}: the first line has numbers instead of names ({row}); name the "
            "columns with --columns A,B,C, or give --no-header to call them c1, c2 ...",
            ("--no-header",),
        )
    if options.columns and len(options.columns) != layout.width:
        raise DataError(
            f"{where} has {layout.width} columns, but --columns names {len(options.columns)}"
        )
    if not given:
        return [Name(f"c{i + 1}", "", f"c{i + 1}") for i in range(layout.width)]
    plain = [_parted(name) for name in given]
    counts = Counter(name for name, _ in plain)
    found: list[Name | None] = []
    for i, (full, (name, unit)) in enumerate(zip(given, plain, strict=True)):
        told = layout.units[i].strip("()[]") if layout.units else unit
        if full == UNNAMED:
            _require_empty(layout, i, where)
            found.append(None)
        elif not full:
            empty = all(not kind_of(row[i]) for row in layout.sample)
            found.append(None if empty else Name(f"column {i + 1}", told, ""))
        elif counts[name] > 1:
            found.append(Name(full, told, full))
        else:
            found.append(Name(name, told, full))
    return _apart(found)


def _require_empty(layout: Layout, column: int, where: str) -> None:
    """DataError where the header has a name less than the rows have cells: which, nobody knows."""
    if any(kind_of(row[column]) for row in layout.sample):
        names = ", ".join(name for name in layout.names if name != UNNAMED)
        raise DataError(
            f"{where}: the header has {layout.width - 1} names ({names}) for {layout.width} cells "
            "in each row, so it is not known which cell is whose; name all of them with --columns "
            "A,B,C, or correct a comma that stands within numbers"
        )


def _parted(full: str) -> tuple[str, str]:
    for pattern in (_HOBO, _COMMA, _BRACKETS):
        found = pattern.fullmatch(full)
        if found:
            return found["name"].strip(), found["unit"].strip()
    return full, ""


def _apart(names: list[Name | None]) -> list[Name | None]:
    """With x.1 and x.2 for two columns x, so that none takes the other's place."""
    counts = Counter(one.name for one in names if one)
    seen: Counter[str] = Counter()
    found: list[Name | None] = []
    for one in names:
        if one and counts[one.name] > 1:
            seen[one.name] += 1
            found.append(Name(f"{one.name}.{seen[one.name]}", one.unit, ""))
        else:
            found.append(one)
    return found
