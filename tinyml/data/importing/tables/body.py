"""The rows below a header: what is no row is a boundary, is left out and counted, or is refused."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinyml.data.importing.asking import UnsettledError
from tinyml.data.importing.tables import layout as layouts
from tinyml.data.importing.tables import text
from tinyml.data.importing.tables.layout import Layout
from tinyml.data.importing.tables.table import Rows, Understanding
from tinyml.errors import DataError

_SHORTEST: Final = 2  # rows: shorter sections mean that every row is followed by an empty line


class Body:
    """Goes through the rows once, and keeps what it met.

    Args:
        where: the file, for messages.
        layout: of its rows.
        tolerant: whether damaged rows are left out.
        whole: whether the last line has its end.
        understood: what is added to.
    """

    def __init__(
        self, where: str, layout: Layout, tolerant: bool, whole: bool, understood: Understanding
    ) -> None:
        self.where, self.layout, self.tolerant, self.whole = where, layout, tolerant, whole
        self.understood = understood
        self._starts: list[int] = []  # rows at which a section begins
        self._gaps: list[int] = []  # rows before which damaged ones were left out
        self._damaged: list[tuple[int, list[str]]] = []
        self._heads = {cells[0] for cells in layout.head}
        self._count = 0
        self._last_line = 0

    def good(self, lines: Rows, rows: list[list[str]]) -> tuple[Rows, list[list[str]]]:
        """Those of the rows that hold data, and their lines; DataError names a damaged one."""
        if lines[-1] < self.layout.first_line:
            return lines[:0], []
        if lines[0] < self.layout.first_line:
            late = int(np.searchsorted(lines, self.layout.first_line))
            lines, rows = lines[late:], rows[late:]
        if self._all_usual(rows):
            self._count += len(rows)
            self._last_line = int(lines[-1])
            return lines, rows
        kept = [i for i, row in enumerate(rows) if self._is_row(int(lines[i]), row)]
        return lines[kept], [rows[i] for i in kept]

    def _all_usual(self, rows: list[list[str]]) -> bool:
        """Whether all have as many cells as there are columns, and none looks like a header."""
        if {*map(len, rows)} != {self.layout.width}:
            return False
        first = [row[0] for row in rows]
        starts = "\n" + "\n".join(first)
        comments = any(f"\n{mark}" in starts for mark in layouts.COMMENT)
        return not comments and self._heads.isdisjoint(first) and ("" not in first)

    def _is_row(self, line: int, cells: list[str]) -> bool:
        odd = len(cells) != self.layout.width or cells[0] in self._heads
        odd = odd or cells[0].startswith(layouts.COMMENT)
        if (odd or not cells[0]) and not self._is_data(line, cells):
            return False
        self._last_line = line
        self._count += 1
        return True

    def _is_data(self, line: int, cells: list[str]) -> bool:
        if not any(cells) and len(cells) < 2:
            self._boundary()
            return False
        self._last_line = line
        if tuple(cells) in self.layout.head:
            self._boundary()
            return False
        if layouts.is_comment(cells):
            return False
        if len(cells) == self.layout.width:
            return True
        self._damaged.append((line, cells))
        self._gaps.append(self._count)
        if not self.tolerant and len(self._damaged) > 1:
            raise self._wrong()
        return False

    def _boundary(self) -> None:
        if self._count and self._starts[-1:] != [self._count]:
            self._starts.append(self._count)

    def finish(self) -> None:
        """DataError where there were no rows, or a damaged one that is not just cut at the end."""
        if not self._count:
            raise DataError(f"{self.where} has no rows below its header")
        if self._damaged and self._damaged[-1][0] == self._last_line and not self.whole:
            line, _ = self._damaged.pop()
            self._gaps.pop()
            self.understood.notes.append(
                f"{self.where}: the last line, {line}, is incomplete; it is left out"
            )
        if self._damaged and not self.tolerant:
            raise self._wrong()
        self.understood.damaged_lines += [line for line, _ in self._damaged]

    def _wrong(self) -> DataError:
        line, cells = self._damaged[0]
        others = f"the header has {len(self.layout.names)}"
        if not self.layout.names:
            others = f"the others have {self.layout.width}"
        what = f"has {len(cells)} cells, but {others}"
        if cells == [text.DAMAGED]:
            what = "is damaged: it contains zero bytes, as a logger that lost power leaves them"
        return UnsettledError(
            f"{self.where} line {line} {what}; leave such rows out with --skip-bad-rows",
            ("--skip-bad-rows",),
        )

    def boundaries(self) -> Rows:
        """Rows at which a new section begins, without the first."""
        starts = [row for row in self._starts if row < self._count]
        sizes = np.diff([0, *starts, self._count])
        if starts and np.median(sizes) < _SHORTEST:
            starts = []
        return np.array(starts, np.int64)

    def gaps(self) -> Rows:
        """Rows before which damaged ones were left out."""
        return np.array(sorted({*self._gaps} - {0, self._count}), np.int64)
