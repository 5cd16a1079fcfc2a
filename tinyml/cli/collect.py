"""``tinyml collect``: records from nodes into a store."""

import contextlib
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from tinyml.cli.output import json_option, print_json, print_table, progress_console
from tinyml.cli.values import Finite
from tinyml.errors import NoAnswerError


@click.command()
@click.argument("ports", nargs=-1, required=True, metavar="PORT...")
@click.option(
    "--store",
    "store_name",
    required=True,
    help="An SQLite file (made if missing) or a postgresql:// URL.",
)
@click.option(
    "--once", is_flag=True, help="Stop when every node has sent all records that it holds."
)
@click.option("--for", "seconds", type=Finite(min=0), help="Stop after this many seconds.")
@click.option("--count", type=click.IntRange(min=1), help="Stop after this many new records.")
@click.option(
    "--model",
    "models",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A .tflite that a node runs. Needed only if it is neither in the model zoo "
    "nor in the project of this folder. May be repeated.",
)
@json_option
def command(
    ports: tuple[str, ...],
    store_name: str,
    once: bool,
    seconds: float | None,
    count: int | None,
    models: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Collect records from the nodes at PORT... into a store, until Ctrl-C.

    PORT is a serial port (/dev/ttyUSB0, COM3), socket://HOST:PORT or rfc2217://HOST:PORT. Each
    record is stored once, even if it arrives several times. A port that fails is opened again.
    With --for, the command fails if a port never had a node that answered. The store also keeps
    what each model's outputs mean (class names, units, thresholds), so that `tinyml report STORE`
    needs no model file.
    """
    from tinyml.collect import Collector, ModelFinder, PortStatus, Store  # noqa: PLC0415 - heavy

    finder = ModelFinder(models, Path())
    ports = tuple(dict.fromkeys(ports))
    with Store(store_name) as store, progress_console.status("connecting ...") as line:

        def show(statuses: list[PortStatus]) -> None:
            new = sum(status.added.new for status in statuses)
            problems = [status.problem for status in statuses if status.problem]
            newest = [f"newest: {status.newest}" for status in statuses if status.newest]
            line.update("; ".join([f"{new} new records", *newest, *problems]))

        collector = Collector(store, ports, on_change=show, models=finder)
        with contextlib.suppress(KeyboardInterrupt):
            collector.run(once=once, seconds=seconds, count=count)
        statuses = collector.statuses
        missing = sum(gap.missing for gap in store.gaps())
        jumps = store.clock_jumps()
    if as_json:
        print_json(_document(store.name, statuses, missing, jumps))
    else:
        print_table(
            f"Collected into {store.name}",
            ("port", "device", "model", "new", "duplicates", "newest result", "state"),
            [
                (
                    s.port,
                    s.device_id or "-",
                    s.model or "-",
                    s.added.new,
                    s.added.duplicates,
                    str(s.newest or "-"),
                    _state(s),
                )
                for s in statuses
            ],
            caption=f"records missing in the store: {missing}",
        )
        for jump in jumps:
            click.echo(f"note: {_jump_in_words(jump)}", err=True)
    enough = count is not None and sum(status.added.new for status in statuses) >= count
    waited = seconds is not None and not enough
    failed = [
        status.problem
        for status in statuses
        if status.problem and (once or (waited and status.device_id is None))
    ]
    if failed:
        raise NoAnswerError("; ".join(failed))


def _state(status: Any) -> str:
    lost = [f"{status.missed_samples:,} samples missed"] if status.missed_samples else []
    lost += [f"{status.failed_readings:,} sensor readings failed"] if status.failed_readings else []
    lost += [status.event] if status.event else []
    return "; ".join([status.problem or "ok", *lost])


def _jump_in_words(jump: Any) -> str:
    before, after = (
        datetime.fromtimestamp(mark.wall_time, timezone.utc).isoformat(" ", "seconds")
        for mark in (jump.before, jump.after)
    )
    return (
        f"while {jump.device_id} (boot {jump.boot_id}) was collected, this computer's clock was "
        f"set by {jump.seconds:+,.0f} s, between {before} and {after}; its records are dated by "
        "the clock as it is now right"
    )


def _document(
    store_name: str, statuses: list[Any], missing: int, jumps: list[Any]
) -> dict[str, Any]:
    return {
        "store": store_name,
        "new": sum(status.added.new for status in statuses),
        "duplicates": sum(status.added.duplicates for status in statuses),
        "missing": missing,
        "clock_jumps": [
            {
                "device_id": jump.device_id,
                "boot_id": jump.boot_id,
                "before": jump.before._asdict(),
                "after": jump.after._asdict(),
                "seconds": jump.seconds,
            }
            for jump in jumps
        ],
        "ports": [
            {
                "port": status.port,
                "device_id": status.device_id,
                "new": status.added.new,
                "duplicates": status.added.duplicates,
                "problem": status.problem,
                "model": status.model,
                "newest": status.newest.to_dict() if status.newest else None,
                "missed_samples": status.missed_samples,
                "failed_readings": status.failed_readings,
                "events": status.events,
                "newest_event": status.event,
            }
            for status in statuses
        ],
    }
