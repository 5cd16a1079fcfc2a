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
from tinyml.boards.bus import Bus, pin_number

__all__ = [
    "DEFAULT",
    "Board",
    "BoardModel",
    "Bus",
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
    "pin_number",
]
