"""External programs in tests: skipped where absent, an error where they are required."""

import os

import pytest

from tinyml.tools import find_tool


def require_tool(program: str) -> str:
    """The program's path.

    Skips with the reason where it is missing, unless the environment variable TINYML_REQUIRE, a
    list with commas, names it: then its absence is a failure.
    """
    found = find_tool(program)
    if found is None:
        if program in os.environ.get("TINYML_REQUIRE", "").split(","):
            pytest.fail(f"{program} is required here, but not installed")
        pytest.skip(f"{program} is not installed")
    return found
