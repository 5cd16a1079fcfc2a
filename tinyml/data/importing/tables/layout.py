"""Where a text table's header ends and its rows begin, and what stands between its cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.tables import numbers
from tinyml.data.importing.tables.text import (
    DAMAGED,
    STAMP,
    pair_names,
    with_stamps_apart,
    with_values_alone,
)
from tinyml.errors import DataError

SPACES: Final = " "  # any run of blanks
COMMENT: Final = ("#", "//", "%")
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_LINES: Final = 2000
UNNAMED: Final = "\0"  # the name that a header is short of
_FEWEST_OF_A_TABLE: Final = 5  # rows of numbers that are no accident
_NAMED_DELIMITER: Final = re.compile(r'"?sep=(?P<delimiter>[^\w"])"?', re.I)  # Excel's first line
_TIME: Final = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ,][^;\t|]*)?"  # a date, perhaps with a time
    r"|\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?"
    r"|\d{1,2}[- /][A-Za-z]{3,9}[- /]\d{2,4}[^;\t|]*|[A-Za-z]{3,9} \d{1,2},? \d{4}[^;\t|]*"
)
_UNIT: Final = re.compile(r"[^\d\s][^\s]{0,11}( [^\s\d]{1,8})?|")
_WORD_SCORE: Final = 0.5
_SPACES_SCORE: Final = 0.9  # blanks also stand inside of dates and names

Row = tuple[int, list[str]]  # the line it ends in, and its cells


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are a table."""

    delimiter: str
    stamped: bool  # a serial monitor's time stands before each line
    pairs: tuple[str, ...]  # the names in lines of name=value, in their order
    width: int  # cells of a row
    names: tuple[str, ...]  # empty where there is no header
    units: tuple[str, ...]
    header_line: int  # of the names, from 1; 0 where there is none
    first_line: int  # of the data
    head: frozenset[tuple[str, ...]]  # the rows above the data, to know them again
    above: tuple[str, ...]  # lines above the data that are left out
    sample: tuple[tuple[str, ...], ...]  # the first rows


def kind_of(cell: str) -> str:
    """Whether a cell is empty, a number, a time or a word: '', 'n', 't' or 'w'."""
    text = cell.strip()
    if numbers.is_missing(text):
        return ""
    if numbers.looks_like_number(text):
        return "n"
    return "t" if _TIME.fullmatch(text) else "w"


