# SPDX-License-Identifier: MIT
"""Factory information of the nRF5: the chip's number. Source: nRF51 Reference Manual, FICR."""

from __future__ import annotations

from typing import Final

from device import Device

_NUMBER: Final = 0x60


class NrfFicr(Device):
    """Read-only memory, of which there is the number alone; all else reads as erased."""

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        number = bytes.fromhex(self.board.description["number"])
        first = offset - _NUMBER
        data = number[first : first + size] if first >= 0 else b""
        return int.from_bytes(data.ljust(size, b"\xff"), "little")
