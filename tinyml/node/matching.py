"""Which sensor gives which channel of a model, and how its counts become the model's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tinyml import sensors
from tinyml.durations import in_words
from tinyml.errors import ProjectError
from tinyml.model import ModelSettings
from tinyml.node.plan import NodePlan
from tinyml.node.use import SensorUse

_RATE_TOLERANCE: Final = 0.01  # of a period: quartz and rounding differ by less


@dataclass(frozen=True)
class Sensed:
    """A channel of the model: its count is that of a sensor * factor + offset."""

    sensor: int  # which of the plan's
    channel: int  # which of the sensor's
    factor: float
    offset: float


def matched(plan: NodePlan, settings: ModelSettings | None, where: str) -> list[Sensed]:
    """The model's channels by the plan's sensors, in the model's order.

    ProjectError, which begins with ``where``, unless number, units and rate are the model's.
    """
    if settings is None or settings.sample_period_us == 0:
        raise ProjectError(
            f"{where}: the model does not say how it takes samples, so no sensor can feed it; "
            "use a model that `tinyml train` made"
        )
    _check_rate(plan, settings, where)
    if "hop" in plan.settings and settings.front_end.in_frames:
        raise ProjectError(
            f"{where}: 'hop' is for models of samples, and this one hears sounds, whose windows "
            "cannot overlap on a node; leave it out"
        )
    taken = [
        (number, place)
        for number, use in enumerate(plan.sensors)
        for place in (use.channels if use.sensor.channels else range(len(settings.channel_names)))
    ]
    if len(taken) != len(settings.channel_names):
        raise ProjectError(
            f"{where}: the model takes {_listed(settings)}, and the sensors give "
            f"{_given(plan) or 'as many again'}; choose sensors, or channels of one as in "
            '"scd4x(co2)@i2c0", that give exactly these, in this order'
        )
    given = [_name(plan.sensors[number], place) for number, place in taken]
    _require_order(given, settings, where)
    return [
        _sensed(number, place, plan.sensors[number], channel, settings, where)
        for channel, (number, place) in enumerate(taken)
    ]


def _name(use: SensorUse, place: int) -> str:
    return use.sensor.channels[place].name.lower() if use.sensor.channels else ""


def _require_order(given: list[str], settings: ModelSettings, where: str) -> None:
    """ProjectError where the names say that two channels have changed places."""
    wanted = [name.lower() for name in settings.channel_names]
    for number, name in enumerate(given):
        there = wanted.index(name) if name in wanted else number
        if name != wanted[number] and given[there] != name:
            raise ProjectError(
                f"{where}: the sensors give {name} where the model takes {wanted[number]}, and "
                f"{given[there] or 'another'} where it takes {name}; the model takes "
                f"{_listed(settings)}, in this order"
            )


def _listed(settings: ModelSettings) -> str:
    names = (
        f"{name} ({unit})"
        for name, unit in zip(settings.channel_names, settings.channel_units, strict=True)
    )
    return ", ".join(names)


def _given(plan: NodePlan) -> str:
    return ", ".join(
        f"{channel.name} ({channel.unit}) of {use.sensor.name}"
        for use in plan.sensors
        for channel in use.taken
    )


def _sensed(
    number: int, place: int, use: SensorUse, channel: int, settings: ModelSettings, where: str
) -> Sensed:
    if not use.sensor.channels:
        return Sensed(number, place, 1.0, 0.0)
    given, name = use.sensor.channels[place], settings.channel_names[channel]
    unit, scale = settings.channel_units[channel], settings.channel_scales[channel]
    found = sensors.conversion(given.unit, unit)
    if found is None:
        raise ProjectError(
            f"{where}: the model's channel {channel + 1} is {name} ({unit}), but the sensors give "
            f"{given.name} ({given.unit}) of {use.sensor.name} there; the model takes "
            f"{_listed(settings)}, in this order"
        )
    return Sensed(number, place, given.scale * found.factor / scale, found.offset / scale)


def _check_rate(plan: NodePlan, settings: ModelSettings, where: str) -> None:
    period_us = settings.sample_period_us
    if plan.period_us and abs(plan.period_us - period_us) > _RATE_TOLERANCE * period_us:
        raise ProjectError(
            f"{where}: the model takes a sample every {in_words(period_us)}, and [node] asks for "
            f"one every {in_words(plan.period_us)}; leave 'rate' and 'every' out, or train a model "
            "with that rate"
        )
    wanted_hz = 1e6 / period_us
    for use in plan.sensors:
        sensor = use.sensor
        if wanted_hz > sensor.most_hz * (1 + _RATE_TOLERANCE):
            raise ProjectError(
                f"{where}: the model takes a sample every {in_words(period_us)}, which is "
                f"faster than {sensor.name} measures: {sensor.most_hz:g} times a second at most"
            )
