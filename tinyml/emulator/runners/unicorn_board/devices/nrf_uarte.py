# SPDX-License-Identifier: MIT
"""The UART of the nRF52 with EasyDMA, for parts.

Source: nRF52840 Product Specification v1.7, UARTE. Bytes wait without limit until they are
asked for; sending takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devices.nrf import NrfPeripheral

if TYPE_CHECKING:
    from board import Board

_START_RECEIVE, _START_TRANSMIT = 0x000, 0x008
_END_RECEIVE, _END_TRANSMIT = 0x110, 0x120
_ENABLE, _TRANSMIT_PIN, _RECEIVE_PIN = 0x500, 0x50C, 0x514
_RECEIVE_PLACE, _RECEIVE_MOST, _RECEIVE_AMOUNT = 0x534, 0x538, 0x53C
_TRANSMIT_PLACE, _TRANSMIT_MOST = 0x544, 0x548
_ENABLED: Final = 8
_LOOK_NS: Final = 1_000_000  # between two questions to the part


class NrfUarte(NrfPeripheral):
    """One serial line to a part.

    Args:
        instance: which of the chip's; the part behind it is found by its pins.
    """

    def __init__(self, board: Board, address: int, interrupt: int, instance: int) -> None:
        del instance
        super().__init__(board, address, interrupt)

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._incoming = bytearray()
        self._receives = False
        self._looked_ns = 0

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if self.registers.get(_ENABLE) != _ENABLED:
            return
        if task == _START_RECEIVE:
            self._receives = True
        elif task == _START_TRANSMIT:
            data = self.fetch(_TRANSMIT_PLACE, _TRANSMIT_MOST)
            self._ask(f"give {data.hex()}")
            self.events.add(_END_TRANSMIT)

    def _ask(self, question: str) -> str:
        pins = [self.registers.get(pin, -1) for pin in (_TRANSMIT_PIN, _RECEIVE_PIN)]
        wire = self.board.wires.at_pins("uart", *pins)
        return "" if wire is None else wire.ask(question)

    def update(self) -> None:
        """See Device."""
        now_ns = self.board.clock.now_ns()
        if self._receives and now_ns - self._looked_ns >= _LOOK_NS:
            self._looked_ns = now_ns
            self._incoming += bytes.fromhex(self._ask("take"))
        count = self.registers.get(_RECEIVE_MOST, 0)
        if self._receives and count and len(self._incoming) >= count:
            self.deliver(_RECEIVE_PLACE, bytes(self._incoming[:count]))
            del self._incoming[:count]
            self.registers[_RECEIVE_AMOUNT] = count
            self._receives = False
            self.events.add(_END_RECEIVE)
            self.settle()

    def due_ns(self) -> int | None:
        """See Device."""
        return self._looked_ns + _LOOK_NS if self._receives else None
