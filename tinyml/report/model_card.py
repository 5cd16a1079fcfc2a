"""The card of a project, from the files in its folder."""

from __future__ import annotations

from typing import Final

from tinyml import data
from tinyml.bench.cost_record import FILE_NAME, read_costs
from tinyml.errors import TrainingError
from tinyml.graph import load
from tinyml.project import Project
from tinyml.report.card import Author, card
from tinyml.train import read_record, settings_of

CARD_NAME: Final = "README.md"


def card_of(project: Project) -> str:
    """The text of the card; TrainingError where records are missing or of another model."""
    graph = load(project.model_path)
    record = read_record(project.record_path)
    costs = read_costs(project.folder / FILE_NAME)
    for path, sha256 in (
        (project.record_path, record.model_sha256),
        (project.folder / FILE_NAME, costs.model_sha256),
    ):
        if sha256 != graph.sha256:
            raise TrainingError(
                f"{path} belongs to another model than {project.model_path}; run `tinyml train` "
                "and `tinyml card` again"
            )
    entry = data.entry(record.dataset, project.folder)
    path = project.folder / CARD_NAME
    present = path.read_text(encoding="utf-8") if path.is_file() else ""
    author = Author.of(present, entry, project.name)
    return card(
        record, settings_of(graph), entry, costs, author, _train_command(project, record.seeds)
    )


def _train_command(project: Project, seeds: tuple[object, ...]) -> str:
    folder = project.folder.resolve()
    place = f"models/{folder.name}" if folder.parent.name == "models" else folder.name
    return f"tinyml train {place}" + (f" --seeds {len(seeds)}" if len(seeds) > 1 else "")
