# SPDX-License-Identifier: MIT
"""What an ELF file puts into memory before a start.

Source: Tool Interface Standard, Executable and Linking Format, version 1.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LOAD: Final = 1


def segments(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each stretch of memory that the file fills, by the address from which it is loaded."""
    data = path.read_bytes()
    (start,) = struct.unpack_from("<I", data, 28)
    size, count = struct.unpack_from("<2H", data, 42)
    for number in range(count):
        kind, offset, _, address, bytes_ = struct.unpack_from("<5I", data, start + number * size)
        if kind == _LOAD and bytes_:
            yield address, data[offset : offset + bytes_]
