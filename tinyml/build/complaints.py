"""What compilers and linkers complain of, as one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tinyml.boards import Board
from tinyml.errors import BuildError, ModelTooLargeError, TinymlError
from tinyml.full_disk import explain_full_disk

# Not just "error": Ninja repeats the command line, which holds -Werror.
_COMPLAINT: Final = re.compile(r"error: |undefined reference")
# GNU ld and lld.
_OVERFLOWS: Final = (
    re.compile(r"region `(\w+)' overflowed by (\d+) bytes"),
    re.compile(r"will not fit in region '(\w+)': overflowed by (\d+) bytes"),
)


def explain(output: str, board: Board | None, place: Path) -> TinymlError:
    """The error that a failed build in ``place`` is."""
    full = explain_full_disk(output, (place,))
    if full is not None:
        return full
    overflows = [found for pattern in _OVERFLOWS for found in pattern.finditer(output)]
    if overflows and board is not None:
        # lld names every section that does not fit, each with what is missing up to its end.
        return _too_large(board, max(overflows, key=lambda found: int(found[2])))
    complaints = [line for line in output.splitlines() if _COMPLAINT.search(line)]
    return BuildError(
        f"the firmware could not be built: {(complaints or [output.strip()])[0]} (run "
        "`tinyml doctor` to check that the compiler is complete)"
    )


def _too_large(board: Board, overflow: re.Match[str]) -> ModelTooLargeError:
    region = "flash" if overflow[1] == "FLASH" else "RAM"
    have = (board.code if region == "flash" else board.data).bytes
    stack = f" ({board.node.stack_bytes:,} of them for the stack)" if region == "RAM" else ""
    return ModelTooLargeError(
        f"the image needs {have + int(overflow[2]):,} bytes of {region}{stack}, but "
        f"{board.name} has {have:,}; use a smaller model or a board with more memory"
    )
