"""A sensor's driver as a program for this computer, with a model of its part and faults at will."""

import contextlib
import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.nodes import IMAGES
from tests.support.targets import SANITIZERS, require_native
from tinyml import sensors
from tinyml.emulator.parts import MODELS, AdcPart, I2cPart, OneWirePart, UartPart
from tinyml.resources import folder

HARNESS = Path(__file__).parents[1] / "sensors" / "harness.c"
OK, LATER = 0, 1
NACK, TIMEOUT, STUCK = -1, -2, -3
STEP_US = 1000  # that pass with every question for the time
TRANSFER_US = 500


@dataclass
class Fault:
    """What goes wrong with transfer ``number``, counted from 0."""

    number: int
    status: int = OK  # of the bus, where it is not OK
    bit: int = -1  # of what is read, which arrives inverted


class Driver:
    """A driver that runs; a context manager. The part's time is the driver's."""

    def __init__(self, name: str, part=None, **options: int) -> None:
        sensor = sensors.load(name)
        self.sensor = sensor
        self.part = MODELS[name]() if part is None else part
        self.fault: Fault | None = None
        self.transfers = 0
        self.now_us = 1_000_000
        self._program = program(
            sensor, {key: o.default for key, o in sensor.options.items()} | options
        )

    def __enter__(self) -> "Driver":
        self._process = subprocess.Popen(
            [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        assert self._process.wait(10) == 0, "the driver's program failed under the sanitizers"
        self._process.stdout.close()

    def ask(self, command: str) -> list[str]:
        """Words of the answer, while the driver's own questions are answered."""
        self._say(command)
        for _ in range(200_000):
            words = self._process.stdout.readline().split()
            assert words, "the driver's program has ended"
            if words[0] == "=":
                return words[1:]
            self._say(self._answer(words))
        raise AssertionError("the driver never ends")

    def begin(self, period_us: int = 60_000_000) -> int:
        return int(self.ask(f"begin {period_us}")[0])

    def measure(self) -> tuple[int, list[int]]:
        """Start a reading and fetch it: its status, and the counts."""
        status = int(self.ask("start")[0])
        begun, limit_us = self.now_us, self.table[3]
        counts: list[int] = []
        while status in (OK, LATER):
            words = self.ask("read")
            status, counts = int(words[0]), [int(word) for word in words[1:]]
            if status != LATER:
                return status, counts
            self.pass_us(1000)
            if self.now_us - begun > limit_us:
                return -4, counts
        return status, counts

    def values(self) -> dict[str, float]:
        """A reading in the channels' units."""
        status, counts = self.measure()
        assert status == OK, status
        return {
            channel.name: count * channel.scale
            for channel, count in zip(self.sensor.channels, counts, strict=True)
        }

    @property
    def table(self) -> tuple[str, int, int, int, list[tuple[str, str, float]]]:
        """Name, channels, buffered, limit in us, and the channels' names, units and scales."""
        _, name, count, buffered, limit_us, *rest = self.ask("table")
        channels = [(rest[i], rest[i + 1], float(rest[i + 2])) for i in range(0, len(rest), 3)]
        return name, int(count), int(buffered), int(limit_us), channels

    def pass_us(self, us: int) -> None:
        self.now_us += us
        self.part.advance(us)

    def _say(self, text: str) -> None:
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def _answer(self, words: list[str]) -> str:
        verb, *rest = words
        if verb == "now":
            self.pass_us(STEP_US)
            return str(self.now_us)
        if verb == "idle":
            self.pass_us(1000 * max(int(rest[0]), 1))
            return "0"
        return self._transfer(verb, rest)

    def _transfer(self, verb: str, rest: list[str]) -> str:
        fault = self.fault if self.fault and self.fault.number == self.transfers else None
        self.transfers += 1
        # What is written has come at the end; whether something can be read is said at first.
        only_reads = verb == "i2c" and rest[1] == "-" and rest[2] != "0"
        self.pass_us(0 if only_reads else TRANSFER_US)
        if fault is not None and fault.status != OK:
            if fault.status in (TIMEOUT, STUCK):
                self.pass_us(10_000)
            return f"{fault.status} 0"
        status, data = getattr(self, f"_{verb}")(*rest)
        self.pass_us(TRANSFER_US if only_reads else 0)
        if fault is not None and data and verb != "adc":
            place = fault.bit % (8 * len(data))
            data = bytearray(data)
            data[place // 8] ^= 1 << place % 8
        return f"{status} {data.hex() if isinstance(data, (bytes, bytearray)) else data}"

    def _i2c(self, address: str, written: str, count: str, limit_us: str):
        assert isinstance(self.part, I2cPart)
        assert int(limit_us) > 0
        if int(address) != self.sensor.usual_address:
            return NACK, b""
        data = bytes.fromhex(written.strip("-"))
        if (data or count == "0") and not self.part.write(data):
            return NACK, b""
        if count == "0":
            return OK, b""
        read = self.part.read(int(count))
        return (NACK, b"") if read is None else (OK, read)

    def _one_wire(self, written: str, count: str):
        assert isinstance(self.part, OneWirePart)
        if not self.part.reset():
            return NACK, b""
        for byte in bytes.fromhex(written.strip("-")):
            self.part.write(byte)
        return OK, bytes(self.part.read() for _ in range(int(count)))

    def _uart(self, capacity: str):
        assert isinstance(self.part, UartPart)
        self._pending = getattr(self, "_pending", b"") + self.part.take()
        now, self._pending = self._pending[: int(capacity)], self._pending[int(capacity) :]
        return OK, now

    def _send(self, written: str):
        assert isinstance(self.part, UartPart)
        self.part.give(bytes.fromhex(written.strip("-")))
        return OK, b""

    def _adc(self, pin: str):
        assert isinstance(self.part, AdcPart)
        return OK, self.part.microvolts


def program(sensor, options: dict[str, int]) -> Path:
    """The driver's program, built once in a test run."""
    firmware = folder("firmware").resolve()
    sources = [firmware / "sensors" / f"{name}.c" for name in (sensor.driver, *sensor.also)]
    made_of = [HARNESS.read_bytes(), *(path.read_bytes() for path in sources)]
    made_of.append(repr(options).encode())
    key = hashlib.sha256(b"".join(made_of)).hexdigest()[:16]
    target = Path(os.environ[IMAGES]) / f"driver-{sensor.name}-{key}"
    if target.exists():
        return target
    given = ", ".join(f".{name} = {value}" for name, value in options.items())
    part = target.with_suffix(f".{os.getpid()}")
    command = [
        require_native(), "-std=c11", "-Wall", "-Wextra", "-Werror", "-g", *SANITIZERS,
        "-Wno-missing-field-initializers",
        f"-I{firmware}", f"-I{firmware / 'include'}",
        f'-DDRIVER_HEADER="sensors/{sensor.driver}.h"',
        f"-DDRIVER_TYPE=tml_{sensor.driver}_t", f"-DDRIVER_SENSOR=tml_{sensor.driver}_sensor",
        f"-DDRIVER_ADDRESS={sensor.usual_address}", f"-DDRIVER_OPTIONS={given}",
        str(HARNESS), *map(str, sources),
        "-o", str(part),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    part.replace(target)
    return target
