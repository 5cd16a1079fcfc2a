# SPDX-License-Identifier: MIT
"""The random number generator of the nRF5. Source: nRF51 Series Reference Manual v3.0, RNG."""

from __future__ import annotations

import random
from typing import Final

from devices.nrf import NrfPeripheral

_START, _STOP = 0x000, 0x004
_READY, _VALUE = 0x100, 0x508
_BYTE: Final = 256


class NrfRng(NrfPeripheral):
    """Its numbers follow from the board's seed, and go on over a reset."""

    _random: random.Random | None = None
    _runs = False

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._runs = False
        if self._random is None:
            self._random = random.Random(self.board.description["seed"])

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        self._runs = task == _START if task in (_START, _STOP) else self._runs

    def update(self) -> None:
        """See Device."""
        if self._runs and _READY not in self.events and self._random is not None:
            self.registers[_VALUE] = self._random.randrange(_BYTE)
            self.events.add(_READY)
