"""The ecosystems' exports on their own TensorFlow Lite Micro, and which format takes which engine.

Without a tree of it (see tflm_tree.py) a stand-in shows that everything compiles and links.
"""

import configparser
import json
import re

import pytest
import yaml

from tests.export import tflm_tree
from tests.export.builds import (
    PATIENT,
    PLACES,
    STUBS,
    build_native,
    compile_export,
    feed_and_collect,
)
from tests.export.exported import export, source_of
from tests.support.graphs import GraphBuilder, quantization
from tests.support.targets import require_cpp
from tinyml.errors import ExportError
from tinyml.export import FORMATS, Engine, Source, export_model
from tinyml.graph import DType

MODEL = "pump-simulated"
STAND_IN = STUBS / "tflm"
M4 = ["-mcpu=cortex-m4", "-mthumb", "-O2"]
CPP_FLAGS = ["-isystem", str(STAND_IN), "-DTF_LITE_STATIC_MEMORY"]


def tree_flags() -> list[str]:
    """Places of the real headers; the Arduino package's own header is a stand-in there, too."""
    tree = tflm_tree.tree()
    downloads = tree / "tensorflow/lite/micro/tools/make/downloads"
    places = [tree, *(downloads / part for part in ("flatbuffers/include", "gemmlowp", "ruy"))]
    return [flag for place in (*places, STAND_IN) for flag in ("-isystem", str(place))]


@pytest.mark.parametrize("form", PLACES)
def test_every_file_compiles_for_arm(tmp_path, form):
    require_cpp("arm-none-eabi-")
    place = export(MODEL, form, tmp_path / "out", engine="tflm")
    compile_export(place, form, "arm-none-eabi-", [*M4, *CPP_FLAGS], tmp_path / "work")


@pytest.mark.parametrize("form", ["arduino", "esp-idf", "zephyr"])
def test_it_links(tmp_path, form):
    place = export("hello", form, tmp_path / "out", engine="tflm")
    build_native(place, form, tmp_path / "work", flags=CPP_FLAGS)


@pytest.mark.parametrize("form", PLACES)
def test_every_file_compiles_for_arm_with_a_real_tflite_micro(tmp_path, form):
    require_cpp("arm-none-eabi-")
    flags = [*M4, *tree_flags()]
    if form == "esp-idf":  # its package says so to whoever uses it, Arduino's and Zephyr's do not
        flags.append("-DTF_LITE_STATIC_MEMORY")
    place = export(MODEL, form, tmp_path / "out", engine="tflm")
    compile_export(place, form, "arm-none-eabi-", flags, tmp_path / "work")


@pytest.mark.parametrize("form", PLACES)
def test_it_runs_on_a_real_tflite_micro_and_is_collected_from(tmp_path, form):
    built = tflm_tree.library(None, tmp_path)
    place = export(MODEL, form, tmp_path / "out", engine="tflm")
    # As the library is built: with small structures, no messages and no run-time types.
    flags = [*tree_flags(), "-DTF_LITE_STATIC_MEMORY", "-DTF_LITE_STRIP_ERROR_STRINGS"]
    flags += ["-fno-sanitize=vptr", *PATIENT]
    program = build_native(place, form, tmp_path / "work", flags=flags, more=[str(built), "-lm"])
    feed_and_collect(program, source_of(MODEL), tmp_path / "store.sqlite")


def test_manifests_name_each_ecosystems_package(tmp_path):
    places = {form: export("hello", form, tmp_path / form, engine="tflm") for form in PLACES}
    lines = (places["arduino"] / "library.properties").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    assert re.fullmatch(r"Chirale_TensorFLowLite \(>=\d+\.\d+\.\d+\)", fields["depends"])
    assert "avr" not in fields["architectures"] and "*" not in fields["architectures"]
    (manifest,) = places["platformio"].glob("lib/*/library.json")
    assert (
        "spaziochirale/Chirale_TensorFLowLite" in json.loads(manifest.read_text())["dependencies"]
    )
    project = configparser.ConfigParser()
    project.read(places["platformio"] / "platformio.ini")
    assert project["env"]["lib_deps"].startswith("spaziochirale/Chirale_TensorFLowLite@")
    assert f"env:{project['platformio']['default_envs']}" in project
    component = yaml.safe_load((places["esp-idf"] / "idf_component.yml").read_text())
    assert "espressif/esp-tflite-micro" in component["dependencies"]
    workspace = yaml.safe_load((places["zephyr"] / "west.yml").read_text())["manifest"]
    assert workspace["group-filter"] == ["+optional"]
    assert "tflite-micro" in workspace["projects"][0]["import"]["name-allowlist"]
    kconfig = (places["zephyr"] / "zephyr/Kconfig").read_text()
    assert "select TENSORFLOW_LITE_MICRO" in kconfig
    assert "CONFIG_CPP=y" in (places["zephyr"] / "samples/node/prj.conf").read_text()


@pytest.mark.parametrize("form", PLACES)
def test_readmes_say_who_computes(tmp_path, form):
    own = export("hello", form, tmp_path / "own")
    other = export("hello", form, tmp_path / "other", engine="tflm")
    assert "Computed by tinyml's engine" in (own / "README.md").read_text()
    said = (other / "README.md").read_text()
    assert "Computed by TensorFlow Lite Micro" in said and "Not checked" in said
    assert not re.search(r"@[A-Z_]+@", said)
    assert all(path.suffix != ".cc" for path in other.rglob("*"))


@pytest.mark.parametrize("form", ["c", "tflm"])
def test_a_format_of_one_engine_says_so(tmp_path, form):
    other = "tflm" if form == "c" else "tinyml"
    with pytest.raises(ExportError, match=f"'{form}' cannot use the engine '{other}'; it can use"):
        export("hello", form, tmp_path / "out", engine=other)
    assert FORMATS[form].engines == (Engine.TINYML if form == "c" else Engine.TFLM,)


def test_an_operator_that_a_package_lacks_is_named(tmp_path):
    b = GraphBuilder()
    x = b.input((1, 2, 3), quantization(0.1))
    w = b.input((1, 3, 4), quantization(0.1))
    y = b.tensor((1, 2, 4), DType.INT8, quantization(0.1))
    b.op("BATCH_MATMUL", [x, w], y)
    source = Source(b.build(y), b"", "under_test")
    with pytest.raises(ExportError, match=r"operator 0 \(BATCH_MATMUL\) is not in Chirale"):
        export_model(source, "arduino", tmp_path / "out", engine="tflm")
    assert not (tmp_path / "out").exists()
