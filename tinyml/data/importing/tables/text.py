"""A file's lines: encodings, line ends, NULs of a logger that lost power, stamps of a monitor."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tinyml.data.importing.asking import UnsettledError
from tinyml.errors import DataError
from tinyml.files import reason

DAMAGED: Final = "\x01"  # stands for a line with NULs
# Arduino's serial monitor puts the time before each line.
STAMP: Final = re.compile(r"(\d{1,2}:\d{2}:\d{2}(?:\.\d{1,6})?)\s*->\s?")
_VALUE: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PAIR: Final = re.compile(rf"([A-Za-z_]\w*)\s*[=:]\s*({_VALUE})")
_PAIRS: Final = re.compile(rf"(?:[A-Za-z_]\w*\s*[=:]\s*{_VALUE}[,;\s]*)+")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path, told: str) -> str:
    """The encoding: as told, or by the mark at the file's start, or UTF-8."""
    if told:
        try:
            codecs.lookup(told)
        except LookupError as error:
            raise DataError(f"--encoding '{told}' is not a known encoding; try cp1252") from error
        return told
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as problem:
        raise DataError(f"{path} cannot be read: {reason(problem)}") from problem
    if not start:
        raise DataError(f"{path} is empty; record it again, or leave it out")
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """All lines, without their ends; DataError where one is not text in this encoding."""
    try:
        with path.open(encoding=encoding, newline=None) as file:
            for line in file:
                yield line if "\0" not in line else (line.strip("\0") and DAMAGED)
    except OSError as problem:
        raise DataError(f"{path} cannot be read: {reason(problem)}") from problem
    except UnicodeError as problem:
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding
        raise UnsettledError(
            f"{path} is not a text file in {wanted}; give its encoding, for example --encoding "
            "cp1252 (Windows in western Europe)",
            ("--encoding", "cp1252") if encoding == "utf-8" else (),
        ) from problem


def ends_whole(path: Path, encoding: str) -> bool:
    """Whether the last line has its end: a logger that loses power writes half a line."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4, 0))
        return file.read().decode("latin-1").replace("\0", "").endswith(("\n", "\r"))


def pair_names(lines: Sequence[str]) -> tuple[str, ...]:
    """The names in lines such as ``ax=1.5, ay:2``; empty where most lines are of another form."""
    found = Counter(_names(line) for line in lines if line.strip())
    names, count = found.most_common(1)[0] if found else ((), 0)
    return names if count > sum(found.values()) / 2 else ()


def _names(line: str) -> tuple[str, ...]:
    whole = _PAIRS.fullmatch(line.strip())
    return tuple(name for name, _ in _PAIR.findall(line)) if whole else ()


def with_values_alone(lines: Iterator[str], names: tuple[str, ...]) -> Iterator[str]:
    """Lines of pairs as their values, parted by commas; other lines as they are."""
    for line in lines:
        if _names(line) == names:
            yield ",".join(value for _, value in _PAIR.findall(line))
        else:
            yield line


def with_stamps_apart(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    """Lines of a serial monitor with the time before ``->`` as their first cell."""
    for line in lines:
        found = STAMP.match(line)
        yield f"{found[1]}{delimiter}{line[found.end() :]}" if found else line
