"""Lines that a program on a board prints: CSV, JSON or key=value, among whatever else it says.

Nothing is asked of the program. What its lines are is found from the first few that are alike; the
rest is counted: boot messages and other text, and lines that lack a piece.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_ALIKE: Final = 3  # lines that settle what the lines are
_MOST_BYTES: Final = 4096  # of a line; longer ones are none
_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_MISSING: Final = ("nan", "inf", "-inf", "ovf", "null", "")  # as Arduino and others print them
# Serial monitors put the time before each line.
_MONITOR: Final = re.compile(r"^\d\d:\d\d:\d\d(?:\.\d+)?\s*(?:->|[>|])\s*")
_PAIR: Final = re.compile(
    rf"\s*([A-Za-z_][\w .()/-]*?)\s*[=:]\s*({_NUMBER}|nan|inf|ovf)\s?([*°]?[A-Za-z%µ/²^]*[0-9]?)"
    r"\s*(?:[,;\t|]|\s|$)",
    re.IGNORECASE,
)
_BOOTS: Final = re.compile(
    r"^(rst:0x|ets [A-Z][a-z]{2}|ESP-ROM|\*\*\* Booting|Rebooting|Guru Meditation|.*boot: ESP-IDF)",
    re.IGNORECASE,
)
_DELIMITERS: Final = re.compile(r"\s*[,;\t]\s*|\s+")


@dataclass(frozen=True)
class Row:
    """A line of numbers."""

    values: tuple[float, ...]  # one a column; NaN where the program printed none
    arrived_s: float  # by the host's clock that nobody sets
    damaged_before: int  # lines since the row before that lacked a piece
    restarted: bool  # the program has begun again since the row before


@dataclass(frozen=True)
class _Shape:
    """What lines have in common: the names that they carry, or how many cells they have."""

    keys: tuple[str, ...]
    cells: int


@dataclass
class LineReader:
    """Rows from the bytes of a port, and counts of everything else."""

    header: tuple[str, ...] = ()  # names of the columns, where the program prints them
    damaged: int = 0
    other: list[str] = field(default_factory=list)  # the first lines that are no rows
    others: int = 0
    restarts: int = 0
    _buffer: bytearray = field(default_factory=bytearray)
    _whole: bool = False  # the line in the buffer was seen from its beginning
    _shape: _Shape | None = None
    _waiting: list[tuple[_Shape, tuple[float, ...], float]] = field(default_factory=list)
    _damaged_since: int = 0
    _restarted: bool = False
    _rows: int = 0

    @property
    def columns(self) -> int:
        """How many a row has; 0 as long as that is not known."""
        return self._shape.cells if self._shape else 0

    def put(self, data: bytes, arrived_s: float) -> Iterator[Row]:
        """The rows that ``data`` completes."""
        self._buffer += data
        *lines, rest = re.split(rb"[\r\n]+", bytes(self._buffer))
        self._buffer = bytearray(rest)
        for line in lines:
            text = line.decode("utf-8", "replace").strip("\0 \t")
            if text:
                yield from self._take(text, arrived_s)
            self._whole = True
        if len(self._buffer) > _MOST_BYTES:
            self._buffer.clear()
            self._whole = False
            self.damaged += 1

    def _take(self, text: str, arrived_s: float) -> Iterator[Row]:
        text = _MONITOR.sub("", text)
        found = parsed(text)
        if found is None:
            self._no_row(text)
        elif not self._whole:
            # Who listens from the middle of a line on would take 2.5 for 112.5.
            self.damaged += 1
        elif self._shape is None:
            self._waiting.append((*found, arrived_s))
            yield from self._settle()
        elif found[0] == self._shape:
            yield self._row(found[1], arrived_s)
        else:
            self._damage()

    def _no_row(self, text: str) -> None:
        cells = tuple(cell.strip('"') for cell in _DELIMITERS.split(text))
        names = bool(cells) and all(re.fullmatch(r"[A-Za-z_°%][^=:]*", cell) for cell in cells)
        if _BOOTS.match(text) or (names and cells == self.header):
            self._begin_again()
        if names and self._shape is None:
            self.header = cells
        elif names and cells == self.header:
            return
        elif self._shape is not None and _looks_cut(text):
            self._damage()
            return
        self.others += 1
        if len(self.other) < 5:
            self.other.append(text[:80])

    def _begin_again(self) -> None:
        if self._rows:
            self.restarts += not self._restarted
            self._restarted = True

    def _damage(self) -> None:
        self.damaged += 1
        self._damaged_since += 1

    def _settle(self) -> Iterator[Row]:
        [(shape, count)] = Counter(shape for shape, *_ in self._waiting).most_common(1)
        if count < _ALIKE:
            return
        self._shape = shape
        if shape.keys:
            self.header = shape.keys
        elif len(self.header) != shape.cells:
            self.header = ()
        for found, values, arrived_s in self._waiting:
            if found == shape:
                yield self._row(values, arrived_s)
            else:
                self._damage()
        self._waiting.clear()

    def _row(self, values: tuple[float, ...], arrived_s: float) -> Row:
        row = Row(values, arrived_s, self._damaged_since, self._restarted)
        self._damaged_since, self._restarted = 0, False
        self._rows += 1
        return row


def parsed(text: str) -> tuple[_Shape, tuple[float, ...]] | None:
    """The numbers of one line and its shape; None where it is no line of numbers."""
    if text[:1] in "{[":
        return _json(text)
    cells = _DELIMITERS.split(text.strip(" ,;\t"))
    numbers = [_number(cell) for cell in cells]
    if all(number is not None for number in numbers):
        values = tuple(number for number in numbers if number is not None)
        return (_Shape((), len(values)), values) if any(map(math.isfinite, values)) else None
    return _pairs(text)


def _number(cell: str) -> float | None:
    cell = cell.strip('"')
    if cell.lower() in _MISSING:
        return math.nan
    return float(cell) if re.fullmatch(_NUMBER, cell) else None


def _json(text: str) -> tuple[_Shape, tuple[float, ...]] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = dict(_flat(content, ""))
    keys = tuple(found) if isinstance(content, dict) else ()
    return (_Shape(keys, len(found)), tuple(found.values())) if found else None


def _flat(content: Any, name: str) -> Iterator[tuple[str, float]]:
    """The numbers in nested objects and lists; texts among them are left out."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(content, list):
        for number, value in enumerate(content, 1):
            yield from _flat(value, f"{name}{number}")
    elif content is None:
        yield name, math.nan
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name, float(content) if abs(content) < 1e300 else math.nan


