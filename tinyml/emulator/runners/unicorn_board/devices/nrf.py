# SPDX-License-Identifier: MIT
"""What all peripherals of Nordic's nRF51 and nRF52 have in common: tasks, events, interrupts.

Source: nRF51 Series Reference Manual v3.0, "Peripheral interface".
"""

from __future__ import annotations

from typing import Final

from device import Device

_RAM: Final = 0x20000000
_TASKS: Final = range(0x000, 0x100)
_EVENTS: Final = range(0x100, 0x200)
_INTERRUPTS_ON, _INTERRUPTS_OFF = 0x304, 0x308


class NrfPeripheral(Device):
    """Writing 1 to a task starts it, an event reads as 1, and some events are interrupts."""

    def reset(self) -> None:
        """See Device."""
        self.events: set[int] = set()  # offsets of those that have happened
        self.registers: dict[int, int] = {}
        self._interrupts = 0

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset in _EVENTS:
            return int(offset in self.events)
        if offset in (_INTERRUPTS_ON, _INTERRUPTS_OFF):
            return self._interrupts
        return self.registers.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset in _TASKS:
            if value & 1:
                self.start(offset)
        elif offset in _EVENTS:
            if not value:
                self.events.discard(offset)
        elif offset == _INTERRUPTS_ON:
            self._interrupts |= value
        elif offset == _INTERRUPTS_OFF:
            self._interrupts &= ~value
        else:
            self.registers[offset] = value
        self.update()
        self.settle()

    def start(self, task: int) -> None:
        """A task, by its offset."""

    def settle(self) -> None:
        """Set the interrupt's line as the events are."""
        bits = sum(1 << (event - _EVENTS.start) // 4 for event in self.events)
        self.raise_line(bool(bits & self._interrupts))

    def fetch(self, place: int, most: int) -> bytes:
        """What EasyDMA reads: by the registers that say where, and how many bytes."""
        address, count = self.registers.get(place, 0), self.registers.get(most, 0)
        self._require_memory(address)
        return bytes(self.board.processor.engine.mem_read(address, count))

    def deliver(self, place: int, data: bytes) -> None:
        """What EasyDMA writes, by the register that says where."""
        self.deliver_at(self.registers.get(place, 0), data)

    def deliver_at(self, address: int, data: bytes) -> None:
        """What EasyDMA writes to an address."""
        self._require_memory(address)
        self.board.processor.engine.mem_write(address, data)

    def _require_memory(self, address: int) -> None:
        if address < _RAM:
            self.board.fail(f"EasyDMA reaches RAM alone, not {address:#010x}")

    def wants(self, event: int) -> bool:
        """Whether an event is an interrupt."""
        return bool(self._interrupts >> (event - _EVENTS.start) // 4 & 1)
