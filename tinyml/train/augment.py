"""Training windows, varied differently in every epoch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.project import Augmentation

Array = npt.NDArray[Any]

_NOTHING: Final = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)
_UNITS_A_DOUBLING: Final = 256.0  # front ends give log2 of energies in 1/256


class Augmenter:
    """Draws varied copies of training windows.

    Args:
        settings: what is done.
        features: as the front end measures them, before scaling, ``[n][steps][bands]`` or
            ``[n][features]``.
        targets: one-hot classes ``[n][classes]``, or values ``[n]``.
        logarithmic: whether features are logarithms of energies, which add up where sounds mix.
        standardise: from measured features to the network's input.
        seed: of all draws.
    """

    def __init__(
        self,
        settings: Augmentation,
        features: Array,
        targets: Array,
        standardise: Callable[[Array], Array],
        seed: int,
        *,
        logarithmic: bool,
    ) -> None:
        self._settings = settings
        self._features = features.astype(np.float32)
        self._targets = targets
        self._standardise = standardise
        self._logarithmic = logarithmic
        self._rng = np.random.default_rng(seed)

    @property
    def count(self) -> int:
        """Windows in an epoch."""
        return len(self._features)

    @property
    def classes(self) -> int:
        """How many there are; 0 for a regression or an anomaly."""
        return self._targets.shape[1] if self._targets.ndim == 2 else 0

    def plain(self) -> Array:
        """The windows as they are, as the network sees them."""
        return self._unvaried

    @cached_property
    def _unvaried(self) -> Array:
        return self._standardise(self._features)

    def draw(self) -> tuple[Array, Array]:
        """One epoch's inputs and targets."""
        settings = self._settings
        if settings == _NOTHING:
            return self._unvaried, self._targets
        x = self._features.copy()
        if x.ndim == 3 and settings.time_shift:
            self._roll(x, settings.time_shift)
        if x.ndim == 3 and settings.band_shift:
            self._shift_bands(x, settings.band_shift)
        targets = self._targets
        if settings.mixup:
            x, targets = self._mix(x, targets, settings.mixup)
        if settings.gain:
            x = self._amplified(x, settings.gain)
        x = self._standardise(x)
        if settings.noise:
            x += self._rng.normal(0, settings.noise, x.shape).astype(np.float32)
        if x.ndim == 3:
            self._mask(x, settings.mask_time, axis=1)
            self._mask(x, settings.mask_bands, axis=2)
        return x, targets

    def _roll(self, x: Array, fraction: float) -> None:
        reach = int(fraction * x.shape[1])
        for window, steps in zip(x, self._rng.integers(0, reach + 1, len(x)), strict=True):
            window[:] = np.roll(window, steps, axis=0)

    def _shift_bands(self, x: Array, reach: int) -> None:
        for window, bands in zip(x, self._rng.integers(-reach, reach + 1, len(x)), strict=True):
            source = np.clip(np.arange(x.shape[2]) + bands, 0, x.shape[2] - 1)
            window[:] = window[:, source]

    def _mix(self, x: Array, targets: Array, alpha: float) -> tuple[Array, Array]:
        """H. Zhang and others: mixup, arXiv:1710.09412 (2017)."""
        share = self._rng.beta(alpha, alpha, len(x)).astype(np.float32)
        share = np.maximum(share, 1 - share)
        other = self._rng.permutation(len(x))
        shares = share.reshape(-1, *[1] * (x.ndim - 1))
        if self._logarithmic:
            energy = np.exp2(x / _UNITS_A_DOUBLING)
            mixed = _UNITS_A_DOUBLING * np.log2(shares * energy + (1 - shares) * energy[other])
        else:
            mixed = shares * x + (1 - shares) * x[other]
        shares = share.reshape(-1, *[1] * (targets.ndim - 1))
        return mixed, shares * targets + (1 - shares) * targets[other]

    def _amplified(self, x: Array, deviation: float) -> Array:
        doublings = self._rng.normal(0, deviation, (len(x), *[1] * (x.ndim - 1)))
        if self._logarithmic:
            amplified: Array = x + (_UNITS_A_DOUBLING * doublings).astype(np.float32)
        else:
            amplified = x * np.exp2(doublings).astype(np.float32)
        return amplified

    def _mask(self, x: Array, fraction: float, axis: int) -> None:
        """D. S. Park and others: SpecAugment, arXiv:1904.08779 (2019)."""
        length = x.shape[axis]
        widest = int(fraction * length)
        if not widest:
            return
        for window in x:
            width = int(self._rng.integers(0, widest + 1))
            first = int(self._rng.integers(0, length - width + 1))
            window[(slice(None),) * (axis - 1) + (slice(first, first + width),)] = 0.0
