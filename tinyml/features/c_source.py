"""A front end as C sees it: constant tables and a tml_front_end_t."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from tinyml.features import audio, measure
from tinyml.features.front_end import LOG, SOUND, FrontEnd

# The files of firmware/features/ where several kinds share one.
_SHARED_FILES: Final = {"changes": "trend", "log_mel": "sound", "mfcc": "sound"}
_REAL_BYTES: Final = 4
_ENERGY_BYTES: Final = 8
_VALUE_BYTES: Final = 4


def c_source(front_end: FrontEnd, name: str) -> str:
    """C text that defines ``static const tml_front_end_t <name>``; needs tml/features.h."""
    tables = {
        "offsets": ("int32_t", front_end.offsets),
        "multipliers": ("int32_t", front_end.multipliers),
        **_log_table(front_end),
        **_transform_tables(front_end),
    }
    sound = front_end.kind in SOUND
    fields = {
        "run": f"tml_front_end_{'sound' if sound else front_end.kind}",
        "window": str(front_end.window),
        "channels": str(front_end.channels),
        "feature_count": str(front_end.feature_count),
        "scratch_bytes": str(scratch_bytes(front_end)),
        "zero_point": str(front_end.zero_point),
        **{table: f"{name}_{table}" for table in tables},
    }
    if front_end.bands:
        fields["frame"] = str(front_end.transform_samples)
        fields["band_count"] = str(front_end.band_count)
    if sound or front_end.kind == LOG:
        fields["floor"] = str(front_end.floor)
    if front_end.log_ratios:
        fields["log_ratio_count"] = str(len(front_end.log_ratios))
    if sound:
        fields["hop"] = str(front_end.hop)
        fields["frame_features"] = str(front_end.output_shape[1])
        fields["run_frame"] = f"tml_frame_{front_end.kind}"
    lines = [_table(f"{name}_{table}", *content) for table, content in tables.items()]
    body = "\n".join(f"    .{field} = {value}," for field, value in fields.items())
    lines.append(f"static const tml_front_end_t {name} = {{\n{body}\n}};\n")
    return "\n".join(lines)


def source_files(front_end: FrontEnd) -> list[str]:
    """The paths under firmware/ of the files that compute it."""
    file = f"features/{_SHARED_FILES.get(front_end.kind, front_end.kind)}.c"
    return [file, "features/stream.c"] if front_end.kind in SOUND else [file]


def scratch_bytes(front_end: FrontEnd) -> int:
    """RAM that the C front end needs beside samples and features, in bytes."""
    if front_end.kind == LOG:
        return _VALUE_BYTES * front_end.channels
    if not front_end.bands:
        return 0
    energies = _ENERGY_BYTES * front_end.band_count if front_end.kind in SOUND else 0
    return _REAL_BYTES * (front_end.transform_samples + 1) + energies


def _log_table(front_end: FrontEnd) -> dict[str, tuple[str, Iterable[int]]]:
    """Of each channel whether its logarithm is taken, and the pairs that are divided."""
    if front_end.kind != LOG:
        return {}
    chosen = (int(channel in front_end.log_channels) for channel in range(front_end.channels))
    tables: dict[str, tuple[str, Iterable[int]]] = {"logarithmic": ("uint8_t", tuple(chosen))}
    if front_end.log_ratios:
        tables["log_ratios"] = ("uint8_t", tuple(chain.from_iterable(front_end.log_ratios)))
    return tables


def _transform_tables(front_end: FrontEnd) -> dict[str, tuple[str, Iterable[int]]]:
    """Type and values of the tables that a transform needs; none where there is no transform."""
    if not front_end.bands:
        return {}
    samples = front_end.transform_samples
    tables: dict[str, tuple[str, Iterable[int]]] = {
        "hann": ("int16_t", measure.hann(samples)),
        "twiddles": ("int16_t", measure.twiddles(samples)),
        "bands": ("uint16_t", front_end.bands),
    }
    if front_end.kind in SOUND:
        tables["weights"] = ("uint8_t", audio.rises(front_end.bands))
    if front_end.kind == "mfcc":
        cosines = audio.cosines(front_end.band_count, front_end.coefficients)
        tables["cosines"] = ("int16_t", cosines.reshape(-1))
    return tables


def _table(name: str, ctype: str, values: Iterable[int]) -> str:
    literals = [str(int(value)) for value in values]
    rows = [", ".join(literals[start : start + 10]) for start in range(0, len(literals), 10)]
    body = "".join(f"    {row},\n" for row in rows)
    return f"static const {ctype} {name}[] = {{\n{body}}};\n"
