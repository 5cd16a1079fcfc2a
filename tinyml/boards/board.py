"""Boards and cores as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tinyml.errors import BoardError
from tinyml.toml import Table, read_toml, require_known

_FOLDER: Final = Path(__file__).parent
PROOFS: Final = ("emulated", "built", "exported")
DEFAULT: Final = "mps2-an386"


@dataclass(frozen=True)
class Core:
    """A processor core."""

    name: str
    flags: tuple[str, ...]  # of the compiler
    features: frozenset[str]  # of "armv6m", "thumb2", "dsp", "fpu", "mve"


@dataclass(frozen=True)
class Memory:
    """A stretch of a board's addresses."""

    origin: int
    bytes: int


@dataclass(frozen=True)
class Emulation:
    """How a board is emulated."""

    program: str
    machine: str


@dataclass(frozen=True)
class Board:
    """A board, as its TOML describes it."""

    name: str
    title: str
    core: str
    clock_hz: int
    port: str  # folder under firmware/ports
    proof: str  # one of PROOFS: how far it has been shown to work
    flash: Memory
    ram: Memory
    storage: Memory | None  # what survives a reset
    emulator: Emulation | None

    @property
    def flash_bytes(self) -> int:
        """Room for code and constants."""
        return self.flash.bytes

    @property
    def ram_bytes(self) -> int:
        """Room for data, arena and stack."""
        return self.ram.bytes


def names() -> list[str]:
    """All boards, in the order of their names."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem != "cores")


@cache
def load(name: str) -> Board:
    """The board ``name``; BoardError where there is none."""
    require_known(name, names(), "board", BoardError)
    path = _FOLDER / f"{name}.toml"
    table = Table(read_toml(path, BoardError), path.name, BoardError)
    board = Board(
        name=name,
        title=table.get("title", str),
        core=core(table.get("core", str)).name,
        clock_hz=table.get("clock_hz", int),
        port=table.get("port", str),
        proof=table.choice("proof", PROOFS),
        flash=_memory(table.table("flash")),
        ram=_memory(table.table("ram")),
        storage=_optional_memory(table.table("storage", optional=True)),
        emulator=_emulation(table.table("emulator", optional=True)),
    )
    table.finish()
    return board


def _memory(table: Table) -> Memory:
    memory = Memory(table.get("origin", int), table.get("bytes", int))
    table.finish()
    return memory


def _optional_memory(table: Table) -> Memory | None:
    size: int = table.get("bytes", int, 0)
    return Memory(table.get("origin", int), size) if size else None


def _emulation(table: Table) -> Emulation | None:
    program: str = table.get("program", str, "-")
    return None if program == "-" else Emulation(program, table.get("machine", str))


@cache
def _cores() -> dict[str, Core]:
    tables = read_toml(_FOLDER / "cores.toml", BoardError)
    found = {}
    for name, value in tables.items():
        table = Table(value, f"cores.toml [{name}]", BoardError)
        found[name] = Core(
            name, tuple(table.get("flags", list)), frozenset(table.get("features", list))
        )
        table.finish()
    return found


def core(name: str) -> Core:
    """The core ``name``; BoardError where there is none."""
    require_known(name, _cores(), "core", BoardError)
    return _cores()[name]
