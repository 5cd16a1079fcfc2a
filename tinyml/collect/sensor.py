"""What a node's sensor measures, by whoever knows it: a data set, the user, a model, the node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tinyml.collect.models import ModelFinder
from tinyml.data.catalogue import read_entry
from tinyml.data.defaults import Plan
from tinyml.data.importing import Wanted
from tinyml.device import NodeInfo
from tinyml.errors import DataError


@dataclass(frozen=True)
class Sensor:
    """Its channels and how often it measures."""

    channels: tuple[Wanted, ...]  # each with a scale
    rate_hz: float  # 0: as measured

    @property
    def scales(self) -> npt.NDArray[np.float64]:
        """The value of one count, of each channel."""
        return np.array([channel.scale for channel in self.channels], np.float64)


@dataclass(frozen=True)
class Told:
    """What the user says of it."""

    channels: tuple[Wanted, ...] = ()
    rate_hz: float | None = None
    model: Path | None = None  # the .tflite that the node runs
    simulated: bool = False  # nothing more is known than that it is simulated


def sensor_of(plan: Plan, info: NodeInfo, told: Told) -> Sensor:
    """The sensor by the data set of ``plan``, the user, or the model that the node runs.

    Raises DataError where nobody knows it, or where it has another number of channels.
    """
    said_hz = 1e6 / info.sample_period_us if info.sample_period_us else 0.0
    if plan.path.is_file():
        entry = read_entry(plan.path)
        known = tuple(Wanted(c.name, c.unit, c.scale) for c in entry.channels)
        sensor = Sensor(known, entry.sample_rate_hz)
    elif told.channels:
        channels = tuple(replace(c, scale=c.scale or 1.0) for c in told.channels)
        sensor = Sensor(channels, told.rate_hz or said_hz)
    elif told.simulated:
        names = [f"simulated{number}" for number in range(1, info.channels + 1)]
        sensor = Sensor(tuple(Wanted(name, "1", 1.0) for name in names), said_hz)
    else:
        sensor = _by_model(plan, info, told)
    if len(sensor.channels) != info.channels:
        raise DataError(
            f"the node's sensor has {info.channels} channels, but {len(sensor.channels)} "
            f"are named: {', '.join(c.name for c in sensor.channels)}"
        )
    return sensor


def _by_model(plan: Plan, info: NodeInfo, told: Told) -> Sensor:
    finder = ModelFinder([told.model] if told.model else [], plan.folder)
    found = finder.find(info.model_hash)
    settings = found.settings if found is not None else None
    if settings is None:
        raise DataError(
            "say what the node measures: give --channel NAME:UNIT:SCALE for each of its "
            f"{info.channels} channels and --rate HZ, or give --model with the .tflite that "
            f"it runs, {info.model} ({info.model_hash})"
        )
    columns = zip(
        settings.channel_names, settings.channel_units, settings.channel_scales, strict=True
    )
    channels = tuple(Wanted(*column) for column in columns)
    return Sensor(channels, told.rate_hz or settings.sample_rate_hz)
