"""The compiler of each architecture, and the programs that come with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.tools import require_tool


@dataclass(frozen=True)
class Toolchain:
    """A cross compiler."""

    compiler: str
    link_flags: tuple[str, ...]

    def program(self, name: str) -> str:
        """``objcopy``, ``nm`` or the like; ToolMissingError where the compiler is missing."""
        compiler = Path(require_tool(self.compiler))
        return str(compiler.with_name(compiler.name.replace("-gcc", f"-{name}")))


_TOOLCHAINS: Final = {
    "cortex_m": Toolchain("arm-none-eabi-gcc", ("--specs=nano.specs",)),
    "riscv": Toolchain("riscv64-unknown-elf-gcc", ("-nostdlib", "-lgcc")),
    "avr": Toolchain("avr-gcc", ()),
}


def toolchain(core: str) -> Toolchain:
    """The one for a core; BoardError where there is no such core."""
    return _TOOLCHAINS[boards.core(core).architecture]
