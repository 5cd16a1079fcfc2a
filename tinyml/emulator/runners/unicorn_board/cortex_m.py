# SPDX-License-Identifier: MIT
"""A Cortex-M on Unicorn, which has its instructions but no exceptions: those are here.

Source: Armv7-M architecture reference manual, B1.5 (exception model). What differs: there is one
stack, the main one; an exception keeps floating-point registers beside the stack, not on it; and
the floating-point unit works before CPACR allows it.
"""

from __future__ import annotations

import struct
from typing import ClassVar, Final

from unicorn import UC_ARCH_ARM, UC_MODE_THUMB, Uc
from unicorn import arm_const as arm

from nvic import Nvic
from processor import CrashError, Processor, Stop

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
_FRAME: Final = (
    arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3,
    arm.UC_ARM_REG_R12, arm.UC_ARM_REG_LR,
)  # fmt: skip
_FLOATS: Final = [*range(arm.UC_ARM_REG_S0, arm.UC_ARM_REG_S0 + 16), arm.UC_ARM_REG_FPSCR]
_FRAME_BYTES: Final = 32
_THUMB: Final = 1 << 24  # of xPSR
_REALIGNED: Final = 1 << 9
_NUMBER: Final = 0x1FF
_RETURN_TO_THREAD, _RETURN_TO_HANDLER = 0xFFFFFFF9, 0xFFFFFFF1
_FIRST_RETURN: Final = 0xFFFFFF00  # addresses from here on are returns of exceptions
_SVC_CALL, _BREAKPOINT = 2, 7  # as Unicorn counts exceptions
_HARD_FAULT, _SVC = 3, 11  # as the core does


def instruction_bytes(halfword: int) -> int:
    """The size of the instruction that begins so."""
    return 4 if halfword >> 11 in (0b11101, 0b11110, 0b11111) else 2


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
        self.interrupts = Nvic(vectors)
        self._has_floats = core in _WITH_FLOATS
        self._floats: list[tuple[int, ...]] = []

    def _get(self, register: int) -> int:
        return int(self.engine.reg_read(register))

    def _set(self, register: int, value: int) -> None:
        self.engine.reg_write(register, value)

    def _entry(self) -> int:
        return self.pc | 1

    def reset(self) -> None:
        """See Processor."""
        self.interrupts.reset()
        self._floats.clear()
        for number in range(15):
            self._set(self.registers[number], 0)
        self._set(arm.UC_ARM_REG_PRIMASK, 0)
        self._set(arm.UC_ARM_REG_XPSR, _THUMB)
        stack, entry = struct.unpack("<2I", self.engine.mem_read(self.vectors, 8))
        self._set(arm.UC_ARM_REG_SP, stack & ~3)
        self._set(arm.UC_ARM_REG_PC, entry | 1)

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
        if _HARD_FAULT in self.interrupts.active:
            raise CrashError(f"{reason} at {self.pc:#010x}, in the handler of a fault")
        self._enter(_HARD_FAULT)
        return Stop.TIME

    @property
    def wakes(self) -> bool:
        """See Processor."""
        due = self.interrupts.next
        return due is not None and self._priority(due) < self.interrupts.current_priority

    def _priority(self, number: int) -> int:
        return self.interrupts.priority(number)

    @property
    def is_masked(self) -> bool:
        """See Processor."""
        return bool(self._get(arm.UC_ARM_REG_PRIMASK)) and self.wakes

    def take_interrupt(self) -> None:
        """See Processor."""
        if self.wakes and not self._get(arm.UC_ARM_REG_PRIMASK):
            due = self.interrupts.next
            assert due is not None
            self._enter(due)

    def _enter(self, number: int) -> None:
        stack = self._get(arm.UC_ARM_REG_SP)
        status = self._get(arm.UC_ARM_REG_XPSR) & ~_REALIGNED
        place = (stack - _FRAME_BYTES) & ~7
        saved = [*map(self._get, _FRAME), self.pc, status | (_REALIGNED if stack & 4 else 0)]
        (handler,) = struct.unpack(
            "<I", self.engine.mem_read(self.interrupts.vectors + 4 * number, 4)
        )
        self.engine.mem_write(place, struct.pack("<8I", *saved))
        if self._has_floats:
            self._floats.append(tuple(map(self._get, _FLOATS)))
        nested = bool(self.interrupts.active)
        self.interrupts.enter(number)
        self._set(arm.UC_ARM_REG_SP, place)
        self._set(arm.UC_ARM_REG_LR, _RETURN_TO_HANDLER if nested else _RETURN_TO_THREAD)
        self._set(arm.UC_ARM_REG_XPSR, status & ~_NUMBER & ~0x0600FC00 | _THUMB | number)
        self._set(arm.UC_ARM_REG_PC, handler | 1)

    def _return(self) -> Stop:
        if not self.interrupts.active:
            raise CrashError(f"a return from no exception, to {self.pc:#010x}")
        place = self._get(arm.UC_ARM_REG_SP)
        *saved, pc, status = struct.unpack("<8I", self.engine.mem_read(place, _FRAME_BYTES))
        self.interrupts.leave()
        for register, value in zip(_FRAME, saved, strict=True):
            self._set(register, value)
        if self._has_floats:
            for register, value in zip(_FLOATS, self._floats.pop(), strict=True):
                self._set(register, value)
        self._set(arm.UC_ARM_REG_SP, place + _FRAME_BYTES + (4 if status & _REALIGNED else 0))
        self._set(arm.UC_ARM_REG_XPSR, status)
        self._set(arm.UC_ARM_REG_PC, pc | 1)
        return Stop.TIME
