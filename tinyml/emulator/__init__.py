"""Emulated boards: start, connect, reset, count instructions."""

from tinyml.emulator.faults import Faults
from tinyml.emulator.qemu import Emulator

__all__ = ["Emulator", "Faults"]
