"""Runs a program, and ends it when the standard input closes: ``python guard.py PROGRAM...``

For programs that would outlive the one that started them, on systems whose kernel does not see to
it. It imports nothing of tinyml: it is started for every emulator.
"""

import os
import subprocess
import sys
import threading


def _end_with_input(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):  # nothing is said here: only the end counts
        pass
    child.kill()


def main() -> int:
    """The program's exit code."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_input, args=(child,), daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    code = main()
    os._exit(code if code >= 0 else 1)  # the thread may be in its read, which nothing ends
