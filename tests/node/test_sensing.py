"""The loop of a node with a sensor: failures are counted, leave gaps, and never become values."""

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.nodes import native
from tests.support.targets import SANITIZERS, require_native
from tinyml import boards
from tinyml.build import build_native
from tinyml.compiler import compile_model
from tinyml.device import Node
from tinyml.graph import load
from tinyml.resources import folder

APP = Path(__file__).parent / "sensing"
MODEL = folder("models") / "occupancy" / "model.tflite"  # a window of 120 samples, 3 channels
WINDOW = 120


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    require_native()
    place = tmp_path_factory.mktemp("sensing")
    model = compile_model(load(MODEL), core="portable", name="model").write(place / "model")
    with native(build_native(model, str(APP), place / "build"), None) as opened:
        yield opened


def heard(node, until):
    """Numbers of the samples that a host reads, and their counts, until there were so many."""
    numbers, counts, after = [], [], 0
    deadline = time.monotonic() + 60
    while after < until:
        assert time.monotonic() < deadline
        found = node.samples(after)
        numbers += range(found.first, found.first + len(found.counts))
        counts.append(found.counts)
        after = found.first + len(found.counts)
    return np.array(numbers), np.concatenate(counts)


def test_failures_are_counted_and_leave_gaps(port):
    with Node(port) as node:
        numbers, counts = heard(node, 1500)
        info = node.info()
    assert info.sample_period_us == 4000
    # Three times absent, and of every fifty one that cannot start, one damaged, one never done.
    assert info.failed_readings >= 3 + 3 * 5
    for failing in (20, 30, 40):
        assert not np.any(numbers % 50 == failing)
    assert numbers.min() >= 3 and np.all(np.diff(numbers) > 0)
    # Every sample stands at the number, and so at the time, that it was read for.
    expected = numbers[:, np.newaxis] + 1000 * np.arange(3)
    np.testing.assert_array_equal(counts, expected)


def test_no_record_is_of_a_window_with_a_hole(port):
    with Node(port) as node:
        while node.info().monotonic_ms < 2000:
            time.sleep(0.1)
        assert node.info().failed_readings > 0
        assert node.records(0).records == []  # there is a hole in every 120 samples


def test_the_template_of_a_driver_compiles_and_keeps_the_interface(tmp_path):
    firmware = folder("firmware")
    main = tmp_path / "main.c"
    main.write_text("""#include "sensors/template.h"
int main(void) {
    const tml_bus_t bus = {0};
    tml_template_t driver = {.place = {&bus, 0x18}, .measuring = false};
    const tml_sensor_t sensor = tml_template_sensor(&driver);
    int32_t counts[1] = {0};
    const int failed = sensor.begin(sensor.context, 1000000u) != TML_SENSOR_OK ||
                       sensor.begin(sensor.context, 1u) != TML_SENSOR_UNSUITABLE ||
                       sensor.start(sensor.context) != TML_SENSOR_OK ||
                       sensor.read(sensor.context, counts) != TML_SENSOR_LATER ||
                       sensor.read(sensor.context, counts) != TML_SENSOR_OK;
    driver.place.address = 0;
    return failed || sensor.begin(sensor.context, 1000000u) != TML_SENSOR_ABSENT;
}
""")
    program = tmp_path / "program"
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", *SANITIZERS]
    command = [require_native(), *flags, f"-I{firmware}", f"-I{firmware / 'include'}"]
    sources = [str(main), str(firmware / "sensors" / "template.c")]
    subprocess.run([*command, *sources, "-o", str(program)], check=True)
    subprocess.run([str(program)], check=True)


def test_node_info_fits_the_answer_of_the_smallest_board(tmp_path):
    require_native()
    bytes_ = min(boards.load(name).node.message_bytes for name in boards.names())
    model = compile_model(load(MODEL), core="portable", name="occupancy").write(tmp_path / "model")
    size = [f"TML_NODE_MESSAGE_BYTES={bytes_}u", "TML_NODE_RECORD_BYTES=64u"]
    program = build_native(model, str(APP), tmp_path / "build", size)
    with native(program, None) as opened, Node(opened) as node:
        while not (info := node.info()).failed_readings:
            pass
    assert info.sample_period_us == 4000
