# SPDX-License-Identifier: MIT
"""ADCs of the nRF51 and nRF52. Sources: nRF51 Series Reference Manual v3.0, ADC; nRF52840 Product
Specification v1.7, SAADC. A conversion takes no time; of the SAADC there is channel 0."""

from __future__ import annotations

from typing import Final

from device import Device
from devices.nrf import NrfPeripheral

_SUPPLY_MICROVOLTS: Final = 3_000_000
_START, _ENABLE = 0x000, 0x500


def _microvolts(device: Device, number: int) -> int:
    """What is at an input, by the number that the port gives it."""
    wire = next(iter(device.board.wires.of_kind("adc")), None)
    return 0 if wire is None else int(wire.ask(f"sample {number}"))


class NrfAdc(NrfPeripheral):
    """That of the nRF51."""

    _DONE, _SETTINGS, _RESULT = 0x100, 0x504, 0x508
    _BITS = (8, 9, 10)
    # Numerator and denominator by INPSEL; the supply from 5 on.
    _SCALES: Final = {0: (1, 1), 1: (2, 3), 2: (1, 3), 5: (2, 3), 6: (1, 3)}
    _SUPPLY = 5
    _REFERENCE_MICROVOLTS: Final = 1_200_000

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if task != _START or self.registers.get(_ENABLE) != 1:
            return
        settings = self.registers.get(self._SETTINGS, 0)
        source, bits = settings >> 2 & 7, self._BITS[settings & 3]
        pin = (settings >> 8 & 0xFF).bit_length() - 1
        supply = source >= self._SUPPLY
        microvolts = _SUPPLY_MICROVOLTS if supply else _microvolts(self, pin)
        times, by = self._SCALES[source]
        count = (microvolts * times << bits) // (by * self._REFERENCE_MICROVOLTS)
        self.registers[self._RESULT] = min(count, (1 << bits) - 1)
        self.events.add(self._DONE)


class NrfSaadc(NrfPeripheral):
    """That of the nRF52."""

    _SAMPLE, _STOP, _CALIBRATE = 0x004, 0x008, 0x00C
    _STARTED, _END, _CALIBRATED, _STOPPED = 0x100, 0x104, 0x110, 0x114
    _INPUT, _SETTINGS, _RESOLUTION, _PLACE, _AMOUNT = 0x510, 0x518, 0x5F0, 0x62C, 0x634
    _GAIN_PARTS: Final = (6, 5, 4, 3, 2)  # the input by so much, by GAIN
    _SUPPLY = 9
    _REFERENCE_MICROVOLTS: Final = 600_000

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if self.registers.get(_ENABLE) != 1:
            return
        if task == self._SAMPLE:
            self.deliver(self._PLACE, self._count().to_bytes(2, "little", signed=True))
            self.registers[self._AMOUNT] = 1
            self.events.add(self._END)
        else:
            known = {
                _START: self._STARTED, self._STOP: self._STOPPED, self._CALIBRATE: self._CALIBRATED
            }  # fmt: skip
            self.events.update([known[task]] if task in known else [])

    def _count(self) -> int:
        source = self.registers.get(self._INPUT, 0)
        supply = source == self._SUPPLY
        microvolts = _SUPPLY_MICROVOLTS if supply else _microvolts(self, source - 1)
        part = self._GAIN_PARTS[self.registers.get(self._SETTINGS, 0) >> 8 & 7]
        bits = 8 + 2 * self.registers.get(self._RESOLUTION, 0)
        count = (microvolts << bits) // (part * self._REFERENCE_MICROVOLTS)
        return min(count, (1 << bits) - 1)
