"""A voltage at a pin."""

from __future__ import annotations

from typing import ClassVar

from tinyml.emulator.parts.part import AdcPart


class Voltage(AdcPart):
    """Whatever makes it; ``volts`` is what is at the pin."""

    models: ClassVar = ("voltage",)
    quantities: ClassVar = {"voltage": "volts"}
    volts = 1.5

    @property
    def microvolts(self) -> int:
        """See AdcPart."""
        return round(self.volts * 1e6)
