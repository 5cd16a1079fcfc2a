"""Types that front ends share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]
CTable = tuple[str, Iterable[int]]  # C type and elements of a constant table
