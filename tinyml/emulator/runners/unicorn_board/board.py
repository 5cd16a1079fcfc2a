# SPDX-License-Identifier: MIT
"""The emulated board: processor, memories, devices, and the loop that runs them."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NoReturn

import elf
from blocks import SLOT_BYTES, Blocks
from clock import Clock, HostClock, InstructionClock
from cortex_m import CortexM
from debugger import Debugger
from device import Device
from devices import KINDS
from devices.plic import Plic
from outside import Outside
from pages import pages_of
from processor import CrashError, Interrupts, Processor, Stop
from riscv import RiscV
from wires import Wires

_SLICE: Final = 50_000  # instructions between two looks at the outside
_SECOND_NS: Final = 1_000_000_000


def _processor(description: dict[str, Any]) -> Processor:
    if description["architecture"] == "riscv":
        return RiscV(description["vectors"])
    return CortexM(description["core"], description["vectors"])


class Board:
    """A board as its description says, about to be reset for the first time.

    Args:
        description: what tinyml.emulator.unicorn writes.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.clock_hz: int = description["clock_hz"]
        self.processor = _processor(description)
        self._reset_requested = False
        self.memories = self._map_memories()
        for address, data in self._content():
            self.processor.engine.mem_write(address, data)
        for address, text in description["written"].items():
            self.processor.engine.mem_write(int(address), bytes.fromhex(text))
        self.processor.blocks = self._blocks()
        self.clock = self._clock()
        self.processor.attach(self)
        wired = "parts" in description["ports"]  # else nobody would answer
        self.wires = Wires(self, description["wires"] if wired else [])
        self.interrupts: Interrupts = self.processor.interrupts
        self.devices = [self._device(**settings) for settings in description["devices"]]
        for address, pages in pages_of(self.devices):
            self.map_registers(address, pages.size, pages)
        # Last: whoever waits for the connections finds a board that can run.
        self.outside = Outside(description["ports"])
        if self.outside.parts is not None:
            self.wires.connect(self.outside.parts)
        self._debugger: Debugger | None = None
        if self.outside.debugger is not None:
            self._debugger = Debugger(
                self.outside.debugger, self.outside.debugger_received, self.processor
            )

    def _map_memories(self) -> dict[int, mmap.mmap]:
        found = {}
        for settings in self.description["memories"]:
            size = settings["bytes"]
            if settings["file"]:
                with Path(settings["file"]).open("r+b") as file:
                    memory = mmap.mmap(file.fileno(), size)
            else:
                memory = mmap.mmap(-1, size)
                memory[:] = bytes([settings["fill"]]) * size
            found[settings["origin"]] = memory
            self.processor.map(settings["origin"], memory)
        return found

    def _content(self) -> Iterable[tuple[int, bytes]]:
        """What the image puts into memory, by address."""
        image = Path(self.description["image"])
        if image.suffix == ".bin":
            return [(self.description["code"]["origin"], image.read_bytes())]
        return elf.segments(image)

    def _blocks(self) -> Blocks:
        code = self.description["code"]
        counts = None
        if self.description["counts"]:
            with Path(self.description["counts"]).open("r+b") as file:
                counts = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")
        assert counts is None or len(counts) == code["bytes"] // SLOT_BYTES + 1
        return Blocks(
            self.processor.engine, code["origin"], code["bytes"],
            self.processor.instruction_bytes, counts, self.description["library"],
        )  # fmt: skip

    def _clock(self) -> Clock:
        time = self.description["time"]
        if time == "host":
            return HostClock()
        skips = time == "skipping"
        return InstructionClock(lambda: self.processor.blocks.executed, skips_sleep=skips)

    def _device(self, kind: str, **settings: Any) -> Device:
        device = KINDS[kind](self, **settings)
        if isinstance(device, Plic):
            self.interrupts = device
        return device

    def map_registers(self, address: int, size: int, registers: Any) -> None:
        """Put what has ``read`` and ``write`` of a device into a stretch of addresses."""
        self.processor.engine.mmio_map(
            address, size,
            lambda engine, offset, width, _: registers.read(offset, width), None,
            lambda engine, offset, width, value, _: registers.write(offset, width, value), None,
        )  # fmt: skip

    def fail(self, reason: str) -> NoReturn:
        """End the program, as this board cannot start."""
        raise CrashError(reason)

    def request_reset(self) -> None:
        """Reset the board at the end of the block that runs."""
        self._reset_requested = True
        self.processor.blocks.hurry()

    def _reset(self) -> None:
        self._reset_requested = False
        self.processor.reset()
        for device in self.devices:
            device.reset()

    def run(self) -> None:
        """Run until the connections close; raises CrashError where the program has crashed."""
        self._reset()
        sleeping = False
        while True:
            self.outside.look(None if self._waits else 0)
            if self.outside.take_reset() or self._reset_requested:
                self._reset()
                sleeping = False
            if self._debugger is not None:
                self._debugger.serve()
            if self._waits:
                continue
            self._update()
            sleeping = sleeping and not self.processor.wakes
            if sleeping:
                self._sleep()
                continue
            self.processor.take_interrupt()
            stop = self.processor.run(self._next_slice())
            sleeping = stop is Stop.SLEEP
            if stop in (Stop.BREAKPOINT, Stop.TRAP):
                self._stop()

    @property
    def _waits(self) -> bool:
        """Whether nothing may run before something comes from outside."""
        halted = self._debugger is not None and self._debugger.is_halted
        return halted or self.outside.line.is_jammed

    def _stop(self) -> None:
        if self._debugger is None:
            raise CrashError(
                f"the program has stopped in its fault handler, at {self.processor.pc:#010x}"
            )
        self._debugger.stopped()

    def _update(self) -> None:
        self.processor.update()
        for device in self.devices:
            device.update()

    def _due_ns(self) -> int | None:
        times = [self.processor.due_ns(), *(device.due_ns() for device in self.devices)]
        return min((time for time in times if time is not None), default=None)

    def _next_slice(self) -> int:
        if self.processor.is_masked:
            return 1  # block by block: it is to be taken as soon as it may
        due = self._due_ns()
        until = self.clock.instructions_until(due) if due is not None else None
        return _SLICE if until is None else min(max(until, 1), _SLICE)

    def _sleep(self) -> None:
        """Until a device is due, or something comes from outside."""
        due = self._due_ns()
        before = self.clock.now_ns()
        left = None if due is None else max(due - before, 0)
        if left is not None and self.clock.skips_sleep:
            self.outside.look(0)
            self.clock.slept(left)
        else:
            host = HostClock()
            self.outside.look(None if left is None else left / _SECOND_NS)
            self.clock.slept(host.now_ns() if left is None else min(host.now_ns(), left))
