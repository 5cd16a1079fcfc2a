"""How work says how far it is: one type of callback, which ``cli/progress.py`` draws."""

from __future__ import annotations

from collections.abc import Callable

# Called with what is being done, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def called(report: Progress, what: str) -> Progress:
    """Passes progress on to ``report`` under the name ``what``, whatever the work calls itself."""
    return lambda _, done, total: report(what, done, total)


def within(report: Progress, before: str = "", after: str = "") -> Progress:
    """Passes progress on to ``report`` with words before and after what the work calls itself."""
    return lambda what, done, total: report(f"{before}{what}{after}", done, total)
