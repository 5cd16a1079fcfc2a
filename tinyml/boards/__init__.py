"""One TOML a board: core, memories, port, emulator."""

from tinyml.boards.board import DEFAULT, Board, Core, Emulation, Memory, core, load, names

__all__ = ["DEFAULT", "Board", "Core", "Emulation", "Memory", "core", "load", "names"]
