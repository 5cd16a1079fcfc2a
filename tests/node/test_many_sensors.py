"""Several sensors in one sample, on a board whose buses all have parts."""

import time
from dataclasses import replace

import numpy as np
import pytest

from tests.support.graphs import GraphBuilder, quantization
from tests.support.targets import require_build, require_emulator
from tinyml import boards
from tinyml.build import build_node
from tinyml.device import EventKind, Node
from tinyml.documents import Fields
from tinyml.emulator import Emulator, Part
from tinyml.errors import ProjectError
from tinyml.features.kinds.raw import Raw
from tinyml.graph.ir import DType
from tinyml.graph.schema import Activation
from tinyml.model import ModelSettings
from tinyml.node import read_plan, sources

BOARD = "nrf52840-dk"
PERIOD_S = 6.0
# In the order of the model's channels: what they are, what one count of the model is worth, and
# what the part is told.
CHANNELS = (
    ("co2", "ppm", 1.0, 812.0),
    ("temperature", "K", 0.01, 296.65),  # of an SHT3x, which gives degC
    ("humidity", "fraction", 0.0001, 0.415),
    ("pressure", "hPa", 0.1, 1006.5),  # of a BME280, which gives Pa
    ("pm2_5", "ug/m3", 0.05, 35.0),
    ("soil", "degC", 0.0625, -4.5),
    ("battery", "mV", 1.0, 3960.0),
)
SENSORS = [
    "scd41(co2)@i2c0",
    "sht31@i2c0:0x44",
    "bme280(pressure)@i2c0:0x76",
    "pms5003(pm2_5)@uart1",
    "ds18b20(temperature)@onewire0",
    {"part": "voltage", "bus": "adc0", "address": "A0", "multiply": 3, "divide": 1},
]


def station():
    """A model that takes one sample of all of them."""
    count = len(CHANNELS)
    noise = np.random.default_rng(1).integers(-30000, 30000, (64, 1, count)).astype(np.int16)
    fitted = Raw(1, count).fit(noise).quantized(0.05, 3)
    b = GraphBuilder("station")
    x = b.input((1, 1, count), quantization(0.05, 3))
    flat = b.tensor((1, count), quantized=quantization(0.05, 3))
    b.op("RESHAPE", [x], flat)
    weights = b.constant(np.ones((1, count)), DType.INT8, quantization(0.01))
    bias = b.constant(np.zeros(1), DType.INT32)
    y = b.tensor((1, 1), quantized=quantization(0.05, 3))
    b.op(
        "FULLY_CONNECTED", [flat, weights, bias], y,
        activation=Activation.NONE, weights_format=0, keep_dims=False,
    )  # fmt: skip
    settings = ModelSettings(
        task="regression",
        labels=(),
        front_end=fitted,
        channel_names=tuple(name for name, *_ in CHANNELS),
        channel_units=tuple(unit for _, unit, *_ in CHANNELS),
        channel_scales=tuple(scale for _, _, scale, _ in CHANNELS),
        sample_rate_hz=1 / PERIOD_S,
        dataset="none",
    )
    return replace(b.build(y), metadata={"tinyml": settings.to_bytes()})


@pytest.fixture(scope="module")
def station_node(tmp_path_factory):
    require_build(BOARD)
    require_emulator(BOARD)
    place = tmp_path_factory.mktemp("station")
    graph = station()
    where = "tinyml.toml [node]"
    pin = next(iter(boards.load(BOARD).buses["adc0"].inputs))
    chosen = [*SENSORS[:-1], {**SENSORS[-1], "address": pin}]
    fields = Fields({"sensors": chosen, "inputs": True}, where, ProjectError)
    plan = read_plan(fields, place, BOARD)
    made = sources(plan, ModelSettings.of(graph.metadata), where)
    image = build_node(graph, boards.load(BOARD), place, sensing=made)
    return image, [Part(use.sensor.name, use.bus, use.address) for use in plan.sensors]


def running(image, parts):
    """One-wire is a matter of microseconds, which the computer's own clock would upset."""
    board = boards.load(BOARD)
    return Emulator(board, image.elf_path, parts=parts, instruction_clock=True)


def tell(emulator):
    for number, quantity, value in (
        (0, "co2", 812.0), (1, "temperature", 23.5), (1, "humidity", 41.5),
        (2, "pressure", 100650.0), (3, "pm2_5", 35.0), (4, "temperature", -4.5),
        (5, "voltage", 1.32),
    ):  # fmt: skip
        emulator.measure(number, quantity, value)


def test_all_sensors_are_in_one_record(station_node):
    image, parts = station_node
    with (
        running(image, parts) as emulator,
        Node(emulator.serial_path) as node,
    ):
        tell(emulator)
        deadline = time.monotonic() + 90
        records = []
        while len(records) < 2:
            assert time.monotonic() < deadline, node.records(0).events
            records = node.records(0).records
            time.sleep(0.2)
    means = records[-1].inputs[1::3]
    for (name, unit, scale, value), count in zip(CHANNELS, means, strict=True):
        near = {"pressure": 0.2, "battery": 10.0}.get(name, 0.6 * scale)
        assert count * scale == pytest.approx(value, abs=near), (name, unit)


def test_one_that_is_missing_spoils_no_value(station_node):
    image, parts = station_node
    others = [part for part in parts if part.name != "sht3x"]
    with (
        running(image, others) as emulator,
        Node(emulator.serial_path) as node,
    ):
        deadline = time.monotonic() + 60
        while not (batch := node.records(0)).events:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert batch.records == []
        assert [event.kind for event in batch.events] == [EventKind.SENSOR_FAILED]
        assert batch.events[0].in_words == "sensor sht3x: does not answer"
