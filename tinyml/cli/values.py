"""Kinds of values that options take."""

from __future__ import annotations

import math

import click

from tinyml.device.record import DEVICE_ID_BYTES


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


class DeviceId(click.ParamType):  # type: ignore[type-arg]  # newer versions alone are generic
    """A node's number, in hexadecimal digits."""

    name = "hex"

    def convert(
        self, value: str | bytes, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        """Its bytes; a usage error where there are not eight."""
        if isinstance(value, bytes):
            return value
        try:
            number = bytes.fromhex(value)
        except ValueError:
            number = b""
        if len(number) != DEVICE_ID_BYTES:
            self.fail(f"{value!r} is not {2 * DEVICE_ID_BYTES} hexadecimal digits.", param, ctx)
        return number
