"""What a computation emitted: an estimate from its measured CPU time, never a measurement.

energy = CPU time * watts a core; carbon = energy * what the grid emits a kilowatt-hour. After
L. Lannelongue and others: "Green Algorithms: Quantifying the Carbon Footprint of Computation",
Advanced Science 8 (2021), without its terms for memory and for a data centre's cooling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# A core's share of its processor's thermal design power: most of those that Green Algorithms lists
# (its data/TDP_cpu.csv) have 8 to 16 W.
WATTS_A_CORE: Final = 12.0
# World average of 2018: IEA, Global Energy and CO2 Status Report 2019.
GRAMS_A_KILOWATT_HOUR: Final = 475.0


@dataclass(frozen=True)
class Carbon:
    """An estimate of what so much CPU time took and emitted."""

    cpu_seconds: float

    @property
    def watt_hours(self) -> float:
        """Electrical energy."""
        return self.cpu_seconds * WATTS_A_CORE / 3600

    @property
    def grams(self) -> float:
        """CO2 equivalent."""
        return self.watt_hours * GRAMS_A_KILOWATT_HOUR / 1000
