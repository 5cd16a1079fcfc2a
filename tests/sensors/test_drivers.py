"""Drivers against models of their parts: right values, and with every fault an end and no lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.drivers import NACK, OK, STUCK, TIMEOUT, Driver, Fault
from tinyml import sensors
from tinyml.emulator.parts import MODELS

DRIVERS = [name for name in sensors.names() if name in MODELS and name != "microphone"]
# Parts whose bytes have no checksum: a bit that arrives inverted cannot be seen.
UNCHECKED = {"lm75", "bmp280", "bme280", "voltage", "ina219"}
# How far a driver's value may lie from what the part was told, in its unit: half a step of the
# part, or what its arithmetic in whole numbers rounds.
NEAR = {"lm75": 0.0625, "ds18b20": 0.0625, "bmp280": 8.0, "bme280": 8.0, "sht3x": 0.011,
        "scd4x": 0.51, "pms5003": 0.5, "voltage": 0.0001,
        "ina219": 0.002}  # fmt: skip
CASES = {
    "temperature": (-20.0, 0.0, 21.5, 24.97, 60.0),
    "humidity": (0.0, 5.0, 40.0, 99.9),
    "pressure": (30500.0, 65000.0, 100653.0, 109000.0),
    "co2": (400.0, 650.0, 39999.0),
    "pm1_0": (0.0, 1.0, 900.0),
    "pm2_5": (0.0, 35.0, 950.0),
    "pm10": (0.0, 50.0, 999.0),
    "voltage": (0.0, 0.00005, 1.5, 3.3),
    "current": (-3.1, -0.0005, 0.0, 0.25, 3.19),
}
SWEEP = 24  # transfers of a driver's start and readings that get a fault
READINGS = 2


def running(name):
    driver = Driver(name)
    driver.pass_us(60_000_000)
    return driver


@pytest.mark.parametrize("name", DRIVERS)
def test_the_driver_says_what_its_file_says(name):
    sensor = sensors.load(name)
    with running(name) as driver:
        said, count, buffered, limit_us, channels = driver.table
    assert (said, count, buffered) == (name, len(sensor.channels), sensor.buffered)
    assert channels == [(c.name, c.unit, pytest.approx(c.scale)) for c in sensor.channels]
    assert limit_us <= 1.2e6 / sensor.most_hz or limit_us <= 40_000_000


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_gives_what_the_part_measures(name):
    with running(name) as driver:
        assert driver.begin() == OK
        for quantity in MODELS[name].quantities:
            for value in CASES[quantity]:
                driver.part.measure(quantity, value)
                driver.pass_us(31_000_000)
                found = driver.values()
                assert found[quantity] == pytest.approx(value, abs=NEAR[name]), (quantity, value)


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("fault", [NACK, TIMEOUT, STUCK, "bit"])
def test_a_fault_at_any_transfer_ends_and_never_becomes_a_value(name, fault):
    unseen = fault == "bit" and name in UNCHECKED  # only that it ends, and works again
    with running(name) as driver:
        assert driver.begin() == OK
        status, right = driver.measure()
        assert status == OK
        for number in range(SWEEP):
            bit = 7 * number + 3
            driver.transfers = 0
            driver.fault = Fault(number, bit=bit) if fault == "bit" else Fault(number, fault)
            begun = driver.begin()
            for _ in range(READINGS if begun == OK else 0):
                status, counts = driver.measure()
                assert status < 0 or counts == right or unseen, (number, status, counts)
                if status < 0:
                    break
            driver.fault = None
            driver.pass_us(31_000_000)
            assert driver.begin() == OK, f"it does not recover after a fault at transfer {number}"
            assert driver.measure() == (OK, right)


@pytest.mark.parametrize("name", [n for n in DRIVERS if sensors.load(n).addresses])
def test_a_part_that_is_not_there_is_absent(name):
    with running(name) as driver:
        driver.part.write = lambda data: False
        driver.part.read = lambda count: None
        assert driver.begin() == -1


@pytest.mark.parametrize("name", [n for n in DRIVERS if sensors.load(n).most_hz < 100])
def test_a_rate_that_the_part_cannot_measure_is_unsuitable(name):
    with running(name) as driver:
        assert driver.begin(1000) == -5


def test_another_bosch_part_is_told_apart():
    with Driver("bme280", MODELS["bmp280"]()) as driver:
        assert driver.begin() == -1


def test_the_data_sheets_example_of_pressure():
    """BST-BMP280-DS001, 3.12: 519888 and 415148 make 25.08 degC and 100653.27 Pa.

    Its picture has 25767236 / 256 for the pressure, which is the floating-point result; its own
    formula in 64 bits makes 25767233.
    """
    with running("bmp280") as driver:
        driver.part.raw = lambda: (415148, 519888, 0x8000)
        assert driver.begin() == OK
        status, counts = driver.measure()
    assert status == OK and counts == [2508, 25767233]
    assert counts[1] / 256 == pytest.approx(100653.27, abs=0.02)


def test_what_a_bosch_part_did_not_measure_is_no_value():
    with running("bme280") as driver:
        driver.part.raw = lambda: (0x80000, 519888, 30000)
        assert driver.begin() == OK
        assert driver.measure()[0] == -3


@given(st.integers(1, 2**20 - 1), st.integers(1, 2**20 - 1), st.integers(1, 2**16 - 1))
@settings(max_examples=150, deadline=None)
def test_compensation_is_the_data_sheets_number_for_number(pressure, temperature, humidity):
    expected = compensated(pressure, temperature, humidity)
    if 0x80000 in (pressure, temperature) or humidity == 0x8000 or expected is None:
        return
    driver = _SHARED.setdefault("bme280", None) or _open_shared()
    driver.part.raw = lambda: (pressure, temperature, humidity)
    assert driver.measure() == (OK, expected)


_SHARED: dict[str, Driver | None] = {}


def _open_shared():
    _SHARED["bme280"] = driver = running("bme280").__enter__()
    assert driver.begin() == OK
    return driver


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    driver = _SHARED.get("bme280")
    if driver is not None:
        driver.__exit__()


def compensated(adc_p, adc_t, adc_h):
    """Temperature, pressure and humidity in Python's unbounded whole numbers, by the data sheet.

    None where the sensor cannot have measured this: what 32 bits of C would not hold.
    """
    from tinyml.emulator.parts import bosch as b

    var1 = (((adc_t >> 3) - (b.T1 << 1)) * b.T2) >> 11
    var2 = (((((adc_t >> 4) - b.T1) ** 2) >> 12) * b.T3) >> 14
    fine = var1 + var2
    t = (fine * 5 + 128) >> 8
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = b.P
    var1 = fine - 128000
    var2 = var1 * var1 * p6
    var2 += (var1 * p5) << 17
    var2 += p4 << 35
    var1 = ((var1 * var1 * p3) >> 8) + ((var1 * p2) << 12)
    var1 = (((1 << 47) + var1) * p1) >> 33
    p = (1048576 - adc_p << 31) - var2
    p = int(p * 3125 / var1) if abs(p * 3125) < 2**53 else _truncated(p * 3125, var1)
    var1 = (p9 * (p >> 13) * (p >> 13)) >> 25
    var2 = (p8 * p) >> 19
    p = ((p + var1 + var2) >> 8) + (p7 << 4)
    v = fine - 76800
    v = ((((adc_h << 14) - (b.H4 << 20) - (b.H5 * v)) + 16384) >> 15) * (
        ((((((v * b.H6) >> 10) * (((v * b.H3) >> 11) + 32768)) >> 10) + 2097152) * b.H2 + 8192)
        >> 14
    )
    v = v - (((((v >> 15) * (v >> 15)) >> 7) * b.H1) >> 4)
    v = min(max(v, 0), 419430400)
    return [t, p, v >> 12] if abs(p) < 2**31 else None


def _truncated(a, b):
    """C's division."""
    size = abs(a) // abs(b)
    return size if (a < 0) == (b < 0) else -size


