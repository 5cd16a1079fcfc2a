"""No import runs upward: the rooms stand on floors, as docs/ARCHITECTURE.md draws them."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tinyml"

# A room may import from itself, from its own floor and from below.
FLOORS = (
    # What knows nothing of the field: used everywhere.
    {
        "__init__",
        "discovery",
        "documents",
        "errors",
        "files",
        "full_disk",
        "install",
        "progress",
        "resources",
        "shell",
        "tools",
    },
    {"draw"},
    {"graph", "features", "data", "boards", "device"},
    {"model", "project"},
    {"compiler", "judge"},
    {"build", "emulator", "flash", "export", "train", "collect"},
    {"bench", "report"},
    {"card", "search"},
    {"demo"},  # the whole way, from data to a report
    {"cli"},
    {"__main__"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts)


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(source: str) -> list[tuple[int, str]]:
    """Line and room of every import of this package, also inside functions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "tinyml":
            names = [f"tinyml.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor they reach"
            names = [node.module or ""]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "tinyml" and len(parts) > 1 and not parts[1].startswith("__"):
                found.append((node.lineno, parts[1]))
    return found


def test_every_room_has_a_floor():
    assert {room_of(path) for path in FILES} <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_runs_upward(path):
    own = FLOOR_OF[room_of(path)]
    upward = [
        f"line {line} imports {room}"
        for line, room in imported_rooms(path.read_text())
        if FLOOR_OF[room] > own
    ]
    assert not upward


def test_the_reader_sees_imports_in_functions():
    source = "import os\ndef f():\n    from tinyml.cli import main\n    from tinyml import graph\n"
    assert imported_rooms(source) == [(3, "cli"), (4, "graph")]


def test_tensorflow_is_imported_only_in_functions_of_train():
    wrong = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        inside = {n for f in ast.walk(tree) if isinstance(f, functions) for n in ast.walk(f)}
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            heavy = any(name.split(".")[0] in ("tensorflow", "keras") for name in names)
            allowed = room_of(path) == "train" and node in inside
            if heavy and not allowed and not _is_type_checking(tree, node):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong


def _is_type_checking(tree: ast.Module, node: ast.AST) -> bool:
    """Whether the import stands under ``if TYPE_CHECKING``, which never runs."""
    blocks = [
        block
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
    ]
    return any(node in ast.walk(block) for block in blocks)
