"""Which session goes to which part: never rows, always whole sessions or groups."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tinyml.data.catalogue import PARTS
from tinyml.errors import DataError
from tinyml.shell import quoted

FRACTIONS: Final = {"training": 0.6, "validation": 0.2, "test": 0.2}
FEWEST_UNITS: Final = len(PARTS)  # of a class: one a part


def deal(
    units: Mapping[str, Mapping[str, int]],
    dealt: Mapping[str, str],
    barred: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The part of each of the ``units``, which are sessions or groups.

    Those that are ``dealt`` stay where they are, so that a data set that grows keeps its test data.
    The others come in an order that their names alone decide, each to a part that lacks its
    classes, or else to the one that is furthest behind its fraction of them.

    Args:
        units: samples of each class of each unit.
        dealt: part of each unit that has one already.
        barred: the part that a unit must not go to, if any.
    """
    totals: Counter[str] = Counter()
    for classes in units.values():
        totals.update(classes)
    have: dict[str, Counter[str]] = {part: Counter() for part in PARTS}
    found = {name: part for name, part in dealt.items() if name in units}
    for name, part in found.items():
        have[part].update(units[name])
    order = sorted(units.keys() - found.keys(), key=_shuffled)
    # What is rare, and what is large, is hardest to place.
    order.sort(
        key=lambda name: (
            min((totals[c] for c in units[name]), default=0),
            -sum(units[name].values()),
        )
    )
    for name in order:
        allowed = [part for part in PARTS if part != (barred or {}).get(name)]
        part = max(allowed, key=lambda part: _need(units[name], have[part], totals, part))
        found[name] = part
        have[part].update(units[name])
    return found


def _need(
    classes: Mapping[str, int], have: Mapping[str, int], totals: Mapping[str, int], part: str
) -> tuple[int, float]:
    lacking = sum(1 for c in classes if not have.get(c, 0))
    behind = sum(
        count / totals[c] * (FRACTIONS[part] - have.get(c, 0) / totals[c])
        for c, count in classes.items()
    )
    return lacking, behind


def _shuffled(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def require_all(
    dataset: str,
    units: Mapping[str, Mapping[str, int]],
    parts: Mapping[str, str],
    what: str,
    normal: str = "",
) -> None:
    """DataError naming a class that is not in every part.

    Args:
        dataset: its name, for the message.
        units: as in :func:`deal`.
        parts: part of each unit.
        what: "session" or "group".
        normal: of an anomaly detection the normal class, the only one that trains and validates.
    """
    for label in sorted({label for classes in units.values() for label in classes}):
        there = Counter(parts[name] for name, classes in units.items() if label in classes)
        needed = ("test",) if normal and label != normal else PARTS
        if not all(there[part] for part in needed):
            raise DataError(_lacking(dataset, label, there, what))


def _lacking(dataset: str, label: str, there: Mapping[str, int], what: str) -> str:
    count = sum(there.values())
    of = f" of '{label}'" if label else ""
    has = f"{dataset} has {count} {what}{'s' * (count != 1)}{of}"
    if count < FEWEST_UNITS:
        ways = f"record more, or use --split time{_or_leave_out(label)}"
        return f"{has}, but a split by {what} needs {FEWEST_UNITS}, one for each part; {ways}"
    where = ", ".join(f"{there[part] or 'none'} in {part}" for part in PARTS)
    return (
        f"{has}: {where}, but each part needs one; put them in other parts, or use "
        f"--split session or --split time{_or_leave_out(label)}"
    )


def _or_leave_out(label: str) -> str:
    return f", or leave the class out with --leave-out {quoted(label)}" if label else ""
