"""Sensors that QEMU puts on a board's buses, and what they measure while it runs.

The parts are QEMU's own models, which others wrote by the parts' data sheets: a driver that reads
them rightly is not judged by a model of its author's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tinyml.boards import Board
from tinyml.emulator.machine import Part
from tinyml.errors import EmulatorError


@dataclass(frozen=True)
class _Model:
    """QEMU's model of a part."""

    device: str
    properties: dict[str, tuple[str, float]]  # quantity -> property, and how much of it is one unit


# Source: QEMU hw/sensor/tmp105.c (thousandths of a degree), lsm303dlhc_mag.c (thousandths of a
# microtesla, in uT here), dps310.c (fixed values), hw/rtc/ds1338.c, hw/nvram/eeprom_at24c.c.
_MODELS: Final = {
    "at24c": _Model("at24c-eeprom,rom-size=4096", {}),
    "dps310": _Model("dps310", {}),
    "ds1338": _Model("ds1338", {}),
    "lm75": _Model("tmp105", {"temperature": ("temperature", 1000.0)}),
    "lsm303dlhc": _Model(
        "lsm303dlhc_mag", {f"magnetic_{axis}": (f"mag-{axis}", 1000.0) for axis in "xyz"}
    ),
}
# The instance of the controller to which QEMU attaches parts by the name `i2c`.
_REACHED_INSTANCE: Final = 3
_MPS_PORT: Final = "mps"


def can_have(board: Board, part: Part) -> bool:
    """Whether QEMU has a model of the part, and the board a bus on which it can hang."""
    bus = board.buses.get(part.bus)
    return (
        part.name in _MODELS
        and board.port == _MPS_PORT
        and bus is not None
        and bus.instance == _REACHED_INSTANCE
    )


def arguments(board: Board, parts: Sequence[Part]) -> list[str]:
    """QEMU's, for the parts; EmulatorError for one that it cannot have."""
    found: list[str] = []
    for number, part in enumerate(parts):
        if not can_have(board, part):
            raise EmulatorError(
                f"the emulated {board.name} cannot have {part.name} on {part.bus}; parts that can "
                f"be emulated: {', '.join(_MODELS)}, on i2c0 of the MPS2 and MPS3 boards"
            )
        device = _MODELS[part.name].device
        found += ["-device", f"{device},id=part{number},bus=i2c,address={part.address:#x}"]
    return found


def setting(number: int, part: Part, quantity: str, value: float) -> dict[str, object]:
    """Arguments of QMP's ``qom-set`` that make a part measure a value; EmulatorError if unknown."""
    known = _MODELS[part.name].properties
    if quantity not in known:
        raise EmulatorError(f"{part.name} does not measure '{quantity}', but {', '.join(known)}")
    name, factor = known[quantity]
    return {
        "path": f"/machine/peripheral/part{number}",
        "property": name,
        "value": round(value * factor),
    }
