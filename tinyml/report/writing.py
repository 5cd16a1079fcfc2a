"""From a store to a report's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyml.collect import Store
from tinyml.errors import StoreError
from tinyml.files import write_atomically
from tinyml.graph import Graph
from tinyml.report.analysis import records_of_run
from tinyml.report.answers import answers_in_words
from tinyml.report.page import Evidence, page
from tinyml.report.run_document import RunDocument
from tinyml.report.unreal import simulated_data


@dataclass(frozen=True)
class Written:
    """What a report shows."""

    document: RunDocument | None  # the run; None where the store describes none
    records: int  # of this run, or all where there is no run
    missing: int  # in the whole store


def write_report(
    store: Store, path: Path, run_id: str | None = None, models: Sequence[Graph] = ()
) -> Written:
    """Write one self-contained HTML file.

    Args:
        store: with records, and run documents where there are any.
        path: the file; replaced only when the new one is complete.
        run_id: which run; the newest where absent.
        models: where the store describes no run, what its records are by.

    Raises StoreError where the store is empty, or has no such run.
    """
    runs = store.run_ids()
    chosen = run_id or (runs[-1] if runs else None)
    document = RunDocument.from_dict(store.run(chosen)) if chosen else None
    records = store.records()
    if document is None and not records:
        raise StoreError(
            f"{store.name} is empty: collect records with `tinyml collect`, or run `tinyml demo`"
        )
    shown = records_of_run(document, records) if document else records
    answers = answers_in_words(shown, models)
    evidence = Evidence(shown, store.gaps(), store.boots(), answers, simulated_data(models))
    write_atomically(path, page(document, evidence, store.name))
    return Written(document, len(shown), sum(gap.missing for gap in evidence.gaps))
