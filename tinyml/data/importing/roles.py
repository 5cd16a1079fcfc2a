"""Which columns of a table are channels, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from tinyml.data.importing import clocks
from tinyml.data.importing.recording import Options, Wanted
from tinyml.data.importing.tables import Column, Table
from tinyml.data.importing.tables.layout import kind_of
from tinyml.errors import DataError

# Sentinels that sensors and loggers are known for: DS18B20 (-127, and 85 at power-on), Campbell
# (-7999, 7999), all ones in 8 to 32 bits, and what people type.
SENTINELS: Final = frozenset(
    (-1, 85, -127, 255, 999, -999, 9999, -9999, 99999, -99999, -999.9, 999.9, 99.99, -99.99,
     -7999, 7999, 32767, -32768, 65535, 4294967295, -2147483648, 6999, -6999, 999999, -99)
)  # fmt: skip
_MOST_KINDS: Final = 50
# Words in the names of columns that number the rows.
_COUNTERS: Final = frozenset(
    ("id", "index", "idx", "sample", "record", "row", "n", "no", "nr", "num", "seq", "sequence",
     "count", "counter", "entry", "rn", "unnamed", "cnt", "tick", "ticks", "frame", "")
)  # fmt: skip
_FAR: Final = 3  # spans of all other values between them and a sentinel


def channels_of(table: Table, options: Options) -> tuple[tuple[Wanted, ...], list[str]]:
    """The channels, named or all that can be, and notes on the columns that are left out."""
    if options.channels:
        return tuple(_named(table, wanted) for wanted in options.channels), []
    others = {options.label, options.target, options.session, options.group, *options.time}
    known = {table.column(name).name for name in others - {""}} | {*options.no_channels}
    found, notes = [], []
    for column in table.columns.values():
        if column.name in known:
            continue
        why = _no_channel(column, options)
        if why:
            notes.append(f"{table.where}: left out the column '{column.name}', {why}")
            continue
        found.append(Wanted(column.name, column.unit))
        if column.numbers is not None and clocks.counts_up(column.numbers):
            notes.append(
                f"{table.where}: the channel '{column.name}' {_counts(column)}; if it is a clock "
                "or a counter, name the others with --channel"
            )
    if not found:
        raise DataError(f"{table.where} has no column for a channel")
    return tuple(found), notes


def _named(table: Table, wanted: Wanted) -> Wanted:
    full = {c.full_name: c for c in table.columns.values()} | table.columns
    if wanted.name not in full and wanted.full in full:
        wanted = Wanted(wanted.full)
    column = table.column(wanted.name)
    return Wanted(column.name, wanted.unit or column.unit, wanted.scale)


def _no_channel(column: Column, options: Options) -> str:
    """Why a column that nobody named is no channel; empty where it is one."""
    if column.numbers is None:
        kinds = [kind for cell in (column.texts or ())[:1000] if (kind := kind_of(cell))]
        if kinds.count("n"):
            return ""  # a number in some rows: the reader is told of the others
        if not kinds:
            return "which is empty"
        return "which holds times" if kinds.count("t") else "which holds words"
    if column.bad_row < 0 and np.isnan(column.numbers).all():
        return "which is empty"
    if is_counter(column):
        return f"which {_counts(column)}: a clock or a counter (--time or --channel uses it)"
    return ""


def is_counter(column: Column) -> bool:
    """Whether a column goes up by the same step in every row, and its name says time or number."""
    if column.numbers is None or not clocks.counts_up(column.numbers):
        return False
    name = column.name.lower()
    known = bool(_COUNTERS & set(re.split(r"[\W_]+", name))) or column.name.startswith("column ")
    return known or clocks.looks_like_time_name(name)


def _counts(column: Column) -> str:
    assert column.numbers is not None
    return f"goes up by {column.numbers[1] - column.numbers[0]:g} in every row"


def kinds_of_rows(table: Table) -> list[str]:
    """Columns with a few words that come again and again: classes, or names of sensors."""
    found = []
    for column in table.columns.values():
        cells = column.texts
        if cells is None or kind_of(next((c for c in cells if c), "")) != "w":
            continue
        different = len(set(cells))
        if 2 <= different <= _MOST_KINDS and different <= len(cells) / 4:
            found.append(column.name)
    return found


def sentinels_in(values: np.ndarray) -> list[float]:
    """Values that likely stand for a missing one: known as such, and far from all others."""
    there = values[~np.isnan(values)]
    found = []
    for value in (float(there.min()), float(there.max())) if len(there) else ():
        others = there[there != value]
        if len(others) < 2 or value not in SENTINELS:
            continue
        span = float(np.ptp(others)) or 1.0
        if min(abs(value - float(others.min())), abs(value - float(others.max()))) > _FAR * span:
            found.append(value)
    return found


def sentinel_notes(where: str, names: Sequence[str], values: np.ndarray) -> list[str]:
    """What to say of them."""
    return [
        f"{where}: '{name}' is {value:g} in {int((values[:, i] == value).sum()):,} "
        "rows, far from all other values; if it marks missing values, give "
        f"--missing-value {value:g}"
        for i, name in enumerate(names)
        for value in sentinels_in(values[:, i])
    ]
