"""Text tables: CSV, TSV and whatever loggers and serial monitors write."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.importing.profile import Profile
from tinyml.data.importing.recording import Options
from tinyml.data.importing.tables import from_text_fast, numbers, text
from tinyml.data.importing.tables import layout as layouts
from tinyml.data.importing.tables import names as naming
from tinyml.data.importing.tables.body import Body
from tinyml.data.importing.tables.layout import Layout
from tinyml.data.importing.tables.names import Name
from tinyml.data.importing.tables.numbers import Floats, Style
from tinyml.data.importing.tables.table import Column, Rows, Table, Understanding
from tinyml.errors import DataError

_CHUNK_ROWS: Final = 1 << 15  # so many are texts at a time


def read(path: Path, options: Options, profile: Profile | None, as_text: Collection[str]) -> Table:
    """The table; columns in ``as_text`` stay texts even where they look like numbers."""
    where = str(path)
    encoding = text.encoding_of(path, options.encoding)
    try:
        return _read(path, encoding, options, profile, as_text)
    except csv.Error as error:
        raise DataError(f"{where} is not a table of text ({error})") from error


def _read(
    path: Path, encoding: str, options: Options, profile: Profile | None, as_text: Collection[str]
) -> Table:
    where = str(path)
    line = profile.header_line if profile is not None else 0
    layout = layouts.find(text.lines_of(path, encoding), where, options.delimiter, line)
    names = naming.columns_of(layout, where, options)
    style = numbers.style_of(_decimal(path, encoding, layout, options), options.missing)
    understood = Understanding(
        where,
        "text table",
        encoding=encoding,
        delimiter=layout.delimiter,
        decimal=style.decimal,
        header_line=layout.header_line,
        first_line=layout.first_line,
        above=list(layout.above),
    )
    texts = {i for i, name in enumerate(names) if _is_text(layout, i, name, as_text)}
    fast = from_text_fast.read(path, encoding, layout, names, texts, style)
    if fast is not None:
        count = len(fast[0].numbers if fast[0].numbers is not None else fast[0].texts or ())
        understood.rows = count
        lines = np.arange(layout.first_line, layout.first_line + count)
        plain = {column.name: column for column in fast}
        return Table(where, plain, lines, np.zeros(0, np.int64), understood)
    return _carefully(path, encoding, layout, names, texts, style, options, understood)


def _carefully(
    path: Path,
    encoding: str,
    layout: Layout,
    names: Sequence[Name | None],
    texts: Collection[int],
    style: Style,
    options: Options,
    understood: Understanding,
) -> Table:
    """Row by row, for what is in between them as well."""
    where = str(path)
    whole = text.ends_whole(path, encoding)
    body = Body(where, layout, options.skip_bad_rows, whole, understood)
    columns = [
        _Growing(name, index, style, index in texts)
        for index, name in enumerate(names)
        if name is not None
    ]
    lines = []
    for numbered, rows in layouts.chunks_of(
        _lines(path, encoding, layout), layout.delimiter, _CHUNK_ROWS
    ):
        places, good = body.good(numbered, rows)
        if good:
            cells = list(zip(*good, strict=True))
            for column in columns:
                column.add(cells[column.index])
            lines.append(places)
    body.finish()
    understood.rows = sum(map(len, lines))
    found = Table(
        where,
        {column.name.name: column.done() for column in columns},
        np.concatenate(lines),
        body.boundaries(),
        understood,
        body.gaps(),
    )
    return _trimmed(found, columns, options.skip_bad_rows)


def _lines(path: Path, encoding: str, layout: Layout) -> Iterator[str]:
    lines = text.lines_of(path, encoding)
    if layout.pairs:
        return text.with_values_alone(lines, layout.pairs)
    return text.with_stamps_apart(lines, layout.delimiter) if layout.stamped else lines


def _decimal(path: Path, encoding: str, layout: Layout, options: Options) -> str:
    """The file's decimal mark; DataError where the numbers do not settle it."""
    if options.decimal:
        return options.decimal
    found = {*numbers.decimals_of(cell for row in layout.sample for cell in row)}
    if not found & {".", ","}:
        # The first rows do not settle it: all others are asked.
        for number, cells in layouts.cells_of(_lines(path, encoding, layout), layout.delimiter):
            if number >= layout.first_line:
                found |= numbers.decimals_of(cells)
            if found & {".", ","}:
                break
    sure = found & {".", ","}
    if len(sure) == 1:
        return sure.pop()
    if not found or (found == {"?."} and layout.delimiter == ","):
        return "."
    cells = [cell.strip() for row in layout.sample for cell in row if numbers.decimals_of([cell])]
    example = f" such as {cells[0]!r}" if cells else ""
    raise DataError(
        f"{path}: numbers{example} can be read with a decimal point or a decimal "
        "comma; give --decimal . or --decimal ,"
    )


