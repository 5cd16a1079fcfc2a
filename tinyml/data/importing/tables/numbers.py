"""Numbers as people write them: decimal marks, marks of thousands, words for what is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

POINT: Final = "."
COMMA: Final = ","
# Cells that stand for nothing in the tables that people have; compared in small letters.
MISSING_WORDS: Final = frozenset(
    ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", "unavailable",
     "unknown", "missing", "no data", "nodata", "#value!", "#div/0!", "#ref!", "#num!")
)  # fmt: skip
_NUMBER: Final = re.compile(
    r"[-+]?(?:\d{1,3}(?:[.,'\u2019\s]\d{3})+(?:[.,]\d*)?|\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?"
)
_ENDLESS: Final = re.compile(r"[-+]?inf(inity)?", re.I)
# One mark before three digits at the end: thousands, or three decimals.
_ONE_GROUP: Final = re.compile(r"[-+]?[1-9]\d{0,2}([.,])\d{3}")
_GROUPS: Final = {
    POINT: re.compile(r"[-+]?\d{1,3}(?:[,'\u2019\s]\d{3})+(?:\.\d*)?(?:[eE][-+]?\d+)?"),
    COMMA: re.compile(r"[-+]?\d{1,3}(?:[.'\u2019\s]\d{3})+(?:,\d*)?(?:[eE][-+]?\d+)?"),
}
_MARKS: Final = {POINT: re.compile(r"[,'\u2019\s]"), COMMA: re.compile(r"[.'\u2019\s]")}


@dataclass(frozen=True)
class Style:
    """How a file writes its numbers."""

    decimal: str = POINT
    missing_texts: frozenset[str] = frozenset()  # in small letters, beside MISSING_WORDS
    missing_numbers: frozenset[float] = field(default=frozenset())


def style_of(decimal: str, missing: Iterable[str]) -> Style:
    """With what the user says is missing: -999 also stands for -999.00."""
    texts = frozenset(cell.strip().lower() for cell in missing)
    plain = Style(decimal)
    values = (number(text, plain) for text in texts if text not in MISSING_WORDS)
    numbers = frozenset(value for value in values if value is not None and not math.isnan(value))
    return Style(decimal, texts, numbers)


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value."""
    return cell.strip().lower() in MISSING_WORDS


def looks_like_number(cell: str) -> bool:
    """Whether the cell is a number in some style of writing."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _ENDLESS.fullmatch(text))


def decimals_of(cells: Iterable[str]) -> set[str]:
    """What the cells say of the file's decimal mark.

    Holds ``"."`` and ``","`` where a cell can be read with that mark alone, ``"?."`` and ``"?,"``
    where a mark stands once before three digits and may be of thousands.
    """
    found = set()
    for cell in cells:
        text = cell.strip()
        if not ("." in text or "," in text) or not _NUMBER.fullmatch(text):
            continue
        doubt = _ONE_GROUP.fullmatch(text)
        found.add(f"?{doubt[1]}" if doubt else _mark_of(text))
    return found


def _mark_of(text: str) -> str:
    """The decimal mark of a number that can be read in one way."""
    last = max(text.rfind("."), text.rfind(","))
    mark = text[last]
    # A mark that stands twice is of thousands.
    return {POINT: COMMA, COMMA: POINT}[mark] if text.count(mark) > 1 else mark


def number(text: str, style: Style) -> float | None:
    """A cell's number; NaN where it is missing, None where it is not a number."""
    text = text.strip()
    small = text.lower()
    if small in MISSING_WORDS or small in style.missing_texts:
        return float("nan")
    if style.decimal == COMMA or "," in text or "'" in text or " " in text or not text.isascii():
        if _GROUPS[style.decimal].fullmatch(text):
            text = _MARKS[style.decimal].sub("", text)
        elif style.decimal == COMMA and "." in text:
            return None
        if style.decimal == COMMA:
            text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def parse(cells: Sequence[str], style: Style) -> tuple[Floats, list[int]]:
    """The cells' numbers, and the rows whose cells are none."""
    bad: list[int] = []
    try:
        if style.decimal == COMMA:
            raise ValueError  # float() would take 1.250 for a little more than one
        values = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        memo: dict[str, float | None] = {}
        values = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            value = memo[cell] if cell in memo else memo.setdefault(cell, number(cell, style))
            if value is None:
                bad.append(row)
            else:
                values[row] = value
    for sentinel in style.missing_numbers:
        values[values == sentinel] = np.nan
    return values, bad
