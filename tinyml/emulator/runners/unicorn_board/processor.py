# SPDX-License-Identifier: MIT
"""A processor on Unicorn: runs, stops, and gives access to what a debugger wants."""

from __future__ import annotations

import ctypes
import mmap
from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from unicorn import UC_HOOK_INTR, UC_PROT_ALL, Uc, UcError

from blocks import Blocks
from registers import Registers

if TYPE_CHECKING:
    from board import Board

_UNTIL: Final = 0  # ignored: breakpoints are what ends a run


class Stop(Enum):
    """Why a run has ended."""

    TIME = auto()  # it has lasted long enough, or something has changed
    BREAKPOINT = auto()
    TRAP = auto()  # an instruction that calls the debugger
    SLEEP = auto()  # until the next interrupt


class CrashError(Exception):
    """The program cannot go on: it faulted where nobody handles it."""


class Interrupts(Protocol):
    """A controller of interrupts."""

    def set_line(self, irq: int, level: bool) -> None:
        """A device's line: an interrupt is pending while it is high."""


class Processor(ABC):
    """One core; what differs between architectures is in its subclasses.

    Args:
        engine: Unicorn's core.
        vectors: where it starts after a reset.
    """

    registers: ClassVar[dict[int, int]]  # Unicorn's by gdb's numbers
    program_counter: ClassVar[int]  # Unicorn's number

    def __init__(self, engine: Uc, vectors: int) -> None:
        self.engine = engine
        self.vectors = vectors
        self.blocks: Blocks  # set once memories are there
        self._breakpoints: set[int] = set()
        self._exception: int | None = None
        self._keep: list[object] = []
        self._program_counter = Registers(engine, [self.program_counter])
        engine.ctl_exits_enabled(True)
        engine.ctl_set_exits([])
        engine.hook_add(UC_HOOK_INTR, self._on_exception)

    def _on_exception(self, engine: Uc, number: int, _: object) -> None:
        self._exception = number
        engine.emu_stop()

    def map(self, origin: int, memory: mmap.mmap) -> None:
        """Put memory into the address space."""
        view = ctypes.c_char.from_buffer(memory)
        self._keep.append(view)
        self.engine.mem_map_ptr(origin, len(memory), UC_PROT_ALL, ctypes.addressof(view))

    # Running

    def run(self, instructions: int) -> Stop:
        """Run for so many instructions at most, up to the end of the block in which they end.

        Raises CrashError where the program faults and has no handler, or its handler faults.
        """
        self.blocks.begin(instructions)
        self._exception = None
        try:
            self.engine.emu_start(self._entry(), _UNTIL)
        except UcError as error:
            return self.fault(str(error))
        if self._exception is not None:
            return self.on_exception(self._exception)
        if self.blocks.stopped:
            return Stop.TIME
        if self.pc in self._breakpoints:
            return Stop.BREAKPOINT
        return Stop.SLEEP

    def step(self) -> None:
        """Execute one instruction, whether or not a breakpoint is there."""
        address = self.pc
        self._exception = None
        self.blocks.pausing = True
        try:
            self.engine.emu_start(self._entry(), _UNTIL, 0, 1)
        except UcError as error:
            self.fault(str(error))
        finally:
            self.blocks.pausing = False
        self.blocks.count(address)
        if self._exception is not None:
            self.on_exception(self._exception)

    def set_breakpoint(self, address: int, *, on: bool) -> None:
        """Stop before the instruction at ``address``, or no longer."""
        if on:
            self._breakpoints.add(address)
        else:
            self._breakpoints.discard(address)
        self.engine.ctl_set_exits(sorted(self._breakpoints))
        # What was translated before knows nothing of it.
        self.engine.ctl_remove_cache(address, address + 2)

    @property
    def pc(self) -> int:
        """The address of the next instruction."""
        return self._program_counter.get()[0]

    @abstractmethod
    def _entry(self) -> int:
        """The program counter as Unicorn starts there."""

    @abstractmethod
    def on_exception(self, number: int) -> Stop:
        """Handle what Unicorn calls an interrupt: an exception of the core."""

    @abstractmethod
    def fault(self, reason: str) -> Stop:
        """Handle an access or instruction that cannot be."""

    @abstractmethod
    def reset(self) -> None:
        """As from the reset pin: memories stay."""

    @staticmethod
    @abstractmethod
    def instruction_bytes(halfword: int) -> int:
        """The size of the instruction that begins so."""

    # What belongs to the core, beside it

    def attach(self, board: Board) -> None:  # noqa: B027 - not every core has some
        """Put the core's own registers into the board's addresses."""

    def update(self) -> None:  # noqa: B027 - not every core has a clock
        """Called when time has passed."""

    def due_ns(self) -> int | None:
        """The time at which it must be updated; None where only others matter."""
        return None

    # Interrupts

    @property
    @abstractmethod
    def interrupts(self) -> Interrupts:
        """Where devices set their lines."""

    @property
    @abstractmethod
    def wakes(self) -> bool:
        """Whether an interrupt ends a sleep."""

    @property
    @abstractmethod
    def is_masked(self) -> bool:
        """Whether an interrupt waits only because all of them are masked."""

    @abstractmethod
    def take_interrupt(self) -> None:
        """Go to the handler of an interrupt, where one is due."""
