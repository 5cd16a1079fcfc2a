"""Facts that C and Python both state: one table of them, and nobody adds one without it."""

import ast
import importlib
import inspect
import re
import struct
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tests.support.c_constants import FIRMWARE, Constant, constant, constants_of, uncommented
from tests.support.shared import ROOT
from tinyml import __version__
from tinyml.device import EventKind, framing, node, smp, wire
from tinyml.device.event import SENSOR_FAILURES
from tinyml.emulator import identity
from tinyml.graph import DType

_CORES = ("armv6m", "armv7em", "armv81mm")
_LOWER = "tinyml.compiler.lower"
_ARMV6M, _ARMV7EM, _ARMV81MM = (f"{_LOWER}.{core}" for core in _CORES)
# A constant of C, as file under firmware/ and name, and the one of Python that must equal it; a
# tuple or list stands for its length.
TWINS = {
    "apps/bench/main.c:GUARD_BYTES": "tinyml.bench.session:GUARD_BYTES",
    "features/logarithm.c:LOG_FRACTION_BITS": "tinyml.features.logarithm:FRACTION_BITS",
    "features/scaling.h:TML_FEATURE_SHIFT": "tinyml.features.front_end:SHIFT",
    "features/sound.c:COSINE_BITS": "tinyml.features.kinds.mfcc:COSINE_BITS",
    "features/sound.c:WEIGHT_BITS": "tinyml.features.sound:WEIGHT_BITS",
    "features/statistics.c:FRACTION_BITS": "tinyml.features.kinds.statistics:FRACTION_BITS",
    "features/statistics.c:STATISTICS": "tinyml.features.kinds.statistics:STATISTICS",
    "features/transform.h:TML_GUARD_BITS": "tinyml.features.transform:GUARD_BITS",
    "include/tml/frame.h:TML_FRAME_LINE_BYTES": "tinyml.device.framing:_LINE_BYTES",
    "include/tml/frame.h:TML_FRAME_OVERHEAD_BYTES": "tinyml.device.framing:FRAME_OVERHEAD_BYTES",
    "include/tml/model.h:TML_HASH_BYTES": "tinyml.device.record:MODEL_HASH_BYTES",
    "include/tml/model.h:TML_MAX_RANK": "tinyml.graph.reader:MAX_RANK",
    "include/tml/port.h:TML_DEVICE_ID_BYTES": "tinyml.device.record:DEVICE_ID_BYTES",
    "include/tml/sensing.h:TML_SENSED_PART_BITS": "tinyml.node.sources:_PART_BITS",
    "include/tml/smp.h:TML_SMP_GROUP_OS": "tinyml.device.smp:OS_GROUP",
    "include/tml/smp.h:TML_SMP_GROUP_TML": "tinyml.device.smp:TML_GROUP",
    "include/tml/smp.h:TML_SMP_HEADER_BYTES": "tinyml.device.smp:HEADER_BYTES",
    "include/tml/smp.h:TML_SMP_TOO_LARGE": "tinyml.device.smp:TOO_LARGE",
    "kernels/armv6m/conv_2d.c:PIXELS": f"{_ARMV6M}.conv:_PIXELS",
    "kernels/armv6m/gemm.S:TAPS_A_GROUP_BYTES": f"{_ARMV6M}.conv:_TAP_BYTES",
    "kernels/armv6m/gemm.S:TAP_BYTES": f"{_ARMV6M}.products:_TAP_BYTES",
    "kernels/armv6m/gemm.h:TML_ARMV6M_LONGEST_CHUNK": f"{_ARMV6M}.products:_LONGEST_CHUNK",
    "kernels/armv6m/gemv.S:INPUT_BYTES": f"{_ARMV6M}.quadruples:_INPUT_BYTES",
    "kernels/armv6m/gemv.h:TML_ARMV6M_LONGEST_ROW_CHUNK": f"{_ARMV6M}.quadruples:_LONGEST_CHUNK",
    "kernels/armv6m/sums.S:INPUT_BYTES": f"{_ARMV6M}.lstm:_INPUT_BYTES",
    "kernels/armv6m/sums.h:TML_ARMV6M_LONGEST_SUMS_CHUNK": f"{_ARMV6M}.lstm:_LONGEST_CHUNK",
    "kernels/armv6m/unidirectional_lstm.c:GATES": "tinyml.graph.ops.lstm:GATES",
    "kernels/armv6m/unidirectional_lstm.c:SPREAD": f"{_ARMV6M}.lstm:_SPREAD_BYTES",
    "kernels/armv7em/conv_2d.c:PIXELS": f"{_ARMV7EM}.conv:_PIXELS",
    "kernels/armv7em/depthwise_conv_2d.c:PLANES": f"{_ARMV7EM}.depthwise:_PLANES",
    "kernels/armv7em/depthwise_taps.c:TOGETHER": f"{_ARMV7EM}.depthwise_taps:_TOGETHER",
    "kernels/armv7em/lstm.c:GATES": "tinyml.graph.ops.lstm:GATES",
    "kernels/armv81mm/depthwise_conv_2d.c:TOGETHER": f"{_ARMV81MM}.by_eight:_TOGETHER",
    "kernels/armv81mm/depthwise_quads.c:QUAD": f"{_ARMV81MM}.depthwise:_QUAD",
    "kernels/armv81mm/fully_connected.c:TOGETHER": f"{_ARMV81MM}.fully_connected:_TOGETHER",
    "kernels/armv81mm/gemm.h:TML_ARMV81MM_LANES": f"{_ARMV81MM}.ends:LANES",
    "kernels/armv81mm/gemm.h:TML_ARMV81MM_PIXELS": f"{_ARMV81MM}.conv:_PIXELS",
    "kernels/armv81mm/lstm.c:TOGETHER": f"{_ARMV81MM}.lstm:_TOGETHER",
    "kernels/armv81mm/quads.h:TML_ARMV81MM_BLOCK_BYTES": f"{_ARMV81MM}.depthwise:_BLOCK_BYTES",
    "kernels/armv81mm/quads.h:TML_ARMV81MM_BLOCK_CHANNELS": (
        f"{_ARMV81MM}.depthwise:_BLOCK_CHANNELS"
    ),
    "kernels/batch_matmul.h:TML_MATMUL_BATCH_AXES": f"{_LOWER}.batch_matmul:_BATCH_AXES",
    "kernels/float_functions.c:HIGHEST": "tinyml.graph.float_functions:_HIGHEST",
    "kernels/float_functions.c:LOWEST": "tinyml.graph.float_functions:_LOWEST",
    "kernels/l2_normalization.c:OUTPUT_SHIFT": "tinyml.graph.ops.l2_normalization:_OUTPUT_SHIFT",
    "kernels/rearrange.h:TML_BOX_RANK": f"{_LOWER}.rearrange:_RANK",
    "kernels/rearrange.h:TML_GATHER_SKIP": f"{_LOWER}.rearrange:_SKIP",
    "kernels/softmax.c:ACCUMULATOR_INTEGER_BITS": (
        "tinyml.graph.ops.softmax:ACCUMULATOR_INTEGER_BITS"
    ),
    "link/frame.c:LINE_PAYLOAD_BYTES": "tinyml.device.framing:_LINE_PAYLOAD_BYTES",
    "link/smp.c:OPERATION_READ": "tinyml.device.smp:READ",
    "link/smp.c:OPERATION_WRITE": "tinyml.device.smp:WRITE",
    "node/node.h:TML_NODE_PROTOCOL": "tinyml.device.node:PROTOCOL",
    "ports/atmega/port.c:UART_BAUD": "tinyml.device.transport:BAUD",
    "ports/mps/port.c:UART_BAUD": "tinyml.device.transport:BAUD",
    "ports/nrf5/bus_uart.c:UNUSED_PIN": "tinyml.boards.bus:UNUSED",
    "ports/rp2040/port.c:NUMBER_MAGIC": "tinyml.emulator.runner:_NUMBER_MAGIC",
    "ports/stm32/port.c:UART_BAUD": "tinyml.device.transport:BAUD",
}
# Names, without prefixes, that mean one thing in C and another in this place of Python.
NAMESAKES = {
    ("ABI_VERSION", "tinyml.graph.schema:VERSION"),  # of a compiled model, not of a .tflite
    ("BLOCK", "tinyml.compiler.lower.armv81mm.depthwise:_BLOCK_CHANNELS"),  # words, not channels
    ("FLOAT_DIV", "tinyml.data.wav:_FLOAT"),  # an operation, not a form of samples
    ("FLOAT_LEAKY_RELU", "tinyml.data.wav:_FLOAT"),
    ("FLOAT_RELU_N1_TO_1", "tinyml.graph.schema:RELU_N1_TO_1"),  # numbered as it comes
    ("LOG_FRACTION_BITS", f"{_ARMV7EM}.add:_FRACTION_BITS"),  # of factors
    ("MAX_RANK", "tinyml.graph.ops.batch_matmul:_MAX_RANK"),  # of this operator alone
    ("NO_FILL", "tinyml.graph.ops.rearrange:FILL"),  # a place, not an element
    ("NVMC_READ", "tinyml.device.smp:READ"),
    ("TOGETHER", f"{_ARMV7EM}.lstm:_TOGETHER"),  # units, which the C writes out one by one
    ("TOGETHER", "tinyml.train.pruning:_TOGETHER"),  # columns
}
# Emulated chips state what the chips' manuals do, as ports do, and emulated parts what their data
# sheets do, as drivers do: each is tried with the other.
_CHIPS = ("tinyml.emulator.runners.unicorn_board.", "tinyml.emulator.parts.")


