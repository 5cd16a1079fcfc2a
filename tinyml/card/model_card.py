"""The card of a project, from the files in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tinyml import data
from tinyml.card.cost_record import FILE_NAME, CostRecord, read_costs
from tinyml.card.text import Author, card, dataset_of
from tinyml.errors import TrainingError
from tinyml.files import read_text, write_atomically
from tinyml.graph import load
from tinyml.judge import read_record
from tinyml.model import settings_of
from tinyml.project import Project

CARD_NAME: Final = "README.md"


def write_card(project: Project, costs: CostRecord | None) -> Path | None:
    """Write the project's card; without ``costs`` it says that they are not counted yet.

    A card about other data is kept under another name, for what its author wrote; returns that.
    Raises TrainingError where the training record is missing or of another model.
    """
    path = project.folder / CARD_NAME
    present = _present(project)
    text = _text(project, present, costs)
    kept = None
    earlier = dataset_of(present)
    if earlier not in ("", read_record(project.record_path).dataset):
        kept = path.with_name(f"{path.stem}-{earlier}{path.suffix}")
        write_atomically(kept, present)
    write_atomically(path, text)
    return kept


def renew(project: Project) -> Path | None:
    """After a training, leave no figures of another model beside the new one.

    Costs of another model are removed and a card is written again, which says that costs are to be
    counted; a README that is something else than a card stays. Returns as :func:`write_card`.
    """
    path = project.folder / FILE_NAME
    try:
        costs = read_costs(path)
    except TrainingError:  # missing or damaged, and soon to be counted
        costs = None
    if costs is None or costs.model_sha256 != load(project.model_path).sha256:
        path.unlink(missing_ok=True)
        costs = None
    return write_card(project, costs) if dataset_of(_present(project)) else None


def card_of(project: Project) -> str:
    """The text of the card; TrainingError where records are missing or of another model."""
    return _text(project, _present(project), read_costs(project.folder / FILE_NAME))


def _present(project: Project) -> str:
    path = project.folder / CARD_NAME
    return read_text(path, TrainingError) if path.is_file() else ""


def _text(project: Project, present: str, costs: CostRecord | None) -> str:
    graph = load(project.model_path)
    record = read_record(project.record_path)
    made_for = {project.record_path: record.model_sha256}
    if costs is not None:
        made_for[project.folder / FILE_NAME] = costs.model_sha256
    for path, sha256 in made_for.items():
        if sha256 != graph.sha256:
            raise TrainingError(
                f"{path} and {project.model_path} are not the same model; run `tinyml train` "
                "and `tinyml card` again"
            )
    entry = data.entry(record.dataset, project.folder)
    author = Author.of(present, entry, project.name)
    return card(record, settings_of(graph), entry, costs, author, _place(project))


def _place(project: Project) -> str:
    folder = project.folder.resolve()
    return f"models/{folder.name}" if folder.parent.name == "models" else folder.name
