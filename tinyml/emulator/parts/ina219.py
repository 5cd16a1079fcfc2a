"""INA219, which measures the voltage of a supply and that across a shunt in it.

Source: Texas Instruments INA219 data sheet, SBOS448G: registers (8.6), its arithmetic of current
and power (8.5.1), conversion times (7.5).
"""

from __future__ import annotations

from typing import ClassVar, Final

from tinyml.emulator.parts.part import I2cPart

_CONFIGURATION, _SHUNT, _BUS, _POWER, _CURRENT, _CALIBRATION = range(6)
_AFTER_RESET: Final = 0x399F
_CONVERSION_US: Final = (84, 148, 276, 532)  # typical, of 9 to 12 bits
_CONTINUOUS: Final = 4
_READY: Final = 2


def _conversion_us(setting: int) -> int:
    """The time that a setting of the converter takes: bits, or an average of up to 128."""
    return 532 << (setting & 7) if setting & 8 else _CONVERSION_US[setting & 3]


class Ina219(I2cPart):
    """An INA219 with its shunt."""

    models: ClassVar = ("ina219",)
    quantities: ClassVar = {"voltage": "volts", "current": "amperes"}

    def __init__(self, shunt_ohms: float = 0.1) -> None:
        self.volts = 5.0
        self.amperes = 0.25
        self.shunt_ohms = shunt_ohms
        self._pointer = 0
        self.lose_power()

    def lose_power(self) -> None:
        """All is as after power-up."""
        self._configuration, self._calibration = _AFTER_RESET, 0
        self._shunt = self._bus = 0
        self._trigger()

    def _trigger(self) -> None:
        self._ready = False
        self._left_us = _conversion_us(self._configuration >> 7) if self._mode & 2 else 0
        self._left_us += _conversion_us(self._configuration >> 3) if self._mode & 1 else 0

    @property
    def _mode(self) -> int:
        return self._configuration & 7

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        if not self._mode & 3 or (self._ready and not self._mode & _CONTINUOUS):
            return
        self._left_us -= us
        if self._left_us <= 0:
            self._convert()
            self._trigger()
            self._ready = True

    def _convert(self) -> None:
        if self._mode & 1:
            full = 4000 << (self._configuration >> 11 & 3)
            steps = round(self.amperes * self.shunt_ohms / 10e-6)
            self._shunt = min(max(steps, -full), full)
        if self._mode & 2:
            full = 8000 if self._configuration & 0x2000 else 4000
            self._bus = min(max(round(self.volts / 4e-3), 0), full)

    def write(self, data: bytes) -> bool:
        """See I2cPart."""
        if data:
            self._pointer = data[0]
        if len(data) >= 3:
            self._set(int.from_bytes(data[1:3], "big"))
        return True

    def _set(self, value: int) -> None:
        if self._pointer == _CALIBRATION:
            self._calibration = value & ~1
        elif self._pointer == _CONFIGURATION and value & 0x8000:
            self.lose_power()
        elif self._pointer == _CONFIGURATION:
            self._configuration = value
            if self._mode & 3:  # neither off nor stopped
                self._trigger()

    def read(self, count: int) -> bytes:
        """See I2cPart."""
        value = self._register()
        if self._pointer == _POWER:
            self._ready = False
        return (value.to_bytes(2, "big") * count)[:count]

    def _register(self) -> int:
        current = self._shunt * self._calibration // 4096
        values = {
            _CONFIGURATION: self._configuration,
            _SHUNT: self._shunt & 0xFFFF,
            _BUS: self._bus << 3 | (_READY if self._ready else 0),
            _POWER: abs(current) * self._bus // 5000 & 0xFFFF,
            _CURRENT: current & 0xFFFF,
            _CALIBRATION: self._calibration,
        }
        return values.get(self._pointer, 0)
