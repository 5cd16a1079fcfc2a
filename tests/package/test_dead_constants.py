"""No constant stands in the sources that nothing asks for."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

from tests.support.c_constants import FIRMWARE, constants_of
from tests.support.shared import ROOT

FOLDERS = ("firmware", "tinyml", "tests", "tools")
SOURCES = (".c", ".cc", ".cpp", ".h", ".inc", ".S", ".ino", ".in", ".ld", ".py", ".toml", ".cmake")
# Kept though nobody names them.
ALTERNATIVES = {
    "INPUT_RAW",  # of mlperf: what is neither INPUT_PIXELS nor INPUT_FLOAT
    "POINTERS_64_WHOLE",  # of Abi, which is asked for it as POINTERS_64 and _WHOLE
    "SIGN_BIT",  # of the schema's Activation: a file may say it
}


@cache
def words() -> Counter[str]:
    """How often each word occurs in all sources."""
    found: Counter[str] = Counter()
    for path in (p for folder in FOLDERS for p in (ROOT / folder).rglob("*")):
        if path.suffix in SOURCES and path != Path(__file__):
            found.update(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
    return found


def unused(definitions: Counter[str]) -> list[str]:
    return sorted(
        name
        for name, times in definitions.items()
        if words()[name] <= times and name not in ALTERNATIVES
    )


def test_of_c():
    """Defined numbers and macros; a type's alternatives and a stack's places may be unused."""
    definitions: Counter[str] = Counter()
    for path in FIRMWARE.rglob("*"):
        if path.suffix in (".c", ".h", ".inc"):
            defined = set(re.findall(r"#\s*define\s+(\w+)", path.read_text(encoding="utf-8")))
            names = [c.name for c in constants_of(path) if c.name in defined]
            definitions.update(name for name in names if not name.endswith(("_H", "_INC")))
    assert len(definitions) > 200
    assert unused(definitions) == []


def test_of_python():
    definitions: Counter[str] = Counter()
    for path in (ROOT / "tinyml").rglob("*.py"):
        names = constants_in(path)
        definitions.update(names)
        here = Counter(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        alone = [name for name in set(names) if name.startswith("_") and here[name] < 2]
        assert alone == [], path
    assert len(definitions) > 500
    assert unused(definitions) == []


def constants_in(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    found = []
    for node in (node for body in bodies for node in body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        found += [name for name in names if re.fullmatch(r"_?[A-Z][A-Z0-9_]*", name)]
    return found


def test_what_a_build_defines_is_asked_for():
    recipe = (ROOT / "tinyml" / "build" / "recipe.py").read_text(encoding="utf-8")
    sources = [p.read_text() for p in FIRMWARE.rglob("*") if p.suffix in (".c", ".h", ".S")]
    known = {word for text in sources for word in re.findall(r"TML_\w+", text)}
    assert set(re.findall(r"\bTML_\w+", recipe)) <= known
