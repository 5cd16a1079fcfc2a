"""The samples, of chosen channels their logarithms: for quantities over several powers of ten."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import Any, ClassVar, Final

import numpy as np

from tinyml.documents import Fields, require_known
from tinyml.errors import FeatureError
from tinyml.features.arrays import CTable, Int64, Samples
from tinyml.features.front_end import FrontEnd, Key, Signal, register
from tinyml.features.logarithm import log2_of

_MAX_FLOOR: Final = 14  # beyond it, a sample of 16 bits hardly moves the logarithm
_MAX_RATIOS: Final = 64
_VALUE_BYTES: Final = 4


@register
@dataclass(frozen=True)
class Log(FrontEnd):
    """log2(sample + 2^floor) in 1/256 of some channels, others as they are.

    Samples below 0 count as 0. After all channels, at each time, come the differences of two
    logarithms: of ``log_ratios`` the first channel's by the second's. Offsets and multipliers are
    those of one time.
    """

    kind: ClassVar[str] = "log"
    gives: ClassVar[str] = (
        "the samples, or their logarithm for the channels named in `log`; for "
        "quantities that span several powers of ten, such as dust or light"
    )
    keys: ClassVar[tuple[Key, ...]] = (
        Key("log", 'the channels, as `["pm2_5"]`', "all"),
        Key(
            "ratios",
            'pairs of those channels, as `[["pm10", "pm2_5"]]`: the logarithm of their '
            "ratio is one more feature",
            "none",
        ),
        Key("floor", f"0 to {_MAX_FLOOR}; the logarithm is log2(sample + 2^floor)", "0"),
    )

    log_channels: tuple[int, ...] = ()  # indices of the channels whose logarithm is taken
    log_ratios: tuple[tuple[int, int], ...] = ()  # pairs of those
    floor: int = field(default=0, kw_only=True)  # 2^floor is added to each sample

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        return {
            "log_channels": _log_channels(table, signal.channel_names),
            "log_ratios": _log_ratios(table, signal.channel_names),
            "floor": table.whole("floor", 0, 0, _MAX_FLOOR),
        }

    def check(self) -> None:
        chosen = list(self.log_channels)
        if not chosen or chosen != sorted(set(chosen)) or chosen[0] < 0:
            raise FeatureError(
                f"a log front end takes channel indices in rising order, not {chosen}"
            )
        if chosen[-1] >= self.channels:
            raise FeatureError(
                f"a log front end of {self.channels} channels has no channel with index "
                f"{chosen[-1]}"
            )
        for pair in self.log_ratios:
            if pair[0] == pair[1] or not set(pair) <= set(chosen):
                raise FeatureError(
                    "a log front end can only divide channels that are listed in 'log', not "
                    f"{list(pair)}"
                )
        if len(self.log_ratios) > _MAX_RATIOS:
            raise FeatureError(
                f"a log front end takes at most {_MAX_RATIOS} ratios, not {len(self.log_ratios)}"
            )
        if not 0 <= self.floor <= _MAX_FLOOR:
            raise FeatureError(
                f"the 'floor' of a log front end must be from 0 to {_MAX_FLOOR}, not {self.floor}"
            )

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.window, self.scaling_count)

    @property
    def scaling_count(self) -> int:
        return self.channels + len(self.log_ratios)

    def measured(self, samples: Samples) -> Int64:
        x = samples.astype(np.int64)
        chosen = list(self.log_channels)
        x[:, :, chosen] = log2_of(np.maximum(x[:, :, chosen], 0), self.floor)
        divided = [x[:, :, [above]] - x[:, :, [below]] for above, below in self.log_ratios]
        return np.concatenate([x, *divided], axis=2).reshape(len(x), -1)

    @property
    def scratch_bytes(self) -> int:
        return _VALUE_BYTES * self.channels

    def c_tables(self) -> dict[str, CTable]:
        chosen = tuple(int(channel in self.log_channels) for channel in range(self.channels))
        tables: dict[str, CTable] = {"logarithmic": ("uint8_t", chosen)}
        if self.log_ratios:
            tables["log_ratios"] = ("uint8_t", tuple(chain.from_iterable(self.log_ratios)))
        return tables

    def c_fields(self) -> dict[str, str]:
        count = {"log_ratio_count": str(len(self.log_ratios))} if self.log_ratios else {}
        return {"floor": str(self.floor), **count}

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        ratios = (f"{channel_names[a]} / {channel_names[b]}" for a, b in self.log_ratios)
        return {
            "of": ", ".join(channel_names[index] for index in self.log_channels),
            "ratios": ", ".join(ratios),
            "floor": self.floor,
        }


def _log_channels(table: Fields, names: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the channels that ``log`` names; all of them where it is absent."""
    asked = table.texts("log", names)
    for name in asked:
        require_known(name, names, f"{table.where}: in 'log', the channel", table.error)
    if not asked:
        raise table.fault(
            f"{table.where}: 'log' must name at least one channel; to use no logarithm, "
            "choose the front end raw"
        )
    return tuple(index for index, name in enumerate(names) if name in asked)


def _log_ratios(table: Fields, names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Indices of the pairs that ``ratios`` names: the first is divided by the second."""
    pairs = table.items("ratios", [])
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise table.error(
                f"{table.where}: 'ratios' must be pairs of channels, such as [[\"{names[0]}\", "
                f'"{names[-1]}"]], not {pairs}'
            )
        for name in pair:
            require_known(str(name), names, f"{table.where}: in 'ratios', the channel", table.error)
    return tuple((names.index(above), names.index(below)) for above, below in pairs)
