"""TFLite Micro: resolver, planner and arena by themselves, and all of it on a real one."""

import json
import subprocess

import numpy as np
import pytest

from tests.export import tflm_tree
from tests.export.exported import MODELS, export, make, path_of, source_of
from tests.support.graphs import GraphBuilder, quantization
from tests.support.shared import shared_models
from tests.support.tools import require_tool
from tinyml import boards
from tinyml.build import build_image
from tinyml.device import Node
from tinyml.emulator import Emulator
from tinyml.errors import ExportError
from tinyml.export.tflm import Abi, Kernels, arena_bytes, resolver_method
from tinyml.export.tflm.operators import check_operators
from tinyml.export.tflm.planner import Planned, planned_bytes
from tinyml.graph import DType, Oracle, load
from tinyml.model import model_hash

# "Within 10 % of the smallest that works": what the export's README promises.
WORST = 1.10
CORES = {
    ("m4", "ref"): Kernels.REFERENCE,
    ("m0", "cmsis"): Kernels.CMSIS_NN,
    ("m4", "cmsis"): Kernels.CMSIS_NN_DSP,
    ("m55", "cmsis"): Kernels.CMSIS_NN_MVE,
}


@pytest.mark.parametrize("model", ["kws", "ad", "hello", "lstm"])
@pytest.mark.parametrize(("core", "kernels"), CORES)
def test_arenas_are_near_what_was_measured(model, core, kernels):
    """Against recorded measurements of TFLite Micro, where they lie beside the models."""
    recorded = shared_models().parent / "baseline" / "tflm.json"
    if not recorded.is_file():
        pytest.skip(f"no recorded measurements at {recorded}")
    measured = json.loads(recorded.read_text())[f"{model}-{core}-{kernels}"]["arena_min_bytes"]
    graph = load(shared_models() / f"{model}.tflite")
    computed = arena_bytes(graph, CORES[core, kernels])
    assert measured <= computed <= WORST * measured


@pytest.mark.parametrize(
    ("buffers", "expected"),
    [
        ([], 0),
        ([Planned(64, 0, 1)], 64),
        ([Planned(64, 0, 1), Planned(32, 1, 2)], 96),
        ([Planned(64, 0, 0), Planned(32, 1, 2)], 64),
        # Largest first: 0 at 0, 2 at 0 after it, 1 beside both, 3 into the gap above 2.
        ([Planned(96, 0, 1), Planned(48, 1, 3), Planned(64, 2, 3), Planned(16, 2, 3)], 144),
        # 96 bytes would do; of equal ones the later goes first, and leaves too small a gap.
        ([Planned(32, 0, 2), Planned(48, 2, 3), Planned(32, 0, 0), Planned(48, 3, 4)], 128),
    ],
)
def test_the_greedy_planner(buffers, expected):
    assert planned_bytes(buffers) == expected


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("CONV_2D", "AddConv2D"),
        ("DEPTHWISE_CONV_2D", "AddDepthwiseConv2D"),
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "AddUnidirectionalSequenceLSTM"),
        ("BATCH_MATMUL", "AddBatchMatMul"),
        ("PADV2", "AddPadV2"),
    ],
)
def test_names_of_methods(name, method):
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(0.1))
    b.op(name, [x], y)
    assert resolver_method(b.build(y).operators[0]) == method


def test_an_operator_that_tflite_micro_lacks_is_named():
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(0.1))
    b.op("GELU", [x], y)
    with pytest.raises(
        ExportError, match=r"operator 0 \(GELU\) cannot be exported for TFLite Micro"
    ):
        arena_bytes(b.build(y), Kernels.REFERENCE)


def test_a_kernel_that_would_compute_something_else_is_refused():
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(0.05, -128))
    b.op("RELU6", [x], y)
    with pytest.raises(ExportError, match=r"operator 0 \(RELU6\) changes the scale"):
        check_operators(b.build(y))


STATIC = "-DTF_LITE_STATIC_MEMORY"
M55 = ("-mcpu=cortex-m55", "-mfloat-abi=hard", "-DCMSIS_NN")
# Not ARM for the preprocessor: as an ESP32 is seen by its compiler, as far as this goes.
OTHER_32 = ("-U__arm__",)


