"""What a report shows: records, what each of them says, and what is known of their models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tinyml.collect import BootSummary, ClockJump, Gap, ModelFinder, Store
from tinyml.device import Record
from tinyml.errors import StoreError, UnsupportedModelError
from tinyml.model import Description, Meaning, Result, model_hash
from tinyml.report.analysis import records_of_run
from tinyml.report.run_document import RunDocument


@dataclass(frozen=True)
class Evidence:
    """What the store holds."""

    records: Sequence[Record]  # of the run, or all where there is no run
    results: Sequence[Result | None]  # what each record says; None where that is not known
    models: Mapping[str, Description]  # that made the records and are known, by hash
    meanings: Mapping[str, Meaning]  # how to read models' outputs, where that is known, by hash
    gaps: Sequence[Gap]
    boots: Sequence[BootSummary]
    clock_jumps: Sequence[ClockJump] = ()

    @property
    def missing(self) -> int:
        """How many records are missing in the whole store."""
        return sum(gap.missing for gap in self.gaps)


def gather(store: Store, document: RunDocument | None, finder: ModelFinder) -> Evidence:
    """Read the store.

    Args:
        store: with records and what it knows of their models.
        document: the run that is shown, and no other; None for all records.
        finder: has the models that the user names, and looks for others that the store lacks.

    Raises UnsupportedModelError where a given model has no words, StoreError where no record is by
    it.
    """
    records = store.records()
    if document is not None:
        records = records_of_run(document, records)
    hashes = dict.fromkeys(record.model_hash for record in records)
    _require_useful(finder.given, hashes)
    known = {**store.models(), **{one.hash: one for one in finder.given}}
    models: dict[str, Description] = {}
    for digits in hashes:
        found = known.get(digits)
        if found is None or found.settings is None:
            found = finder.find(digits) or found
        if found is not None:
            models[digits] = found
    meanings = _meanings(models, document)
    results = [
        meanings[record.model_hash].result(record.output) if record.model_hash in meanings else None
        for record in records
    ]
    return Evidence(
        records, results, models, meanings, store.gaps(), store.boots(), store.clock_jumps()
    )


def _meanings(
    models: Mapping[str, Description], document: RunDocument | None
) -> dict[str, Meaning]:
    """By hash. A run of an older store describes its model itself, but for an anomaly detector's
    threshold."""
    found = {one.hash: one.meaning for one in models.values()}
    if document is not None and found.get(digits := model_hash(document.model.sha256)) is None:
        found[digits] = document.model.meaning
    return {digits: meaning for digits, meaning in found.items() if meaning is not None}


def _require_useful(given: Sequence[Description], hashes: Iterable[str]) -> None:
    for one in given:
        if one.settings is None:
            raise UnsupportedModelError(
                f"{one.name} carries no tinyml settings, so it has no words for its outputs"
            )
        if one.hash not in hashes:
            there = ", ".join(sorted(hashes)) or "none"
            raise StoreError(
                f"the store has no records made by {one.name}, whose hash is {one.hash}; give "
                f"the .tflite that the node runs: there are records by {there}"
            )
