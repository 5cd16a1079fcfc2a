"""A bounds-checked reader of FlatBuffers, for files that nobody vouches for.

Every access is checked against the buffer before it is made, so a damaged or hostile file ends in
one :class:`~tinyml.errors.InvalidModelError`, never in a crash, a hang or a large allocation: a
vector cannot claim more bytes than the file has.

Source: https://flatbuffers.dev/internals/ (format of tables, vtables, vectors and unions).
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import InvalidModelError

_SCALARS: Final = {
    code: struct.Struct("<" + code) for code in ("b", "B", "h", "H", "i", "I", "q", "Q", "f", "?")
}

_LONGEST_TEXT: Final = 1024


class Buffer:
    """The bytes of a file, read only within their bounds."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def scalar(self, position: int, code: str) -> int | float | bool:
        """The scalar of `struct` format ``code`` at ``position``."""
        form = _SCALARS[code]
        if position < 0 or position + form.size > len(self.data):
            raise _outside(position)
        value: int | float | bool = form.unpack_from(self.data, position)[0]
        return value

    def integer(self, position: int, code: str) -> int:
        """The integer of `struct` format ``code`` at ``position``."""
        return int(self.scalar(position, code))

    def follow(self, position: int) -> int:
        """The target of the 32-bit forward offset at ``position``."""
        target = position + self.integer(position, "I")
        if target >= len(self.data):
            raise _outside(target)
        return target

    def root(self) -> Table:
        """The file's root table."""
        return Table(self, self.follow(0))


class Table:
    """A FlatBuffers table; fields are addressed by their slot, counted from 0."""

    def __init__(self, buffer: Buffer, position: int) -> None:
        self._buffer = buffer
        self._position = position
        self._vtable = position - buffer.integer(position, "i")
        self._vtable_bytes = buffer.integer(self._vtable, "H")

    def _field(self, slot: int) -> int | None:
        """Position of the field's data, or None where the field is absent."""
        entry = 4 + 2 * slot
        if entry + 2 > self._vtable_bytes:
            return None
        offset = self._buffer.integer(self._vtable + entry, "H")
        return self._position + offset if offset else None

    def scalar(self, slot: int, code: str, default: int | float | bool = 0) -> int | float | bool:
        """A scalar field of `struct` format ``code``, or its default."""
        position = self._field(slot)
        return default if position is None else self._buffer.scalar(position, code)

    def integer(self, slot: int, code: str, default: int = 0) -> int:
        """An integer field of `struct` format ``code``, or its default."""
        return int(self.scalar(slot, code, default))

    def table(self, slot: int) -> Table | None:
        """A field that is a table (or the value of a union), or None."""
        position = self._field(slot)
        return None if position is None else Table(self._buffer, self._buffer.follow(position))

    def _vector(self, slot: int, item_bytes: int) -> tuple[int, int] | None:
        """Position of the first item and number of items, or None."""
        field = self._field(slot)
        if field is None:
            return None
        position = self._buffer.follow(field)
        count = self._buffer.integer(position, "I")
        if position + 4 + count * item_bytes > len(self._buffer.data):
            raise _outside(position + 4 + count * item_bytes)
        return position + 4, count

    def array(self, slot: int, dtype: npt.DTypeLike) -> npt.NDArray[Any] | None:
        """A vector of scalars as a read-only array, or None where the field is absent."""
        item = np.dtype(dtype).newbyteorder("<")
        found = self._vector(slot, item.itemsize)
        if found is None:
            return None
        return np.frombuffer(self._buffer.data, item, count=found[1], offset=found[0])

    def integers(self, slot: int, dtype: npt.DTypeLike = np.int32) -> tuple[int, ...]:
        """A vector of integers; empty where the field is absent."""
        found = self.array(slot, dtype)
        return () if found is None else tuple(int(value) for value in found)

    def data(self, slot: int) -> bytes:
        """A vector of bytes; empty where the field is absent."""
        found = self._vector(slot, 1)
        return b"" if found is None else self._buffer.data[found[0] : found[0] + found[1]]

    def text(self, slot: int) -> str:
        """A string that can be printed: other characters are replaced, and too many left out.

        Names from a file end up in messages and C sources; they must not drive a terminal.
        """
        text = self.data(slot)[:_LONGEST_TEXT].decode("utf-8", "replace")
        return "".join(character if character.isprintable() else "?" for character in text)

    def tables(self, slot: int) -> list[Table]:
        """A vector of tables; empty where the field is absent."""
        found = self._vector(slot, 4)
        if found is None:
            return []
        first, count = found
        return [
            Table(self._buffer, self._buffer.follow(first + 4 * index)) for index in range(count)
        ]


def _outside(position: int) -> InvalidModelError:
    return InvalidModelError(
        f"the file is damaged: it refers to byte {position}, which is outside the "
        "file; download or export it again"
    )