@pytest.mark.parametrize(
    ("flags", "kernels", "abi"),
    [
        (("-mcpu=cortex-m4", STATIC, "-DTML_TFLM_REFERENCE_KERNELS"), Kernels.REFERENCE, Abi.ARM),
        (("-mcpu=cortex-m0", STATIC, "-DCMSIS_NN"), Kernels.CMSIS_NN, Abi.ARM),
        (("-mcpu=cortex-m4", STATIC, "-DCMSIS_NN"), Kernels.CMSIS_NN_DSP, Abi.ARM),
        ((*M55, STATIC, "-DKERNELS_OPTIMIZED_FOR_SPEED"), Kernels.CMSIS_NN_MVE, Abi.ARM),
        (("-mcpu=cortex-m4", "-DCMSIS_NN"), Kernels.CMSIS_NN_DSP, Abi.ARM_WHOLE),
        ((*OTHER_32, STATIC, "-DTML_TFLM_ESP_NN"), Kernels.ESP_NN, Abi.POINTERS_32),
        ((*OTHER_32, STATIC, "-DTML_TFLM_ESP_NN_VECTOR"), Kernels.ESP_NN_VECTOR, Abi.POINTERS_32),
    ],
)
def test_the_arena_follows_the_kernels(tmp_path, flags, kernels, abi):
    """The preprocessor's choice, for each compiler that tells of its core."""
    require_tool("arm-none-eabi-gcc")
    place = export("pump-simulated", "tflm", tmp_path / "out")
    asked = '#include "under_test_arena.h"\nTML_TFLM_ARENA_BYTES\n'
    command = ["arm-none-eabi-gcc", "-mthumb", *flags, "-E", "-P", "-x", "c", "-"]
    done = subprocess.run(
        command, input=asked, cwd=place, capture_output=True, text=True, check=True
    )
    graph = source_of("pump-simulated").graph
    assert done.stdout.split()[-1] == f"{arena_bytes(graph, kernels, abi)}u"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Libraries of the real tree, each built when it is first asked for."""
    place = tmp_path_factory.mktemp("tflm")
    return lambda target: tflm_tree.library(target, place)


@pytest.mark.emulator
@pytest.mark.parametrize("target", tflm_tree.TARGETS)
@pytest.mark.parametrize("model", [*MODELS, "lstm"])
def test_a_real_tflite_micro_passes_in_the_exported_arena(
    tmp_path, monkeypatch, libraries, model, target
):
    place = export(model, "tflm", tmp_path / "out")
    board = tflm_tree.TARGETS[target]
    said = tflm_tree.self_test(monkeypatch, board, place, libraries(board), tmp_path / "work")
    assert said == "PASS"


@pytest.mark.emulator
@pytest.mark.parametrize("target", tflm_tree.TARGETS)
@pytest.mark.parametrize("model", [*MODELS, "lstm"])
def test_the_exported_arena_is_hardly_larger_than_needed(
    tmp_path, monkeypatch, libraries, model, target
):
    place = export(model, "tflm", tmp_path / "out")
    board = tflm_tree.TARGETS[target]
    smallest = tflm_tree.smallest_arena(
        monkeypatch, board, place, libraries(board), tmp_path / "work"
    )
    computed = arena_bytes(load(path_of(model)), board.kernels)
    print(f"arena of {model} on {target}: {computed} bytes, smallest that works {smallest}")
    assert smallest <= computed <= WORST * smallest


def test_the_exported_makefile_builds_and_passes_on_this_computer(tmp_path, libraries):
    built = libraries(None)
    place = export("pump-simulated", "tflm", tmp_path / "out")
    settings = [f"TFLM={tflm_tree.tree()}", f"TFLM_LIB={built}"]
    assert make(place, "test", *settings) == "PASS\n"


@pytest.mark.emulator
def test_the_node_runs_on_either_engine(tmp_path, monkeypatch, libraries):
    target = tflm_tree.TARGETS["m4-reference"]
    place = export("pump-simulated", "tflm", tmp_path / "out")
    tflm_tree.set_environment(monkeypatch, target, libraries(target))
    board = boards.load(target.board)
    elf = build_image(board, place, "node", tmp_path / "build").elf_path
    source = source_of("pump-simulated")
    front_end = source.settings.front_end
    seed = 3
    print(f"seed {seed}")
    shape = (4, front_end.window, front_end.channels)
    windows = np.random.default_rng(seed).integers(-3000, 3000, shape, np.int16)
    wanted = source.graph.tensor(source.graph.inputs[0]).shape
    features = front_end.transform(windows).reshape(len(windows), *wanted[1:])
    (expected,) = Oracle(source.graph).run([features])
    with Emulator(board, elf) as emulator, Node(emulator.serial_path) as node:
        assert node.info().model_hash == model_hash(source.graph.sha256)
        answers = [node.feed(window.tobytes()).output for window in windows]
    assert answers == [tuple(row) for row in expected.reshape(len(windows), -1).tolist()]
