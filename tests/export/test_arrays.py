"""Models come back out of C: our own exports, xxd's arrays, and whatever else is thrown at it."""

import shutil
import subprocess

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.export.exported import export, path_of
from tests.support.tools import require_tool
from tinyml.errors import ExportError, InvalidModelError
from tinyml.export import FORMATS
from tinyml.export.arrays import arrays_in, read_model
from tinyml.resources import folder

MODEL = "pump-simulated"
SHIPPED = folder("models") / MODEL / "model.tflite"


def invoke(*arguments):
    from importlib import import_module

    command = import_module("tinyml.cli.import").command
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("form", FORMATS)
def test_every_export_gives_its_model_back(tmp_path, form):
    place = export(MODEL, form, tmp_path / "out")
    result = invoke(place, "-o", tmp_path / "back.tflite")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "back.tflite").read_bytes() == path_of(MODEL).read_bytes()


def test_xxd(tmp_path):
    program = require_tool("xxd")
    shutil.copy(SHIPPED, tmp_path / "model.tflite")
    text = subprocess.run(
        [program, "-i", "model.tflite"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    source = tmp_path / "model.cc"
    source.write_text(text)
    assert read_model(source) == SHIPPED.read_bytes()
    assert [name for name, _ in arrays_in(text)] == ["model_tflite"]


# By xxd -i and those who edit it, by TFLite Micro's generator, in Arduino's sketches, and what else
# C and C++ allow.
DECLARATIONS = [
    "unsigned char model_tflite[] = ",
    "const unsigned char model_tflite[] = ",
    '#include <cstdint>\n\n#include "model.h"\n\nalignas(16) const unsigned char g_model[] = ',
    "static const unsigned char model[] DATA_ALIGN_ATTRIBUTE = ",
    "unsigned char model[] PROGMEM = ",
    "const unsigned char PROGMEM model[] = ",
    "const byte model[] PROGMEM = ",
    "#pragma once\nalignas(8) constexpr std::uint8_t model[] = ",
    "uint8_t const model[MODEL_BYTES] = ",
    "const unsigned char __attribute__((aligned(16))) model[] = ",
    'const unsigned char model[] __attribute__((section(".rodata"), aligned(8))) = ',
    "namespace net {\nconst unsigned char model[]",
]


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_however_it_is_declared(tmp_path, declaration):
    data = path_of("occupancy").read_bytes()
    rows = (data[start : start + 12] for start in range(0, len(data), 12))
    body = ",\n".join("  " + ", ".join(f"0x{value:02x}" for value in row) for row in rows)
    path = tmp_path / "model.cc"
    path.write_text(
        f"{declaration}{{\n{body}\n}};\nunsigned int model_len = {len(data)};\n// }} of net\n"
    )
    assert read_model(path) == data


def number(value: int, style: int) -> str:
    return (f"0x{value:02x}", f"0X{value:X}", str(value), f"0{value:o}", f"{value}u")[style]


@given(
    data=st.binary(max_size=200),
    styles=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    kind=st.sampled_from(
        [
            "unsigned char {}[] = ",
            "alignas(16) const unsigned char {}[] = ",
            "const uint8_t {}[123] __attribute__((aligned(4))) =\n",
            "extern const unsigned char\n  {} [ SIZE ] DATA_ALIGN = ",
        ]
    ),
    gap=st.sampled_from([", ", ",", ",\n  ", " , /* }{ */ ", ", // '\n"]),
    comma=st.booleans(),
)
def test_arrays_are_read_as_c_reads_them(data, styles, kind, gap, comma):
    numbers = [number(value, styles[i % len(styles)]) for i, value in enumerate(data)]
    body = gap.join(numbers) + ("," if comma and data else "")
    text = (
        f'const char *other = "x[] = {{1}}";\n{kind.format("the_model")}{{ {body} }};\nint n = 3;'
    )
    assert list(arrays_in(text)) == [("the_model", data)]


@given(st.text(alphabet=st.sampled_from("unsigned char x[]={}0123456789abcdef,-'\"/*\\\n")))
@example("unsigned char x[] = {" + "1," * 1000)
@example('char x[] = {"' + "\\" * 99)
@example("char x[] = {1, 2, 08, 9}")
@example("int8_t x[2] = {-128, -129}")
def test_any_text_is_read_or_left(text):
    for _, data in arrays_in(text):
        assert isinstance(data, bytes)


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_damaged_arrays_end_in_one_sentence(tmp_path_factory, noise):
    path = tmp_path_factory.mktemp("damaged") / "model.cc"
    data = SHIPPED.read_bytes()[:8] + noise
    path.write_text(f"const unsigned char m[] = {{{', '.join(map(str, data))}}};")
    with pytest.raises((InvalidModelError, ExportError)):
        read_model(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("int main(void) { return 0; }", "contains no model"),
        ("unsigned char m[] = {1, 2, 3};", "contains no model"),
        (None, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, content, words):
    path = tmp_path / "source.c"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ExportError, match=words):
        read_model(path)


def test_several_models_are_chosen_by_name(tmp_path):
    data = SHIPPED.read_bytes()
    other = path_of("occupancy").read_bytes()
    path = tmp_path / "both.c"
    path.write_text(
        "".join(
            f"unsigned char {name}[] = {{{', '.join(map(str, content))}}};\n"
            for name, content in (("one", data), ("two", other))
        )
    )
    with pytest.raises(ExportError, match="choose one with --name: one, two"):
        read_model(path)
    assert read_model(path, "two") == other
    with pytest.raises(ExportError, match="no model called 'three'"):
        read_model(path, "three")


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"mine")
    result = invoke(SHIPPED, "-o", tmp_path / "model.tflite")
    assert isinstance(result.exception, ExportError)
    assert (tmp_path / "model.tflite").read_bytes() == b"mine"
