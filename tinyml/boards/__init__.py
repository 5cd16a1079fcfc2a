"""One TOML a board: core, memories, port, emulator, flashers, electrical figures."""

from tinyml.boards.board import (
    DEFAULT,
    Board,
    BoardModel,
    Core,
    Emulation,
    Flashing,
    Memory,
    ModelledDevice,
    NodeMemory,
    Power,
    core,
    load,
    names,
)

__all__ = [
    "DEFAULT",
    "Board",
    "BoardModel",
    "Core",
    "Emulation",
    "Flashing",
    "Memory",
    "ModelledDevice",
    "NodeMemory",
    "Power",
    "core",
    "load",
    "names",
]