def in_c(place: str) -> int | float | str | None:
    return constant(*place.split(":"))


def in_python(place: str) -> object:
    module, _, name = place.partition(":")
    found = getattr(importlib.import_module(module), name)
    return len(found) if isinstance(found, tuple | list) else found


@pytest.mark.parametrize("place", TWINS)
def test_twins_are_equal(place):
    assert in_c(place) == pytest.approx(in_python(TWINS[place]), rel=1e-7)


def test_element_types():
    numbers = {
        c.name.removeprefix("TML_"): c.value
        for c in constants_of(FIRMWARE / "include" / "tml" / "model.h")
        if c.name.removeprefix("TML_") in DType.__members__
    }
    assert len(numbers) >= 7
    assert numbers == {name: DType[name].value for name in numbers}
    for number, letter in wire._INTEGERS.items():
        assert DType(number).bytes == struct.calcsize(letter)
        assert DType(number).name in numbers


def test_marks_of_lines():
    first, following = (
        bytes(int(in_c(f"link/frame.c:{name}_{part}")) for part in (0, 1))
        for name in ("START", "CONTINUE")
    )
    assert (first, following) == (framing._FIRST, framing._NEXT)


def test_reasons_of_refusals_are_known():
    codes = [
        c.value
        for c in constants_of(FIRMWARE / "include" / "tml" / "smp.h")
        if re.fullmatch(r"TML_SMP_(UNKNOWN|INVALID|TOO_LARGE|NOT_SUPPORTED)", c.name)
    ]
    assert len(codes) == 4
    assert set(codes) <= set(smp._REASONS)


