"""Units of measured quantities, and how one becomes another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

# unit -> (quantity, factor, offset): value in the quantity's first unit = value * factor + offset.
# Source: The International System of Units (SI brochure), 9th edition; g is its standard gravity,
# 9.80665 m/s2; degF by NIST SP 811.
_UNITS: Final[dict[str, tuple[str, float, float]]] = {
    "degC": ("temperature", 1.0, 0.0),
    "K": ("temperature", 1.0, -273.15),
    "degF": ("temperature", 5 / 9, -160 / 9),
    "Pa": ("pressure", 1.0, 0.0),
    "hPa": ("pressure", 100.0, 0.0),
    "mbar": ("pressure", 100.0, 0.0),
    "kPa": ("pressure", 1000.0, 0.0),
    "fraction": ("share", 1.0, 0.0),
    "%": ("share", 0.01, 0.0),
    "%RH": ("share", 0.01, 0.0),
    "ppm": ("parts", 1.0, 0.0),
    "ppb": ("parts", 0.001, 0.0),
    "ug/m3": ("mass concentration", 1.0, 0.0),
    "mg/m3": ("mass concentration", 1000.0, 0.0),
    "m/s2": ("acceleration", 1.0, 0.0),
    "g": ("acceleration", 9.80665, 0.0),
    "mg": ("acceleration", 0.00980665, 0.0),
    "rad/s": ("angular rate", 1.0, 0.0),
    "deg/s": ("angular rate", math.pi / 180, 0.0),
    "V": ("voltage", 1.0, 0.0),
    "mV": ("voltage", 0.001, 0.0),
    "A": ("current", 1.0, 0.0),
    "mA": ("current", 0.001, 0.0),
    "W": ("power", 1.0, 0.0),
    "mW": ("power", 0.001, 0.0),
}


@dataclass(frozen=True)
class Conversion:
    """From one unit to another: value * factor + offset."""

    factor: float
    offset: float


def conversion(of: str, to: str) -> Conversion | None:
    """How values in the unit ``of`` become values in ``to``; None where they cannot."""
    if of == to:
        return Conversion(1.0, 0.0)
    if of not in _UNITS or to not in _UNITS:
        return None
    (quantity, factor, offset), (wanted, other_factor, other_offset) = _UNITS[of], _UNITS[to]
    if quantity != wanted:
        return None
    return Conversion(factor / other_factor, (offset - other_offset) / other_factor)