def _pairs(text: str) -> tuple[_Shape, tuple[float, ...]] | None:
    at, found = 0, {}
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None:
            return None
        value = _number(match[2])
        found[match[1].strip()] = math.nan if value is None else value
        at = match.end()
    return (_Shape(tuple(found), len(found)), tuple(found.values())) if found else None


def _looks_cut(text: str) -> bool:
    """Whether text among rows is rather a row that lacks a piece than a message."""
    return sum(letter.isalpha() for letter in text) * 4 < len(text) or text[:1] in "{["


_SENTENCE: Final = re.compile(r"^\$(?:G[PNLABQI]|BD|QZ|P[A-Z])[A-Z]{2,4},")
_MODEM: Final = re.compile(r"^(?:OK|ERROR|AT[+&\w]*|RING|NO CARRIER|\+[A-Z]{3,}(?::| ).*)$")
_FRAME: Final = (b"\x06\x09", b"\x04\x14")
_ENOUGH_BYTES: Final = 48


def what_else(data: bytes) -> str:
    """What a port's first bytes are where they are no rows, and what to do; empty: not known."""
    if any(mark in data for mark in _FRAME):
        return "it is a node of tinyml; leave --lines out"
    lines = [line for line in re.split(r"[\r\n]+", data.decode("utf-8", "replace")) if line]
    odd = sum(not (32 <= byte < 127 or byte in b"\r\n\t") for byte in data)
    if len(data) >= _ENOUGH_BYTES and odd * 5 > len(data):
        return (
            "its bytes are no text: the baud rate is another (look for Serial.begin in the "
            "sketch and give --baud), or it speaks a binary protocol"
        )
    if _most(lines, _SENTENCE):
        return (
            "it is a GPS receiver, which prints NMEA sentences, not rows of numbers; give the "
            "port of the board that reads the sensor"
        )
    if _most(lines, _MODEM):
        return (
            "it is a modem, which prints answers to AT commands, not rows of numbers; give the "
            "port of the board that reads the sensor (a modem often has several ports)"
        )
    return ""


def _most(lines: Sequence[str], pattern: re.Pattern[str]) -> bool:
    hits = sum(bool(pattern.match(line.strip())) for line in lines)
    return hits >= 2 and hits * 2 > len(lines)
