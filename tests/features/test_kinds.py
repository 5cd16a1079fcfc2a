"""Kinds of front ends: each says all of itself, and a new one needs no other file of Python."""

import ctypes
import dataclasses
import json
import re

import numpy as np
import pytest

from tests.features.test_front_ends import FRONT_ENDS, assert_same, compile_shared, signals
from tests.support.shared import ROOT
from tests.support.targets import require_native
from tinyml import project
from tinyml.documents import Fields, read_toml
from tinyml.errors import FeatureError, ProjectError
from tinyml.features import KINDS, FrontEnd, Signal, c_source, from_table, front_end
from tinyml.features.kinds.template import Template
from tinyml.project import FILE_NAME
from tinyml.resources import folder
from tinyml.search.space import suggested
from tools import front_end_table

HEADER = (folder("firmware") / "include" / "tml" / "features.h").read_text()


def test_every_kind_is_tested():
    assert {case.kind for case in FRONT_ENDS.values()} == KINDS.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_keys_that_are_read_are_described(kind):
    channels = ("sound",) if KINDS[kind].in_frames else ("x", "y")
    table = Fields({"kind": kind, "wrong key": 1}, "[front_end]", ProjectError)
    with pytest.raises(ProjectError, match="unknown key") as raised:
        from_table(table, Signal(1024, channels, 16000.0))
    (known,) = re.findall(r"; known keys are (.*)", str(raised.value))
    assert set(known.split(", ")) == {"kind", *(key.name for key in KINDS[kind].keys)}


def test_header_and_kinds_name_the_same_functions():
    cases = [case.fit(signals(case, 1)) for case in FRONT_ENDS.values()]
    used = {
        name for case in cases for name in re.findall(r"\btml_fr\w+_\w+\b", c_source(case, "x"))
    }
    declared = re.findall(r"^void (\w+)\(", HEADER, re.MULTILINE)
    assert set(declared) == used - {"tml_front_end_t"}


def test_the_settings_of_every_model_have_the_keys_of_the_first_ones():
    always = {"bands", "frame", "hop", "coefficients", "floor"}
    for case in FRONT_ENDS.values():
        assert case.to_dict().keys() >= always | {"offsets", "multipliers", "zero_point"}


# -- a kind with a parameter of its own, as a newcomer would add it

DECLARATION = """\
#include "tml/features.h"
#include <stddef.h>
void tml_front_end_template(const tml_front_end_t *, const int16_t *, int8_t *, void *);
void run(const int16_t *samples, int8_t *features, void *scratch);
"""
RUN = """
void run(const int16_t *samples, int8_t *features, void *scratch) {
    front_end.run(&front_end, samples, features, scratch);
}
"""


@pytest.fixture
def own_project(tmp_path, monkeypatch):
    """A project whose front end is the template's."""
    monkeypatch.setitem(KINDS, Template.kind, Template)
    pump = (folder("models") / "pump-simulated" / FILE_NAME).read_text()
    asked = pump.replace('kind = "spectral"\nbands = 16', 'kind = "template"\nlevel = 40')
    assert asked != pump
    (tmp_path / FILE_NAME).write_text(f"{asked}\n[search]\nlevel = [10, 90]\n")
    return project.find(tmp_path)


def test_a_new_kind_goes_from_the_project_to_c(own_project, tmp_path):
    require_native()
    found = own_project.front_end
    assert found == Template(found.window, found.channels, level=40)
    fitted = found.fit(signals(found, 3)).quantized(0.05, -3)
    assert FrontEnd.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted
    assert fitted.facts(()) == {"level": 40}
    assert fitted.source_files == ["features/template.c"]
    (tmp_path / "case.c").write_text(DECLARATION + c_source(fitted, "front_end") + RUN)
    compile_shared(tmp_path / "case.c", tmp_path / "case.so")
    library = ctypes.CDLL(str(tmp_path / "case.so"))
    assert_same(fitted, library, signals(found, 4))
    assert len(np.unique(fitted.transform(signals(found, 4)))) > 2


def test_a_new_kind_s_slips_are_named(own_project):
    path = own_project.folder / FILE_NAME
    path.write_text(path.read_text().replace("level = 40", "level = 40000"))
    with pytest.raises(ProjectError, match="'level' must be from -32768 to 32767, not 40000"):
        project.load(path)
    damaged = {**own_project.front_end.to_dict(), "level": 99999}
    with pytest.raises(FeatureError, match="must fit in int16"):
        FrontEnd.from_dict(damaged)
    del damaged["level"]
    with pytest.raises(FeatureError, match="lacks 'level'"):
        FrontEnd.from_dict(damaged)


def test_a_new_kind_is_searched(own_project):
    optuna = pytest.importorskip("optuna")
    values = read_toml(own_project.folder / FILE_NAME, ProjectError)
    chosen = {"layers": 1, "width_0": 8, "dropout": 0.25, "kernel": 3, "learning_rate": 0.001}
    space = own_project.search
    trial = optuna.trial.FixedTrial(
        {"kind": space.kinds[0], "quantization": "int8", **chosen, "level": 55}
    )
    proposed = suggested(trial, own_project, values)
    assert project.of_values(proposed, own_project.folder / FILE_NAME).front_end.level == 55


def test_a_new_kind_is_in_the_page(own_project):
    assert "| `template` | `level` | in counts | 0 | up to 32,767 |" in front_end_table.page()


def test_a_parameter_that_came_later_is_left_out_where_it_is_the_default(monkeypatch):
    @dataclasses.dataclass(frozen=True)
    class Later(Template):
        kind = "later"
        step: int = 1

    monkeypatch.setitem(KINDS, "later", Later)
    monkeypatch.setattr(front_end, "Later", Later, raising=False)
    old = Later(16, 2, level=3).to_dict()
    assert "step" not in old
    assert FrontEnd.from_dict(old) == Later(16, 2, level=3, step=1)
    assert FrontEnd.from_dict(Later(16, 2, level=3, step=2).to_dict()).step == 2


def test_the_page_of_front_ends_is_current():
    page = ROOT / "docs" / "front-ends.md"
    assert page.read_text(encoding="utf-8") == front_end_table.page(), (
        "write it again: python -m tools.front_end_table"
    )
