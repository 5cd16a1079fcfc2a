# SPDX-License-Identifier: MIT
"""Flash memory: programming clears bits, erasing sets them.

The core writes into it as into any memory, which costs nothing where flash is only read. What was
written while it was unlocked is compared with what had been there, and bits that could not be set
are cleared again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from board import Board

_PIECE: Final = 0x1000  # that is compared at once


class Flash:
    """The memory at an address of a board, about to be locked."""

    def __init__(self, board: Board, origin: int) -> None:
        self._board = board
        self._origin = origin
        self._memory = board.memories[origin]
        self._before: bytearray | None = None  # the content when it was last looked at
        self._latest = 0  # where a change was found last

    def unlock(self) -> None:
        """Writes may come."""
        if self._before is None:
            self._before = bytearray(self._memory)

    def lock(self) -> None:
        """No writes come any more."""
        if self._before is not None:
            for place in range(0, len(self._before), _PIECE):
                self._look_at(place)
            self._before = None
            self._board.processor.blocks.forget()

    def settle(self) -> None:
        """Give what has been written since the last question its right value."""
        if self._before is None or self._look_at(self._latest):
            return
        for place in range(0, len(self._before), _PIECE):
            if self._look_at(place):
                self._latest = place
                return

    def _look_at(self, place: int) -> bool:
        """Whether something was written into a piece; it then has the right bits."""
        assert self._before is not None
        end = place + _PIECE
        written, before = self._memory[place:end], self._before[place:end]
        if written == before:
            return False
        whole = int.from_bytes(written, "little") & int.from_bytes(before, "little")
        programmed = whole.to_bytes(len(written), "little")
        if programmed != written:
            self._put(place, programmed)
        self._before[place:end] = programmed
        return True

    def erase(self, address: int, size: int) -> None:
        """Set all bits of a stretch."""
        place = address - self._origin
        self._put(place, b"\xff" * size)
        if self._before is not None:
            self._before[place : place + size] = b"\xff" * size

    def erase_all(self) -> None:
        """Set all bits."""
        self.erase(self._origin, len(self._memory))

    def _put(self, place: int, data: bytes) -> None:
        # Through the engine: what it has translated of it is then forgotten.
        self._board.processor.engine.mem_write(self._origin + place, data)
        self._board.processor.blocks.forget()
