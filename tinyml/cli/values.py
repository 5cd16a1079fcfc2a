"""Kinds of values that options take."""

from __future__ import annotations

import math

import click


class Finite(click.FloatRange):
    """A number in a range, and neither nan nor inf, which click lets pass."""

    name = "float range"

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; a usage error where it is none, or not in the range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number
