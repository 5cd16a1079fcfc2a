# SPDX-License-Identifier: MIT
"""The UART of the nRF5, without DMA. Source: nRF51 Series Reference Manual v3.0, UART.

Sending takes no time; bytes wait in the line until they are read, as they do in the FIFO.
"""

from __future__ import annotations

from typing import Final

from devices.nrf import NrfPeripheral

_START_RECEIVE, _STOP_RECEIVE, _START_TRANSMIT, _STOP_TRANSMIT = 0x00, 0x04, 0x08, 0x0C
_RECEIVED, _TRANSMITTED = 0x108, 0x11C
_ENABLE, _RECEIVE_DATA, _TRANSMIT_DATA = 0x500, 0x518, 0x51C
_ENABLED: Final = 4


class NrfUart(NrfPeripheral):
    """One serial line."""

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._receives = self._transmits = False
        self._byte: int | None = None

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if task in (_START_RECEIVE, _STOP_RECEIVE):
            self._receives = task == _START_RECEIVE
        elif task in (_START_TRANSMIT, _STOP_TRANSMIT):
            self._transmits = task == _START_TRANSMIT

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset != _RECEIVE_DATA:
            return super().read(offset, size)
        byte, self._byte = self._byte or 0, None
        self.update()
        return byte

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _TRANSMIT_DATA and self._transmits:
            self.board.outside.line.send(value)
            self.events.add(_TRANSMITTED)
        super().write(offset, size, value)

    def update(self) -> None:
        """See Device."""
        incoming = self.board.outside.line.incoming
        enabled = self.registers.get(_ENABLE) == _ENABLED and self._receives
        if self._byte is None and incoming and enabled:
            self._byte = incoming.pop(0)
            self.events.add(_RECEIVED)
            self.settle()
