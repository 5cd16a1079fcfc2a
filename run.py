#!/usr/bin/env python3
"""Everything that a clone does by itself, with nothing but Python: `python3 run.py TASK`.

    demo        all of it on an emulated board: train, compile, run, collect, report
    demo-light  the same from the shipped model, without TensorFlow
    test        every test, or those named (python3 run.py test tests/graph)
    setup       everything for work on the toolkit, TensorFlow included
    setup-light everything but TensorFlow: run, build, collect, report
    tinyml      any command of the toolkit (python3 run.py tinyml doctor)

Each sets up what it needs in .venv, from the Python package index, and only once. `make` has the
same tasks and those for work on the toolkit itself.
"""

from __future__ import annotations

import subprocess
import sys

from tools.environment import ROOT, Environment
from tools.pip import SetupError

# What a task needs, and what is run then: arguments of Python.
TASKS = {
    "setup": ("dev", []),
    "setup-light": ("light", []),
    "demo": ("train", ["-m", "tinyml", "demo"]),
    "demo-light": ("light", ["-m", "tinyml", "demo", "--pretrained"]),
    "test": ("dev", ["-m", "pytest", "-n", "auto", "--dist", "worksteal", "-q"]),
    "tinyml": ("light", ["-m", "tinyml"]),
}


def main(arguments: list[str]) -> int:
    """The exit code of a task; the first argument names it, the others go to what it runs."""
    if not arguments or arguments[0] not in TASKS:
        print(__doc__.strip())
        return 0 if arguments in ([], ["--help"], ["-h"], ["help"]) else 2
    task, *others = arguments
    level, command = TASKS[task]
    environment = Environment()
    try:
        new = environment.ensure(level)
        code = 0
        if command:
            place = ROOT if task == "test" else None
            done = subprocess.run([environment.python, *command, *others], cwd=place, check=False)
            code = done.returncode
    except SetupError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; type the same command again to go on.", file=sys.stderr)
        return 130
    if new or task.startswith(("setup", "demo")):
        print(f"For the command tinyml in this terminal, type: {environment.activation}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
