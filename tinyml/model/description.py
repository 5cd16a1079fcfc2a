"""What is kept of a model where its file is not at hand: beside its records, and in a report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tinyml.device import NodeInfo
from tinyml.documents import Fields
from tinyml.graph import Graph
from tinyml.model.hash import model_hash
from tinyml.model.meaning import Meaning
from tinyml.model.settings import ModelSettings

_UNNAMED = "model"  # what a project's file is called


@dataclass(frozen=True)
class Description:
    """A model without its weights: who it is, and everything that its outputs' meaning needs."""

    hash: str  # as its records name it
    name: str
    scale: float  # of its first output, real = scale * (raw - zero_point); 0 if not quantised
    zero_point: int = 0
    sha256: str = ""  # of the .tflite; empty where only a node named the model
    file_bytes: int = 0  # of the .tflite; 0 where only a node named the model
    settings: ModelSettings | None = None  # None where tinyml did not train it, or is not known

    @classmethod
    def of(cls, graph: Graph) -> Description:
        """By its .tflite. InvalidModelError where its settings are damaged."""
        settings = ModelSettings.of(graph.metadata)
        output = graph.tensor(graph.outputs[0])
        quantised = output.quantized if output.quantization is not None else None
        unnamed = graph.name == _UNNAMED and settings is not None
        return cls(
            hash=model_hash(graph.sha256),
            name=settings.dataset if unnamed and settings else graph.name,
            scale=float(quantised.scale) if quantised else 0.0,
            zero_point=quantised.zero_point if quantised else 0,
            sha256=graph.sha256,
            file_bytes=graph.file_bytes,
            settings=settings,
        )

    @classmethod
    def by_node(cls, info: NodeInfo) -> Description:
        """By what a node says of the model that it runs."""
        scale, zero_point = (
            (info.outputs[0].scale, info.outputs[0].zero_point) if info.outputs else (0.0, 0)
        )
        return cls(info.model_hash, info.model, scale, zero_point)

    @property
    def meaning(self) -> Meaning | None:
        """How to read its outputs; None where that is not known."""
        if self.settings is None:
            return None
        return Meaning.by(self.settings, self.scale, self.zero_point)

    def to_json(self) -> str:
        """The inverse of :meth:`from_fields`."""
        kept: dict[str, Any] = {
            "name": self.name,
            "scale": self.scale,
            "zero_point": self.zero_point,
            "sha256": self.sha256,
            "file_bytes": self.file_bytes,
        }
        if self.settings is not None:
            kept["settings"] = self.settings.to_dict()
        return json.dumps(kept)

    @classmethod
    def from_fields(cls, short_hash: str, fields: Fields) -> Description:
        """Read what :meth:`to_json` wrote; the error of ``fields`` where it is damaged."""
        known = "settings" in fields
        settings = ModelSettings.read(fields.inner("settings")) if known else None
        return cls(
            hash=short_hash,
            name=fields.text("name"),
            scale=fields.real("scale"),
            zero_point=fields.whole("zero_point", low=-(2**31)),
            sha256=fields.text("sha256", ""),
            file_bytes=fields.whole("file_bytes", 0),
            settings=settings,
        )
