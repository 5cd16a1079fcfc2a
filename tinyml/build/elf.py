"""Reading what is needed of an ELF file: sections, symbols and what flash holds.

Source: Tool Interface Standard, Executable and Linking Format, version 1.2. Only 32-bit
little-endian files are read, which is what the compilers make.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from elftools.common.exceptions import ELFError
from elftools.construct import ConstructError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyml import boards
from tinyml.boards import Board
from tinyml.errors import BuildError, TinymlError

# By the architectures of tinyml.boards.
MACHINES: Final = {"cortex_m": "EM_ARM", "avr": "EM_AVR", "riscv": "EM_RISCV"}
_THUMB, _DATA = "$t", "$d"
_CODE_END: Final = "tml_code_end"
_NAMED: Final = ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE")
# What pyelftools raises at fields that make no sense.
_DAMAGED: Final = (
    ELFError, ConstructError, struct.error, LookupError, MemoryError, OverflowError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A section that occupies memory on the device, or describes it."""

    name: str
    address: int
    load_address: int  # where flash holds its content
    offset: int
    bytes: int
    allocated: bool  # it lies in the device's memory
    loaded: bool  # flash holds its content
    executable: bool


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
            raise BuildError(
                f"{path} is not a 32-bit ELF image; give an .elf that `tinyml build` made"
            )
        found = cls(path, data)
        try:
            _ = found.machine, found.sections, found.symbols
        except _DAMAGED as error:
            raise BuildError(f"{path} is cut off or damaged; build it again") from error
        return found

    @cached_property
    def _file(self) -> Any:
        return ELFFile(io.BytesIO(self.data))

    @cached_property
    def machine(self) -> str:
        """Which processors it is for: a value of MACHINES, or another."""
        return str(self._file["e_machine"])

    @cached_property
    def entry(self) -> int:
        """The address that execution starts at, as debuggers take it."""
        return int(self._file["e_entry"])

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All sections."""
        segments = [segment.header for segment in self._file.iter_segments("PT_LOAD")]
        return tuple(_section(found, segments) for found in self._file.iter_sections())

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """Functions, objects and the linker's marks by name."""
        return {symbol.name: symbol for symbol in _symbols(self._file, defined_only=False)}

    @cached_property
    def thumb_code(self) -> tuple[tuple[int, bytes], ...]:
        """Address and bytes of each stretch of Thumb instructions without data between.

        Compilers mark where code and data begin, with the symbols ``$t`` and ``$d``: ELF for the
        Arm Architecture (IHI 0044), mapping symbols. Where the link script says where code ends,
        with ``tml_code_end``, what follows is data.
        """
        limit = self.symbols.get(_CODE_END)
        marks: dict[int, list[tuple[int, str]]] = {}
        for symbol in _symbol_rows(self._file):
            if symbol.name[:2] in (_THUMB, _DATA):
                mark = (int(symbol["st_value"]), symbol.name[:2])
                marks.setdefault(symbol["st_shndx"], []).append(mark)
        found = []
        for number, section in enumerate(self.sections):
            if not (section.loaded and section.executable):
                continue
            content, inside = self.content(section), sorted(marks.get(number, []))
            end = (section.address + section.bytes, _DATA)
            if limit is not None and section.address <= limit.address < end[0]:
                end = (limit.address, _DATA)
                inside = [mark for mark in inside if mark[0] < limit.address]
            for (start, kind), (stop, _) in zip(inside, [*inside[1:], end], strict=True):
                if kind == _THUMB:
                    code = content[start - section.address : stop - section.address]
                    found.append((start, code))
        return tuple(found)

    def content(self, section: Section) -> bytes:
        """The bytes of a loaded section; BuildError where the file ends before them."""
        data = self.data[section.offset : section.offset + section.bytes]
        if len(data) != section.bytes:
            raise BuildError(f"{self.path} is cut off or damaged; build it again")
        return data


def _section(found: Any, segments: list[Any]) -> Section:
    header = found.header
    address, size = int(header["sh_addr"]), int(header["sh_size"])
    allocated = bool(header["sh_flags"] & SH_FLAGS.SHF_ALLOC)
    load_address = address
    for segment in segments:
        start = segment["p_vaddr"]
        if start <= address and address + size <= start + segment["p_memsz"]:
            load_address = segment["p_paddr"] + address - start
            break
    return Section(
        name=str(found.name),
        address=address,
        load_address=load_address,
        offset=int(header["sh_offset"]),
        bytes=size,
        allocated=allocated,
        loaded=allocated and header["sh_type"] != "SHT_NOBITS",
        executable=bool(header["sh_flags"] & SH_FLAGS.SHF_EXECINSTR),
    )


def _symbol_rows(file: Any) -> Iterator[Any]:
    for section in file.iter_sections():
        if isinstance(section, SymbolTableSection):
            yield from section.iter_symbols()


def _symbols(file: Any, *, defined_only: bool) -> Iterator[Symbol]:
    for symbol in _symbol_rows(file):
        kind = symbol["st_info"]["type"]
        wanted = kind in _NAMED and not (defined_only and symbol["st_shndx"] == "SHN_UNDEF")
        # Marks that tell code from data begin with a $, labels inside of functions with .L.
        marks = ("$", ".L") if kind == "STT_NOTYPE" else ("$",)
        if wanted and symbol.name and not symbol.name.startswith(marks):
            function = kind == "STT_FUNC"
            value = int(symbol["st_value"])
            address = value & ~1 if function else value
            yield Symbol(str(symbol.name), address, int(symbol["st_size"]), function)


def defined_symbols(path: Path) -> set[str]:
    """Names that an object file defines."""
    with path.open("rb") as stream:
        return {symbol.name for symbol in _symbols(ELFFile(stream), defined_only=True)}


def read_for(board: Board, path: Path, error: type[TinymlError]) -> Elf:
    """An image; ``error`` where it was built for another kind of core, BuildError where none."""
    image = Elf.read(path)
    core = boards.core(board.core)
    if image.machine != MACHINES[core.architecture]:
        raise error(
            f"{path} was built for another core than that of {board.name} ({core.name}); "
            f"build it with --board {board.name}"
        )
    return image
