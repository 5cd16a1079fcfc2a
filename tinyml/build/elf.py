"""Reading what is needed of an ELF file: sections and symbols.

Source: Tool Interface Standard, Executable and Linking Format, version 1.2. Only 32-bit
little-endian files are read, which is what the ARM compiler makes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.errors import BuildError, TinymlError

_SYMBOL_TABLE: Final = 2
_NO_BITS: Final = 8
_WRITE, _ALLOCATE, _EXECUTE = 1, 2, 4
_FUNCTION, _OBJECT = 2, 1
_THUMB, _DATA = "$t", "$d"
# By the architectures of tinyml.boards.
MACHINES: Final = {"cortex_m": 40, "avr": 83, "riscv": 243}


@dataclass(frozen=True)
class Section:
    """A section that occupies memory on the device, or describes it."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    bytes: int
    link: int

    @property
    def allocated(self) -> bool:
        """Whether it lies in the device's memory."""
        return bool(self.flags & _ALLOCATE)

    @property
    def loaded(self) -> bool:
        """Whether flash holds its content."""
        return self.allocated and self.kind != _NO_BITS


@dataclass(frozen=True)
class Symbol:
    """A function or an object; addresses of Thumb functions without their lowest bit."""

    name: str
    address: int
    bytes: int
    is_function: bool


@dataclass(frozen=True)
class Elf:
    """An executable."""

    path: Path
    data: bytes

    @classmethod
    def read(cls, path: Path) -> Elf:
        """Read a file; BuildError where it is not such an ELF."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BuildError(f"{path} cannot be read: {error.strerror}") from error
        if data[:6] != b"\x7fELF\x01\x01":
            raise BuildError(f"{path} is not a 32-bit ELF image; give one that `tinyml build` made")
        found = cls(path, data)
        try:
            _ = found.machine, found.sections, found.symbols
        except (struct.error, IndexError, ValueError) as error:
            raise BuildError(f"{path} is cut off or damaged; build it again") from error
        return found

    @cached_property
    def machine(self) -> int:
        """Which processors it is for: a value of MACHINES, or another."""
        (number,) = struct.unpack_from("<H", self.data, 18)
        return int(number)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All sections."""
        start, size, count, names = struct.unpack_from("<I10xHHH", self.data, 32)
        rows = [struct.unpack_from("<10I", self.data, start + i * size) for i in range(count)]
        return tuple(
            Section(
                name=self._text(rows[names][4] + row[0]),
                kind=row[1],
                flags=row[2],
                address=row[3],
                offset=row[4],
                bytes=row[5],
                link=row[6],
            )
            for row in rows
        )

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """Functions, objects and the linker's marks by name."""
        found: dict[str, Symbol] = {}
        for name, value, size, kind, _ in self._symbol_rows():
            if kind in (_FUNCTION, _OBJECT, 0) and name and not name.startswith("$"):
                function = kind == _FUNCTION
                address = value & ~1 if function else value
                found[name] = Symbol(name, address, size, function)
        return found

    @cached_property
    def thumb_code(self) -> tuple[tuple[int, bytes], ...]:
        """Address and bytes of each stretch of Thumb instructions without data between.

        Compilers mark where code and data begin, with the symbols ``$t`` and ``$d``: ELF for the
        Arm Architecture (IHI 0044), mapping symbols.
        """
        rows = [row for row in self._symbol_rows() if row[0][:2] in (_THUMB, _DATA)]
        found = []
        for number, section in enumerate(self.sections):
            if not (section.loaded and section.flags & _EXECUTE):
                continue
            marks = sorted(
                (value, name[:2]) for name, value, _, _, inside in rows if inside == number
            )
            end = section.address + section.bytes
            for (start, kind), (stop, _) in zip(marks, [*marks[1:], (end, _DATA)], strict=True):
                first = section.offset + start - section.address
                if kind == _THUMB:
                    found.append((start, self.data[first : first + stop - start]))
        return tuple(found)

    def _symbol_rows(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Name, value, size, kind and the number of its section of every symbol."""
        for section in self.sections:
            if section.kind != _SYMBOL_TABLE:
                continue
            names = self.sections[section.link].offset
            for offset in range(section.offset, section.offset + section.bytes, 16):
                row = struct.unpack_from("<IIIBxH", self.data, offset)
                name, value, size, info, inside = row
                yield self._text(names + name), value, size, info & 15, inside

    def _text(self, offset: int) -> str:
        return self.data[offset : self.data.index(b"\0", offset)].decode(errors="replace")


def read_for(board: Board, path: Path, error: type[TinymlError]) -> Elf:
    """An image; ``error`` where it was built for another kind of core, BuildError where none."""
    image = Elf.read(path)
    core = boards.core(board.core)
    if image.machine != MACHINES[core.architecture]:
        raise error(
            f"{path} is not for {board.name}, whose core is another kind ({core.name});"
            f" build it with --board {board.name}"
        )
    return image
