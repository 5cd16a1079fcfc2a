"""What differs between systems is asked of the system, or avoided."""

import ast
import errno
import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
import serial

from tests.support.shared import ROOT
from tinyml import files
from tinyml.data.collection import require_name
from tinyml.data.defaults import Plan
from tinyml.data.importing.places import Source, safe
from tinyml.device import transport
from tinyml.documents import read_toml
from tinyml.errors import DataError, TinymlError
from tinyml.tools import cache_folder

SOURCES = sorted(
    path
    for folder in ("tinyml", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "_bundled" not in path.parts
)
TEXT_METHODS = {"read_text": 0, "write_text": 1}  # how many arguments come before the encoding


def without_encoding(tree: ast.AST) -> list[int]:
    """Lines that read or write text, or what a program prints, in the system's own encoding."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        before = TEXT_METHODS.get(called)
        opens = called in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "TextIOWrapper")
        modes = [a.value for a in [*node.args, *named.values()] if isinstance(a, ast.Constant)]
        text = opens and any(
            isinstance(mode, str) and set(mode) <= set("rwax+t") and mode for mode in modes
        )
        prints = isinstance(named.get("text"), ast.Constant) or "universal_newlines" in named
        if (text or prints or before is not None) and not (
            "encoding" in named or (before is not None and len(node.args) > before)
        ):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_has_an_encoding(path):
    source = path.read_text(encoding="utf-8")
    # Files of the data catalogue are read by a function of our own, which has a default.
    own = "from tinyml.files import" in source and "read_text" in source
    lines = without_encoding(ast.parse(source))
    kept = [n for n in lines if not (own and " read_text(" in source.splitlines()[n - 1])]
    assert not kept


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("p.read_text()", [1]),
        ("p.read_text('utf-8')", []),
        ("p.write_text(t)\np.write_text(t, encoding='utf-8')", [1]),
        ("p.open('w')\np.open('wb')", [1]),
        ("open(p, 'r', encoding='utf-8')", []),
        ("run(c, text=True)\nrun(c, text=True, encoding='utf-8')", [1]),
    ],
)
def test_the_reader_sees_what_lacks_one(code, lines):
    assert without_encoding(ast.parse(code)) == lines


# A name that is a device's, or ends in a dot, or has a letter that Windows forbids, or is nothing.
AWKWARD = (
    "con",
    "AUX",
    "nul.take2",
    "COM1",
    "lpt9.csv",
    "end.",
    "a:b",
    'a"b<c>|d?*',
    "..",
    " ",
    "é",
)


@pytest.mark.parametrize("name", AWKWARD)
def test_names_made_of_any_text_fit_every_system(name):
    made = safe(name)
    assert not files.is_reserved(made)
    assert not set(made) & set('<>:"/\\|?*')
    assert not made.endswith((".", " "))
    windows = PureWindowsPath("C:/data") / f"{made}.csv"
    assert (windows.parent, windows.name) == (PureWindowsPath("C:/data"), f"{made}.csv")


def test_names_of_recordings_are_the_same_whatever_the_separator():
    for kind, text in ((PureWindowsPath, r"walk\anna 1.csv"), (PurePosixPath, "walk/anna 1.csv")):
        assert Source(Path("x.csv"), kind(text)).name == "walk/anna-1"


@pytest.mark.parametrize("name", ["con", "aux", "com1"])
def test_no_data_set_has_a_devices_name(name, tmp_path):
    with pytest.raises(DataError, match="Windows reserves the name"):
        require_name(plan(name, tmp_path))
    require_name(plan(f"{name}-2", tmp_path))


def plan(name: str, folder: Path) -> Plan:
    return Plan(name=name, folder=folder, title="", source="", licence="")


def test_a_file_that_is_busy_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    """A stand-in for Windows, where others may have a file open."""
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(files, "_BUSY_SECONDS", 0)
    replace, refusals = Path.replace, [1, 2, 3]

    def busy(self, target):
        if refusals:
            refusals.pop()
            raise PermissionError(errno.EACCES, "Access is denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    files.write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    refusals.extend(range(1000))
    with pytest.raises(TinymlError, match=r"a\.txt cannot be written: .*another program"):
        files.write_atomically(tmp_path / "a.txt", "newer")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"new"


# What pyserial says when it opens a port, there and here.
@pytest.mark.parametrize(
    ("system", "error", "words"),
    [
        ("win32", "could not open port 'COM7': FileNotFoundError(2, 'not found', None, 2)",
         "there is no port COM7"),
        ("win32", "could not open port 'COM7': PermissionError(13, 'Access is denied.', None, 5)",
         "COM7 is in use by another program"),
        ("darwin", "[Errno 13] could not open port: PermissionError(13, 'Permission denied')",
         "you do not have permission to open COM7; ask its administrator"),
        ("linux", "[Errno 13] could not open port: PermissionError(13, 'Permission denied')",
         "you do not have permission to open COM7; add yourself to .*usermod"),
    ],
)  # fmt: skip
def test_ports_that_cannot_be_opened_are_told_as_on_that_system(system, error, words, monkeypatch):
    monkeypatch.setattr("sys.platform", system)

    def refuse(*_, **__):
        raise serial.SerialException(error)

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(TinymlError, match=words):
        transport.open_transport("COM7")


def test_a_file_with_a_mark_before_its_text_is_read(tmp_path):
    (tmp_path / "tinyml.toml").write_bytes('name = "Größe"\r\n'.encode("utf-8-sig"))
    assert read_toml(tmp_path / "tinyml.toml", TinymlError) == {"name": "Größe"}


def test_the_cache_of_windows_is_where_programs_keep_theirs(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", os.fspath(tmp_path))
    assert cache_folder() == tmp_path / "tinyml"
