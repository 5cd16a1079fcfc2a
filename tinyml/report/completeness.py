"""Whether the store holds every record: duplicates, gaps, and what each boot left."""

from __future__ import annotations

from typing import Final

from tinyml.draw import numbers
from tinyml.report.evidence import Evidence
from tinyml.report.html import Html, section, table, tag

_SHOWN_GAPS: Final = 50


def completeness(evidence: Evidence) -> Html:
    """The section about it."""
    missing = evidence.missing
    duplicates = sum(boot.duplicates for boot in evidence.boots)
    parts = [
        tag(
            "p",
            f"{numbers.plural(len(evidence.records), 'record')} in this report; "
            f"{numbers.plural(missing, 'record')} missing in the store in "
            f"{numbers.plural(len(evidence.gaps), 'gap')}; "
            f"{numbers.plural(duplicates, 'duplicate')} received and kept once.",
        ),
        table(
            "Every boot that the store knows",
            ("device", "boot", "records", "first", "last", "duplicates"),
            [
                [
                    boot.device_id,
                    str(boot.boot_id),
                    numbers.count(boot.records),
                    numbers.MISSING if boot.first is None else str(boot.first),
                    numbers.MISSING if boot.last is None else str(boot.last),
                    numbers.count(boot.duplicates),
                ]
                for boot in evidence.boots
            ],
        ),
    ]
    if evidence.gaps:
        parts.append(
            table(
                "Gaps: sequence numbers that nodes counted and the store does not hold",
                ("device", "boot after it", "first", "last", "records"),
                [
                    [
                        g.device_id,
                        str(g.boot_id),
                        str(g.first),
                        str(g.last),
                        numbers.count(g.missing),
                    ]
                    for g in evidence.gaps[:_SHOWN_GAPS]
                ],
            )
        )
    if evidence.clock_jumps:
        parts.append(_clock_jumps(evidence))
    return section("Completeness", *parts)


def _clock_jumps(evidence: Evidence) -> Html:
    return table(
        "Where the collecting computer's clock was set: records are dated by the clock that was "
        "right, and the times as they were seen are kept in the store",
        ("device", "boot", "node's clock", "before", "after", "set by"),
        [
            [
                jump.device_id,
                str(jump.boot_id),
                f"{numbers.count(jump.before.monotonic_ms)} to "
                f"{numbers.count(jump.after.monotonic_ms)} ms",
                numbers.moment(jump.before.wall_time),
                numbers.moment(jump.after.wall_time),
                f"{jump.seconds:+,.0f} s",
            ]
            for jump in evidence.clock_jumps[:_SHOWN_GAPS]
        ],
    )