def test_commands():
    """Every command that the client sends is one that the node has, under the same name."""
    source = (FIRMWARE / "node" / "commands.c").read_text()
    rows = re.findall(r"\{TML_SMP_GROUP_(\w+), (\d+), ([01]), (\w+)\}", source)
    known = {
        (int(in_c(f"include/tml/smp.h:TML_SMP_GROUP_{group}")), int(number), write == "1"): handler
        for group, number, write, handler in rows
    }
    sent = [value for value in vars(node).values() if isinstance(value, smp.Command)]
    assert len(sent) >= 8
    for command in sent:
        handler = known[command.group, command.number, command.operation == smp.WRITE]
        assert handler.removeprefix("tml_smp_") == command.name.replace(" ", "_")


def test_what_a_node_says_of_itself():
    """Keys of the answer to `info`: C writes, Python reads, and docs/LINK.md explains them."""
    body = function_of("node/commands.c", "info") + function_of("node/service.c", "put_sampling")
    written = set(re.findall(r'(?:put_\w+|tml_cbor_key)\(answer, TML_TEXT\("(\w+)"\)', body))
    written |= {"wall_ms"} if "put_wall_time" in body else set()
    read = set(re.findall(r'answer[.\w]*(?:\(|, )"(\w+)"', inspect.getsource(wire)))
    assert written == read
    page = (ROOT / "docs" / "LINK.md").read_text()
    assert not [key for key in written if key not in page]


