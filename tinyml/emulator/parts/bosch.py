"""Bosch's BMP280 and BME280.

What they measure becomes raw numbers by searching those of which the data sheets' compensation in
floating point (BST-BME280-DS002, revision 1.6, 8.1) makes these values: drivers compute in whole
numbers, so the two are independent. The coefficients of temperature and pressure are those of the
data sheet's example (BST-BMP280-DS001, revision 1.14, 3.12); those of humidity are of one part.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import ClassVar, Final

from tinyml.emulator.parts.part import I2cPart

T1, T2, T3 = 27504, 26435, -1000
P: Final = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
H1, H2, H3, H4, H5, H6 = 75, 362, 0, 313, 50, 30
_MEASURING_US: Final = 9300  # once each, at most
_START_UP_US: Final = 2000
_SKIPPED: Final = b"\x80\0\0"


def fine(raw: float) -> float:
    """What pressure and humidity need of a raw temperature."""
    first = (raw / 16384 - T1 / 1024) * T2
    return first + (raw / 131072 - T1 / 8192) ** 2 * T3


def temperature(raw: float) -> float:
    """In degC."""
    return fine(raw) / 5120


def pressure(raw: float, t_fine: float) -> float:
    """In Pa."""
    x = t_fine / 2 - 64000
    y = x * x * P[5] / 32768 + x * P[4] * 2
    y = y / 4 + P[3] * 65536
    x = (P[2] * x * x / 524288 + P[1] * x) / 524288
    x = (1 + x / 32768) * P[0]
    p = (1048576 - raw - y / 4096) * 6250 / x
    return p + (P[8] * p * p / 2147483648 + p * P[7] / 32768 + P[6]) / 16


def humidity(raw: float, t_fine: float) -> float:
    """In %."""
    h = t_fine - 76800
    h = (raw - (H4 * 64 + H5 / 16384 * h)) * (
        H2 / 65536 * (1 + H6 / 67108864 * h * (1 + H3 / 67108864 * h))
    )
    return h * (1 - H1 * h / 524288)


def searched(value: float, of: Callable[[float], float], bits: int) -> int:
    """The raw number of ``bits`` whose value by a monotonic function is next to ``value``."""
    low, high = 0, 2**bits - 1
    rising = of(high) > of(low)
    while low < high:
        middle = (low + high) // 2
        if (of(middle) < value) == rising:
            low = middle + 1
        else:
            high = middle
    return low


class Bmp280(I2cPart):
    """A BMP280."""

    models: ClassVar = ("bmp280",)
    quantities: ClassVar = {"temperature": "temperature_c", "pressure": "pressure_pa"}
    identity = 0x58

    def __init__(self) -> None:
        self.temperature_c = 21.5
        self.pressure_pa = 101325.0
        self._pointer = 0
        self._busy_us = 0
        self._loading_us = 0
        self._measured = _SKIPPED * 2 + b"\x80\0"

    def raw(self) -> tuple[int, int, int]:
        """Pressure, temperature and humidity as they are measured now."""
        t = searched(self.temperature_c, temperature, 20)
        return searched(self.pressure_pa, lambda raw: pressure(raw, fine(t)), 20), t, 0x8000

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        self._loading_us = max(self._loading_us - us, 0)
        if self._busy_us:
            self._busy_us = max(self._busy_us - us, 0)
            if not self._busy_us:
                p, t, h = self.raw()
                self._measured = (
                    (p << 4).to_bytes(3, "big") + (t << 4).to_bytes(3, "big") + h.to_bytes(2, "big")
                )

    def write(self, data: bytes) -> bool:
        """See I2cPart."""
        if data:
            self._pointer = data[0]
        for register, value in zip(data[::2], data[1::2], strict=False):
            self.set_register(register, value)
        return True

    def set_register(self, register: int, value: int) -> None:
        """Take a value: reset, or a forced measurement."""
        if register == 0xE0 and value == 0xB6:
            self._loading_us, self._busy_us = _START_UP_US, 0
            self._measured = _SKIPPED * 2 + b"\x80\0"
        elif register == 0xF4 and value & 3 in (1, 2):
            self._busy_us = _MEASURING_US

    def registers(self) -> bytes:
        """All of them, from 0."""
        found = bytearray(256)
        found[0x88:0xA0] = struct.pack("<HhhHhhhhhhhh", T1, T2, T3, *P)
        found[0xD0] = self.identity
        found[0xF3] = (8 if self._busy_us else 0) | (1 if self._loading_us else 0)
        found[0xF7:0xFF] = self._measured
        return bytes(found)

    def read(self, count: int) -> bytes:
        """See I2cPart."""
        return self.registers()[self._pointer : self._pointer + count].ljust(count, b"\0")


class Bme280(Bmp280):
    """A BME280."""

    models: ClassVar = ("bme280",)
    quantities: ClassVar = {**Bmp280.quantities, "humidity": "humidity_percent"}
    identity = 0x60

    def __init__(self) -> None:
        super().__init__()
        self.humidity_percent = 40.0
        self._measures_humidity = False

    def raw(self) -> tuple[int, int, int]:
        """See Bmp280; without a setting of its own it measures no humidity."""
        p, t, _ = super().raw()
        if not self._measures_humidity:
            return p, t, 0x8000
        return p, t, searched(self.humidity_percent, lambda raw: humidity(raw, fine(t)), 16)

    def set_register(self, register: int, value: int) -> None:
        """See Bmp280."""
        if register == 0xF2:
            self._measures_humidity = value & 7 != 0
        super().set_register(register, value)

    def registers(self) -> bytes:
        """See Bmp280."""
        found = bytearray(super().registers())
        found[0xA1] = H1
        nibbles = (H4 & 0xF) | (H5 & 0xF) << 4
        found[0xE1:0xE8] = struct.pack("<hBBBBb", H2, H3, H4 >> 4, nibbles, H5 >> 4, H6)
        return bytes(found)
