"""External programs: found on PATH, or one sentence that says how to install them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Final

from tinyml.errors import TinymlError, ToolMissingError
from tinyml.install import package_command


@dataclass(frozen=True)
class Tool:
    """A program, and the commands that install it."""

    program: str
    purpose: str
    debian: str = ""
    macos: str = ""
    windows: str = ""
    package: str = ""  # of the Python package index, in the place of the three, for every system
    optional: bool = False  # only some boards want it
    is_node_module: bool = False  # for Node.js, rather than a program

    @property
    def install_command(self) -> str:
        """The command for this system."""
        if self.package:
            return package_command(self.package)
        if sys.platform == "darwin":
            return self.macos
        return self.windows if sys.platform == "win32" else self.debian


# All but those that write to boards: tinyml/flash/flashers/ has them.
TOOLS: Final = {
    tool.program: tool
    for tool in (
        Tool(
            "arm-none-eabi-gcc",
            "compiles firmware",
            "sudo apt install gcc-arm-none-eabi libnewlib-arm-none-eabi",
            "brew install --cask gcc-arm-embedded",
            "winget install Arm.GnuArmEmbeddedToolchain",
            optional=True,
        ),
        Tool(
            "qemu-system-arm",
            "emulates boards",
            "sudo apt install qemu-system-arm",
            "brew install qemu",
            "winget install SoftwareFreedomConservancy.QEMU",
            optional=True,
        ),
        Tool(
            "gcc",
            "builds the instruction counter and native programs",
            "sudo apt install gcc libc6-dev",
            "xcode-select --install",
            "winget install BrechtSanders.WinLibs.POSIX.UCRT",
            optional=True,
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
            "use WSL and type there: sudo apt install gcc-riscv64-unknown-elf",
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
            "use WSL and type there: sudo apt install simavr libsimavr-dev libelf-dev",
            optional=True,
        ),
        Tool(
            "node",
            "runs the Pico's emulator",
            "sudo apt install nodejs npm",
            "brew install node",
            "winget install OpenJS.NodeJS",
            optional=True,
        ),
        Tool(
            "rp2040js",
            "emulates the Pico",
            "npm install --prefix ~/.cache/tinyml rp2040js",
            "npm install --prefix ~/.cache/tinyml rp2040js",
            "use WSL and type there: npm install --prefix ~/.cache/tinyml rp2040js",
            optional=True,
            is_node_module=True,
        ),
        Tool(
            "cmake",
            "builds exported CMake projects",
            package="cmake",
            optional=True,
        ),
        Tool(
            "ninja",
            "runs the build",
            package="ninja",
        ),
    )
}


def cache_folder() -> Path:
    """Where things that can be made again are kept; TinymlError where no home folder is known."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base is None and sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "tinyml"
    except RuntimeError as error:
        raise TinymlError(
            "your home folder is not known; set HOME, or set XDG_CACHE_HOME to a folder "
            "where you may write"
        ) from error


def find_tool(program: str) -> str | None:
    """The program's path; also beside this Python, where pip puts programs.

    A module for Node.js is looked for in ``node_modules`` of the folder that TINYML_NODE_MODULES
    names, of this one, and where its install command puts it.
    """
    tool = TOOLS.get(program)
    if tool is not None and tool.is_node_module:
        return _find_node_module(program)
    # Windows has them in a folder beside Python's, but for an environment.
    for folder in (str(Path(sys.executable).parent), get_path("scripts")):
        if beside := shutil.which(program, path=folder):
            return beside
    return shutil.which(program)


def _find_node_module(name: str) -> str | None:
    given = os.environ.get("TINYML_NODE_MODULES")
    folders = [Path("node_modules"), cache_folder() / "node_modules"]
    for folder in [Path(given) / "node_modules", *folders] if given else folders:
        if (folder / name / "package.json").is_file():
            return str((folder / name).resolve())
    return None


def require_all(*checks: Callable[[], object]) -> None:
    """Call every check; one ToolMissingError names all that is missing, not the first alone."""
    missing = []
    for check in checks:
        try:
            check()
        except ToolMissingError as error:
            missing.append(str(error))
    if missing:
        raise ToolMissingError("; ".join(missing))


def require_tool(program: str) -> str:
    """The path of a program of TOOLS; ToolMissingError with the command that installs it."""
    return require(TOOLS[program])


def require(tool: Tool) -> str:
    """The program's path; ToolMissingError with the command that installs it."""
    found = find_tool(tool.program)
    if found is None:
        raise ToolMissingError(
            f"{tool.program}, which {tool.purpose}, is not installed; type: {tool.install_command}"
        )
    return found
