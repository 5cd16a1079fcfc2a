"""clang, its assembler and lld out of the Python package ziglang: a compiler without a system
package.

``zig clang`` and ``zig ld.lld`` are LLVM's own programs and take what those take. compiler-rt,
which stands in for libgcc, comes as source and is built once for each core.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import ClassVar, Final

from tinyml.build.compiler import COMMON_FLAGS, LinkCommand, Toolchain
from tinyml.errors import BuildError
from tinyml.files import require_writable
from tinyml.full_disk import explain_full_disk
from tinyml.install import extra_command
from tinyml.tools import cache_folder

# clang unrolls what is not worth its flash (images grow by up to a sixth), and puts a table of 1 KB
# in the place of a CRC's loop.
_SMALL: Final = ("-fno-unroll-loops", "-mllvm", "-disable-loop-idiom-hashrecognize")
_FLAGS: Final = {
    # At clang's own limit images of the node are up to 6 % larger than GCC's; kernels, which say
    # themselves what is inlined, are the same. Without pointers that go on by themselves a Fourier
    # transform takes half as many instructions again.
    "cortex_m": (
        "--target=arm-none-eabi", "-O2", *_SMALL, "-mllvm", "-inline-threshold=100", "-mllvm",
        "-lsr-preferred-addressing-mode=postindexed",
    ),
    # Portable kernels all depend on the compiler: at -O2 they take up to 6 % more instructions than
    # GCC's, transforms 19 %; images are smaller than its by up to a quarter.
    "riscv": (
        "--target=riscv32-unknown-elf", "-O3", "-mtune=sifive-7-series", *_SMALL, "-mllvm",
        "-lsr-exp-narrow",
    ),
}  # fmt: skip


class Zig(Toolchain):
    """LLVM, as the package ziglang brings it."""

    name: ClassVar[str] = "zig"

    @property
    def can_build(self) -> bool:
        """See Toolchain; AVR has no C library there."""
        return self.core.architecture in _FLAGS

    @property
    def missing(self) -> str:
        """See Toolchain."""
        if program() is None:
            return f"the Python package ziglang (type: {extra_command('light')})"
        return ""

    @property
    def version(self) -> str:
        """See Toolchain."""
        return f"zig {metadata.version('ziglang')}"

    @property
    def has_c_library(self) -> bool:
        """See Toolchain."""
        return False

    def compile_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        zig = _require()
        return (
            str(zig), "clang", *_FLAGS[self.core.architecture], "-nostdinc", "-isystem",
            str(zig.parent / "lib" / "include"), *COMMON_FLAGS, *self.core.flags,
        )  # fmt: skip

    def cxx_command(self) -> tuple[str, ...]:
        """See Toolchain."""
        raise BuildError(
            "TensorFlow Lite Micro needs the C++ library, which ziglang does not have "
            "for microcontrollers; build with --toolchain gcc"
        )

    def link_command(self, script: Path, listing: Path) -> LinkCommand:
        """See Toolchain."""
        before = (
            str(_require()), "ld.lld", "-static", "-T", str(script), "--gc-sections", "-Map",
            str(listing),
        )  # fmt: skip
        return LinkCommand(before, (str(self._runtime()),))

    def _runtime(self) -> Path:
        """compiler-rt for this core, from the cache where it is there."""
        zig = _require()
        target, cpu = self.core.zig_target, self.core.zig_cpu
        name = f"compiler-rt-{metadata.version('ziglang')}-{target}-{cpu}.a"
        archive = cache_folder() / name
        if archive.exists():
            return archive
        require_writable(archive.parent)
        part = archive.with_name(f"{name}.{os.getpid()}.part")
        command = [
            str(zig), "build-lib", str(zig.parent / "lib" / "compiler_rt.zig"), "-target", target,
            "-mcpu", cpu, "-OReleaseSmall", "-ffunction-sections", "-fdata-sections", "--name",
            "compiler_rt", f"-femit-bin={part}", "--global-cache-dir", str(cache_folder() / "zig"),
            "--cache-dir", str(cache_folder() / "zig"),
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if done.returncode != 0:
            part.unlink(missing_ok=True)
            raise explain_full_disk(done.stderr, (archive.parent,)) or BuildError(
                f"compiler-rt for {self.core.name} cannot be built: {done.stderr.strip()[:200]}"
            )
        part.replace(archive)
        return archive


@functools.cache
def program() -> Path | None:
    """The program; None where the package is not installed."""
    found = importlib.util.find_spec("ziglang")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / ("zig.exe" if sys.platform == "win32" else "zig")


def _require() -> Path:
    zig = program()
    assert zig is not None, "a toolchain is chosen only where it is installed"
    return zig