def test_dust_is_heard_through_noise():
    with running("pms5003") as driver:
        driver.part.noise = b"\x00BBM\x42\x4dBM" + bytes(range(40))
        driver.part.pm2_5 = 77.0
        assert driver.begin() == OK
        driver.pass_us(3_000_000)
        assert driver.values()["pm2_5"] == 77.0


def test_dust_with_a_wrong_sum_is_late_and_never_a_value():
    with running("pms5003") as driver:
        driver.part.damaged = True
        assert driver.begin() == OK
        assert driver.measure()[0] == -4


def test_a_thermometer_that_lost_its_supply_does_not_say_85_degrees():
    with running("ds18b20") as driver:
        assert driver.begin() == OK
        assert driver.ask("start") == ["0"]
        driver.part.lose_power()
        driver.pass_us(800_000)
        assert driver.ask("read")[0] == "-6"
        driver.part.measure("temperature", 85.0)
        driver.pass_us(1)
        assert driver.values()["temperature"] == 85.0


def test_a_divider_is_computed_back():
    with Driver("voltage", multiply=320, divide=100) as driver:
        driver.part.volts = 1.2345
        assert driver.begin() == OK
        assert driver.values()["voltage"] == pytest.approx(3.9504, abs=0.00005)


SHUNT = {"shunt_microohms": 2000, "shunt_millivolts": 40}


