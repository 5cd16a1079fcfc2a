# SPDX-License-Identifier: MIT
"""A board on Unicorn, in a process of its own: ``python unicorn_board DESCRIPTION.json``

This folder is a program by itself: it imports the standard library and Unicorn, whose core is under
the GNU General Public License, version 2, and nothing of tinyml, which speaks to it over sockets as
it does to QEMU. Its files are under the MIT licence, which goes with both.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from board import Board
from outside import end
from processor import CrashError


def main() -> None:
    """Run the board until its connections close."""
    try:
        Board(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run()
    except CrashError as error:
        sys.stderr.write(f"{error}\n")
        end(1)


if __name__ == "__main__":
    main()
