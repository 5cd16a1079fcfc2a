"""Reading Intel hex files: pieces of memory by address. Source: Intel, Hexadecimal Object File
Format Specification, 1988."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tinyml.errors import EmulatorError

_DATA, _END, _SEGMENT, _LINEAR = 0, 1, 2, 4
_HEAD_BYTES: Final = 4


def read_hex(path: Path) -> dict[int, bytes]:
    """Data records by address; EmulatorError names the line that is none."""
    pieces: dict[int, bytes] = {}
    base = 0
    try:
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise EmulatorError(f"{path} cannot be read as an Intel hex file: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = bytes.fromhex(line.removeprefix(":"))
        except ValueError:
            record = b""
        if len(record) != sum(record[:1]) + _HEAD_BYTES + 1 or sum(record) % 256 != 0:
            raise EmulatorError(f"{path}: line {number} is not a line of an Intel hex file")
        offset, kind = int.from_bytes(record[1:3], "big"), record[3]
        data = record[_HEAD_BYTES:-1]
        if kind == _DATA:
            pieces[base + offset] = data
        elif kind in (_SEGMENT, _LINEAR):
            base = int.from_bytes(data, "big") << (4 if kind == _SEGMENT else 16)
        elif kind == _END:
            break
    return pieces
