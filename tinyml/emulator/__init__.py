"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.choice import can_count, emulators, require_counting
from tinyml.emulator.emulator import Emulator
from tinyml.emulator.faults import Faults
from tinyml.emulator.parts import Part, can_emulate

__all__ = [
    "Emulator",
    "Faults",
    "Part",
    "can_count",
    "can_emulate",
    "emulators",
    "require_counting",
]
