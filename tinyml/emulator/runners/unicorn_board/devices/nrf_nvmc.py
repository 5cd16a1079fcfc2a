# SPDX-License-Identifier: MIT
"""The flash controller of the nRF5. Source: nRF51 Series Reference Manual v3.0, NVMC.

Flash is plain memory to the core; programming only clears bits, which is seen to whenever the
program asks whether it may go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device import Device
from flash import Flash

if TYPE_CHECKING:
    from board import Board

_READY, _MODE, _ERASE_PAGE, _ERASE_ALL = 0x400, 0x504, 0x508, 0x50C
_READ, _WRITE, _ERASE = 0, 1, 2


class NrfNvmc(Device):
    """Programs and erases the memory at ``flash``, page by page.

    Args:
        flash: the memory's address.
        page: bytes that are erased at once.
    """

    def __init__(self, board: Board, address: int, flash: int, page: int) -> None:
        self._flash = Flash(board, flash)
        self._page: Final = page
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        self._mode = _READ
        self._flash.lock()

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset == _READY:
            self._flash.settle()
            return 1
        return self._mode if offset == _MODE else 0

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _MODE:
            self._mode = value
            if value == _WRITE:
                self._flash.unlock()
            else:
                self._flash.lock()
        elif offset == _ERASE_PAGE and self._mode == _ERASE:
            self._flash.erase(value - value % self._page, self._page)
        elif offset == _ERASE_ALL and self._mode == _ERASE:
            self._flash.erase_all()
