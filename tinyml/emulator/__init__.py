"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.emulator import Emulator, require_counting
from tinyml.emulator.faults import Faults

__all__ = ["Emulator", "Faults", "require_counting"]
