"""GCC for microcontrollers, as distributions package it; and the computer's own compiler."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path
from typing import ClassVar, Final

from tinyml.build.compiler import COMMON_FLAGS, LinkCommand, Toolchain
from tinyml.tools import TOOLS, find_tool, require_tool

# By architecture: the compiler, and what is linked besides our objects.
_COMPILERS: Final = {
    "cortex_m": ("arm-none-eabi-gcc", ("--specs=nano.specs",)),
    "riscv": ("riscv64-unknown-elf-gcc", ("-nostdlib", "-lgcc")),
    "avr": ("avr-gcc", ()),
}
_SANITIZERS: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


class Gcc(Toolchain):
    """A cross compiler of the GNU project."""

    name: ClassVar[str] = "gcc"

    @property
    def compiler(self) -> str:
        """The compiler's name."""
        return _COMPILERS[self.core.architecture][0]

    @property
    def can_build(self) -> bool:
        """See Toolchain."""
        return True

    @property
    def missing(self) -> str:
        """See Toolchain."""
        tool = TOOLS[self.compiler]
        found = find_tool(self.compiler)
        if found is None:
            return f"{self.compiler}, which {tool.purpose} (type: {tool.install_command})"
        if self.core.architecture == "cortex_m" and not c_library(found):
            return f"the C library of {self.compiler} (type: {tool.install_command})"
        return ""

    @property
    def version(self) -> str:
        """See Toolchain."""
        return f"gcc {_version(require_tool(self.compiler))}"

    @property
    def has_c_library(self) -> bool:
        """See Toolchain."""
        return self.core.architecture != "riscv"

    def compile_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        return (require_tool(self.compiler), "-O2", *COMMON_FLAGS, *self.core.flags)

    def cxx_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        return (self.program("g++"), "-O2", *COMMON_FLAGS, *self.core.flags)

    def link_command(self, script: Path, listing: Path) -> LinkCommand:
        """See Toolchain."""
        # avr-libc's start-up is taken.
        start = () if self.core.architecture == "avr" else ("-nostartfiles",)
        before = (
            require_tool(self.compiler), *self.core.flags, *start, "-static", "-T", str(script),
            "-Wl,--gc-sections", f"-Wl,-Map,{listing}",
        )  # fmt: skip
        return LinkCommand(before, _COMPILERS[self.core.architecture][1])

    def program(self, name: str) -> str:
        """One that comes with the compiler, such as ``size``; ToolMissingError without it."""
        compiler = Path(require_tool(self.compiler))
        return str(compiler.with_name(compiler.name.replace("-gcc", f"-{name}")))


@functools.cache
def _version(compiler: str) -> str:
    # Before GCC 7 only the second is known.
    for option in ("-dumpfullversion", "-dumpversion"):
        command = [compiler, option]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return "(version unknown)"


@functools.cache
def c_library(compiler: str) -> str:
    """Where the C library of a compiler for ARM is; empty where it has none."""
    command = [compiler, "-print-file-name=nano.specs"]
    found = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", check=False
    ).stdout.strip()
    return found if Path(found).is_absolute() and Path(found).exists() else ""


class Native(Toolchain):
    """The computer's own compiler, with sanitizers, for core ``portable``."""

    name: ClassVar[str] = "native"

    @property
    def can_build(self) -> bool:
        """See Toolchain."""
        return True

    @property
    def missing(self) -> str:
        """See Toolchain."""
        tool = TOOLS["gcc"]
        return "" if find_tool("gcc") else f"gcc, which {tool.purpose} ({tool.install_command})"

    @property
    def version(self) -> str:
        """See Toolchain."""
        return f"native {_version(require_tool('gcc'))}"

    @property
    def has_c_library(self) -> bool:
        """See Toolchain."""
        return True

    def compile_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        # Sanitized code takes the compiler twice as long at -O2.
        return (require_tool("gcc"), "-O1", *COMMON_FLAGS, *_SANITIZERS)

    def cxx_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        return ("g++", "-O1", *COMMON_FLAGS, *_SANITIZERS)

    def link_command(self, script: Path, listing: Path) -> LinkCommand:
        """See Toolchain; the system's own script serves, and nobody reads a map."""
        del script, listing
        return LinkCommand((require_tool("gcc"), *_SANITIZERS), ())
