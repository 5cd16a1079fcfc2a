"""docs/dependencies.md names every dependency with the licence that it has."""

import importlib.metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tools import require_tool
from tools import dependencies, wheels

WRITE = "write it again: python -m tools.dependencies"
TEXT = dependencies.PAGE.read_text(encoding="utf-8")
ROWS = dependencies.rows(TEXT)
DECLARED = dependencies.declared()
USERS = [extra for extra in DECLARED if extra not in dependencies.NOT_RESOLVED]


def applies(needed: Requirement, extras: set[str]) -> bool:
    marker = needed.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def needed_by(requirements: list[Requirement]) -> set[str]:
    """Names of all installed packages that these bring, at any depth, themselves included."""
    found: set[str] = set()
    waiting = [needed for needed in requirements if applies(needed, set())]
    while waiting:
        needed = waiting.pop()
        name = canonicalize_name(needed.name)
        try:
            brought = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        if name not in found:
            found.add(name)
            others = map(Requirement, brought)
            waiting += [other for other in others if applies(other, needed.extras)]
    return found


def test_the_page_begins_as_its_maker_says():
    assert TEXT.startswith(dependencies.HEAD), WRITE


@pytest.mark.parametrize("extra", DECLARED)
def test_every_dependency_stands_under_its_extra(extra):
    heading = "## base" if extra == "base" else f"## `[{extra}]`"
    shown = TEXT.partition(f"{heading}\n")[2].partition("\n## ")[0]
    missing = [n.name for n in DECLARED[extra] if n.name not in dependencies.rows(shown)]
    assert not missing, WRITE


@pytest.mark.parametrize("extra", USERS)
def test_what_they_bring_stands_there_too(extra):
    missing = needed_by(DECLARED[extra]) - ROWS.keys()
    assert not missing, WRITE


@pytest.mark.parametrize("name", ROWS)
def test_a_licence_is_what_the_package_says(name):
    _, shown, *release = ROWS[name]
    try:
        here = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    if release and release[0] != here:
        pytest.skip(f"the page is of {name} {release[0]}, this is {here}")
    known = dependencies.licence(name)
    assert known is not None
    # One release says "MIT License", the next "MIT".
    assert shown.removesuffix(" License") == known.removesuffix(" License"), WRITE


def test_copyleft_is_named_where_it_is():
    strict = {name for name, cells in ROWS.items() if "GPL" in cells[1]}
    assert strict == {"unicorn", "psycopg", "psycopg-binary"}
    assert "**GPL-2.0**" in dependencies.HEAD


@pytest.mark.parametrize("python", [wheels.PYTHONS[0], wheels.PYTHONS[-1]])
@pytest.mark.parametrize("system", wheels.SYSTEMS)
@pytest.mark.parametrize("extra", ["light", "train"])  # which hold the base
def test_every_system_has_wheels(extra, system, python):
    require_tool("uv")
    try:
        found = wheels.resolve(system, python, wheels.EXTRAS[extra])
    except wheels.UnknowableError as error:
        pytest.skip(str(error))
    assert {wheel.name for wheel in found} >= {"numpy", "click"}
    if extra == "light":
        assert wheels.total_megabytes(found) < 150
