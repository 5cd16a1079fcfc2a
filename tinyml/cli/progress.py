"""Progress bars on stderr."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import rich.progress
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn

from tinyml.cli.output import progress_console
from tinyml.progress import Progress


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """A function (what, done, total) that draws one bar for each ``what``."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
    )
    with rich.progress.Progress(*columns, TimeRemainingColumn(), console=progress_console) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report
