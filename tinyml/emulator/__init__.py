"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.choice import can_count, emulators, require_counting
from tinyml.emulator.emulator import Emulator
from tinyml.emulator.faults import Faults

__all__ = ["Emulator", "Faults", "can_count", "emulators", "require_counting"]
