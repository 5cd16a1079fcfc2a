"""check, compile, export: what they write, and one sentence for everything that is wrong."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.support.graphs import GraphBuilder, quantization
from tests.support.shared import shared_models
from tests.support.targets import require_cpp, require_host_compiler
from tinyml.cli.boards import command as boards_
from tinyml.cli.check import command as check
from tinyml.cli.compile import command as compile_
from tinyml.cli.export import command as export
from tinyml.export.tflm import resolver_method
from tinyml.graph import DType, parse
from tinyml.graph.checks import operator_uses, preflight
from tinyml.graph.writer import write
from tinyml.resources import folder

SHIPPED = folder("models") / "pump-simulated" / "model.tflite"


def invoke(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_check_says_yes(tmp_path):
    result = invoke(check, SHIPPED, "--json")
    found = json.loads(result.stdout)
    assert found["runs"]
    assert all(use["supported"] for use in found["operators"])
    assert {fit["board"] for fit in found["boards"]} >= {"mps2-an386", "mps3-an547"}
    assert result.exit_code == 0


def test_check_reads_as_plain_words():
    text = invoke(check, SHIPPED).stdout
    assert "It runs." in text
    assert "To fix:" in text


def test_an_unsupported_operator_is_named_with_its_mend():
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(0.1))
    b.op("UNIQUE", [x], y)
    graph = b.build(y)
    (finding,) = [f for f in preflight(graph) if f.severity == "error"]
    assert finding.where == "operator 0 (UNIQUE)" and finding.what.startswith("is not supported")
    assert finding.mend
    assert [(use.name, use.supported) for use in operator_uses(graph)] == [("UNIQUE", False)]


def test_a_float_model_is_named_as_such():
    b = GraphBuilder()
    x = b.input((1, 4), None, DType.FLOAT32)
    w = b.constant(np.ones((2, 4), np.float32), DType.FLOAT32)
    y = b.tensor((1, 2), DType.FLOAT32)
    b.op("FULLY_CONNECTED", [x, w], y, activation=0, weights_format=0)
    (finding,) = [f for f in preflight(b.build(y)) if f.where == "the whole model"]
    assert "float32 model" in finding.what
    assert "full integer quantisation" in finding.mend


def test_one_scale_for_all_channels_is_warned_of():
    b = GraphBuilder()
    x = b.input((1, 4, 4, 2), quantization(0.1))
    w = b.constant(np.ones((3, 1, 1, 2)), DType.INT8, quantization(0.01))
    y = b.tensor((1, 4, 4, 3), DType.INT8, quantization(0.1))
    b.op("CONV_2D", [x, w], y, padding=1, stride_h=1, stride_w=1, activation=0)
    findings = preflight(b.build(y))
    assert any(f.severity == "warning" and "per-channel" in f.mend for f in findings)


def test_saturated_layers_are_found_on_samples():
    b = GraphBuilder()
    x = b.input((1, 8), quantization(0.1))
    y = b.tensor((1, 8), DType.INT8, quantization(0.1))
    b.op("ADD", [x, x], y, activation=0, pot_scale_int16=False)
    graph = b.build(y)
    loud = [np.full((5, 8), 100, np.int8)]
    assert any("top of their range" in finding.what for finding in preflight(graph, loud))
    quiet = [np.zeros((5, 8), np.int8)]
    assert not any("top of their range" in finding.what for finding in preflight(graph, quiet))


@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m0plus", "portable"])
def test_compile_writes_a_folder_that_compiles(tmp_path, core):
    compiler = require_host_compiler()
    result = invoke(compile_, SHIPPED, "--core", core, "-o", tmp_path / "m", "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["arena_bytes"] == figures["arena_bound_bytes"] > 0
    assert not list((tmp_path / "m").rglob("*.part"))
    if core == "portable":
        includes = [f"-I{tmp_path / 'm' / name}" for name in ("kernels", "include", ".")]
        for name in figures["files"]:
            if name.endswith(".c"):
                source = str(tmp_path / "m" / name)
                flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", *includes, "-fsyntax-only"]
                subprocess.run([compiler, *flags, source], check=True)


def test_compile_says_which_passes_did_something(tmp_path):
    b = GraphBuilder()
    scale = quantization(0.5, 3)
    x = b.input((1, 4), scale)
    same = b.op("RESHAPE", [x], b.tensor((1, 4), DType.INT8, scale))
    y = b.op("ABS", [same], b.tensor((1, 4), DType.INT8, scale))
    path = tmp_path / "same.tflite"
    path.write_bytes(write(b.build(y)))
    arguments = (path, "--core", "portable", "-o", tmp_path / "m")
    assert "pass: no-ops" in invoke(compile_, *arguments).stdout
    passes = json.loads(invoke(compile_, *arguments, "--json").stdout)["passes"]
    assert passes == {"no-ops": "1 operator removed"}


def test_export_for_tflite_micro(tmp_path):
    compiler = require_cpp()
    result = invoke(export, SHIPPED, "--format", "tflm", "-o", tmp_path, "--name", "pump")
    assert result.exit_code == 0, result.output
    source = (tmp_path / "pump_model.cc").read_text()
    literals = re.findall(r"0x([0-9a-f]{2})", source)
    assert bytes(int(digits, 16) for digits in literals) == SHIPPED.read_bytes()
    assert "alignas(16)" in source
    resolver = (tmp_path / "pump_resolver.h").read_text()
    graph = parse(SHIPPED.read_bytes())
    for op in graph.operators:
        assert f".{resolver_method(op)}()" in resolver
    count = len({op.name for op in graph.operators})
    assert f"MicroMutableOpResolver<{count}>" in resolver
    for name in ("pump_model.cc", "pump_settings.h"):
        subprocess.run(
            [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++",
             "-Wno-unused-variable", str(tmp_path / name)], check=True,
        )  # fmt: skip


def test_an_export_is_called_after_the_models_folder_and_says_how_to_go_on(tmp_path):
    result = invoke(export, SHIPPED, "--format", "arduino", "-o", tmp_path)
    assert f"read {tmp_path / 'README.md'} next" in result.output
    called = SHIPPED.parent.name.replace("-", "_")
    assert f"name=tinyml_{called}\n" in (tmp_path / "library.properties").read_text()


def test_export_of_the_file_alone(tmp_path):
    result = invoke(export, SHIPPED, "--format", "tflite", "-o", tmp_path, "--json")
    (name,) = json.loads(result.stdout)["files"]
    assert (tmp_path / name).read_bytes() == SHIPPED.read_bytes()


def run(*arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinyml", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "{}"),
        ("compile", "{}", "--core", "cortex-m4", "-o", "out"),
        ("export", "{}", "--format", "tflm", "-o", "out"),
        ("build", "{}", "-o", "out"),
        ("bench", "{}"),
        ("verify", "{}"),
        ("emulate", "--model", "{}"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_damaged_model_ends_in_one_sentence_and_leaves_nothing(tmp_path, arguments):
    damaged = tmp_path / "cut.tflite"
    damaged.write_bytes(SHIPPED.read_bytes()[:3000])
    given = [
        str(tmp_path / "out") if argument == "out" else argument.format(damaged)
        for argument in arguments
    ]
    done = run(*given)
    assert done.returncode == 1
    assert re.fullmatch(r"error: [^\n]+\n", done.stderr.split("\r")[-1]), done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not an array", "not a .npy file"), (b"", "not a .npy file"), (None, "cannot be read")],
)
def test_a_bad_array_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "in.npy"
    if content is not None:
        path.write_bytes(content)
    done = run("run", SHIPPED, "--input", path, "--output", tmp_path / "out.npy")
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "out.npy").exists()


def test_recorded_models_pass_the_check():
    for name in ("kws", "ad", "hello", "lstm"):
        assert invoke(check, shared_models() / f"{name}.tflite").exit_code == 0


def test_a_core_without_an_operator_is_named_and_the_others_fit():
    model = shared_models() / "lstm.tflite"
    assert "Does not run on arduino-mega, arduino-uno: operator 0 (" in invoke(check, model).stdout
    fits = {
        fit["board"]: fit for fit in json.loads(invoke(check, model, "--json").stdout)["boards"]
    }
    assert fits["mps2-an386"]["fits"] and not fits["arduino-uno"]["fits"]
    assert fits["arduino-uno"]["arena_bytes"] is None
    there = invoke(boards_, "--fits", model).stdout
    assert "mps2-an386" in there and "arduino" not in there


# what is typed -> what the sentence says; {place} is a folder with a file "taken"
MISTYPED = {
    "no samples": ("verify {model} --samples 0", "0 is not in the range x>=1"),
    "no seed": ("verify {model} --seed -1", "-1 is not in the range x>=0"),
    "no TCP port": ("emulate --model {model} --tcp-port 99999", "0<=x<=65535"),
    "not a rate": ("data import new {place} --rate nan", "nan is not a finite number"),
    "endless rate": ("data import new {place} --resample inf", "inf is not a finite number"),
    "not a scale": ("data import new {place} --channel a:g:nan", "scale must be above 0, not nan"),
    "no end": ("collect /dev/nothing --store {place}/s.db --for nan", "nan is not a finite"),
    "empty name of a board": ("evaluate models/pump-simulated --on ''", "board '' is not known"),
    "empty board": ("compile {model} --board '' -o {place}/c", "board '' is not known"),
    "empty board of an export": (
        "export {model} --format c --board '' -o {place}/c",
        "board '' is not known",
    ),
    "an export for a board that cannot count": (
        "export {model} --format c --board arduino-mega -o {place}/c",
        "; with --core atmega2560 the same is written, but not measured",
    ),
    "a number alone": ("run {model} --input {place}/0.npy --output {place}/o", "a single number"),
    "no demo": ("demo --pretrained --project pump-simulate -o {place}/d", "did you mean"),
    "a demo over a file": (
        "demo --pretrained -o {place}/taken",
        "already exists and is not a demo's",
    ),
    "a demo over one's own": ("demo --pretrained -o {place}", "already exists and is not a demo's"),
    "a demo that cannot count": (
        "demo --pretrained --board arduino-uno -o {place}/d",
        "cannot count instructions",
    ),
    "a bench that cannot count": ("bench {model} --board arduino-uno", "`tinyml run`, `tinyml ver"),
    "no sample": ("run {model} --input {place}/none.npy --output {place}/o", "contain no sample"),
    "an output too many": (
        "run {model} --input {place}/none.npy --output {place}/o --output {place}/p",
        "has 1 outputs, but 2 files were given",
    ),
}


@pytest.mark.parametrize("case", MISTYPED)
def test_what_is_mistyped_is_one_sentence(case, tmp_path):
    typed, words = MISTYPED[case]
    (tmp_path / "taken").write_text("mine")
    np.save(tmp_path / "0.npy", np.float32(1))
    np.save(tmp_path / "none.npy", np.zeros((0, 16, 3), np.int8))
    before = sorted(tmp_path.iterdir())
    done = run(*shlex.split(typed.format(model=SHIPPED, place=tmp_path)))
    assert done.returncode in (1, 2)
    assert words in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") <= 3
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "taken").read_text() == "mine"


def test_names_in_other_scripts_need_no_mend(tmp_path):
    model = tmp_path / "\u043f\u043e\u043c\u043f\u0430.tflite"
    model.write_bytes(SHIPPED.read_bytes())
    for command, *options in ((compile_, "--core", "cortex-m4"), (export, "--format", "c")):
        out = tmp_path / command.name
        assert invoke(command, model, *options, "-o", out).exit_code == 0
        assert (out / "model.c").is_file()
        result = invoke(command, model, *options, "-o", tmp_path / "x", "--name", model.stem)
        assert "cannot be a name in C" in str(result.exception)


def test_a_full_disk_is_one_sentence():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "tinyml", "boards"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "error: the disk is full; free some space and start again\n",
    )


def test_narrow_and_plain_terminals_lose_nothing():
    environment = {**os.environ, "COLUMNS": "40", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "tinyml", "boards"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    cells = [line.split("|")[1].strip() for line in done.stdout.splitlines() if "|" in line]
    assert "mps2-an385-m0plus" in "".join(cells)


def test_all_missing_tools_are_named_before_anything_is_done(tmp_path):
    command = [sys.executable, "-m", "tinyml", "demo", "--pretrained", "-o", str(tmp_path / "demo")]
    bare = {"PATH": str(tmp_path), "TINYML_TOOLCHAIN": "gcc", "TINYML_EMULATOR": "qemu"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == 1
    assert "apt install gcc-arm-none-eabi" in done.stderr
    assert "apt install qemu-system-arm" in done.stderr
    assert not (tmp_path / "demo").exists()
