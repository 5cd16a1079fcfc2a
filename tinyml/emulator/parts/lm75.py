"""Thermometers with the registers of an LM75.

Source: Texas Instruments TMP105 data sheet, SLLS648D: registers, resolution by the bits R1
and R0 of the configuration, shutdown by SD, conversion times; the pointer and limits that it has
at power-up. The last value is read until the next conversion is done.
"""

from __future__ import annotations

from typing import ClassVar, Final

from tinyml.emulator.parts.part import I2cPart

_TEMPERATURE, _CONFIGURATION, _LOW, _HIGH = range(4)
_WRITABLE: Final = {_CONFIGURATION: 1, _LOW: 2, _HIGH: 2}  # bytes
_SHUTDOWN: Final = 1
_FEWEST_BITS: Final = 9
_CONVERSION_US: Final = (27_500, 55_000, 110_000, 220_000)  # typical, of 9 to 12 bits
_LOWEST, _HIGHEST = -128.0, 127.9375


class Lm75(I2cPart):
    """An LM75, TMP75 or TMP105."""

    models: ClassVar = ("lm75",)
    quantities: ClassVar = {"temperature": "temperature_c"}

    def __init__(self) -> None:
        self.temperature_c = 21.5
        self._registers = {_CONFIGURATION: b"\0", _LOW: b"\x4b\0", _HIGH: b"\x50\0"}
        self._pointer = _TEMPERATURE
        self._converted = b"\0\0"
        self._left_us = _CONVERSION_US[0]

    @property
    def _bits(self) -> int:
        return _FEWEST_BITS + (self._registers[_CONFIGURATION][0] >> 5 & 3)

    @property
    def _conversion_us(self) -> int:
        return _CONVERSION_US[self._bits - _FEWEST_BITS]

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        if self._registers[_CONFIGURATION][0] & _SHUTDOWN:
            return
        self._left_us -= us
        if self._left_us <= 0:
            self._left_us = self._conversion_us - -self._left_us % self._conversion_us
            self._converted = self._count().to_bytes(2, "big", signed=True)

    def _count(self) -> int:
        """Left-justified in 16 bits; what is below the last bit is left out, as QEMU leaves it."""
        limited = min(max(self.temperature_c, _LOWEST), _HIGHEST)
        steps = int(limited * 2 ** (self._bits - 8))
        return steps << (16 - self._bits)

    def write(self, data: bytes) -> bool:
        """See I2cPart."""
        if not data:
            return True
        self._pointer = data[0] & 3
        size = _WRITABLE.get(self._pointer, 0)
        if size and len(data) > size:
            self._registers[self._pointer] = data[1 : 1 + size]
        if self._pointer == _CONFIGURATION and len(data) > 1:
            self._left_us = self._conversion_us
        return True

    def read(self, count: int) -> bytes:
        """See I2cPart."""
        value = self._registers.get(self._pointer, self._converted)
        return (value * count)[:count]
