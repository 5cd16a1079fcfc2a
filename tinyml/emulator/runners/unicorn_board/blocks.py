# SPDX-License-Identifier: MIT
"""Counting instructions, block by block, and ending a run after so many.

A block is a stretch of code that is always executed from its begin to its end; the emulated core
calls a hook at the begin of each. The hook is a function of C where there is a compiler, else one
of Python that does the same.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

from unicorn import UC_HOOK_BLOCK, Uc
from unicorn.unicorn_py3.unicorn import uclib

SLOT_BYTES: Final = 2  # of code: the shortest instruction
_MEET: Final = ctypes.CFUNCTYPE(None, ctypes.c_uint64, ctypes.c_uint32)


class _State(ctypes.Structure):
    """The same as state_t in blocks.c, which says what the fields are."""

    _fields_ = (
        ("origin", ctypes.c_uint64),
        ("slots", ctypes.c_uint64),
        ("left", ctypes.c_int64),
        ("stopped", ctypes.c_uint64),
        ("pausing", ctypes.c_uint64),
        ("stop", ctypes.c_void_p),
        ("meet", _MEET),
        ("executions", ctypes.c_void_p),
        ("bytes", ctypes.c_void_p),
        ("lengths", ctypes.c_void_p),
    )


class Blocks:
    """The hook of an engine, and what it has seen.

    Args:
        engine: the core.
        origin: of the code that is counted.
        size: of it, in bytes.
        instruction_bytes: the size of an instruction whose first two bytes are given as a number.
        counts: a shared counter for every two bytes of the code, and one for all that lies
            elsewhere; None where nobody asks for them.
        library: blocks.c as a shared library, or None.
    """

    def __init__(
        self,
        engine: Uc,
        origin: int,
        size: int,
        instruction_bytes: Callable[[int], int],
        counts: memoryview | None,
        library: str | None,
    ) -> None:
        self._engine = engine
        self._instruction_bytes = instruction_bytes
        self._counts = counts
        slots = size // SLOT_BYTES
        self._executions = (ctypes.c_uint64 * slots)()
        self._bytes = (ctypes.c_uint32 * slots)()
        self._lengths = (ctypes.c_uint32 * slots)()
        self._met: set[int] = set()  # slots where blocks begin
        self._places: dict[tuple[int, int], list[int]] = {}  # of the instructions of a block
        self._before = 0
        self._given = 0
        self._state = _State(
            origin,
            slots,
            meet=_MEET(self._meet),
            stop=ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p),
            executions=ctypes.addressof(self._executions),
            bytes=ctypes.addressof(self._bytes),
            lengths=ctypes.addressof(self._lengths),
        )
        if library is None:
            engine.hook_add(UC_HOOK_BLOCK, self._begin)
        else:
            self._add(ctypes.CDLL(library).tml_block)

    def _add(self, function: Any) -> None:
        handle = ctypes.c_size_t()
        failed = uclib.uc_hook_add(
            self._engine._uch,
            ctypes.byref(handle),
            UC_HOOK_BLOCK,
            ctypes.cast(function, ctypes.c_void_p),
            ctypes.byref(self._state),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        assert failed == 0

    def begin(self, instructions: int) -> None:
        """Before a run that shall end after so many, at the begin of the next block."""
        self._before = self.executed
        self._given = self._state.left = instructions
        self._state.stopped = 0

    def hurry(self) -> None:
        """End the run at the begin of the next block."""
        self._given -= max(self._state.left, 0)
        self._state.left = min(self._state.left, 0)

    @property
    def stopped(self) -> bool:
        """Whether the last run ended because it had lasted long enough."""
        return bool(self._state.stopped)

    @property
    def executed(self) -> int:
        """Instructions so far, up to the end of the block that runs."""
        return self._before + self._given - int(self._state.left)

    @property
    def pausing(self) -> bool:
        """Whether nothing is counted, and no run ended."""
        return bool(self._state.pausing)

    @pausing.setter
    def pausing(self, value: bool) -> None:
        self._state.pausing = value

    def count(self, address: int) -> None:
        """One execution of the instruction at this address."""
        self._given += 1
        self._add_counts(address, SLOT_BYTES, 1)

    def forget(self) -> None:
        """After code has changed."""
        self.spread()
        self._places.clear()
        for slot in self._met:
            self._bytes[slot] = 0
        self._met.clear()

    def spread(self) -> None:
        """Write what was counted of blocks to the instructions' counters."""
        for slot in self._met:
            self._spread(slot)

    def _spread(self, slot: int) -> None:
        executions = self._executions[slot]
        if executions:
            self._executions[slot] = 0
            address = self._state.origin + slot * SLOT_BYTES
            self._add_counts(address, self._bytes[slot], executions)

    def _add_counts(self, address: int, size: int, executions: int) -> None:
        if self._counts is None:
            return
        last = len(self._counts) - 1
        for place in self._places_of(address, size):
            slot = self._slot(place)
            self._counts[slot if 0 <= slot < last else last] += executions

    def _slot(self, address: int) -> int:
        return (address - int(self._state.origin)) // SLOT_BYTES

    def _places_of(self, address: int, size: int) -> list[int]:
        """Addresses of the instructions of a block."""
        known = self._places.get((address, size))
        if known is not None:
            return known
        code = bytes(self._engine.mem_read(address, size))
        found, offset = [], 0
        while offset < size:
            found.append(address + offset)
            offset += self._instruction_bytes(int.from_bytes(code[offset : offset + 2], "little"))
        self._places[address, size] = found
        return found

    def _meet(self, address: int, size: int) -> None:
        """A block that was not there before, had another size, or lies outside of the code."""
        places = self._places_of(address, size)
        slot = self._slot(address)
        if not 0 <= slot < self._state.slots:
            self._state.left -= len(places)
            self._add_counts(address, size, 1)
            return
        self._spread(slot)
        self._met.add(slot)
        self._bytes[slot] = size
        self._lengths[slot] = len(places)

    def _begin(self, engine: Uc, address: int, size: int, _: object) -> None:
        """The hook; see blocks.c."""
        state = self._state
        if state.pausing:
            return
        if state.left <= 0:
            state.stopped = 1
            engine.emu_stop()
            return
        slot = (address - state.origin) // SLOT_BYTES
        if not 0 <= slot < state.slots:
            self._meet(address, size)
            return
        if self._bytes[slot] != size:
            self._meet(address, size)
        state.left -= self._lengths[slot]
        self._executions[slot] += 1
