"""Every command on a system without POSIX works, or says in one sentence what it lacks."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.shared import ROOT
from tests.support.tools import require_tool
from tinyml.cli.main import COMMANDS
from tinyml.collect import Store
from tinyml.device import Record
from tinyml.graph import load
from tinyml.model import model_hash
from tinyml.resources import folder

PACKAGE = ROOT / "tinyml"
# A program that another one runs has imports of its own; the emulator's need not be for Windows.
MODULES = sorted(
    str(path.relative_to(ROOT).with_suffix("")).replace(os.sep, ".").removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if not {"_bundled", "runners"} & set(path.parts) and path.name != "__main__.py"
)
PUMP = "pump-simulated"
MODEL = str(folder("models") / PUMP / "model.tflite")
# What may be typed of each command; `{}` is an own folder. The first words name the command.
WORKING = (
    ("init", PUMP, "{}/project"),
    ("data", "list"),
    ("data", "show", PUMP, "--picture", "{}/pump.svg"),
    ("data", "get", PUMP),
    ("data", "import", "motion", "{}/recordings", "--time", "t", "--label-from", "^([a-z]+)",
     "--split", "time",
     "--window", "50", "--project", "{}"),
    ("evaluate", "{}/zoo"),
    ("check", MODEL),
    ("compile", MODEL, "--board", "mps2-an386", "-o", "{}/c"),
    ("export", MODEL, "--format", "arduino", "-o", "{}/arduino"),
    ("import", "{}/arrays.c", "-o", "{}/again.tflite"),
    ("boards",),
    ("sensors",),
    ("report", "{}/records.db", "-o", "{}/report.html"),
)  # fmt: skip
# What has a reason to fail here, and what it says then.
REFUSED = (
    (("flash", "{}/none.elf", "--board", "microbit"), "cannot be read"),
    (("collect", "COM93", "--store", "{}/records.db", "--for", "1"), "COM93"),
    (
        ("collect", "socket://127.0.0.1:9", "--store", "{}/records.db", "--for", "1"),
        "nothing answers",
    ),
    (("monitor", "COM93", "--once"), "COM93"),
    (("data", "record", "COM93", "motion", "--label", "still"), "COM93"),
    (("search", "{}/zoo", "--trials", "0"), "no trials yet"),
)
# What builds or emulates, which needs tools that may be missing.
BUILDING = (
    ("build", MODEL, "--board", "mps2-an386", "-o", "{}/node"),
    ("build", MODEL, "--board", "microbit", "-o", "{}/node"),
    ("run", MODEL, "--input", "{}/in.npy", "--output", "{}/out.npy"),
    ("run", MODEL, "--input", "{}/in.npy", "--output", "{}/out.npy", "--emulator", "unicorn"),
    ("verify", MODEL, "--samples", "1"),
    ("bench", MODEL, "--json"),
    ("card", "{}/zoo"),
    ("evaluate", "{}/zoo", "--on", "mps2-an386", "--samples", "3"),
    ("data", "record", "mps2-an386", "shaken", "--label", "simulated", "--samples", "200",
     "--project", "{}"),
    ("demo", "--pretrained", "--samples", "3", "-o", "{}/demo"),
    ("demo", "--pretrained", "--samples", "3", "-o", "{}/demo", "--emulator", "unicorn"),
    ("doctor",),
)  # fmt: skip


# zig.exe is not looked for under that name here.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "TINYML_TOOLCHAIN": "gcc"}
COMMAND = [sys.executable, "-m", "tests.support.blocked"]


def blocked(arguments: tuple[str, ...], place: Path) -> subprocess.CompletedProcess[str]:
    """A command, run in ``place``, for which ``{}`` stands."""
    return subprocess.run(
        [*COMMAND, *(argument.replace("{}", str(place)) for argument in arguments)],
        cwd=place, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False, timeout=500,
    )  # fmt: skip


def is_a_sentence(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a command that failed says why, and shows nothing of its inside."""
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return done.returncode == 1 and len(said) == 1 and "Traceback" not in done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with whatever the commands read."""
    (tmp_path / "recordings").mkdir()
    for number, label in enumerate(("still", "moving")):
        values = np.random.default_rng(number).normal(number, 1, 2000)
        rows = "".join(f"{n / 100},{value:.6f}\n" for n, value in enumerate(values))
        (tmp_path / "recordings" / f"{label}.csv").write_text(f"t,ax\n{rows}")
    data = Path(MODEL).read_bytes()
    numbers = ", ".join(map(str, data))
    (tmp_path / "arrays.c").write_text(f"const unsigned char model[] = {{{numbers}}};\n")
    shutil.copytree(Path(MODEL).parent, tmp_path / "zoo")
    graph = load(Path(MODEL))
    np.save(tmp_path / "in.npy", np.zeros(graph.tensor(graph.inputs[0]).shape, np.int8))
    record = Record(
        "0123456789abcdef", 1, 1, 1000, None, model_hash(graph.sha256), None, (0, 0), 500
    )
    with Store(tmp_path / "records.db") as store:
        store.add([record])
    return tmp_path


def test_every_command_is_tried():
    tried = {arguments[0] for arguments in (*WORKING, *BUILDING, *(row[0] for row in REFUSED))}
    assert tried | {"train", "emulate"} == COMMANDS.keys()


@pytest.mark.parametrize("library", ["numpy", "rich.console"])
def test_the_blocker_hinders_tinyml_alone(library, tmp_path):
    program = (
        f"from tests.support import blocked; blocked.block(); import {library}, os; os.getuid()\n"
        "from tinyml import shell; assert shell.quoted('a b') == '\"a b\"'\n"
        "code = compile('import grp', 'x', 'exec')\n"
        "try: exec(code, {'__name__': 'tinyml.x'})\n"
        "except ImportError: print('hindered')\n"
        "try: exec('import os; os.getuid()', {'__name__': 'tinyml.x'})\n"
        "except AttributeError: print('hindered')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["hindered"] * 2, done.stderr


def test_every_module_is_imported():
    program = (
        "import importlib, traceback; from tests.support import blocked; blocked.block()\n"
        f"for name in {MODULES!r}:\n"
        "    try: importlib.import_module(name)\n"
        "    except Exception as error: print(name, repr(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", WORKING, ids=" ".join)
def test_a_command_works(arguments, place):
    done = blocked(arguments, place)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("arguments", "reason"), REFUSED)
def test_a_command_says_what_it_lacks(arguments, reason, place):
    done = blocked(arguments, place)
    assert is_a_sentence(done), done.stderr
    assert reason in done.stderr


@pytest.mark.parametrize("arguments", BUILDING, ids=" ".join)
def test_what_builds_and_emulates_works(arguments, place):
    require_tool("arm-none-eabi-gcc")
    require_tool("qemu-system-arm")
    done = blocked(arguments, place)
    assert done.returncode == 0, done.stderr


def test_training_works(place):
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    done = blocked(("train", "{}/zoo", "--epochs", "1"), place)
    assert done.returncode == 0, done.stderr


def test_an_emulated_board_starts_and_ends(place):
    require_tool("arm-none-eabi-gcc")
    with subprocess.Popen(
        [*COMMAND, "emulate", "mps2-an386", "--model", MODEL],
        cwd=place, env=ENVIRONMENT, stdout=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = "".join(process.stdout.readline() for _ in range(3))
        process.send_signal(signal.SIGINT)
        said += process.stdout.read()
    assert "socket://127.0.0.1:" in said
    assert said.endswith("ended\n")
    assert process.returncode == 0
