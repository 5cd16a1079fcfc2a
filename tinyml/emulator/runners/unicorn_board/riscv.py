# SPDX-License-Identifier: MIT
"""A 32-bit RISC-V core on Unicorn, in machine mode alone.

Source: the RISC-V instruction set manual, volume 2, "Machine-level ISA".
"""

from __future__ import annotations

from typing import ClassVar, Final

from unicorn import UC_ARCH_RISCV, UC_MODE_RISCV32, Uc
from unicorn import riscv_const as riscv

from processor import CrashError, Processor, Stop
from registers import Registers

EXTERNAL, TIMER = 11, 7  # interrupts, by their bits of mip and mie
_BREAKPOINT, _ACCESS_FAULT = 3, 5  # causes of exceptions
_INTERRUPT: Final = 1 << 31  # of a cause
_ENABLED, _WAS_ENABLED, _FROM_MACHINE = 1 << 3, 1 << 7, 3 << 11  # of mstatus
_DIRECT: Final = ~3  # of mtvec: all traps lead to one address


class Lines:
    """What is pending: the core has a bit for each kind, behind which controllers stand."""

    def __init__(self) -> None:
        self.pending = 0

    def set_line(self, irq: int, level: bool) -> None:
        """Of the kinds above."""
        self.pending = self.pending | 1 << irq if level else self.pending & ~(1 << irq)


class RiscV(Processor):
    """RV32IMC, of which Unicorn's E31 has all.

    Args:
        start: the address at which it starts.
    """

    registers: ClassVar = {
        **{number: riscv.UC_RISCV_REG_X0 + number for number in range(32)},
        32: riscv.UC_RISCV_REG_PC,
    }
    program_counter = riscv.UC_RISCV_REG_PC

    def __init__(self, start: int) -> None:
        engine = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
        engine.ctl_set_cpu_model(riscv.UC_CPU_RISCV32_SIFIVE_E31)
        super().__init__(engine, start)
        self._lines = Lines()
        self._masks = Registers(engine, [riscv.UC_RISCV_REG_MIE, riscv.UC_RISCV_REG_MSTATUS])

    @staticmethod
    def instruction_bytes(halfword: int) -> int:
        """See Processor."""
        return 4 if halfword & 3 == 3 else 2

    @property
    def interrupts(self) -> Lines:
        """See Processor."""
        return self._lines

    def _entry(self) -> int:
        return self.pc

    def reset(self) -> None:
        """See Processor."""
        self._lines.pending = 0
        for number in range(1, 32):
            self.engine.reg_write(self.registers[number], 0)
        self._masks.set([0, 0])
        self.engine.reg_write(riscv.UC_RISCV_REG_MTVEC, 0)
        self.engine.reg_write(self.program_counter, self.vectors)

    def on_exception(self, number: int) -> Stop:
        """See Processor."""
        if number == _BREAKPOINT:
            return Stop.TRAP
        self._trap(number, f"exception {number}")
        return Stop.TIME

    def fault(self, reason: str) -> Stop:
        """See Processor: it becomes an access fault."""
        self._trap(_ACCESS_FAULT, reason)
        return Stop.TIME

    @property
    def _due(self) -> int:
        return self._lines.pending & self._masks.get()[0]

    @property
    def wakes(self) -> bool:
        """See Processor."""
        return self._due != 0

    @property
    def is_masked(self) -> bool:
        """See Processor: programs here never take any."""
        return False

    def take_interrupt(self) -> None:
        """See Processor."""
        due = self._due
        if due and self._masks.get()[1] & _ENABLED:
            self._trap(_INTERRUPT | due.bit_length() - 1, "an interrupt")

    def _trap(self, cause: int, reason: str) -> None:
        handler = self.engine.reg_read(riscv.UC_RISCV_REG_MTVEC) & _DIRECT
        if handler == 0:
            raise CrashError(f"{reason} at {self.pc:#010x}, and no handler is set")
        enabled, status = self._masks.get()
        was = _WAS_ENABLED if status & _ENABLED else 0
        self._masks.set([enabled, status & ~(_ENABLED | _WAS_ENABLED) | was | _FROM_MACHINE])
        self.engine.reg_write(riscv.UC_RISCV_REG_MEPC, self.pc)
        self.engine.reg_write(riscv.UC_RISCV_REG_MCAUSE, cause)
        self.engine.reg_write(self.program_counter, handler)
