"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.choice import emulators, require_counting
from tinyml.emulator.emulator import Emulator
from tinyml.emulator.faults import Faults

__all__ = ["Emulator", "Faults", "emulators", "require_counting"]