def _is_text(layout: Layout, index: int, name: Name | None, as_text: Collection[str]) -> bool:
    """Whether a column is kept as texts: names, times, and whatever is mostly no number."""
    if name is not None and (name.name in as_text or name.full in as_text):
        return True
    kinds = [kind for row in layout.sample if (kind := layouts.kind_of(row[index]))]
    return kinds.count("n") < len(kinds) / 2


class _Growing:
    """A column while the file is read."""

    def __init__(self, name: Name, index: int, style: Style, is_text: bool) -> None:
        self.name, self.index, self.style, self.is_text = name, index, style, is_text
        self.bad: list[tuple[int, str]] = []
        self._numbers: list[Floats] = []
        self._texts: list[str] = []
        self._known: dict[str, str] = {}
        self._count = 0

    def add(self, cells: tuple[str, ...]) -> None:
        """The next rows' cells."""
        if self.is_text:
            # Equal texts are kept once: labels repeat.
            known = self._known if len(self._known) < _CHUNK_ROWS else {}
            self._texts += [known.setdefault(cell, cell) for cell in map(str.strip, cells)]
        else:
            values, bad = numbers.parse(cells, self.style)
            self._numbers.append(values)
            self.bad += [(self._count + row, cells[row]) for row in bad]
        self._count += len(cells)

    def done(self) -> Column:
        """The whole column."""
        row, cell = self.bad[0] if self.bad else (-1, "")
        return Column(
            self.name.name,
            self.name.unit,
            None if self.is_text else np.concatenate(self._numbers),
            self._texts if self.is_text else None,
            row,
            cell,
            self.name.full,
        )


def _trimmed(table: Table, columns: list[_Growing], tolerant: bool) -> Table:
    """Without empty rows at the end, as spreadsheets leave; without damaged cells if so told."""
    there = np.zeros(len(table), bool)
    for column in table.columns.values():
        if column.numbers is not None:
            there |= ~np.isnan(column.numbers)
        else:
            there |= np.fromiter(map(bool, column.texts or ()), bool, len(table))
    for growing in columns:
        for row, _ in growing.bad:
            there[row] = True
    last = int(np.flatnonzero(there)[-1]) + 1 if there.any() else 0
    if not last:
        raise DataError(f"{table.where} has no rows below its header")
    bad = sorted({row for growing in columns for row, _ in growing.bad}) if tolerant else []
    if last == len(table) and not bad:
        return table
    kept = np.setdiff1d(np.arange(last), bad)
    table.understood.damaged_lines += [int(table.lines[row]) for row in bad]
    found = table.take(kept)
    for name, column in found.columns.items() if tolerant else ():
        found.columns[name] = replace(column, bad_row=-1, bad_cell="")
    found.understood.rows = len(kept)
    found.starts = _moved(table.starts, kept)
    found.gaps = _moved(np.union1d(table.gaps, bad), kept)
    return found


def _moved(rows: Rows, kept: Rows) -> Rows:
    """Where boundaries are among the rows that are kept."""
    found = np.unique(np.searchsorted(kept, rows))
    return found[(found > 0) & (found < len(kept))]
