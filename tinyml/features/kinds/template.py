"""Where a new front end starts: how many samples of each channel are above a level.

Copy this file to ``<kind>.py``, rename the class and ``kind``, take the ``#`` from ``@register``,
and change the rest. Whatever :class:`FrontEnd` does not demand can go: most kinds have no scratch,
no fields and no search. docs/adding-a-front-end.md names the other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinyml.documents import Fields
from tinyml.errors import FeatureError
from tinyml.features.arrays import CTable, Int64, Samples
from tinyml.features.front_end import FrontEnd, Key, Signal


# @register  (from tinyml.features.front_end; without it the kind is not known to tinyml.toml)
@dataclass(frozen=True)
class Template(FrontEnd):
    """How many samples are above ``level``, channel by channel."""

    # Its name in tinyml.toml and in models; the C file and its function are called after it.
    kind: ClassVar[str] = "template"
    # For docs/front-ends.md, after "For each channel": what its features are.
    gives: ClassVar[str] = "how many samples are above a level"
    # The keys that `read` reads: docs/front-ends.md lists them. With `most_searched`, [search] in
    # tinyml.toml may give the key a range.
    keys: ClassVar[tuple[Key, ...]] = (Key("level", "in counts", "0", most_searched=32767),)
    # Others that a kind may set, see FrontEnd: max_window, in_frames, logarithmic, c_file.

    # Its own parameters. Their names are keys of the model's settings and never change.
    level: int

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        """From tinyml.toml: defaults and ranges stand here; the table raises what is wrong.

        ``signal`` says window, channels and rate, where a default or a limit depends on them.
        """
        return {"level": table.whole("level", 0, -32768, 32767)}

    def check(self) -> None:
        """What must hold of settings from anywhere, a damaged model too. C relies on it."""
        if not -32768 <= self.level <= 32767:
            raise FeatureError(
                f"the 'level' of a {self.kind} front end must fit in int16, not {self.level}"
            )

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Of one window: ``[features]``, or ``[steps][features]``, which convolutions can take.

        Where all steps share offsets and multipliers, ``scaling_count`` says how many there are.
        """
        return (self.channels,)

    def measured(self, samples: Samples) -> Int64:
        """In integers that C computes, too: within 31 bits, without floating point."""
        above: Int64 = (samples > self.level).sum(axis=1, dtype=np.int64)
        return above

    def c_tables(self) -> dict[str, CTable]:
        """What C reads: ``parameters`` is there for whatever tml_front_end_t has no field for."""
        return {"parameters": ("int32_t", (self.level,))}

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        """Its parameters in words, for model cards."""
        return {"level": self.level}
