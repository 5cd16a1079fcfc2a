# SPDX-License-Identifier: MIT
"""The test finisher of a RISC-V machine. Source: QEMU's docs, "virt"; hw/misc/sifive_test."""

from __future__ import annotations

from typing import Final

from device import Device

_RESET: Final = 0x7777


class SifiveTest(Device):
    """Resets the machine when it is told to."""

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == 0 and value & 0xFFFF == _RESET:
            self.board.request_reset()
