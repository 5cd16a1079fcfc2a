# SPDX-License-Identifier: MIT
"""Registers that may be written and do nothing: pins, pads and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device import PAGE_BYTES, Device

if TYPE_CHECKING:
    from board import Board


class Unmodelled(Device):
    """Keeps what was written.

    Args:
        bytes: of addresses that it takes.
    """

    def __init__(self, board: Board, address: int, bytes: int = PAGE_BYTES) -> None:
        self.size = bytes
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        self._words: dict[int, int] = {}

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        return self._words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        self._words[offset] = value
