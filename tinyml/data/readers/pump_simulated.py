"""A SIMULATED pump: three-axis vibration from a simple physical model. Nothing here was measured.

What is modelled, after R. B. Randall, "Vibration-based Condition Monitoring" (Wiley, 2011):

* every machine has its own speed, blade count, bearing geometry, structural resonance, residual
  imbalance, mounting gain a axis, mounting tilt and sensor noise;
* every window has its own load and drive speed; slip grows with load;
* **healthy**: shaft rate and its harmonics, blade passing that grows with load, flow noise;
* **imbalance**: a rotating force, growing with the square of the speed, 90 degrees apart on the
  two radial axes;
* **cavitation**: bubbles collapse at random; each rings the casing; more of them when a blade
  passes;
* **bearing fault** (outer race): an impact a ball passing, 1-2 % jitter, each rings the casing,
  stronger under load;
* faults reach from barely to clearly visible, so that no classifier is right all the time.

Counts are those of a 16-bit accelerometer of +-8 g (4096 counts a g), gravity included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Part, Series, cut, to_counts

SEED: Final = 20261124
MACHINES: Final = {"training": 16, "validation": 4, "test": 6}
WINDOWS_PER_CONDITION: Final = 24
RINGING_SAMPLES: Final = 64
SEVERITY_RANGE: Final = (0.12, 1.0)  # of a full-grown fault; drawn evenly on a log scale

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Machine:
    """What does not change from window to window."""

    speed_hz: float  # of the shaft, at full drive without load
    blades: int
    ball_pass_ratio: float  # outer-race impacts a turn
    resonance_hz: float
    damping: float
    residual_imbalance_g: float
    gain: Signal  # [3], of the mounting
    gravity_g: Signal  # [3]
    noise_g: float  # of the sensor, RMS
    flow_noise_g: float  # RMS


def read(entry: Entry, _files: Mapping[str, Path], _fold: int) -> Dataset:
    """The whole data set, simulated; the same on every call."""
    machine_number = 0
    parts: dict[str, Part] = {}
    for part, count in MACHINES.items():
        series = []
        for _ in range(count):
            machine_number += 1
            series += _machine_series(entry, machine_number)
        parts[part] = cut(series, entry.window, entry.window)
    return Dataset(entry, parts["training"], parts["validation"], parts["test"])


def _machine_series(entry: Entry, number: int) -> list[Series]:
    rng = np.random.default_rng([SEED, number])
    machine = _draw_machine(rng)
    name = f"machine {number:02d}"
    length = entry.window * WINDOWS_PER_CONDITION
    series = []
    for index, condition in enumerate(entry.labels):
        windows = [
            _window(machine, condition, entry.window, entry.sample_rate_hz, rng)
            for _ in range(WINDOWS_PER_CONDITION)
        ]
        counts = to_counts(np.concatenate(windows), entry)
        targets = np.full(length, index, np.int64)
        series.append(Series(name, name, index * length, counts, targets))
    return series


def _draw_machine(rng: np.random.Generator) -> _Machine:
    balls = int(rng.integers(7, 12))
    tilt = rng.normal(0, 0.1, 2)
    direction = np.array([tilt[0], tilt[1], 1.0])
    return _Machine(
        speed_hz=rng.uniform(23.0, 25.0) * (2 if rng.random() < 0.5 else 1),  # 4 or 2 poles
        blades=int(rng.integers(5, 8)),
        ball_pass_ratio=balls / 2 * (1 - rng.uniform(0.18, 0.3)),
        resonance_hz=rng.uniform(280.0, 620.0),
        damping=rng.uniform(0.04, 0.1),
        residual_imbalance_g=rng.uniform(0.02, 0.06),
        gain=rng.uniform(0.6, 1.5, 3),
        gravity_g=direction / np.linalg.norm(direction),
        noise_g=rng.uniform(0.004, 0.012),
        flow_noise_g=rng.uniform(0.02, 0.05),
    )


def _window(
    machine: _Machine, condition: str, samples: int, rate_hz: float, rng: np.random.Generator
) -> Signal:
    """One window in g, ``[samples][3]``; z points up along gravity, x and y are radial."""
    load = rng.uniform(0.3, 1.0)
    shaft_hz = machine.speed_hz * rng.uniform(0.8, 1.0) * (1 - 0.04 * load)
    # Ringing that began before the window reaches into it, hence the lead.
    time = np.arange(-RINGING_SAMPLES, samples) / rate_hz
    phase = 2 * np.pi * (shaft_hz * time + rng.random())
    severity = float(np.exp(rng.uniform(*np.log(SEVERITY_RANGE))))
    force = _healthy(machine, phase, shaft_hz, load, rng)
    if condition == "imbalance":
        amplitude = 0.7 * severity * (shaft_hz / machine.speed_hz) ** 2
        force += amplitude * np.stack([np.cos(phase), np.sin(phase), 0.1 * np.cos(phase)], axis=-1)
    elif condition == "cavitation":
        bubbles = rng.random(len(time)) < 0.35 * (1 + 0.6 * np.cos(machine.blades * phase))
        hits = bubbles * rng.exponential(0.35 * severity, len(time))
        hits *= rng.choice([-1.0, 1.0], len(time))
        force += _ring(machine, hits, rate_hz, np.array([0.8, 0.8, 1.0]))
    elif condition == "bearing fault":
        hits = _impacts(machine, phase, rng) * 1.6 * severity * (0.5 + 0.5 * load)
        force += _ring(machine, hits, rate_hz, np.array([1.0, 0.6, 0.3]))
    vibration = force[RINGING_SAMPLES:] * machine.gain
    return vibration + machine.gravity_g + rng.normal(0, machine.noise_g, (samples, 3))


def _healthy(
    machine: _Machine, phase: Signal, shaft_hz: float, load: float, rng: np.random.Generator
) -> Signal:
    """What every pump does, in g, ``[samples][3]``."""
    shaft = machine.residual_imbalance_g * (shaft_hz / machine.speed_hz) ** 2
    passing = 0.03 * load * np.cos(machine.blades * phase + rng.uniform(0, 2 * np.pi))
    radial = [
        shaft * np.cos(phase) + 0.3 * shaft * np.cos(2 * phase) + passing,
        shaft * np.sin(phase) + 0.3 * shaft * np.sin(2 * phase) + passing,
        0.1 * shaft * np.cos(phase) + 0.5 * passing,
    ]
    flow = rng.normal(0, machine.flow_noise_g * (0.5 + load), (len(phase), 3))
    return np.stack(radial, axis=-1) + flow


def _impacts(machine: _Machine, phase: Signal, rng: np.random.Generator) -> Signal:
    """1 at each sample where a ball passes the fault, with slip; 0 elsewhere."""
    slip = 1 + rng.uniform(-0.01, 0.01)
    wander = np.cumsum(rng.normal(0, 0.02, len(phase))) * 0.1
    turns = phase / (2 * np.pi) * machine.ball_pass_ratio * slip + wander
    passed = np.diff(np.floor(turns), prepend=np.floor(turns[0])) > 0
    return passed.astype(np.float64)


def _ring(machine: _Machine, hits: Signal, rate_hz: float, axes: Signal) -> Signal:
    """The casing's answer to ``hits``, a decaying oscillation at its resonance, on each axis."""
    time = np.arange(RINGING_SAMPLES) / rate_hz
    omega = 2 * np.pi * machine.resonance_hz
    response = np.exp(-machine.damping * omega * time) * np.sin(omega * time)
    ringing = np.convolve(hits, response)[: len(hits)]
    return ringing[:, np.newaxis] * axes
