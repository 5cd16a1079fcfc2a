"""The record log keeps its promises when the power goes at any moment (see power_cut.c)."""

import subprocess
from pathlib import Path

import pytest

from tests.support.targets import SANITIZERS, require_native
from tinyml import resources

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wconversion"]


@pytest.fixture(scope="module")
def power_cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    firmware = resources.folder("firmware")
    program = tmp_path_factory.mktemp("power_cut") / "power_cut"
    sources = [*(firmware / "store").glob("*.c"), Path(__file__).with_name("power_cut.c")]
    includes = [f"-I{firmware / 'include'}", f"-I{firmware / 'store'}"]
    command = [require_native(), "-std=c11", "-g", "-O1", *WARNINGS, *SANITIZERS, *includes]
    subprocess.run([*command, *map(str, sources), "-o", str(program)], check=True)
    return program


# Blocks, bytes an erase block, bytes a program unit.
@pytest.mark.parametrize(
    "geometry", [(2, 256, 1), (3, 1024, 4), (4, 256, 8), (8, 256, 16), (4, 512, 64)], ids=str
)
@pytest.mark.parametrize("mode", ["sweep", "storms", "garbage"])
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_acknowledged_is_lost(
    power_cut: Path, geometry: tuple[int, int, int], mode: str, seed: int
) -> None:
    command = [str(power_cut), *map(str, geometry), str(seed), mode]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    print(" ".join(command[1:]), result.stdout)
    assert result.returncode == 0, result.stderr
