"""One TOML a board: core, memories, port, emulator, flashers, electrical figures."""

from tinyml.boards.board import (
    DEFAULT,
    Board,
    Core,
    Emulation,
    Flashing,
    Memory,
    NodeMemory,
    Power,
    core,
    load,
    names,
)

__all__ = [
    "DEFAULT",
    "Board",
    "Core",
    "Emulation",
    "Flashing",
    "Memory",
    "NodeMemory",
    "Power",
    "core",
    "load",
    "names",
]
