"""Maxim's DS18B20, alone on its bus.

Source: Maxim DS18B20 data sheet, 19-7487, revision 6.
"""

from __future__ import annotations

from typing import ClassVar, Final

from tinyml.emulator.parts.part import OneWirePart

_CONVERSION_US: Final = 750_000
_POWER_UP: Final = bytes.fromhex("50054b467fff0c10")


def checksum(data: bytes) -> int:
    """Maxim's CRC-8, application note 27."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


class Ds18b20(OneWirePart):
    """A DS18B20 with 12 bits and a supply of its own."""

    models: ClassVar = ("ds18b20",)
    quantities: ClassVar = {"temperature": "temperature_c"}

    def __init__(self) -> None:
        self.temperature_c = 21.5
        self.absent = False
        self._scratchpad = _POWER_UP
        self._left_us = 0
        self._selected = False
        self._sending = b""

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        if self._left_us > 0:
            self._left_us -= us
            if self._left_us <= 0:
                count = int(min(max(self.temperature_c, -55.0), 125.0) * 16)
                after = (16 - (count & 0xF)) & 0xFF or 0x10
                measured = count.to_bytes(2, "little", signed=True)
                self._scratchpad = measured + _POWER_UP[2:6] + bytes([after, 0x10])

    def lose_power(self) -> None:
        """A fault: as at power-up from now on."""
        self._scratchpad, self._left_us = _POWER_UP, 0

    def reset(self) -> bool:
        """See OneWirePart."""
        self._selected, self._sending = False, b""
        return not self.absent

    @property
    def sends(self) -> bool:
        """See OneWirePart."""
        return bool(self._sending)

    def write(self, byte: int) -> None:
        """See OneWirePart."""
        if not self._selected:
            self._selected = byte == 0xCC
        elif byte == 0x44:
            self._left_us = _CONVERSION_US
        elif byte == 0xBE:
            self._sending = self._scratchpad + bytes([checksum(self._scratchpad)])

    def read(self) -> int:
        """See OneWirePart."""
        if not self._sending:
            return 0xFF
        byte, self._sending = self._sending[0], self._sending[1:]
        return byte
