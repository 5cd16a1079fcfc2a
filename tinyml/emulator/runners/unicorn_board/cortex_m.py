# SPDX-License-Identifier: MIT
"""A Cortex-M on Unicorn, which has its instructions but no exceptions: those are here.

Source: Armv7-M architecture reference manual, B1.5 (exception model). What differs: there is one
stack, the main one; an exception keeps floating-point registers beside the stack, not on it; and
the floating-point unit works before CPACR allows it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, ClassVar, Final

from unicorn import UC_ARCH_ARM, UC_MODE_THUMB, Uc
from unicorn import arm_const as arm

from nvic import Nvic
from processor import CrashError, Processor, Stop
from registers import Registers
from systick import SysTick

if TYPE_CHECKING:
    from board import Board

# The core model must be set: by UC_MODE_MCLASS alone every core would be a Cortex-M33.
MODELS: Final = {
    "cortex-m0": arm.UC_CPU_ARM_CORTEX_M0,
    "cortex-m0plus": arm.UC_CPU_ARM_CORTEX_M0,
    "cortex-m3": arm.UC_CPU_ARM_CORTEX_M3,
    "cortex-m4": arm.UC_CPU_ARM_CORTEX_M4,
    "cortex-m4f": arm.UC_CPU_ARM_CORTEX_M4,
    "cortex-m7": arm.UC_CPU_ARM_CORTEX_M7,
    "cortex-m33": arm.UC_CPU_ARM_CORTEX_M33,
}
_WITH_FLOATS: Final = ("cortex-m4f", "cortex-m7", "cortex-m33")
_SYSTEM, _SYSTEM_BYTES = 0xE000E000, 0x1000
_FRAME: Final = (
    arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3,
    arm.UC_ARM_REG_R12, arm.UC_ARM_REG_LR, arm.UC_ARM_REG_PC, arm.UC_ARM_REG_XPSR,
)  # fmt: skip
_FLOATS: Final = (*range(arm.UC_ARM_REG_S0, arm.UC_ARM_REG_S0 + 16), arm.UC_ARM_REG_FPSCR)
_WHERE: Final = (
    arm.UC_ARM_REG_SP, arm.UC_ARM_REG_LR, arm.UC_ARM_REG_XPSR, arm.UC_ARM_REG_PC,
)  # fmt: skip
_FRAME_BYTES: Final = 32
_THUMB: Final = 1 << 24  # of xPSR
_REALIGNED: Final = 1 << 9
_CLEARED: Final = 0x0600FC00 | _REALIGNED | 0x1FF  # IT state and the number of an exception
_RETURN_TO_THREAD, _RETURN_TO_HANDLER = 0xFFFFFFF9, 0xFFFFFFF1
_FIRST_RETURN: Final = 0xFFFFFF00  # addresses from here on are returns of exceptions
_SVC_CALL, _BREAKPOINT = 2, 7  # as Unicorn counts exceptions
_HARD_FAULT, _SVC = 3, 11  # as the core does


class CortexM(Processor):
    """One of MODELS.

    Args:
        core: its name.
        vectors: the vector table's address.
    """

    registers: ClassVar = {
        **{number: arm.UC_ARM_REG_R0 + number for number in range(13)},
        13: arm.UC_ARM_REG_SP,
        14: arm.UC_ARM_REG_LR,
        15: arm.UC_ARM_REG_PC,
        25: arm.UC_ARM_REG_XPSR,
    }
    program_counter = arm.UC_ARM_REG_PC

    def __init__(self, core: str, vectors: int) -> None:
        engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB)
        engine.ctl_set_cpu_model(MODELS[core])
        super().__init__(engine, vectors)
        self._nvic = Nvic(vectors)
        self._frame = Registers(engine, _FRAME)
        self._floats = Registers(engine, _FLOATS if core in _WITH_FLOATS else ())
        self._where = Registers(engine, _WHERE)
        self._stack_pointer = Registers(engine, _WHERE[:1])
        self._mask = Registers(engine, [arm.UC_ARM_REG_PRIMASK])
        self._kept_floats: list[list[int]] = []

    @staticmethod
    def instruction_bytes(halfword: int) -> int:
        """See Processor."""
        return 4 if halfword >> 11 in (0b11101, 0b11110, 0b11111) else 2

    @property
    def interrupts(self) -> Nvic:
        """See Processor."""
        return self._nvic

    def attach(self, board: Board) -> None:
        """See Processor."""
        self._systick = SysTick(self._nvic, board.clock, board.clock_hz)
        self._nvic.systick = self._systick
        self._nvic.changed = self.blocks.hurry
        self._nvic.on_reset_request = board.request_reset
        board.map_registers(_SYSTEM, _SYSTEM_BYTES, self._nvic)

    def update(self) -> None:
        """See Processor."""
        self._systick.update()

    def due_ns(self) -> int | None:
        """See Processor."""
        return self._systick.due_ns()

    @property
    def _masks_interrupts(self) -> bool:
        return self._mask.get() != [0]

    def _entry(self) -> int:
        return self.pc | 1

    def reset(self) -> None:
        """See Processor."""
        self._nvic.reset()
        self._systick.reset()
        self._kept_floats.clear()
        for number in range(13):
            self.engine.reg_write(self.registers[number], 0)
        self._mask.set([0])
        stack, entry = struct.unpack("<2I", self.engine.mem_read(self.vectors, 8))
        self._where.set([stack & ~3, 0xFFFFFFFF, _THUMB, entry | 1])

    # Exceptions

    def on_exception(self, number: int) -> Stop:
        """See Processor."""
        if self.pc >= _FIRST_RETURN:
            return self._return()
        if number == _BREAKPOINT:
            return Stop.TRAP
        if number == _SVC_CALL:
            self._enter(_SVC)
            return Stop.TIME
        return self.fault(f"exception {number}")

    def fault(self, reason: str) -> Stop:
        """See Processor: it becomes a HardFault."""
        if self.pc >= _FIRST_RETURN:
            return self._return()
        if _HARD_FAULT in self._nvic.active:
            raise CrashError(f"{reason} at {self.pc:#010x}, in the handler of a fault")
        self._enter(_HARD_FAULT)
        return Stop.TIME

    @property
    def wakes(self) -> bool:
        """See Processor."""
        due = self._nvic.next
        return due is not None and self._priority(due) < self._nvic.current_priority

    def _priority(self, number: int) -> int:
        return self._nvic.priority(number)

    @property
    def is_masked(self) -> bool:
        """See Processor."""
        return self.wakes and self._masks_interrupts

    def take_interrupt(self) -> None:
        """See Processor."""
        if self.wakes and not self._masks_interrupts:
            due = self._nvic.next
            assert due is not None
            self._enter(due)

    def _enter(self, number: int) -> None:
        (stack,) = self._stack_pointer.get()
        *saved, status = self._frame.get()
        status = status & ~_REALIGNED | (_REALIGNED if stack & 4 else 0)
        place = (stack - _FRAME_BYTES) & ~7
        vector = self._nvic.vectors + 4 * number
        (handler,) = struct.unpack("<I", self.engine.mem_read(vector, 4))
        self.engine.mem_write(place, struct.pack("<8I", *saved, status))
        self._kept_floats.append(self._floats.get())
        link = _RETURN_TO_HANDLER if self._nvic.active else _RETURN_TO_THREAD
        self._nvic.enter(number)
        self._where.set([place, link, status & ~_CLEARED | _THUMB | number, handler | 1])

    def _return(self) -> Stop:
        if not self._nvic.active:
            raise CrashError(
                f"a return from an exception outside of any handler, to {self.pc:#010x}"
            )
        (place,) = self._stack_pointer.get()
        *saved, pc, status = struct.unpack("<8I", self.engine.mem_read(place, _FRAME_BYTES))
        self._nvic.leave()
        self._floats.set(self._kept_floats.pop())
        self._frame.set([*saved, pc | 1, status])
        self._stack_pointer.set([place + _FRAME_BYTES + (4 if status & _REALIGNED else 0)])
        return Stop.TIME
