"""The hour of the day as two numbers, so that 23 h lies beside midnight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

HOURS_A_DAY = 24


def hour_of_day(hours: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Sine and cosine, ``[n][2]``, of local ``hours`` ``[n]``; whole days count for nothing."""
    angle = hours * (2 * np.pi / HOURS_A_DAY)
    return np.column_stack([np.sin(angle), np.cos(angle)])
