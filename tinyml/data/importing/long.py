"""Tables with one value a row: the names of channels stand in a column."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinyml.data.importing.recording import Options
from tinyml.data.importing.tables import Column, Table
from tinyml.data.importing.tables.numbers import POINT, number, style_of
from tinyml.errors import DataError

_MOST_NAMES: Final = 200  # more are no names of channels


def widened(table: Table, options: Options) -> Table:
    """A column for each name, a row for each time (of each session and group).

    A time at which a name has no value is missing there. A name whose values are words is left
    out. DataError where one name has two values at one time.
    """
    names = np.array(table.texts(options.long_name))
    found, which = np.unique(names, return_inverse=True)
    if len(found) > _MOST_NAMES:
        raise DataError(
            f"{table.where}: column '{options.long_name}' has {len(found):,} names, but "
            f"at most {_MOST_NAMES} channels are possible; name another column with "
            "--long NAME,VALUE"
        )
    keys = [table.texts(n) for n in (*options.time, options.session, options.group) if n]
    moments: dict[tuple[str, ...], int] = {}
    slots = np.array([moments.setdefault(key, len(moments)) for key in zip(*keys, strict=True)])
    if not options.time:
        raise DataError(f"{table.where}: name the column of times with --time")
    _require_single(table, options, which, slots, found)
    first = np.zeros(len(moments), np.int64)
    first[slots[::-1]] = np.arange(len(slots))[::-1]
    kept = table.take(first)
    columns = {
        name: kept.columns[name]
        for name in (
            table.column(n).name for n in (*options.time, options.session, options.group) if n
        )
    }
    values, is_word = _values(table, options)
    units = table.texts(options.long_unit) if options.long_unit else None
    for index, name in enumerate(found.tolist()):
        mine = np.flatnonzero(which == index)
        if not name or is_word[mine].any():
            table.understood.notes.append(
                f"{table.where}: left out '{name}', because its values are words"
            )
            continue
        column = np.full(len(moments), np.nan)
        column[slots[mine]] = values[mine]
        columns[name] = Column(name, units[mine[0]] if units else "", column)
    none = np.zeros(0, np.int64)
    return Table(table.where, columns, kept.lines, none, table.understood)


def _require_single(
    table: Table, options: Options, which: np.ndarray, slots: np.ndarray, found: np.ndarray
) -> None:
    pairs = slots * len(found) + which.reshape(-1)
    unique, first = np.unique(pairs, return_index=True)
    if len(unique) < len(pairs):
        second = int(np.setdiff1d(np.arange(len(pairs)), first)[0])
        raise DataError(
            f"{table.where} line {table.lines[second]}: '{found[which.reshape(-1)[second]]}' has "
            "two values at one time; name the column that tells sensors apart with --session or "
            "--group"
        )


def _values(table: Table, options: Options) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of all rows, and where there are words instead."""
    column = table.column(options.long_value)
    if column.numbers is not None and column.bad_row < 0:
        return column.numbers, np.zeros(len(table), bool)
    style = style_of(options.decimal or table.understood.decimal or POINT, options.missing)
    cells = [number(text, style) for text in table.texts(options.long_value)]
    words = np.array([cell is None for cell in cells])
    return np.array([np.nan if cell is None else cell for cell in cells]), words
