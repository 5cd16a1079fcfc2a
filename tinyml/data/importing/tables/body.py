"""The rows below a header: what is no row is a boundary, is left out and counted, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.asking import UnsettledError
from tinyml.data.importing.tables import layout as layouts
from tinyml.data.importing.tables import text
from tinyml.data.importing.tables.layout import Layout, Row
from tinyml.data.importing.tables.table import Understanding
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
        self._count = 0
        self._last_line = 0

    def rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Those of data, from all of the file; DataError names a damaged one."""
        width, first = self.layout.width, self.layout.first_line
        heads = {cells[0] for cells in self.layout.head}
        for row in rows:
            line, cells = row
            if line < first:
                continue
            odd = len(cells) != width or cells[0] in heads or cells[0][:1] in ("#", "/", "%")
            if odd and not self._is_data(line, cells):
                continue
            if cells:
                self._last_line = line
            self._count += 1
            yield row

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

    def boundaries(self) -> npt.NDArray[np.int64]:
        """Rows at which a new section begins, without the first."""
        starts = [row for row in self._starts if row < self._count]
        sizes = np.diff([0, *starts, self._count])
        if starts and np.median(sizes) < _SHORTEST:
            starts = []
        found = np.array(sorted({*starts, *self._gaps} - {0, self._count}), np.int64)
        return found
