"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.choice import can_count, can_emulate, emulators, require_counting
from tinyml.emulator.emulator import Emulator
from tinyml.emulator.faults import Faults
from tinyml.emulator.machine import Part

__all__ = [
    "Emulator",
    "Faults",
    "Part",
    "can_count",
    "can_emulate",
    "emulators",
    "require_counting",
]
