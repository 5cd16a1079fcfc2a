# SPDX-License-Identifier: MIT
"""The I2C controller of the nRF51. Source: nRF51 Series Reference Manual v3.0, TWI.

A transfer takes no time, unless a part holds the clock. Without a shortcut at the end of a byte the
next one is not received until RESUME, where the chip would go on and lose it.
"""

from __future__ import annotations

from devices.nrf_i2c import BYTE_REFUSED, NrfI2c

_START_READ, _START_WRITE, _STOP, _RESUME = 0x000, 0x008, 0x014, 0x020
_RECEIVED, _SENT = 0x108, 0x11C
_BOUNDARY_SUSPENDS, _BOUNDARY_STOPS = 1, 2
_RECEIVE, _TRANSMIT = 0x518, 0x51C


class NrfTwi(NrfI2c):
    """TWI0 or TWI1."""

    enabled = 5

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._reads = False
        self._suspended = False

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if not self.is_enabled:
            return
        if task in (_START_READ, _START_WRITE):
            self._suspended = False
            self._reads = task == _START_READ
            if self.begin(reads=self._reads) and self._reads:
                self._receive()
        elif task == _RESUME and self._suspended:
            self._suspended = False
            self._receive()
        elif task == _STOP and not self._suspended:
            self.end()

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        super().write(offset, size, value)
        if offset == _TRANSMIT and self.working and not self._reads:
            if self.bus.put(value):
                self.happen(_SENT)
            else:
                self.refuse(BYTE_REFUSED)

    def _receive(self) -> None:
        self.registers[_RECEIVE] = self.bus.get()
        self.happen(_RECEIVED)
        if self.shortcut(_BOUNDARY_STOPS):
            self.end()
        else:
            self._suspended = self.shortcut(_BOUNDARY_SUSPENDS)
