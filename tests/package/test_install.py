"""The command that adds an extra fits where this copy of tinyml came from."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tinyml import __version__, shell

WHEEL = f"tinyml_toolkit-{__version__}-py3-none-any.whl"
PROGRAM = "from tinyml.install import extra_command; print(extra_command('train'))"


def said(packages: Path, folder: Path, path: str = "") -> str:
    """The command for ``[train]`` of the copy in ``packages``, asked in ``folder``."""
    environment = {"PYTHONPATH": str(packages), "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment, cwd=folder, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


@pytest.fixture
def packages(tmp_path):
    """A folder of packages as pip leaves it, with as much of tinyml as the commands need."""
    place = tmp_path / "site packages"
    (place / "tinyml").mkdir(parents=True)
    for name in ("__init__.py", "install.py", "shell.py"):
        shutil.copy(ROOT / "tinyml" / name, place / "tinyml")
    about = place / f"tinyml_toolkit-{__version__}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Name: tinyml-toolkit\nVersion: {__version__}\n")
    return place


def came_from(packages: Path, origin: object) -> None:
    [about] = packages.glob("*.dist-info")
    (about / "direct_url.json").write_text(json.dumps(origin))


@pytest.mark.parametrize("inside", [True, False])
def test_a_clone_is_installed_with_the_extra(inside, tmp_path):
    folder, name = (ROOT, ".") if inside else (tmp_path, str(ROOT))
    assert said(ROOT, folder).endswith(f"-m pip install -e {shell.quoted(f'{name}[train]')}")


def test_a_wheel_file_is_named_while_it_is_there(packages, tmp_path):
    wheel = tmp_path / "my wheels" / WHEEL
    came_from(packages, {"url": wheel.as_uri(), "archive_info": {}})
    assert said(packages, tmp_path).endswith(f" install 'PATH/TO/{WHEEL}[train]'")
    wheel.parent.mkdir()
    wheel.touch()
    assert said(packages, tmp_path).endswith(f" install '{wheel}[train]'")


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        ({"url": "https://git.example/t.git", "vcs_info": {"vcs": "git", "commit_id": "1"}},
         "'tinyml-toolkit[train] @ git+https://git.example/t.git'"),
        ({"url": f"https://example.org/{WHEEL}", "archive_info": {}},
         f"'tinyml-toolkit[train] @ https://example.org/{WHEEL}'"),
        ({}, "'tinyml-toolkit[train]'"),
        ("no object", "'tinyml-toolkit[train]'"),
    ],
)  # fmt: skip
def test_other_origins_are_named_as_pip_noted_them(origin, source, packages, tmp_path):
    came_from(packages, origin)
    assert said(packages, tmp_path).endswith(f" install {source}")


def test_pip_alone_is_named_where_the_shell_finds_this_one(packages, tmp_path):
    assert said(packages, tmp_path).startswith(sys.executable)
    beside = str(Path(sys.executable).parent)
    assert said(packages, tmp_path, beside) == "pip install 'tinyml-toolkit[train]'"


@pytest.mark.parametrize(
    ("system", "word", "typed"),
    [
        ("linux", "my models", "'my models'"),
        ("darwin", ".[train]", "'.[train]'"),
        ("win32", ".[train]", '".[train]"'),
        ("win32", r"C:\my models\pump", r'"C:\my models\pump"'),
        ("win32", r"C:\models\pump", r"C:\models\pump"),
    ],
)
def test_words_are_quoted_as_the_systems_shell_wants(system, word, typed, monkeypatch):
    monkeypatch.setattr("sys.platform", system)
    assert shell.quoted(word) == typed


def test_nothing_names_the_package_by_a_name_that_no_index_has():
    sources = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / "tinyml").rglob("*.py")]
    named = [
        str(path.relative_to(ROOT))
        for path in sources
        if "pip install" in (text := path.read_text(encoding="utf-8"))
        and any("tinyml-toolkit" in line for line in text.splitlines() if "pip install" in line)
    ]
    assert not named
