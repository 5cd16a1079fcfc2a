"""tinyml emulate: an emulated board with a serial port."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from tinyml import boards
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.nodes import build_node
from tinyml.cli.values import DeviceId
from tinyml.emulator import Emulator, Faults
from tinyml.errors import EmulatorError

_LOOK_SECONDS = 0.2


@click.command("emulate")
@click.argument("board", default=boards.DEFAULT)
@click.option("--image", type=click.Path(path_type=Path), help="An .elf that `tinyml build` made.")
@click.option("--model", type=click.Path(path_type=Path), help="A .tflite to build a node with.")
@click.option(
    "--simulated-sensor",
    is_flag=True,
    help="Of the node with MODEL: its sensor is simulated, so that it has something to log.",
)
@click.option(
    "--boot-loader",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An Intel hex that starts first: for an empty AVR board, to be written by `tinyml flash`.",
)
@click.option(
    "--tcp-port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Of the serial port over TCP; any free one where 0.",
)
@click.option(
    "--device-id",
    type=DeviceId(),
    help="The number that the node reports, 16 hexadecimal digits; by default the same for the"
    " same --tcp-port, else another at every start.",
)
@click.option(
    "--fault",
    multiple=True,
    metavar="FAULT",
    help="noise:CHANCE or drop:CHANCE for every byte; reset@BYTES, unplug@BYTES or brown-out@BYTES"
    " once the board has sent so many. May be given several times.",
)
@click.option(
    "--instruction-clock",
    is_flag=True,
    help="Time passes with instructions, not with the host's clock: the same work takes the same"
    " time at every run, on a busy host, too.",
)
@click.option(
    "--storage",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that keeps the node's log from one start to the next; made where it is missing."
    " With Unicorn only.",
)
@toolchain_option
@emulator_option
@click.option("--seed", default=0, show_default=True, help="Of the chances of faults.")
def command(
    board: str,
    image: Path | None,
    model: Path | None,
    simulated_sensor: bool,
    boot_loader: Path | None,
    tcp_port: int,
    device_id: bytes | None,
    fault: tuple[str, ...],
    instruction_clock: bool,
    storage: Path | None,
    seed: int,
) -> None:
    """Start an emulated BOARD with a serial port; Ctrl-C ends it."""
    faults = Faults.parse(fault, seed)
    if image is not None and model is not None:
        raise click.UsageError("give either --image or --model")
    if simulated_sensor and model is None:
        raise click.UsageError("a simulated sensor is built into a node, with --model")
    if image is None and model is None and boot_loader is None:
        raise click.UsageError("give --image or --model, or --boot-loader for an empty board")
    target = boards.load(board)
    with tempfile.TemporaryDirectory(prefix="tinyml-emulate-") as place:
        if model is not None:
            image = build_node(target, model, Path(place), simulated_sensor=simulated_sensor)
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
            )
            _run(emulator)
        except KeyboardInterrupt:
            click.echo("ended")


def _run(emulator: Emulator) -> None:
    """Until Ctrl-C; EmulatorError where the emulator ends by itself."""
    with emulator:
        click.echo(f"{emulator.board.name} runs; Ctrl-C ends it.")
        click.echo(f"serial port  {emulator.serial_path}")
        click.echo(f"over TCP     {emulator.serial_url}")
        while emulator.alive:
            time.sleep(_LOOK_SECONDS)
        raise EmulatorError(f"the emulator ended by itself: {emulator.complaints()}")
