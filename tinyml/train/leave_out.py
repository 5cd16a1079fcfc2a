"""Does a model carry over to a machine or site that it has never seen? Train without it and see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyml import data
from tinyml.data import Dataset, Part
from tinyml.errors import TrainingError
from tinyml.judge.classical import classical
from tinyml.judge.evaluate import trivial
from tinyml.judge.metrics import Evaluation
from tinyml.progress import Progress, within
from tinyml.project import Project
from tinyml.train.training import train


def leave_one_out(project: Project, report: Progress) -> dict[str, dict[str, Evaluation]]:
    """Figures of each group of the test data by a model that was trained on all others.

    The split stays what it is, so that the model has seen neither the group nor the time of its
    test. Each group has "float", "int8", "baseline" and "forest", all on the same samples. Raises
    TrainingError where the split leaves whole groups out already, or there is but one.
    """
    fetching = within(report, "fetch ")
    dataset = data.load(project.dataset, fetching, near=project.folder, leaky=project.leaky)
    found = {}
    for group in _groups(dataset):
        without = _without(dataset, group)
        told = within(report, after=f" without {group}")
        answers = {
            **train(project, without, told).answers,
            "baseline": trivial(without),
            "forest": classical(without, project.front_end),
        }
        found[group] = {way: answer.judge() for way, answer in answers.items()}
    return found


def _groups(dataset: Dataset) -> list[str]:
    trained = np.unique(dataset.training.groups)
    shared = [str(group) for group in np.unique(dataset.test.groups) if group in trained]
    if len(trained) < 2 or not shared:
        raise TrainingError(
            f"no group of {dataset.entry.name} can be left out: its split "
            f"({dataset.entry.split}) already tests on unseen groups"
            if not shared
            else f"{dataset.entry.name} has only one group ({shared[0]}), so none can be left out"
        )
    return shared


def _without(dataset: Dataset, group: str) -> Dataset:
    """The other groups' training and validation data, and this one's test data."""

    def others(part: Part) -> Part:
        return part.only(part.groups != group)

    return replace(
        dataset,
        training=others(dataset.training),
        validation=others(dataset.validation),
        test=dataset.test.only(dataset.test.groups == group),
    )
