# SPDX-License-Identifier: MIT
"""The I2C controller of the nRF52, with EasyDMA. Source: nRF52840 Product Specification v1.7, TWIM.

A transfer takes no time, unless a part holds the clock.
"""

from __future__ import annotations

from devices.nrf_i2c import BYTE_REFUSED, NrfI2c

_START_READ, _START_WRITE, _STOP = 0x000, 0x008, 0x014
_READ_STARTED, _WRITE_STARTED, _LAST_READ, _LAST_WRITTEN = 0x14C, 0x150, 0x15C, 0x160
_WRITTEN_READS, _WRITTEN_STOPS = 1 << 7, 1 << 9
_READ_WRITES, _READ_STOPS = 1 << 10, 1 << 12
_READ_PLACE, _READ_MOST, _READ_AMOUNT = 0x534, 0x538, 0x53C
_WRITE_PLACE, _WRITE_MOST, _WRITE_AMOUNT = 0x544, 0x548, 0x54C


class NrfTwim(NrfI2c):
    """TWIM0 or TWIM1."""

    enabled = 6

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if not self.is_enabled:
            return
        if task == _START_WRITE:
            self._write()
        elif task == _START_READ:
            self._read()
        elif task == _STOP:
            self.end()

    def _write(self) -> None:
        self.registers[_WRITE_AMOUNT] = 0
        data = self.fetch(_WRITE_PLACE, _WRITE_MOST)
        if not self.begin(reads=False):
            return
        self.happen(_WRITE_STARTED)
        for byte in data:
            if not self.bus.put(byte):
                self.refuse(BYTE_REFUSED)
                return
            self.registers[_WRITE_AMOUNT] += 1
        self.happen(_LAST_WRITTEN)
        if self.shortcut(_WRITTEN_READS):
            self._read()
        elif self.shortcut(_WRITTEN_STOPS):
            self.end()

    def _read(self) -> None:
        count = self.registers.get(_READ_MOST, 0)
        self.registers[_READ_AMOUNT] = 0
        if not self.begin(reads=True):
            return
        self.happen(_READ_STARTED)
        self.deliver(_READ_PLACE, bytes(self.bus.get() for _ in range(count)))
        self.registers[_READ_AMOUNT] = count
        self.happen(_LAST_READ)
        if self.shortcut(_READ_WRITES):
            self._write()
        elif self.shortcut(_READ_STOPS):
            self.end()
