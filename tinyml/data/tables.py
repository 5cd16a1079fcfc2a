"""Text tables, read with one sentence for whatever is wrong in them."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError
from tinyml.files import read_text

_ROWS_AT_A_TIME: Final = 1 << 15  # are texts


@dataclass(frozen=True)
class Columns:
    """A table's cells as text, column by column, all of one length."""

    where: str  # the file, for messages
    cells: Mapping[str, Sequence[str]]
    first_line: int = 2  # of the first row in the file

    def text(self, name: str) -> Sequence[str]:
        """One column; DataError where there is none of that name."""
        if name not in self.cells:
            there = ", ".join(self.cells)
            raise DataError(f"{self.where} has no column '{name}'; it has {there}")
        return self.cells[name]

    def numbers(
        self, *names: str, decimal: str = ".", missing: Container[str] = ()
    ) -> npt.NDArray[np.float64]:
        """Columns as ``[rows][names]``; an empty cell is NaN, and so are those in ``missing``.

        DataError names line and column of a cell that is no number.
        """
        return np.stack([self._column(name, decimal, missing) for name in names], axis=-1)

    def _column(self, name: str, decimal: str, missing: Container[str]) -> npt.NDArray[np.float64]:
        cells = [cell.strip() for cell in self.text(name)]
        texts = [
            "nan" if not cell or cell in missing else cell.replace(decimal, ".") for cell in cells
        ]
        try:
            return np.array(texts, np.float64)
        except ValueError:
            row = next(row for row, text in enumerate(texts) if not is_number(text))
        raise DataError(
            f"{self.where} line {self.first_line + row}: column '{name}' has {cells[row]!r}, "
            "which is not a number"
        )


def is_number(text: str) -> bool:
    """Whether it reads as one, with a decimal point."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_csv(
    path: Path,
    *,
    delimiter: str = ",",
    header: Iterable[str] | None = None,
    headless: bool = False,
    encoding: str = "utf-8-sig",
    exact: bool = False,
    skipped: int = 0,
) -> Columns:
    """A CSV's columns.

    ``header`` replaces the first line's names, or gives them to a ``headless`` file. Empty lines
    are left out, and so are ``skipped`` lines before all others. DataError where the file has no
    rows, or one is too short; or too long, where rows must be ``exact``.
    """
    try:
        lines = io.StringIO(read_text(path, DataError, encoding), newline="")
        rows = list(csv.reader(lines, delimiter=delimiter))[skipped:]
    except csv.Error as error:
        raise DataError(f"{path} is not a text table ({error})") from error
    names = [name.strip() for name in (rows[0] if header is None else header)] if rows else []
    first = skipped + 1
    numbered = enumerate(rows, first)
    body = [(line, row) for line, row in numbered if any(row) and (line > first or headless)]
    if not body:
        raise DataError(f"{path} has no rows below its header")
    for line, row in body:
        if len(row) < len(names) or (exact and len(row) > len(names)):
            raise DataError(
                f"{path} line {line} has {len(row)} cells, but the header has {len(names)}"
            )
    columns = zip(*(row[: len(names)] for _, row in body), strict=True)
    return Columns(str(path), dict(zip(names, columns, strict=True)), body[0][0])


def read_plain(
    path: Path, names: Sequence[str], text: str = ""
) -> tuple[npt.NDArray[np.float64], list[str] | None] | None:
    """Columns of numbers ``[rows][names]`` and one of ``text``, if there, of a large plain CSV.

    None where a row or cell is not plain, or a name is missing: :func:`read_csv` then says what.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            places = [header.index(name) for name in names]
            labels: list[str] | None = [] if text in header else None
            parts = []
            while rows := list(islice(reader, _ROWS_AT_A_TIME)):
                if {*map(len, rows)} != {len(header)}:
                    return None
                cells = list(zip(*rows, strict=True))
                columns = [np.fromiter(map(float, cells[i]), float, len(rows)) for i in places]
                parts.append(np.stack(columns, axis=-1))
                if labels is not None:
                    labels += map(sys.intern, map(str.strip, cells[header.index(text)]))
    except (OSError, ValueError, csv.Error):
        return None
    return (np.concatenate(parts), labels) if parts else None


def require_numbers(
    columns: Columns, names: Sequence[str], values: npt.NDArray[np.float64]
) -> None:
    """DataError naming the first cell that is missing or not finite in ``[rows][names]``."""
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, column = bad[0]
        raise DataError(
            f"{columns.where}: {len(bad)} missing or infinite values, the first in line "
            f"{columns.first_line + row}, column '{names[column]}'; remove those rows or fill them"
        )
