"""External programs: found on PATH, or one sentence that says how to install them."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.errors import ToolMissingError


@dataclass(frozen=True)
class Tool:
    """A program, and the commands that install it."""

    program: str
    purpose: str
    debian: str
    macos: str
    windows: str
    optional: bool = False  # only some boards want it

    @property
    def install_command(self) -> str:
        """The command for this system."""
        if sys.platform == "darwin":
            return self.macos
        return self.windows if sys.platform == "win32" else self.debian


TOOLS: Final = {
    tool.program: tool
    for tool in (
        Tool(
            "arm-none-eabi-gcc",
            "compiles firmware",
            "sudo apt install gcc-arm-none-eabi libnewlib-arm-none-eabi",
            "brew install --cask gcc-arm-embedded",
            "winget install Arm.GnuArmEmbeddedToolchain",
        ),
        Tool(
            "qemu-system-arm",
            "emulates boards",
            "sudo apt install qemu-system-arm",
            "brew install qemu",
            "winget install SoftwareFreedomConservancy.QEMU",
        ),
        Tool(
            "gcc",
            "builds the instruction counter and native programs",
            "sudo apt install gcc libc6-dev",
            "xcode-select --install",
            "winget install BrechtSanders.WinLibs.POSIX.UCRT",
        ),
        Tool(
            "qemu-system-riscv32",
            "emulates RISC-V boards",
            "sudo apt install qemu-system-misc",
            "brew install qemu",
            "winget install SoftwareFreedomConservancy.QEMU",
            optional=True,
        ),
        Tool(
            "riscv64-unknown-elf-gcc",
            "compiles firmware for RISC-V",
            "sudo apt install gcc-riscv64-unknown-elf",
            "brew install riscv64-elf-gcc",
            "use WSL, where: sudo apt install gcc-riscv64-unknown-elf",
            optional=True,
        ),
        Tool(
            "avr-gcc",
            "compiles firmware for AVR",
            "sudo apt install gcc-avr avr-libc",
            "brew tap osx-cross/avr && brew install avr-gcc",
            "winget install ZakKemble.avr-gcc",
            optional=True,
        ),
        Tool(
            "qemu-system-avr",
            "emulates AVR boards",
            "sudo apt install qemu-system-misc",
            "brew install qemu",
            "winget install SoftwareFreedomConservancy.QEMU",
            optional=True,
        ),
        Tool(
            "simavr",
            "emulates AVR boards",
            "sudo apt install simavr libsimavr-dev libelf-dev",
            "brew tap osx-cross/avr && brew install simavr",
            "use WSL, where: sudo apt install simavr libsimavr-dev libelf-dev",
            optional=True,
        ),
        Tool(
            "avrdude",
            "writes to AVR boards",
            "sudo apt install avrdude",
            "brew install avrdude",
            "winget install AVRDudes.AVRDUDE",
            optional=True,
        ),
        Tool(
            "pyocd",
            "writes to boards with a debugging probe",
            "pip install pyocd",
            "pip install pyocd",
            "pip install pyocd",
            optional=True,
        ),
        Tool(
            "openocd",
            "writes to boards with a debugging probe",
            "sudo apt install openocd",
            "brew install openocd",
            "choco install openocd",
            optional=True,
        ),
        Tool(
            "stm32flash",
            "writes to STM32 over a serial port",
            "sudo apt install stm32flash",
            "brew install stm32flash",
            "choco install stm32flash",
            optional=True,
        ),
        Tool(
            "dfu-util",
            "writes to STM32 over USB",
            "sudo apt install dfu-util",
            "brew install dfu-util",
            "choco install dfu-util",
            optional=True,
        ),
        Tool(
            "bossac",
            "writes to SAM boards",
            "sudo apt install bossa-cli",
            "brew install bossa",
            "choco install bossa",
            optional=True,
        ),
        Tool(
            "esptool",
            "writes to ESP32",
            "pip install esptool",
            "pip install esptool",
            "pip install esptool",
            optional=True,
        ),
        Tool(
            "cmake",
            "drives the build",
            "pip install cmake",
            "pip install cmake",
            "pip install cmake",
        ),
        Tool(
            "ninja",
            "runs the build",
            "pip install ninja",
            "pip install ninja",
            "pip install ninja",
        ),
    )
}


def find_tool(program: str) -> str | None:
    """The program's path; also beside this Python, where pip puts programs."""
    beside = shutil.which(program, path=str(Path(sys.executable).parent))
    return beside or shutil.which(program)


def require_tool(program: str) -> str:
    """The program's path; ToolMissingError with the command that installs it."""
    found = find_tool(program)
    if found is None:
        tool = TOOLS[program]
        raise ToolMissingError(
            f"{program}, which {tool.purpose}, is not installed; type: {tool.install_command}"
        )
    return found
