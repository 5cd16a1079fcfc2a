# SPDX-License-Identifier: MIT
"""Clock control of the nRF5: oscillators start at once. Source: nRF51 Reference Manual, CLOCK."""

from __future__ import annotations

from typing import Final

from devices.nrf import NrfPeripheral

_STARTED: Final = {0x000: 0x100, 0x008: 0x104}  # of the fast and the slow clock: task to event


class NrfClock(NrfPeripheral):
    """Tells that an oscillator runs."""

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if task in _STARTED:
            self.events.add(_STARTED[task])
