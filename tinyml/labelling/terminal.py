"""Labelling in a terminal: for old computers, for ssh, and where no browser is at hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tinyml.draw import numbers
from tinyml.draw.sparkline import sparkline
from tinyml.errors import DataError
from tinyml.graph import Graph
from tinyml.labelling.suggesting import Suggestion, suggested
from tinyml.labelling.work import Shown, Work

_COLOURS: Final = ("green", "blue", "yellow", "magenta", "cyan", "red", "white")
_LEFT: Final = 12  # columns for names
_MOST_ROWS: Final = 8  # channels
_HELP: Final = (
    "START END CLASS marks, - as CLASS takes away; z START END zooms, z shows all; n and p go to "
    "the next and previous recording; u undoes; c NAME adds a class; s shows suggestions, "
    "a NUMBER accepts one; q ends"
)


class Terminal:
    """A conversation about one data set after the other recording.

    Args:
        work: the data set.
        ask: gives the next line that was typed; EOFError where there are no more.
        console: what is printed on.
        model: whose suggestions ``s`` shows; None for none.
    """

    def __init__(
        self, work: Work, ask: Callable[[str], str], console: Console, model: Graph | None
    ) -> None:
        self._work, self._ask, self._console, self._model = work, ask, console, model
        self._name = work.next_unlabelled("") or work.names[0]
        self._view: tuple[float, float] | None = None
        self._suggestions: list[Suggestion] = []

    def run(self) -> None:
        """Until q or the end of the input; every mark is saved at once."""
        self._show()
        while True:
            try:
                line = self._ask("> ").strip()
            except EOFError:
                return
            if line == "q":
                return
            try:
                self._do(line.split())
            except DataError as error:
                self._console.print(f"[red]{Text(str(error)).markup}[/red]")

    def _do(self, words: list[str]) -> None:
        first = words[0] if words else "?"
        others = words[1:]
        if first in ("n", "p") and not others:
            names = self._work.names
            step = 1 if first == "n" else -1
            self._name = names[(names.index(self._name) + step) % len(names)]
            self._view, self._suggestions = None, []
        elif first == "z":
            self._view = _ends(others) if others else None
        elif first == "u" and not others:
            if not self._work.undo():
                raise DataError("there is no step to take back")
        elif first == "c" and others:
            self._work.add_class(" ".join(others))
        elif first == "s" and not others:
            self._suggest()
        elif first == "a" and len(others) == 1:
            self._accept(others[0])
        elif len(words) >= 3 and _is_number(first):
            start, end = _ends(words[:2])
            label = " ".join(words[2:])
            self._work.mark(self._name, start, end, "" if label == "-" else label)
        else:
            self._console.print(_HELP, markup=False)
            return
        self._show()

    def _suggest(self) -> None:
        if self._model is None:
            raise DataError("suggestions need a model: start again with --model MODEL")
        self._suggestions = suggested(self._model, self._work.entry, self._shown)

    def _accept(self, which: str) -> None:
        if not which.isdecimal() or not 1 <= int(which) <= len(self._suggestions):
            raise DataError(f"there is no suggestion {which}; s lists them")
        one = self._suggestions.pop(int(which) - 1)
        by = f"model, score {one.score:.2f}, accepted"
        self._work.mark(self._name, one.start_s, one.end_s, one.label, by)

    @property
    def _shown(self) -> Shown:
        return self._work.shown(self._name)

    def _show(self) -> None:
        shown, entry = self._shown, self._work.entry
        view = self._view or (0.0, shown.duration_s)
        width = max(self._console.width - _LEFT - 2, 20)
        place = f"{self._work.names.index(self._name) + 1} of {len(self._work.names)}"
        self._console.print(
            f"{self._name} ({place}), {numbers.duration(shown.duration_s)}; shown "
            f"{view[0]:g} s to {view[1]:g} s",
            markup=False,
        )
        first, last = (int(end * shown.rate_hz) for end in view)
        values = shown.values[max(first, 0) : max(last, first + 1)]
        for number, channel in enumerate(entry.channels[:_MOST_ROWS]):
            line = sparkline(values[:, number], width, self._console.encoding)
            self._console.print(Text(f"{channel.name[:_LEFT]:<{_LEFT}} {line}"), soft_wrap=True)
        bar = Text(f"{'class':<{_LEFT}} ")
        for label in _labels_along(shown, view, width):
            style = _COLOURS[entry.labels.index(label) % len(_COLOURS)] if label else ""
            bar.append(label[0] if label else ".", style)
        self._console.print(bar, soft_wrap=True)
        self._console.print(f"classes: {', '.join(entry.labels)}", markup=False)
        self._print_spans(shown)

    def _print_spans(self, shown: Shown) -> None:
        table = Table(title="spans", title_justify="left")
        for column in ("", "from s", "to s", "class", "by"):
            table.add_column(column)
        for span in shown.spans:
            table.add_row("", f"{span.start_s:g}", f"{span.end_s:g}", Text(span.label), span.by)
        for number, one in enumerate(self._suggestions, 1):
            by = f"proposed, score {one.score:.2f}"
            table.add_row(
                str(number), f"{one.start_s:g}", f"{one.end_s:g}", Text(one.label), by, style="dim"
            )
        self._console.print(table)


def _ends(words: list[str]) -> tuple[float, float]:
    if len(words) != 2 or not all(_is_number(word) for word in words):
        raise DataError("give where it begins and ends, in seconds, such as 12.5 14")
    start, end = (float(word.replace(",", ".")) for word in words)
    if not start < end:
        raise DataError(f"a stretch must end after it begins; {start:g} s to {end:g} s does not")
    return start, end


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word.replace(",", ".")))
    except ValueError:
        return False


def _labels_along(shown: Shown, view: tuple[float, float], width: int) -> list[str]:
    step = (view[1] - view[0]) / width
    middles = (view[0] + step * (column + 0.5) for column in range(width))
    return [
        next((s.label for s in shown.spans if s.start_s <= middle < s.end_s), "")
        for middle in middles
    ]
