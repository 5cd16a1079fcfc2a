"""What whoever compiles a model may choose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Optimize(Enum):
    """What flash is traded for."""

    SPEED = "speed"  # whatever saves instructions
    BALANCED = "balanced"  # what saves as large a share of the instructions as it adds to the flash
    SIZE = "size"  # nothing


@dataclass(frozen=True)
class Options:
    """How to compile.

    Args:
        optimize: which trades of flash for speed are taken.
        flash_budget: bytes that weights and tables may take with all trades, None for no limit.
            Without any trade they take what they need.
        strip_cost: what executing operators in strips of rows may cost for less RAM: extra
            instructions as a part of all of an inference's, by estimate; 0 for none.
    """

    optimize: Optimize = Optimize.BALANCED
    flash_budget: int | None = None
    strip_cost: float = 0.01


DEFAULTS: Final = Options()
