# SPDX-License-Identifier: MIT
"""The microphone interface of the nRF52: mono, by EasyDMA.

Source: nRF52840 Product Specification v1.7, PDM.
"""

from __future__ import annotations

from typing import Final

from devices.nrf import NrfPeripheral

_START, _STOP = 0x000, 0x004
_STARTED, _STOPPED, _END = 0x100, 0x104, 0x108
_ENABLE, _CLOCK, _RATIO, _CLOCK_PIN, _DATA_PIN = 0x500, 0x504, 0x520, 0x540, 0x544
_PLACE, _MOST = 0x560, 0x564
_CLOCK_HZ: Final = {0x08000000: 1_000_000, 0x08400000: 1_032_000, 0x0A000000: 1_280_000}
_USUAL_CLOCK: Final = 0x08400000
_RATIOS: Final = (64, 80)
_SECOND_NS: Final = 1_000_000_000


class NrfPdm(NrfPeripheral):
    """Fills one buffer after another; where the next begins is looked up when it begins."""

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._begun_ns: int | None = None  # the buffer that is filled; None: it stands
        self._place = 0

    @property
    def _hz(self) -> int:
        clock = _CLOCK_HZ[self.registers.get(_CLOCK, _USUAL_CLOCK)]
        return clock // _RATIOS[self.registers.get(_RATIO, 0) & 1]

    @property
    def _buffer_ns(self) -> int:
        return self.registers.get(_MOST, 0) * _SECOND_NS // self._hz

    def start(self, task: int) -> None:
        """See NrfPeripheral."""
        if task == _START and self.registers.get(_ENABLE) == 1:
            self._begin(self.board.clock.now_ns())
        elif task == _STOP:
            self._begun_ns = None
            self.events.add(_STOPPED)

    def _begin(self, now_ns: int) -> None:
        self._begun_ns = now_ns
        self._place = self.registers.get(_PLACE, 0)
        self.events.add(_STARTED)

    def update(self) -> None:
        """See Device."""
        # One buffer at a time: the board must have named the next before it begins.
        if self._begun_ns is None or _STARTED in self.events:
            return
        end_ns = self._begun_ns + self._buffer_ns
        if self.board.clock.now_ns() < end_ns:
            return
        pins = [self.registers.get(pin, -1) for pin in (_CLOCK_PIN, _DATA_PIN)]
        wire = self.board.wires.at_pins("sound", *pins)
        if wire is not None:
            heard = bytes.fromhex(wire.ask(f"hear {self.registers.get(_MOST, 0)}"))
            self.deliver_at(self._place, heard)
        self.events.add(_END)
        self._begin(end_ns)
        self.settle()

    def due_ns(self) -> int | None:
        """See Device."""
        if self._begun_ns is None or _STARTED in self.events:
            return None
        return self._begun_ns + self._buffer_ns
