# SPDX-License-Identifier: MIT
"""A UART of Arm's Cortex-M System Design Kit with a part at its other end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devices.cmsdk_uart import CmsdkUart

if TYPE_CHECKING:
    from board import Board

_LOOK_NS: Final = 1_000_000  # between two questions to the part


class CmsdkPartUart(CmsdkUart):
    """One serial line to a part.

    Args:
        instance: which of the board's.
    """

    def __init__(self, board: Board, address: int, interrupt: int, instance: int) -> None:
        self._wire = board.wires.of_instance("uart", instance)
        super().__init__(board, address, interrupt)

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._coming = bytearray()
        self._looked_ns = 0

    @property
    def is_jammed(self) -> bool:
        """See CmsdkUart."""
        return False

    def send(self, byte: int) -> None:
        """See CmsdkUart."""
        if self._wire is not None:
            self._wire.ask(f"give {byte & 0xFF:02x}")

    def incoming(self) -> bytearray:
        """See CmsdkUart."""
        now_ns = self.board.clock.now_ns()
        if self._wire is not None and now_ns - self._looked_ns >= _LOOK_NS:
            self._looked_ns = now_ns
            self._coming += bytes.fromhex(self._wire.ask("take"))
        return self._coming

    def due_ns(self) -> int | None:
        """See Device."""
        return None if self._wire is None else self._looked_ns + _LOOK_NS
