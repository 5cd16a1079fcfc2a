"""From a store to a report's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyml.collect import ModelFinder, Store
from tinyml.errors import StoreError
from tinyml.files import write_atomically
from tinyml.report.evidence import gather
from tinyml.report.page import page
from tinyml.report.run_document import RunDocument


@dataclass(frozen=True)
class Written:
    """What a report shows."""

    document: RunDocument | None  # the run; None where the store describes none
    records: int  # of this run, or all where there is no run
    missing: int  # in the whole store


def write_report(
    store: Store,
    path: Path,
    run_id: str | None = None,
    models: Sequence[Path] = (),
    folder: Path | None = None,
) -> Written:
    """Write one self-contained HTML file.

    Args:
        store: with records, and run documents where there are any.
        path: the file; replaced only when the new one is complete.
        run_id: which run; the newest where absent.
        models: .tflite files that records are by, where the store does not know them.
        folder: in whose project models are looked for that neither the store nor ``models`` knows.

    Raises StoreError where the store is empty, has no such run, or no record by one of ``models``;
    UnsupportedModelError where one of them carries no settings.
    """
    runs = store.run_ids()
    chosen = run_id or (runs[-1] if runs else None)
    document = RunDocument.read(store.run(chosen)) if chosen else None
    finder = ModelFinder(models, folder)
    evidence = gather(store, document, finder)
    if document is None and not evidence.records:
        raise StoreError(
            f"{store.name} has no records; collect some with `tinyml collect`, or run `tinyml demo`"
        )
    write_atomically(path, page(document, evidence, store.name))
    return Written(document, len(evidence.records), evidence.missing)
