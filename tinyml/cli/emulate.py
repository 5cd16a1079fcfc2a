"""tinyml emulate: an emulated board with a serial port."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from tinyml import boards
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.nodes import SIMULATED_HZ, asked_node, emulated_node, emulated_parts
from tinyml.cli.values import DeviceId, Finite
from tinyml.emulator import Emulator, Faults, Part
from tinyml.errors import EmulatorError

_LOOK_SECONDS = 0.2


@click.command("emulate")
@click.argument("board", default=boards.DEFAULT)
@click.option("--image", type=click.Path(path_type=Path), help="An .elf that `tinyml build` made.")
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="A .tflite, or the folder of a project; a node with it is built and started, with the "
    "sensors that the project's [node] names.",
)
@click.option(
    "--simulated-sensor",
    is_flag=True,
    help="With --model: the node has a simulated sensor, so it makes records without a host.",
)
@click.option(
    "--rate",
    type=Finite(min=0, min_open=True),
    help=f"Samples per second of the simulated sensor.  [default: {SIMULATED_HZ:g}]",
)
@click.option(
    "--boot-loader",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An Intel hex file to start with instead: the boot loader of an empty AVR "
    "board, which `tinyml flash` can then write to.",
)
@click.option(
    "--tcp-port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="The TCP port for the serial connection; 0 takes any free one.",
)
@click.option(
    "--device-id",
    type=DeviceId(),
    help="The device id that the node reports, 16 hexadecimal digits. Default: with "
    "--tcp-port the same at every start, otherwise a new one.",
)
@click.option(
    "--fault",
    multiple=True,
    metavar="FAULT",
    help="A fault to simulate. noise:CHANCE or drop:CHANCE damages or drops each byte "
    "with this chance; reset@BYTES, unplug@BYTES or brown-out@BYTES happens once "
    "the board has sent this many bytes. May be repeated.",
)
@click.option(
    "--instruction-clock",
    is_flag=True,
    help="Time passes with the number of instructions, not with the host's clock, so "
    "the same work always takes the same time.",
)
@click.option(
    "--storage",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that keeps the node's log from one start to the next; made if missing. "
    "Needs --emulator unicorn.",
)
@toolchain_option
@emulator_option
@click.option(
    "--seed", default=0, show_default=True, help="The random seed for faults with a chance."
)
def command(
    board: str,
    image: Path | None,
    model: Path | None,
    simulated_sensor: bool,
    rate: float | None,
    boot_loader: Path | None,
    tcp_port: int,
    device_id: bytes | None,
    fault: tuple[str, ...],
    instruction_clock: bool,
    storage: Path | None,
    seed: int,
) -> None:
    """Start an emulated BOARD with a serial port; Ctrl-C stops it."""
    faults = Faults.parse(fault, seed)
    if image is not None and model is not None:
        raise click.UsageError("give either --image or --model")
    if simulated_sensor and model is None:
        raise click.UsageError("--simulated-sensor needs --model")
    if rate is not None and not simulated_sensor:
        raise click.UsageError("--rate needs --simulated-sensor")
    if image is None and model is None and boot_loader is None:
        raise click.UsageError("give --image or --model, or give --boot-loader for an empty board")
    target = boards.load(board)
    parts: list[Part] = []
    with tempfile.TemporaryDirectory(prefix="tinyml-emulate-") as place:
        if model is not None:
            asked = asked_node(model, board)
            parts = emulated_parts(asked)
            simulated_hz = (rate or SIMULATED_HZ) if simulated_sensor else None
            image = emulated_node(
                target, asked.model, Path(place), simulated_hz=simulated_hz, sensing=asked.sources
            )
        if image is not None and not image.is_file():
            raise EmulatorError(f"{image} is missing; make it with `tinyml build`")
        try:
            emulator = Emulator(
                target,
                image,
                instruction_clock=instruction_clock,
                tcp_port=tcp_port,
                device_id=device_id,
                faults=faults,
                boot_loader=boot_loader,
                storage=storage,
                parts=parts,
            )
            _run(emulator)
        except KeyboardInterrupt:
            click.echo("ended")


def _run(emulator: Emulator) -> None:
    """Until Ctrl-C; EmulatorError where the emulator ends by itself."""
    with emulator:
        click.echo(f"{emulator.board.name} runs; Ctrl-C ends it.")
        click.echo(f"serial port:  {emulator.serial_path}")
        click.echo(f"over TCP:     {emulator.serial_url}")
        while emulator.alive:
            time.sleep(_LOOK_SECONDS)
        raise EmulatorError(f"the emulator ended unexpectedly: {emulator.complaints()}")
