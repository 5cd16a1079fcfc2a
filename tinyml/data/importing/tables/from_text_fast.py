"""Large text tables, read by pyarrow where it is installed.

Only what is plain through and through is read so: whatever pyarrow would not read as the careful
reader does makes it give up, and the careful reader takes its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.tables.layout import SPACES, Layout
from tinyml.data.importing.tables.names import Name
from tinyml.data.importing.tables.numbers import MISSING_WORDS, POINT, Style
from tinyml.data.importing.tables.table import Column

_BLOCK_BYTES: Final = 1 << 20  # at a time
_EDGE_BYTES: Final = 4
_SMALLEST_BYTES: Final = 8_000_000  # smaller files are read soon enough
# What the careful reader treats as more than cells: empty lines, comments, zeros, quotes.
_SPECIAL: Final = (b"\n\n", b"\n\r", b"\n#", b"\n%", b"\n//", b"\0", b'"')


def read(
    path: Path,
    encoding: str,
    layout: Layout,
    names: Sequence[Name | None],
    texts: Collection[int],
    style: Style,
) -> list[Column] | None:
    """The columns, of which those at ``texts`` are texts; None where the file is not plain."""
    plain = (
        encoding.startswith("utf-8")
        and not (layout.stamped or layout.pairs)
        and style.decimal == POINT
    )
    if path.stat().st_size < _SMALLEST_BYTES or not plain or layout.delimiter == SPACES:
        return None
    try:
        import pyarrow  # noqa: PLC0415, F401 - an extra
    except ImportError:
        return None
    count = _plain_lines(path) - layout.first_line + 1
    if count < 1:
        return None
    # Whole columns from the start: pieces that are joined would fill the memory twice.
    numbers = {i: np.empty(count) for i in range(layout.width) if i not in texts}
    words: dict[int, list[str]] = {index: [] for index in texts}
    if _fill(path, layout, style, numbers, words) != count:
        return None
    for values in numbers.values():
        for sentinel in style.missing_numbers:
            values[values == sentinel] = np.nan
    return [
        Column(name.name, name.unit, numbers.get(i), words.get(i), full_name=name.full)
        for i, name in enumerate(names)
        if name is not None
    ]


def _fill(
    path: Path,
    layout: Layout,
    style: Style,
    numbers: Mapping[int, npt.NDArray[np.float64]],
    words: Mapping[int, list[str]],
) -> int:
    """Read the cells into columns; returns the number of rows, 0 where pyarrow refuses one."""
    import pyarrow  # noqa: PLC0415

    row = 0
    try:
        with _opened(path, layout, style, words) as reader:
            for batch in reader:
                for index, values in enumerate(batch.columns):
                    if index in words:
                        words[index].extend(_words(values))
                    else:
                        column = values.to_numpy(zero_copy_only=False)
                        numbers[index][row : row + len(batch)] = column
                row += len(batch)
    except (pyarrow.ArrowException, ValueError):
        return 0
    return row


def _opened(path: Path, layout: Layout, style: Style, texts: Collection[int]) -> Any:
    """pyarrow's reader of the rows, block by block."""
    import pyarrow  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    labels = [f"{index}" for index in range(layout.width)]
    missing = sorted(
        {*MISSING_WORDS, *style.missing_texts} | {w.upper() for w in MISSING_WORDS} | {"NaN"}
    )
    return csv.open_csv(
        path,
        read_options=csv.ReadOptions(
            skip_rows=layout.first_line - 1,
            column_names=labels,
            block_size=_BLOCK_BYTES,
            use_threads=False,  # which would read ahead, and fill the memory
        ),
        parse_options=csv.ParseOptions(delimiter=layout.delimiter, quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types={
                label: pyarrow.string() if index in texts else pyarrow.float64()
                for index, label in enumerate(labels)
            },
            null_values=missing,
            strings_can_be_null=False,
        ),
        memory_pool=pyarrow.system_memory_pool(),
    )


def _plain_lines(path: Path) -> int:
    """The number of lines, if nothing stands between the rows and the last is whole; else 0."""
    count = 0
    with path.open("rb") as file:
        block = file.read(_BLOCK_BYTES)
        if b"\r" in block and b"\r\n" not in block:
            return 0
        while block:
            count += block.count(b"\n")
            if any(special in block for special in _SPECIAL):
                return 0
            # What is special may stand at the edge of two blocks.
            last, more = block[-_EDGE_BYTES:], file.read(_BLOCK_BYTES)
            count -= last.count(b"\n") if more else 0
            block = last + more if more else b""
    return count if last.endswith(b"\n") else 0


def _words(values: Any) -> list[str]:
    coded = values.dictionary_encode()
    words = [word.strip() for word in coded.dictionary.to_pylist()]
    return [words[code] for code in coded.indices.to_pylist()]
