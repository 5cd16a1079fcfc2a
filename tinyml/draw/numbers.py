"""How numbers are written: always with their unit, never with more digits than they have."""

from datetime import datetime, timezone
from typing import Final

NARROW_SPACE: Final = "\u202f"  # keeps a number and its unit on one line
MISSING: Final = "\u2013"

# metric -> (title, how to write it). Names as in run documents.
_METRICS: Final = {
    "accuracy": ("Accuracy", "percent"),
    "balanced_accuracy": ("Balanced accuracy", "percent"),
    "f1": ("F1", "percent"),
    "roc_auc": ("ROC AUC", "plain"),
    "rmse": ("RMSE", "target"),
    "mae": ("MAE", "target"),
    "r2": ("R²", "plain"),
}


def count(value: int) -> str:
    """12,345."""
    return f"{value:,}"


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, which may be empty."""
    return f"{text}{NARROW_SPACE}{unit}" if unit else text


def size(value: int) -> str:
    """Bytes, exact; from 10,000 on with the KiB beside it."""
    exact = with_unit(count(value), "bytes" if value != 1 else "byte")
    return f"{exact} ({with_unit(f'{value / 1024:,.1f}', 'KiB')})" if value >= 10_000 else exact


def percent(fraction: float) -> str:
    """97.3 %."""
    return with_unit(f"{100 * fraction:.1f}", "%")


def figure(value: float, unit: str = "") -> str:
    """Four significant digits and a unit."""
    return with_unit(f"{value:.4g}", unit)


def metric_title(name: str) -> str:
    """How a metric is called in a table."""
    return _METRICS.get(name, (name, ""))[0]


def metric(name: str, value: float, target_unit: str) -> str:
    """A metric's value as that metric is usually written."""
    kind = _METRICS.get(name, ("", "plain"))[1]
    if kind == "percent":
        return percent(value)
    return figure(value, target_unit if kind == "target" else "")


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return figure(seconds / scale, unit)
    return figure(seconds / 1e-9, "ns")


def frequency(hertz: int) -> str:
    """A clock rate."""
    return figure(hertz / 1e6, "MHz")


def moment(seconds: float) -> str:
    """Seconds since 1970 as date and time, UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def plural(value: int, noun: str) -> str:
    """1 record, 2 records."""
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def tick(value: float) -> str:
    """A number at an axis: four digits, or all of a large one."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