def cells_of(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """The cells of each line, by the line's number from 1; an empty line has none."""
    if delimiter == SPACES:
        for number, line in enumerate(lines, 1):
            cells = line.split()
            yield (
                number,
                [f"# {cells[1]}", *cells[2:]] if cells[:1] == ["#"] and cells[1:] else cells,
            )
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    for cells in reader:
        yield reader.line_num, cells


def chunks_of(
    lines: Iterator[str], delimiter: str, size: int
) -> Iterator[tuple[npt.NDArray[np.int64], list[list[str]]]]:
    """The cells of many lines at a time, with the line that each row ends in."""
    if delimiter == SPACES:
        plain = cells_of(lines, delimiter)
        while chunk := list(islice(plain, size)):
            yield np.array([number for number, _ in chunk]), [cells for _, cells in chunk]
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    before = 0
    while rows := list(islice(reader, size)):
        numbers = np.arange(before + 1, before + 1 + len(rows))
        if reader.line_num - before != len(rows):  # ends of lines stand in some cells
            more = [sum(cell.count("\n") for cell in cells) for cells in rows]
            numbers += np.cumsum(more)
        yield numbers, rows
        before = reader.line_num


def is_comment(cells: Sequence[str]) -> bool:
    """Whether the row is a comment."""
    # A column that is called # has the rows' numbers.
    return bool(cells) and cells[0].startswith(COMMENT) and (cells[0] != "#" or len(cells) < 2)


def find(lines: Iterator[str], where: str, told: str = "", header_line: int = 0) -> Layout:
    """The layout by the file's first lines; DataError where they are no table.

    Args:
        lines: of the file, from its start.
        where: the file, for messages.
        told: the delimiter, where the user names it.
        header_line: the line of the names, from 1, where a profile says it; else 0.
    """
    sample = [line.rstrip("\n") for line in islice(lines, _SAMPLE_LINES)]
    stamped = sum(bool(STAMP.match(line)) for line in sample) > len(sample) / 2
    named = _NAMED_DELIMITER.fullmatch(sample[0]) if sample else None
    if told and len(told) != 1:
        raise DataError(f"--delimiter must be one character, such as ';', not '{told}'")
    bare = [STAMP.sub("", line) if stamped else line for line in sample[bool(named) :]]
    pairs = pair_names(bare) if not stamped and not told else ()
    if pairs:
        bare = sample = list(with_values_alone(iter(sample), pairs))
    delimiter = told or (named["delimiter"] if named else _delimiter(bare))
    whole = with_stamps_apart(iter(sample), delimiter) if stamped else iter(sample)
    rows = list(cells_of(whole, delimiter))[bool(named) :]
    full = [row for row in rows if any(row[1]) and not is_comment(row[1])]
    if not full:
        raise DataError(f"{where} has no rows")
    width = _width([cells for _, cells in full])
    first, data = _first_data(full, width, header_line)
    _require_one_table(full[:first], delimiter, width, where)
    names, units, used = _header(rows, full[:first], data, width, header_line)
    start = data[0][0] if data else rows[-1][0] + 1
    head = [row for row in rows if row[0] < start and any(row[1])]
    if stamped and names:
        names = ("time", *names[1:])
    return Layout(
        delimiter=delimiter,
        stamped=stamped,
        pairs=pairs,
        width=width,
        names=pairs or names,
        units=units,
        header_line=used[0] if used else 0,
        first_line=start,
        head=frozenset(tuple(cells) for _, cells in head),
        above=tuple(delimiter.join(cells) for number, cells in head if number not in used),
        sample=tuple(tuple(cells) for _, cells in data if len(cells) == width),
    )


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the most lines into the same number of cells that are numbers or times."""
    scores = {mark: _score(lines, mark) for mark in _DELIMITERS}
    scores[SPACES] = _SPACES_SCORE * _score(lines, SPACES)
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] else ","


def _score(lines: Sequence[str], delimiter: str) -> float:
    try:
        rows = [c for _, c in cells_of(lines, delimiter) if any(c) and not is_comment(c)]
    except csv.Error:
        return 0.0
    width = _width(rows) if rows else 1
    if width < 2:
        return 0.0
    alike = [cells for cells in rows if len(cells) == width]
    found = [_clean(cell) for cells in alike for cell in cells]
    return sum(found) / len(found) * len(alike) / len(rows)


def _clean(cell: str) -> float:
    kind = kind_of(cell)
    if kind != "w":
        return 1.0
    return 0.0 if any(mark in cell for mark in _DELIMITERS) else _WORD_SCORE


def _width(rows: Sequence[Sequence[str]]) -> int:
    """The usual number of cells."""
    counts = Counter(len(cells) for cells in rows if list(cells) != [DAMAGED])
    return max(counts, key=lambda width: (counts[width], width)) if counts else 1


def _first_data(rows: Sequence[Row], width: int, header_line: int) -> tuple[int, Sequence[Row]]:
    """Where the data begin: the first row whose cells are of the columns' kinds."""
    alike = [cells for number, cells in rows if len(cells) == width and number > header_line]
    later = alike[len(alike) // 2 :]
    kinds = [_usual([kind_of(cells[i]) for cells in later]) for i in range(width)]
    for index, (number, cells) in enumerate(rows):
        if len(cells) != width or number <= header_line:
            continue
        own = [kind_of(cell) for cell in cells]
        fits = all(k in ("", "w") or o in (k, "") for k, o in zip(kinds, own, strict=True))
        if fits and any(kind in ("n", "t") for kind in own):
            return index, rows[index:]
    return len(rows), []


def _require_one_table(above: Sequence[Row], delimiter: str, width: int, where: str) -> None:
    """DataError where rows of numbers stand above the data: they are another table's."""
    measured = [
        (number, cells)
        for number, cells in above
        if len(cells) > 1 and sum(kind_of(cell) in ("n", "t") for cell in cells) >= len(cells) - 1
    ]
    if len(measured) >= _FEWEST_OF_A_TABLE:
        number, cells = measured[0]
        raise DataError(
            f"{where} line {number} and {len(measured) - 1} further lines have other columns than "
            f"the {width} of the rows below ({delimiter.join(cells)[:60]}): these are two tables; "
            "put each into a file of its own"
        )


def _usual(kinds: Iterable[str]) -> str:
    counts = Counter(kind for kind in kinds if kind)
    return max(counts, key=lambda kind: counts[kind]) if counts else ""


def _header(
    rows: Sequence[Row], above: Sequence[Row], data: Sequence[Row], width: int, header_line: int
) -> tuple[tuple[str, ...], tuple[str, ...], list[int]]:
    """Names and units, and the lines that these stand in."""
    near = [(number, _fitted(cells, width)) for number, cells in above]
    fitting = [(number, cells) for number, cells in near if cells is not None]
    if header_line:
        fitting = [(number, cells) for number, cells in fitting if number >= header_line]
    block = _block(fitting, above)
    if block:
        number, cells = block[0]
        if any(len(own) == width - 1 for line, own in above if line == number):
            cells = [*cells[:-1], UNNAMED]
        units: list[str] = []
        used = [number]
        if len(block) > 1 and all(_UNIT.fullmatch(cell.strip()) for cell in block[1][1]):
            units = block[1][1]
            used.append(block[1][0])
        return _stripped(cells), _stripped(units), used
    start = data[0][0] if data else 0
    for number, cells in reversed(rows):
        if number < start and is_comment(cells):
            spoken = [cells[0].lstrip("#/% "), *cells[1:]]
            spoken = spoken[1:] if not spoken[0] and len(spoken) == width + 1 else spoken
            if len(spoken) == width:
                return _stripped(spoken), (), [number]
    return (), (), []


def _fitted(cells: list[str], width: int) -> list[str] | None:
    """A header's cells for rows of ``width``, which may end in an empty cell more or less."""
    if len(cells) == width + 1 and not cells[-1].strip():
        return cells[:-1]
    if len(cells) == width - 1:
        return [*cells, ""]
    return cells if len(cells) == width else None


def _block(fitting: list[Row], above: Sequence[Row]) -> list[Row]:
    """The header rows that stand together right above the data."""
    if not fitting or not above or fitting[-1][0] != above[-1][0]:
        return []
    block = [fitting[-1]]
    for row in reversed(fitting[:-1]):
        if row[0] != block[0][0] - 1 or not _names(row[1]):
            break
        block.insert(0, row)
    return block


def _names(cells: Sequence[str]) -> bool:
    """Whether they may be the names of columns: words for all, but perhaps for one."""
    spoken = [cell.strip() for cell in cells]
    words = [cell for cell in spoken if cell and kind_of(cell) == "w"]
    return len(words) >= len(cells) - 1 and len(set(words)) > len(words) / 2


def _stripped(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)
