# SPDX-License-Identifier: MIT
"""Registers that may be written and do nothing: pins, pads and the like."""

from __future__ import annotations

from device import Device


class Unmodelled(Device):
    """Keeps what was written."""

    def reset(self) -> None:
        """See Device."""
        self._words: dict[int, int] = {}

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        return self._words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        self._words[offset] = value
