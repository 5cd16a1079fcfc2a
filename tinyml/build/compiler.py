"""What a toolchain is asked for: how a source becomes an object, and objects an image."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from tinyml.boards import Core

# Float kernels round at every step, on every core: no fused multiply-adds.
COMMON_FLAGS: Final = (
    "-g", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-ffunction-sections",
    "-fdata-sections",
)  # fmt: skip


@dataclass(frozen=True)
class LinkCommand:
    """A linker with what stands before and behind the objects."""

    before: tuple[str, ...]
    behind: tuple[str, ...]


@dataclass(frozen=True)
class Toolchain(ABC):
    """A compiler for a core."""

    core: Core
    name: ClassVar[str]

    @property
    @abstractmethod
    def can_build(self) -> bool:
        """Whether it has a compiler for this core, installed or not."""

    @property
    @abstractmethod
    def missing(self) -> str:
        """What is not installed, in words, with the command that installs it; empty: nothing."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Such as ``gcc 12.2.1``: results of two versions may differ."""

    @property
    @abstractmethod
    def has_c_library(self) -> bool:
        """Whether memcpy and the like come with it; else firmware/ports/libc has them."""

    @abstractmethod
    def compile_command(self) -> tuple[str, ...]:
        """Compiles C or assembles; sources, objects, headers and definitions come on top."""

    @abstractmethod
    def cxx_command(self) -> tuple[str, ...]:
        """Compiles C++; BuildError where it cannot."""

    @abstractmethod
    def link_command(self, script: Path, listing: Path) -> LinkCommand:
        """Links an image by a script and writes a map of it to ``listing``."""
