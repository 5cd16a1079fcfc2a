# SPDX-License-Identifier: MIT
"""Devices by their addresses: several may lie in one page, which the engine maps as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from device import PAGE_BYTES, Device


class Pages:
    """A stretch of whole pages with some devices in it; between them nothing answers.

    Args:
        address: of the first page.
        devices: in the order of their addresses.
    """

    def __init__(self, address: int, devices: Sequence[Device]) -> None:
        end = max(device.address + device.size for device in devices)
        self.size = -(-(end - address) // PAGE_BYTES) * PAGE_BYTES
        self._spans = [(d.address - address, d.address + d.size - address, d) for d in devices]

    def read(self, offset: int, size: int) -> int:
        """What the device there reads as."""
        for start, end, device in self._spans:
            if start <= offset < end:
                return device.read(offset - start, size)
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        """Write to the device there."""
        for start, end, device in self._spans:
            if start <= offset < end:
                device.write(offset - start, size, value)


def pages_of(devices: Sequence[Device]) -> Iterator[tuple[int, Pages]]:
    """Stretches of pages that do not touch, each with its address."""
    group: list[Device] = []
    first = end = 0
    for device in sorted(devices, key=lambda device: device.address):
        if group and device.address >= end:
            yield first, Pages(first, group)
            group = []
        if not group:
            first = device.address // PAGE_BYTES * PAGE_BYTES
        group.append(device)
        end = -(-(device.address + device.size) // PAGE_BYTES) * PAGE_BYTES
    if group:
        yield first, Pages(first, group)