def test_layout_of_a_record():
    """C writes the fields in the order in which Python reads them."""
    head, body = (function_of("node/node.c", name) for name in ("begin_record", "log_record"))
    announced = int(re.findall(r"items = .*: (\d+);", body)[0])
    written = re.findall(r"tml_cbor_(?:uint|bytes)\(&writer, ([^;]+)\);", head + body)
    read = wire.CONTENT_FIELDS
    assert len(written) == len(read) == announced
    for expression, name in zip(written, read, strict=True):
        assert name.split("_")[0] in expression


def test_layout_of_an_event():
    head, body = (function_of("node/node.c", name) for name in ("begin_record", "tml_node_event"))
    assert f"begin_record(node, {len(wire.EVENT_FIELDS)}, " in body
    written = re.findall(r"tml_cbor_(?:uint|bytes)\(&writer, ([^;]+)\);", head + body)
    assert [name.split("_")[0] for name in wire.EVENT_FIELDS[:3]] == ["boot", "monotonic", "wall"]
    assert written[3] == "event"
    assert "tml_cbor_array(&writer, count" in body


def test_events_have_the_same_names_and_numbers():
    text = (FIRMWARE / "include" / "tml" / "event.h").read_text()
    found = re.findall(r"TML_EVENT_([A-Z_]+) = (\d+),", text)
    assert {name: int(number) for name, number in found} == {kind.name: kind for kind in EventKind}


def test_failures_of_sensors_have_the_same_numbers():
    text = (FIRMWARE / "include" / "tml" / "sensor.h").read_text()
    found = {int(number) for number in re.findall(r"TML_SENSOR_\w+ = (-\d+),", text)}
    assert found == SENSOR_FAILURES.keys()


def test_identity_of_emulated_boards():
    text = (FIRMWARE / "ports" / "common" / "identity.h").read_text()
    members = re.findall(r"^    (uint\w+) (\w+)(?:\[\w+\])?;", text, re.MULTILINE)
    assert members == [("uint8_t", "id"), ("uint32_t", "boots"), ("uint32_t", "seed")]
    id_bytes = int(in_c("include/tml/port.h:TML_DEVICE_ID_BYTES"))
    assert struct.Struct(f"<{id_bytes}sII").format == identity.LAYOUT.format
    assert struct.calcsize(f"<{id_bytes}sI") == identity.SEED_OFFSET
    assert identity.SEED_BYTES == 4


def test_the_firmware_names_this_version():
    assert in_c("node/node.h:TML_FIRMWARE_VERSION") == __version__


def function_of(path: str, name: str) -> str:
    """A function's text."""
    source = (FIRMWARE / path).read_text()
    return re.findall(rf"^(?:static )?\w+ {name}\(.*?^\}}", source, re.DOTALL | re.MULTILINE)[0]


# What follows finds facts that are stated twice and are not in the table.


def plain(name: str) -> str:
    """A name without what says whose it is."""
    return re.sub(r"^TML_(ARMV\w+?M_)?", "", name.strip("_"))


@cache
def c_constants() -> list[Constant]:
    """All but places on assembly's stacks, and what exports say to other libraries."""
    paths = [path for path in FIRMWARE.rglob("*") if path.suffix in (".h", ".c", ".inc")]
    ours = (path for path in sorted(paths) if "exports" not in path.parts)
    found = [c for path in ours for c in constants_of(path)]
    return [c for c in found if isinstance(c.value, int | float) and not c.renames]


@cache
def python_constants() -> list[tuple[str, str, object]]:
    """Module, name and value of all constants that are written as one."""
    found = []
    for path in sorted((ROOT / "tinyml").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not module.startswith(_CHIPS):
            found += [(module, *pair) for pair in assigned(path)]
    return found


def assigned(path: Path) -> Iterator[tuple[str, object]]:
    for node_ in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node_, ast.Assign | ast.AnnAssign) and node_.value is not None:
            targets = node_.targets if isinstance(node_, ast.Assign) else [node_.target]
            for target in targets:
                if isinstance(target, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z0-9_]*", target.id):
                    yield target.id, number_in(node_.value)