def test_the_data_sheets_example_of_power():
    """SBOS448G, 8.5.1 and 9.2.2.1: 10 A through 2 milliohm at 12 V, of the part and of the driver.

    The part computes 2710h steps of 1 mA and 1766h of 20 mW with 5000h for its calibration.
    """
    part = MODELS["ina219"](shunt_ohms=0.002)
    part.volts, part.amperes = 11.98, 10.0
    with Driver("ina219", part, **SHUNT) as driver:
        assert driver.begin() == OK
        assert driver.measure() == (OK, [2995, 1_000_000, 1_198_000])
    assert part.write(b"\x05\x50\x00")
    registers = []
    for address in (1, 4, 3):
        part.write(bytes([address]))
        registers.append(part.read(2).hex())
    assert registers == ["07d0", "2710", "1766"]


@pytest.mark.parametrize("average", [1, 16, 128])
def test_a_current_has_its_sign_and_its_supply_when_averaged(average):
    with Driver("ina219", average=average) as driver:
        driver.part.volts, driver.part.amperes = 12.0, -1.5
        assert driver.begin() == OK
        assert driver.values() == pytest.approx({"voltage": 12, "current": -1.5, "power": -18})


@pytest.mark.parametrize(("volts", "amperes"), [(32.5, 1.0), (12.0, 20.5), (12.0, -20.5)])
def test_what_is_beyond_the_parts_range_is_no_value(volts, amperes):
    part = MODELS["ina219"](shunt_ohms=0.002)
    part.volts, part.amperes = volts, amperes
    with Driver("ina219", part, **SHUNT) as driver:
        assert driver.begin() == OK
        assert driver.measure()[0] == -3


def test_a_supply_that_drops_in_a_measurement_makes_no_false_power():
    with running("ina219") as driver:
        assert driver.begin() == OK
        _, right = driver.measure()
        assert driver.ask("start") == ["0"]
        driver.part.lose_power()
        assert driver.ask("read")[0] == "1"
        driver.pass_us(2000)
        assert driver.ask("read") == ["0", *map(str, right)]


@pytest.mark.parametrize(
    ("options", "period_us"),
    [
        ({"average": 3}, 60_000_000),
        ({"shunt_millivolts": 100}, 60_000_000),
        ({"shunt_microohms": 99}, 60_000_000),
        ({"average": 128}, 150_000),
    ],
)
def test_what_a_power_meter_cannot_do_is_unsuitable(options, period_us):
    with Driver("ina219", **options) as driver:
        assert driver.begin(period_us) == -5
