"""``tinyml monitor``: what a node sees now, in the terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from tinyml.cli.output import json_option
from tinyml.cli.values import Finite
from tinyml.device import is_emulated
from tinyml.errors import DeviceError

if TYPE_CHECKING:
    from tinyml.collect.monitor import Channel, Input, View

_NAME: Final = 14  # columns for names
_TRACE: Final = 32  # columns for a picture of the latest samples
_MOST_OUTPUTS: Final = 8  # raw numbers of a model that is not known


@click.command()
@click.argument("port")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option(
    "--every",
    "every_s",
    type=Finite(min=0.1),
    default=1.0,
    show_default=True,
    help="Seconds between two looks.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A .tflite that the node runs. Needed only if it is neither in the model zoo nor in the "
    "project of this folder. May be repeated.",
)
@json_option
def command(port: str, once: bool, every_s: float, models: tuple[Path, ...], as_json: bool) -> None:
    """Show what the node at PORT senses and infers now, until Ctrl-C.

    PORT is a serial port (/dev/ttyUSB0, COM3), socket://HOST:PORT or rfc2217://HOST:PORT. Shows
    the latest samples of each channel, the newest result and events, and what was missed. Stores
    nothing and takes nothing from the node: a collector later still finds all records. A port that
    fails is opened again, except with --once. If the output is not a terminal, each look prints
    plain lines; with --json, one JSON object in a line.
    """
    from tinyml.collect import ModelFinder  # noqa: PLC0415 - heavy
    from tinyml.collect.monitor import Monitor, watch  # noqa: PLC0415

    views = watch(port, Monitor(ModelFinder(models, Path())), every_s=every_s, once=once)
    try:
        if as_json:
            for view in views:
                click.echo(json.dumps({"time": time.time(), **_document(port, view)}))
        elif once or not sys.stdout.isatty():
            for view in views:
                click.echo("\n".join(_lines(view, sys.stdout.encoding or "ascii")) + "\n")
        else:
            _show_live(views)
    except KeyboardInterrupt:
        click.echo(
            "Stopped. The node keeps its records; store them with `tinyml collect`.", err=True
        )


def _show_live(views: Iterator[View | DeviceError]) -> None:
    console = Console()
    with Live(console=console, auto_refresh=False) as live:
        live.update(Text("connecting ..."), refresh=True)
        for view in views:
            lines = [*_lines(view, console.encoding), "Ctrl-C stops."]
            live.update(Text("\n".join(lines)), refresh=True)


def _lines(view: View | DeviceError, encoding: str) -> list[str]:
    """For people. What comes from the node or a file cannot drive the terminal."""
    if isinstance(view, DeviceError):
        return [_printable(f"problem: {view}")]
    lines = [("node", _node(view)), ("model", _model(view))]
    lines += [(channel.name, _channel(channel, encoding)) for channel in view.channels]
    lines += [("samples", _samples(view)), ("result", _result(view))]
    lines += [("input", _spread(one)) for one in view.inputs]
    lines += [
        ("event", f"{event.in_words} ({_age(view, event.boot_id, event.monotonic_ms)})")
        for event in view.events
    ]
    return [_printable(f"{name[:_NAME]:<{_NAME}} {text}") for name, text in lines]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _node(view: View) -> str:
    info = view.info
    parts = [info.device_id, f"boot {info.boot_id}", f"up {info.monotonic_ms / 1000:,.0f} s"]
    parts += ["emulated board"] if is_emulated(info.device_id) else []
    parts += ["simulated or replayed samples"] if info.simulated else []
    parts += ["keeps its log over a reset" if info.persistent else "loses its log at a reset"]
    return ", ".join(parts)


def _model(view: View) -> str:
    model = view.model
    name = f"{model.name} ({model.hash})"
    if model.settings is not None:
        return name
    return f"{name}, not known here: values are raw; give its .tflite with --model"


def _channel(channel: Channel, encoding: str) -> str:
    from tinyml.draw.sparkline import sparkline  # noqa: PLC0415 - heavy

    if channel.least is None or channel.greatest is None:
        return "no sample yet"
    latest = "no sample now" if channel.latest is None else f"{channel.latest:.5g} {channel.unit}"
    trace = sparkline(channel.values, _TRACE, encoding)
    return f"{latest:<16} {trace:<{_TRACE}} {channel.least:.5g} to {channel.greatest:.5g}"


def _samples(view: View) -> str:
    info = view.info
    if not info.channels:
        return "none: the model has no front end"
    rate = f", {1e6 / info.sample_period_us:.4g} a second" if info.sample_period_us else ""
    return (
        f"{view.sampled:,} since boot{rate}; {info.missed_samples:,} missed, "
        f"{info.failed_readings:,} readings failed"
    )


def _result(view: View) -> str:
    record = view.record
    if record is None:
        return "none yet"
    if view.result is not None:
        said = str(view.result)
    else:
        more = ", ..." if len(record.output) > _MOST_OUTPUTS else ""
        said = f"raw output {', '.join(map(str, record.output[:_MOST_OUTPUTS]))}{more}"
    age = _age(view, record.boot_id, record.monotonic_ms)
    return f"{said}, record {record.sequence:,}, {age}; inference {record.inference_us:,} us"


def _age(view: View, boot_id: int, monotonic_ms: int) -> str:
    info = view.info
    if boot_id != info.boot_id:
        return "in an earlier boot"
    return f"{max(info.monotonic_ms - monotonic_ms, 0) / 1000:,.1f} s ago"


def _spread(one: Input) -> str:
    spread = f"{one.least:.5g} to {one.greatest:.5g}, mean {one.mean:.5g} {one.unit}"
    return f"{one.name} {spread}"


def _document(port: str, view: View | DeviceError) -> dict[str, Any]:
    if isinstance(view, DeviceError):
        return {"port": port, "problem": str(view)}
    info, model = view.info, view.model
    return {
        "port": port,
        "problem": None,
        "device_id": info.device_id,
        "boot_id": info.boot_id,
        "monotonic_ms": info.monotonic_ms,
        "persistent": info.persistent,
        "simulated": info.simulated,
        "model": model.name,
        "model_hash": model.hash,
        "model_known": model.settings is not None,
        "sampled": view.sampled,
        "sample_period_us": info.sample_period_us,
        "missed_samples": info.missed_samples,
        "failed_readings": info.failed_readings,
        "channels": [
            {
                "name": channel.name,
                "unit": channel.unit,
                "scale": channel.scale,
                "latest": channel.latest,
                "least": channel.least,
                "greatest": channel.greatest,
                "samples": len(channel.values),
            }
            for channel in view.channels
        ],
        "record": _record(view),
        "events": [
            {
                "sequence": event.sequence,
                "boot_id": event.boot_id,
                "monotonic_ms": event.monotonic_ms,
                "name": event.name,
                "in_words": event.in_words,
            }
            for event in view.events
        ],
    }


def _record(view: View) -> dict[str, Any] | None:
    record = view.record
    if record is None:
        return None
    return {
        "sequence": record.sequence,
        "boot_id": record.boot_id,
        "monotonic_ms": record.monotonic_ms,
        "wall_time": record.wall_time,
        "model_hash": record.model_hash,
        "output": list(record.output),
        "inference_us": record.inference_us,
        "result": view.result.to_dict() if view.result else None,
        "inputs": [asdict(one) for one in view.inputs],
    }
