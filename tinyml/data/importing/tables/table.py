"""A table in memory: columns of numbers or texts, where each row stood, and what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """One column: numbers, NaN where missing, or texts."""

    name: str
    unit: str = ""
    numbers: Floats | None = None
    texts: Sequence[str] | None = None
    bad_row: int = -1  # the first whose cell is no number in a column of numbers
    bad_cell: str = ""
    full_name: str = ""  # as the file has it, where a unit stands in it

    @property
    def is_text(self) -> bool:
        """Whether it holds words or times."""
        return self.numbers is None


@dataclass
class Understanding:
    """What a table file seems to be, in the words of ``tinyml data inspect --json``."""

    file: str
    format: str  # "text table", "Parquet", "JSON records"
    profile: str = ""  # the profile's name, where one fits
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header_line: int = 0  # of the names, from 1; 0 where there is none
    first_line: int = 0  # of the data
    above: list[str] = field(default_factory=list)  # lines above the data that are left out
    time: list[str] = field(default_factory=list)  # columns
    time_form: str = ""  # in words
    time_unit: str = ""  # of numbers
    time_zone: str = ""  # empty where nothing says it
    rate_hz: float = 0.0
    rows: int = 0
    sections: int = 1
    damaged_lines: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Table:
    """All rows of a file."""

    where: str  # the file, for messages
    columns: dict[str, Column]
    lines: Rows  # of each row in the file
    starts: Rows  # rows at which a new section begins, without the first
    understood: Understanding
    gaps: Rows = field(default_factory=lambda: np.zeros(0, np.int64))  # rows after damaged ones

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Column:
        """A column by its name, with or without the unit in it; DataError where there is none."""
        if name in self.columns:
            return self.columns[name]
        for column in self.columns.values():
            if column.full_name == name:
                return column
        raise DataError(f"{self.where} has no column '{name}'; it has {', '.join(self.columns)}")

    def numbers(self, name: str) -> Floats:
        """A column's numbers; DataError names the line of the first cell that is none."""
        column = self.column(name)
        row, cell = column.bad_row, column.bad_cell
        if column.numbers is None:
            texts = column.texts or ()
            row, cell = 0, texts[0] if texts else ""
        elif row < 0:
            return column.numbers
        raise DataError(
            f"{self.where} line {self.lines[row]}: column '{name}' has {cell.strip()!r}, which is "
            "not a number; choose columns with --channel, say what marks a missing value with "
            "--missing-value, give the decimal mark with --decimal, or --skip-bad-rows"
        )

    def texts(self, name: str) -> Sequence[str]:
        """A column's cells as texts."""
        column = self.column(name)
        if column.texts is not None:
            return column.texts
        assert column.numbers is not None
        return [f"{value:.15g}" for value in column.numbers.tolist()]

    def take(self, rows: Rows) -> Table:
        """Some of the rows, in this order; sections are forgotten."""
        columns = {
            name: Column(
                name,
                c.unit,
                None if c.numbers is None else c.numbers[rows],
                None if c.texts is None else [c.texts[row] for row in rows],
                c.bad_row,
                c.bad_cell,
                c.full_name,
            )
            for name, c in self.columns.items()
        }
        none = np.zeros(0, np.int64)
        return Table(self.where, columns, self.lines[rows], none, self.understood)