def number_in(expression: ast.expr) -> object:
    """What is written there, if it is a number; else None."""
    text = ast.unparse(expression)
    if not re.fullmatch(r"[\d\s.+\-*/()<>|x]+|0x[0-9A-Fa-f]+", text):
        return None
    return eval(text, {"__builtins__": {}})


def alike(c: Constant, name: str, value: object) -> bool:
    """Whether both may be one fact: the same name, or nearly, with the same value."""
    ours, theirs = plain(c.name), plain(name)
    if ours == theirs:
        return c.value == value or c.path.startswith("include/")
    parts = set(ours.split("_")), set(theirs.split("_"))
    return c.value == value and (parts[0] <= parts[1] or parts[1] <= parts[0])


def other_cores(c: Constant, module: str) -> bool:
    """Whether they belong to kernels of two different cores."""
    cores = [core for core in _CORES if core in c.path.split("/") or core in module.split(".")]
    return len(cores) > 1


def listed(c: Constant, place: str) -> bool:
    """Whether the table says what both are, or that they are two things."""
    twin = TWINS.get(f"{c.path}:{c.name}")
    settled = twin is not None and place in TWINS.values()
    return settled or (plain(c.name), place) in NAMESAKES


def is_element_type(c: Constant, module: str) -> bool:
    return c.name.removeprefix("TML_") in DType.__members__ and module == "tinyml.graph.ir"


def test_no_fact_is_stated_twice_without_being_compared():
    unknown = [
        f"{c.path}:{c.name} = {c.value} | {module}:{name} = {value}"
        for c, (module, name, value) in product(c_constants(), python_constants())
        if alike(c, name, value)
        and not listed(c, f"{module}:{name}")
        and not other_cores(c, module)
        and not is_element_type(c, module)
        and module != "tinyml.device.event"  # whose enumeration a test above compares
    ]
    assert not unknown, "add them to TWINS, or to NAMESAKES:\n" + "\n".join(unknown)


# Numbers that are written out in both languages, each time in the middle of an expression.
WRITTEN_TWICE = {
    0x3C3C3C3C: "gemmlowp's 32/17; cases of softmax compare",
    0x5A5A5A5A: "gemmlowp's 48/17; cases of softmax compare",
    0x5A82799A: "gemmlowp's root of 1/2; cases of L2_NORMALIZATION compare",
    0x7FFF0000: "the highest multiplier of 16 bits; cases of 16x8 kernels compare",
    117049297: "gemmlowp's logarithm; cases of LOG_SOFTMAX compare",
    127690142: "the same",
    638450708: "the same",
    1057819769: "the same",
    1488522236: "the same",
    1805811301: "the same",
    0xFFFF0000: "two masks: of a sum's upper half, and of an instruction's first halfword",
}
_LEAST = 300  # smaller numbers, powers of two and round ones meet by chance


def is_distinct(number: int) -> bool:
    return number > _LEAST and bool(
        number & (number - 1) and number & (number + 1) and number % 1000
    )


def numbers_of_c() -> set[int]:
    paths = [p for p in FIRMWARE.rglob("*") if p.suffix in (".c", ".h", ".S", ".inc")]
    texts = [uncommented(p.read_text()) for p in paths if "exports" not in p.parts]
    found = re.findall(r"(?<![\w.])(0[xX][0-9a-fA-F]+|[1-9]\d*)[uUlL]*(?![\w.])", " ".join(texts))
    return {int(number, 0) for number in found}


def numbers_of_python() -> set[int]:
    # Models of devices and parts have the numbers of the same data sheets as their drivers.
    models = ("unicorn_board", "parts")
    paths = [p for p in (ROOT / "tinyml").rglob("*.py") if not {*models} & {*p.parts}]
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in paths]
    nodes = [n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return {value for value in nodes if type(value) is int}


def test_no_number_is_written_twice_without_a_reason():
    both = {number for number in numbers_of_c() & numbers_of_python() if is_distinct(number)}
    assert both - {in_c(place) for place in TWINS} == set(WRITTEN_TWICE)
