# SPDX-License-Identifier: MIT
"""Several registers of an engine at once: an exception moves two dozen of them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from unicorn import Uc
from unicorn.unicorn_py3.unicorn import uclib


class Registers:
    """A fixed choice of registers of up to 64 bits.

    Args:
        engine: whose.
        numbers: Unicorn's numbers of them.
    """

    def __init__(self, engine: Uc, numbers: Sequence[int]) -> None:
        self._handle = engine._uch
        self._count = len(numbers)
        self._numbers = (ctypes.c_int * self._count)(*numbers)
        self._values = (ctypes.c_uint64 * self._count)()
        first, width = ctypes.addressof(self._values), ctypes.sizeof(ctypes.c_uint64)
        places = (first + width * index for index in range(self._count))
        self._places = (ctypes.c_void_p * self._count)(*places)

    def get(self) -> list[int]:
        """Their values, in their order."""
        failed = uclib.uc_reg_read_batch(self._handle, self._numbers, self._places, self._count)
        assert failed == 0
        return self._values[:]

    def set(self, values: Sequence[int]) -> None:
        """Set all of them."""
        self._values[:] = list(values)
        failed = uclib.uc_reg_write_batch(self._handle, self._numbers, self._places, self._count)
        assert failed == 0
