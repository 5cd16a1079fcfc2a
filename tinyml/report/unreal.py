"""What of a report no sensor and no board ever did: simulated data and sensors, emulated boards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tinyml import data
from tinyml.device import is_emulated
from tinyml.errors import DataError
from tinyml.model import Description
from tinyml.report.run_document import RunDocument

if TYPE_CHECKING:
    from tinyml.collect import BootSummary
    from tinyml.device import Record


def what_is_unreal(
    document: RunDocument | None,
    records: Sequence[Record],
    boots: Sequence[BootSummary],
    simulated_data: Sequence[str],
) -> list[str]:
    """Sentences for the report's head."""
    notes = []
    if document is not None and document.data_set.simulated:
        notes.append("The data are simulated: no sensor measured them.")
    notes += [f"The data set {name} is simulated." for name in simulated_data]
    simulated = {(boot.device_id, boot.boot_id) for boot in boots if boot.simulated}
    made_up = sum((record.device_id, record.boot_id) in simulated for record in records)
    if made_up:
        notes.append(
            f"The sensor is simulated in {_share(made_up, len(records), 'record')}: it measured "
            "nothing."
        )
    nodes = {record.device_id for record in records}
    emulated = sum(is_emulated(node) for node in nodes)
    if document is not None and document.board.emulated:
        notes.append("The board is emulated.")
    elif emulated:
        notes.append(f"The board is emulated in {_share(emulated, len(nodes), 'node')}.")
    return notes


def simulated_data(models: Iterable[Description]) -> list[str]:
    """Names of the simulated data sets that ``models`` were trained on, as far as they are here."""
    found = []
    for name in sorted({model.settings.dataset for model in models if model.settings}):
        try:
            entry = data.entry(name)
        except DataError:  # of a model from elsewhere
            continue
        if entry.simulated:
            found.append(name)
    return found


def _share(some: int, total: int, what: str) -> str:
    plural = what if total == 1 else f"{what}s"
    return f"all {total:,} {plural}" if some == total else f"{some:,} of {total:,} {plural}"
