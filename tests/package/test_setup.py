"""A clone sets itself up, once, and mends what was interrupted, moved or taken away."""

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.support.shared import ROOT
from tools import environment as environments
from tools import pip
from tools.environment import LEVELS, Environment, dependency_lists, hashes
from tools.pip import SetupError

# A project as small as can be: pip installs it with the backend beside it, without an index.
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tinyml"
version = "1"
dependencies = []

[project.optional-dependencies]
light = ["small"]
train = ["large"]
"""
BACKEND = """\
import os, zipfile
HEAD = "Metadata-Version: 2.1\\nName: tinyml\\nVersion: 1\\n"
EXTRAS = {"light": "small", "train": "large"}
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tinyml-1-py3-none-any.whl"
    extras = "".join(
        f"Provides-Extra: {extra}\\nRequires-Dist: {wanted}; extra == '{extra}'\\n"
        for extra, wanted in EXTRAS.items()
    )
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("tinyml.pth", os.getcwd() + "\\n")
        about = "tinyml-1.dist-info/"
        wheel.writestr(about + "METADATA", HEAD + extras)
        wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(about + "entry_points.txt",
                       "[console_scripts]\\ntinyml = tinyml.__main__:main\\n")
        wheel.writestr(about + "RECORD", "")
    return name
"""
MAIN = "def main():\n    print('tinyml 1')\nif __name__ == '__main__':\n    main()\n"


def write_wheel(folder, name):
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        about = f"{name}-1.dist-info/"
        wheel.writestr(about + "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        wheel.writestr(about + "RECORD", "")


@pytest.fixture(autouse=True)
def index(tmp_path, monkeypatch):
    """A folder of wheels in the place of an index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(wheels, "small")
    for name, value in (
        ("NO_INDEX", "1"),
        ("FIND_LINKS", str(wheels)),
        ("CONFIG_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(f"PIP_{name}", value)
    for name in ("TINYML_VENV", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    return wheels


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A clone that was set up elsewhere."""
    root = tmp_path_factory.mktemp("template") / "clone"
    (root / "tinyml").mkdir(parents=True)
    (root / "tinyml" / "__main__.py").write_text(MAIN)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    wheels = root.parent / "wheels"
    wheels.mkdir()
    write_wheel(wheels, "small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(wheels))
        patch.setenv("PIP_CONFIG_FILE", "/dev/null")
        assert Environment(root).ensure("light")
    return root


@pytest.fixture
def clone(template, tmp_path):
    """A clone that is set up, here."""
    root = tmp_path / "clone"
    shutil.copytree(template, root, symlinks=True)
    assert not Environment(root).ensure("light")
    return Environment(root)


def says(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_is_set_up_runs_and_is_not_set_up_again(clone, monkeypatch):
    says([clone.python, "-c", "import small"])
    monkeypatch.setattr(pip, "install", None)
    (clone.root / "pyproject.toml").write_text(f"# pulled\n{PYPROJECT}# and more\n")
    assert not clone.ensure("light")


@pytest.mark.skipif(sys.platform == "win32", reason="programs are made again there")
def test_a_moved_clone_is_mended_without_a_network(clone, tmp_path, index, capsys):
    shutil.rmtree(index)
    moved = Environment(clone.root.rename(tmp_path / "elsewhere"))
    assert not moved.ensure("light")
    assert "its paths are mended" in capsys.readouterr().out
    assert says([moved.programs / "tinyml"]) == "tinyml 1\n"
    assert str(moved.root) in (moved.programs / "activate").read_text()


def test_a_changed_list_is_installed_and_other_levels_stay(clone, index):
    write_wheel(index, "large")
    assert clone.ensure("train")
    says([clone.python, "-c", "import large"])
    changed = PYPROJECT.replace('"large"', '"large>=1"')
    (clone.root / "pyproject.toml").write_text(changed)
    assert not clone.ensure("light")
    assert clone.ensure("train")


def test_what_was_there_stays_where_something_is_missing(clone):
    with pytest.raises(SetupError, match=r"has nothing for this system and Python .* fits large"):
        clone.ensure("train")
    assert not clone.ensure("light")
    says([clone.python, "-c", "import small"])


def unfinished(environment):
    stamp = environment.folder / "tinyml-setup.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"unfinished": True}))


def without_interpreter(environment):
    environment.python.unlink()


def half_made(environment):
    shutil.rmtree(environment.folder)
    environment.folder.mkdir()
    (environment.folder / "left").touch()


@pytest.mark.parametrize("harm", [unfinished, without_interpreter, half_made])
def test_what_cannot_be_believed_is_made_again(clone, harm):
    (clone.folder / "left").touch()
    harm(clone)
    assert clone.ensure("light")
    assert not (clone.folder / "left").exists()
    says([clone.python, "-c", "import small"])
    assert not clone.ensure("light")


def test_an_interruption_while_installing_is_noticed(clone, index, monkeypatch):
    write_wheel(index, "large")

    def interrupted(self, line):
        if line.startswith("Installing collected packages"):
            raise KeyboardInterrupt
        return True

    with monkeypatch.context() as patch:
        patch.setattr(pip.Progress, "line", interrupted)
        with pytest.raises(KeyboardInterrupt):
            clone.ensure("train")
    assert json.loads((clone.folder / "tinyml-setup.json").read_text())["unfinished"]
    assert not (clone.folder / "tmp").exists()
    assert clone.ensure("light")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
         r"the disk is full: \d+ MB are free in .*, about 610 are needed in all; make room and"),
        ("WARNING: Retrying (Retry(total=4)): <NewConnectionError: Temporary failure in name "
         "resolution>\nERROR: No matching distribution found for hatchling>=1.25",
         "the package index cannot be reached: check the network"),
        ("WARNING: Retrying: SSLError(SSLCertVerificationError(CERTIFICATE_VERIFY_FAILED))\n"
         "ERROR: Max retries exceeded", "certificate is not trusted"),
        ("ERROR: No matching distribution found for ziglang>=0.14", "fits ziglang>=0.14; use"),
        ("Collecting\nERROR: something else", r"installing: ERROR: something else \(all that pip"),
    ],
)  # fmt: skip
def test_what_pip_says_becomes_a_sentence(said, sentence, tmp_path):
    with pytest.raises(SetupError, match=sentence):
        pip.explain(said, tmp_path / ".venv", "installing", 610)


def test_a_disk_that_is_too_small_is_said_before_anything_is_downloaded(clone, monkeypatch):
    unfinished(clone)
    usage = shutil.disk_usage(clone.root)._replace(free=92 * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(SetupError, match=r"92 MB are free in .* about 610 are needed"):
        clone.ensure("light")
    assert not (clone.folder / "setup.log").exists()


def test_a_python_without_venv_is_said(monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name)
    )
    with pytest.raises(SetupError, match="apt install python3-venv"):
        pip.make_environment(tmp_path / ".venv")


def test_a_python_that_is_too_old_is_said(monkeypatch, clone):
    monkeypatch.setattr(environments, "MINIMUM_PYTHON", (9, 9))
    unfinished(clone)
    with pytest.raises(SetupError, match=r"Python 9.9 or newer is needed, and .* is 3"):
        clone.ensure("light")


def test_lists_of_dependencies_are_read_as_toml_reads_them():
    toml = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = (ROOT / "pyproject.toml").read_text()
    known = toml.loads(text)
    expected = {
        "requires": known["build-system"]["requires"],
        "dependencies": known["project"]["dependencies"],
        **known["project"]["optional-dependencies"],
    }
    found = dependency_lists(text)
    for level in LEVELS:
        for name in level.lists:
            if name in expected:
                assert list(found[name]) == expected[name], name
    assert len(set(hashes(ROOT).values())) == len(LEVELS)


def test_run_lists_its_tasks():
    import run

    assert all(f"    {task} " in run.__doc__ for task in run.TASKS)
    assert run.main(["no-such-task"]) == 2
