"""How Sensirion's I2C parts answer: commands of 16 bits, words with a checksum each.

Source: Sensirion SHT3x-DIS data sheet, version 7: 4.12 (checksum) and 4.13 (conversion); SCD4x data
sheet, version 1.3: commands (table 9).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from tinyml.emulator.parts.part import I2cPart

_POLYNOMIAL: Final = 0x31
_FULL: Final = 65535


def checksum(data: bytes) -> int:
    """CRC-8 of Sensirion: of BE EF it is 92 (hexadecimal)."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL if crc & 0x80 else crc << 1) & 0xFF
    return crc


def words(*values: int) -> bytes:
    """Words as they are sent."""
    return b"".join(
        value.to_bytes(2, "big") + bytes([checksum(value.to_bytes(2, "big"))]) for value in values
    )


class SensirionPart(I2cPart):
    """Temperature and humidity, and commands of which each has an answer ready after a while."""

    temperature_c = 21.5
    humidity_percent = 40.0

    def __init__(self) -> None:
        self._now_us = 0
        self._answer: Callable[[], bytes] | None = None
        self._ready_us = 0

    @property
    def _temperature(self) -> int:
        return self._limited(round((self.temperature_c + 45) / 175 * _FULL))

    @property
    def _humidity(self) -> int:
        return self._limited(round(self.humidity_percent / 100 * _FULL))

    @staticmethod
    def _limited(word: int) -> int:
        return min(max(word, 0), _FULL)

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        self._now_us += us

    def write(self, data: bytes) -> bool:
        """See I2cPart."""
        if len(data) < 2:
            return True
        return self.command(int.from_bytes(data[:2], "big"))

    def command(self, number: int) -> bool:
        """Take a command: whether the part has it."""
        raise NotImplementedError

    def answer_with(self, answer: Callable[[], bytes] | None, after_us: int = 0) -> bool:
        """What can be read after a while; None for nothing."""
        self._answer, self._ready_us = answer, self._now_us + after_us
        return True

    def read(self, count: int) -> bytes | None:
        """See I2cPart."""
        if self._answer is None or self._now_us < self._ready_us:
            return None
        return self._answer()[:count].ljust(count, b"\xff")


class Sht3x(SensirionPart):
    """An SHT30, SHT31 or SHT35."""

    models: ClassVar = ("sht3x",)
    quantities: ClassVar = {"temperature": "temperature_c", "humidity": "humidity_percent"}
    _LONGEST_US: Final = {0x2416: 4500, 0x240B: 6500, 0x2400: 15500}

    def command(self, number: int) -> bool:
        """See SensirionPart."""
        if number in self._LONGEST_US:
            measured = words(self._temperature, self._humidity)
            return self.answer_with(lambda: measured, self._LONGEST_US[number])
        if number == 0xF32D:
            return self.answer_with(lambda: words(0x8010))
        return number == 0x30A2 and self.answer_with(None)


class Scd4x(SensirionPart):
    """An SCD40 or SCD41 that measures by itself."""

    models: ClassVar = ("scd4x",)
    quantities: ClassVar = {
        "co2": "co2_ppm", "temperature": "temperature_c", "humidity": "humidity_percent",
    }  # fmt: skip
    co2_ppm = 650.0
    _PERIOD_US: Final = {0x21B1: 5_000_000, 0x21AC: 30_000_000}

    def __init__(self) -> None:
        super().__init__()
        self._period_us = 0
        self._next_us = 0
        self._measured: bytes | None = None

    def advance(self, us: int) -> None:
        """See ModelledPart."""
        super().advance(us)
        while self._period_us and self._now_us >= self._next_us:
            self._measured = words(
                self._limited(round(self.co2_ppm)), self._temperature, self._humidity
            )
            self._next_us += self._period_us

    def command(self, number: int) -> bool:
        """See SensirionPart. While it measures it takes few commands."""
        if number in self._PERIOD_US and not self._period_us:
            self._period_us = self._PERIOD_US[number]
            self._next_us = self._now_us + self._period_us
            return self.answer_with(None)
        if number == 0x3F86:
            self._period_us, self._measured = 0, None
            return self.answer_with(None)
        if number == 0x3682 and not self._period_us:
            return self.answer_with(lambda: words(0xF896, 0x31BD, 0x07C9), 1000)
        if number == 0xE4B8:
            ready = 0x8006 if self._measured else 0x8000
            return self.answer_with(lambda: words(ready), 1000)
        if number == 0xEC05 and self._measured:
            measured, self._measured = self._measured, None
            return self.answer_with(lambda: measured, 1000)
        return False
