"""A row of values in one line of a terminal."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_PLAIN: Final = " .:-=+*#@"  # where the terminal cannot show the others


def sparkline(values: npt.NDArray[np.float64], width: int, encoding: str) -> str:
    """A character a piece of ``values``, by the greatest value in it; a blank where all are NaN.

    Args:
        values: ``[n]`` in any unit; drawn between the least and the greatest of them.
        width: how many characters at the most.
        encoding: of the terminal, which says whether it can show blocks.
    """
    if not np.isfinite(values).any():
        return " " * width
    blocks = _BLOCKS if encoding.lower().startswith("utf") else _PLAIN
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    found = []
    for piece in np.array_split(values, min(width, max(len(values), 1))):
        there = piece[np.isfinite(piece)]
        if not len(there):
            found.append(" ")
            continue
        level = (float(there.max()) - low) / ((high - low) or 1.0)
        found.append(blocks[1 + min(int(level * (len(blocks) - 1)), len(blocks) - 2)])
    return "".join(found)
