"""Which compiler makes images: GCC where it is installed, else clang out of a Python package.

The environment variable TINYML_TOOLCHAIN, or the option `--toolchain`, asks for one of them.
"""

from __future__ import annotations

import os
from typing import Final

from tinyml import boards
from tinyml.build.compiler import Toolchain
from tinyml.build.gcc import Gcc
from tinyml.build.zig import Zig
from tinyml.documents import require_known
from tinyml.errors import BuildError, ToolMissingError

VARIABLE: Final = "TINYML_TOOLCHAIN"
TOOLCHAINS: Final[dict[str, type[Toolchain]]] = {kind.name: kind for kind in (Gcc, Zig)}


def toolchain(core: str) -> Toolchain:
    """The one that builds for a core.

    Raises BoardError where there is no such core, BuildError where another toolchain is asked for
    than there are, ToolMissingError, with the commands that install them, where none is installed.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        require_known(wanted, TOOLCHAINS, "toolchain", BuildError)
    kinds = [TOOLCHAINS[wanted]] if wanted else list(TOOLCHAINS.values())
    found = [kind(boards.core(core)) for kind in kinds]
    able = [candidate for candidate in found if candidate.can_build]
    for candidate in able:
        if not candidate.missing:
            return candidate
    if not able:
        raise BuildError(f"{wanted} cannot build for {core}; leave out --toolchain {wanted}")
    raise ToolMissingError(
        f"no installed compiler can compile for {core}: "
        + ", or ".join(f"install {c.missing}" for c in able)
    )
