# SPDX-License-Identifier: MIT
"""A timer of the nRF5. Source: nRF51 Series Reference Manual v3.0, TIMER."""

from __future__ import annotations

from typing import Final

from devices.nrf import NrfPeripheral

_START, _STOP, _CLEAR = 0x000, 0x004, 0x00C
_CAPTURES: Final = range(0x040, 0x058, 4)
_COMPARED: Final = 0x140
_BIT_MODE, _PRESCALER, _COMPARE = 0x508, 0x510, 0x540
_BITS: Final = {0: 16, 1: 8, 2: 24, 3: 32}
_HZ: Final = 16_000_000
_SECOND_NS: Final = 1_000_000_000
_NEVER: Final = 1 << 64


class NrfTimer(NrfPeripheral):
    """Counts up, takes what it shows into a compare register, and tells when it reaches one."""

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._since_ns: int | None = None  # None: it stands
        self._looked = 0  # ticks since then that have been compared

    @property
    def _hz(self) -> int:
        return _HZ >> self.registers.get(_PRESCALER, 4)

    @property
    def _modulus(self) -> int:
        return 1 << _BITS[self.registers.get(_BIT_MODE, 0) & 3]

    def _ticks(self) -> int:
        return 0 if self._since_ns is None else self.ticks(self._since_ns, self._hz)

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if task == _CLEAR or (task == _START and self._since_ns is None):
            self._since_ns = self.board.clock.now_ns()
            self._looked = 0
        elif task == _STOP:
            self._since_ns = None
        elif task in _CAPTURES:
            self.registers[_COMPARE + task - _CAPTURES.start] = self._ticks() % self._modulus

    def _left(self, channel: int) -> int:
        """Ticks after those compared until a channel is reached; _NEVER where none is set."""
        register = _COMPARE + 4 * channel
        if register not in self.registers or self._since_ns is None:
            return _NEVER
        return (self.registers[register] - self._looked - 1) % self._modulus + 1

    def update(self) -> None:
        """See Device."""
        passed = self._ticks() - self._looked
        if passed <= 0:
            return
        for channel in range(len(_CAPTURES)):
            if self._left(channel) <= passed:
                self.events.add(_COMPARED + 4 * channel)
        self._looked += passed
        self.settle()

    def due_ns(self) -> int | None:
        """See Device."""
        wanted = [c for c in range(len(_CAPTURES)) if self.wants(_COMPARED + 4 * c)]
        left = min(map(self._left, wanted), default=_NEVER)
        if self._since_ns is None or left == _NEVER:
            return None
        return self._since_ns + -(-(self._looked + left) * _SECOND_NS // self._hz)
