"""What a model needs to be used: kept as JSON in its .tflite's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tinyml.data.catalogue import TASKS
from tinyml.documents import Fields, parse_json
from tinyml.errors import FeatureError, InvalidModelError
from tinyml.features import FrontEnd
from tinyml.graph import Graph

METADATA_NAME: Final = "tinyml"
_SCHEMA: Final = 1
_LONGEST_PERIOD_US: Final = 2**62  # what C's 64 bits hold with room to spare


@dataclass(frozen=True)
class ModelSettings:
    """Everything about a model that its arithmetic does not say."""

    task: str  # one of TASKS
    labels: tuple[str, ...]  # class names in the order of the outputs; empty for a regression
    front_end: FrontEnd
    channel_names: tuple[str, ...]
    channel_units: tuple[str, ...]
    channel_scales: tuple[float, ...]  # value in its unit = count * scale
    sample_rate_hz: float
    dataset: str
    dataset_sha256: str = ""
    # A regression's prediction in target_unit = target_scale * dequantised output + target_offset.
    target_name: str = ""
    target_unit: str = ""
    target_scale: float = 1.0
    target_offset: float = 0.0
    # Of an anomaly detector: its dequantised output is above this for an anomaly.
    threshold: float = 0.0
    fold: int = 0  # which fold of the data set tests it; 0 where there are none
    training: Mapping[str, Any] = field(default_factory=dict)  # seed, versions, settings

    @property
    def sample_period_us(self) -> int:
        """Microseconds from one sample to the next, rounded, from 1; 0 where no rate is known."""
        if not self.sample_rate_hz > 0:
            return 0
        return min(max(1, round(1e6 / self.sample_rate_hz)), _LONGEST_PERIOD_US)

    def to_bytes(self) -> bytes:
        """JSON, as it stands in the metadata."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":")).encode()

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it; :meth:`read` undoes it."""
        return {
            "schema": _SCHEMA,
            "task": self.task,
            "labels": list(self.labels),
            "front_end": self.front_end.to_dict(),
            "channel_names": list(self.channel_names),
            "channel_units": list(self.channel_units),
            "channel_scales": list(self.channel_scales),
            "sample_rate_hz": self.sample_rate_hz,
            "dataset": self.dataset,
            "dataset_sha256": self.dataset_sha256,
            "target_name": self.target_name,
            "target_unit": self.target_unit,
            "target_scale": self.target_scale,
            "target_offset": self.target_offset,
            "threshold": self.threshold,
            "fold": self.fold,
            "training": dict(self.training),
        }

    @classmethod
    def of(cls, metadata: Mapping[str, bytes]) -> ModelSettings | None:
        """What a model's metadata say of it; None where tinyml did not train it.

        InvalidModelError where they are damaged.
        """
        found = metadata.get(METADATA_NAME)
        return cls.from_bytes(found) if found else None

    @classmethod
    def from_bytes(cls, data: bytes) -> ModelSettings:
        """The inverse of :meth:`to_bytes`; InvalidModelError where it is damaged."""
        where, mend = "the model's tinyml metadata", "train the model again"
        return cls.read(parse_json(data.rstrip(b"\0"), where, InvalidModelError, mend))

    @classmethod
    def read(cls, fields: Fields) -> ModelSettings:
        """As :meth:`from_bytes`, out of a document; the error of ``fields`` where it is damaged."""
        schema = fields.whole("schema")
        if schema != _SCHEMA:
            raise fields.error(
                f"{fields.where} has the schema {schema}, which this version cannot read; use "
                "a newer tinyml, or train the model again"
            )
        try:
            front_end = FrontEnd.from_dict(fields.mapping("front_end"))
        except FeatureError as error:
            raise fields.fault(f"{fields.where} is damaged: {error}") from error
        settings = cls(
            task=fields.choice("task", TASKS),
            labels=fields.texts("labels"),
            front_end=front_end,
            channel_names=fields.texts("channel_names"),
            channel_units=fields.texts("channel_units"),
            channel_scales=fields.reals("channel_scales"),
            sample_rate_hz=fields.real("sample_rate_hz"),
            dataset=fields.text("dataset"),
            dataset_sha256=fields.text("dataset_sha256"),
            target_name=fields.text("target_name"),
            target_unit=fields.text("target_unit"),
            target_scale=fields.real("target_scale"),
            target_offset=fields.real("target_offset"),
            # Models trained before there were any lack these.
            threshold=fields.real("threshold", 0.0),
            fold=fields.whole("fold", 0),
            training=fields.mapping("training"),
        )
        for key in ("channel_names", "channel_units", "channel_scales"):
            if len(getattr(settings, key)) != front_end.channels:
                raise fields.wrong(
                    key, f"must have one entry for each of {front_end.channels} channels"
                )
        return settings


def settings_of(graph: Graph) -> ModelSettings:
    """What the model says of itself; InvalidModelError where it was not made by tinyml."""
    found = ModelSettings.of(graph.metadata)
    if found is None:
        raise InvalidModelError(
            f"{graph.name} does not contain tinyml settings, so the data to evaluate it "
            "on are not known; train it with `tinyml train`"
        )
    return found
