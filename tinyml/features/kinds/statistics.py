"""Six statistics of each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.front_end import FrontEnd, register

STATISTICS: Final = (
    "mean", "standard deviation", "minimum", "maximum", "mean step", "mean crossings",
)  # fmt: skip
FRACTION_BITS: Final = 4  # features are in sixteenths of a count


@register
@dataclass(frozen=True)
class Statistics(FrontEnd):
    """``STATISTICS`` of each channel, in sixteenths of a count; channel by channel."""

    kind: ClassVar[str] = "statistics"
    gives: ClassVar[str] = (
        "mean, standard deviation, minimum, maximum, mean step, how often the mean is crossed"
    )

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.channels * len(STATISTICS),)

    def measured(self, samples: Samples) -> Int64:
        x = samples.astype(np.int64)
        count = x.shape[1]
        total = x.sum(axis=1)
        mean = (total << FRACTION_BITS) // count
        spread = count * (x * x).sum(axis=1) - total * total
        deviation = _square_root(spread << (2 * FRACTION_BITS)) // count
        steps = np.abs(np.diff(x, axis=1)).sum(axis=1) << FRACTION_BITS
        above = (x << FRACTION_BITS) > mean[:, np.newaxis]
        crossings = (above[:, 1:] != above[:, :-1]).sum(axis=1).astype(np.int64)
        found = (
            mean,
            deviation,
            x.min(axis=1) << FRACTION_BITS,
            x.max(axis=1) << FRACTION_BITS,
            steps // max(count - 1, 1),
            crossings << FRACTION_BITS,
        )
        return np.stack(found, axis=-1).reshape(len(samples), -1)


def _square_root(value: Int64) -> Int64:
    """The integer square root, rounded down; exact below 2^62."""
    root = np.sqrt(value.astype(np.float64)).astype(np.int64)
    root -= root * root > value
    root += (root + 1) * (root + 1) <= value
    return root
