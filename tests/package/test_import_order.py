"""No import runs upward or in a circle: packages stand on levels, as docs/ARCHITECTURE.md draws."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tinyml"

# A package may import from itself, from its own level and from below.
LEVELS = (
    # What knows nothing of the field: used everywhere.
    {
        "__init__",
        "discovery",
        "documents",
        "durations",
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
    {"sensors"},
    {"model"},
    {"node"},  # what [node] of a project makes of a board
    {"project"},
    {"compiler", "judge"},
    {"build", "emulator", "flash", "export", "train", "collect"},
    {"bench", "report"},
    {"card", "search", "serve"},
    {"labelling"},
    {"demo"},  # the whole way, from data to a report
    {"cli"},
    {"__main__"},
)
LEVEL_OF = {package: level for level, packages in enumerate(LEVELS) for package in packages}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_bundled" not in path.parts)


def package_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every import of this package, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the level they reach"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.startswith("tinyml."))


def imported_packages(source: str) -> list[tuple[int, str]]:
    """Line and package of every import of this package."""
    found = [(line, name.split(".")[1]) for line, name in imports(ast.parse(source))]
    return [(line, package) for line, package in found if not package.startswith("__")]


def test_every_package_has_a_level():
    assert {package_of(path) for path in FILES} <= LEVEL_OF.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_runs_upward(path):
    own = LEVEL_OF[package_of(path)]
    upward = [
        f"line {line} imports {package}"
        for line, package in imported_packages(path.read_text())
        if LEVEL_OF[package] > own
    ]
    assert not upward


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Names that import each other in this order, back to the first; empty where none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_packages_import_each_other():
    packages: dict[str, set[str]] = {}
    for path in FILES:
        own = packages.setdefault(package_of(path), set())
        own |= {package for _, package in imported_packages(path.read_text())} - {package_of(path)}
    assert circle(packages) == []


def test_no_modules_import_each_other():
    """Types apart, which a checker alone imports."""
    modules = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in FILES
    }
    graph = {}
    for name, path in modules.items():
        tree = ast.parse(path.read_text())
        of_types = [node for block in type_checking_blocks(tree) for node in ast.walk(block)]
        lines = {node.lineno for node in of_types if isinstance(node, ast.ImportFrom)}
        found = {n for line, n in imports(tree) if line not in lines}
        # Of `from package import name` the name may be a module, or stand in one.
        graph[name] = {n if n in modules else n.rpartition(".")[0] for n in found} & modules.keys()
    assert circle(graph) == []


def test_circles_are_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert len(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == 4


def test_the_reader_sees_imports_in_functions():
    source = "import os\ndef f():\n    from tinyml.cli import main\n    from tinyml import graph\n"
    assert imported_packages(source) == [(3, "cli"), (4, "graph")]


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
            allowed = package_of(path) == "train" and node in inside
            if heavy and not allowed and not _is_type_checking(tree, node):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong


def _is_type_checking(tree: ast.Module, node: ast.AST) -> bool:
    """Whether the import stands under ``if TYPE_CHECKING``, which never runs."""
    return any(node in ast.walk(block) for block in type_checking_blocks(tree))


def type_checking_blocks(tree: ast.Module) -> list[ast.If]:
    return [
        block
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
    ]
