"""Running a study: candidates are costed before they are trained, and judged by validation data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tinyml import boards, data, project
from tinyml.boards import Board
from tinyml.data import Dataset
from tinyml.documents import parse_json, read_toml
from tinyml.errors import ModelTooLargeError, ProjectError, StoreError, TrainingError
from tinyml.judge.metrics import main_metric
from tinyml.progress import Progress, within
from tinyml.project import FILE_NAME, Project, Search
from tinyml.search.cost import CandidateCost, Limits, cost_of
from tinyml.search.space import suggested, while_searching
from tinyml.search.storage import opened, optuna_module
from tinyml.train.training import draft, train

_VALUES: Final = "values"  # attributes of a trial
_COST: Final = "cost"
_REJECTED: Final = "rejected"
_WANTED: Final = "wanted"  # attribute of a study


@dataclass(frozen=True)
class Wanted:
    """What is looked for."""

    board: str
    limits: Limits
    cost: str = "instructions"  # one of COSTS: what is traded against the metric
    trials: int = 30  # finished ones of the whole study, by all workers
    epochs: int | None = None  # instead of the project's


@dataclass(frozen=True)
class Candidate:
    """A trained trial."""

    number: int
    metric: float  # of the int8 model on the validation data
    cost: CandidateCost
    values: Mapping[str, Any]  # of its tinyml.toml


@dataclass(frozen=True)
class Found:
    """What a study holds so far."""

    study: str
    metric: str  # the task's main one; rmse is in the target's unit
    cost: str
    rejected: int  # beyond a limit, or failing to train
    trained: tuple[Candidate, ...]
    front: tuple[Candidate, ...]  # none is better in metric and cost at once; cheapest first

    @property
    def best(self) -> Candidate:
        """The best by validation data."""
        return self.front[-1]


def search(folder: Path, wanted: Wanted, storage: str, name: str, report: Progress) -> Found:
    """Add trials to the study ``name`` until it has as many as ``wanted``.

    Interrupted at any moment it loses the trial at hand; run again it goes on. Any number of
    processes on any machines may run it with one PostgreSQL storage. The test data are not looked
    at. Raises ProjectError, DataError, TrainingError or StoreError, each in a sentence.

    Args:
        folder: the project's.
        wanted: the board, the limits and the number of trials.
        storage: a database URL, or an SQLite file.
        name: of the study in the storage.
        report: told about every step.
    """
    optuna = optuna_module()
    found = project.find(folder)
    values = read_toml(found.folder / FILE_NAME, ProjectError)

    fetching = within(report, "fetch ")
    dataset = data.load(found.dataset, fetching, near=found.folder, leaky=found.leaky)
    metric = main_metric(dataset.entry.task)
    with opened(storage) as place:
        study = _study(place, found, dataset, wanted, name, metric)
        states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)

        def finished() -> int:
            return len(study.get_trials(deepcopy=False, states=states))

        trials = _Trials(found, values, dataset, wanted, metric, report)
        while (done := finished()) < wanted.trials:
            report("trials", done, wanted.trials)
            study.optimize(trials.run, n_trials=1)
        report("trials", done, max(wanted.trials, done))
        return _found(study, states, metric, wanted)


def _study(
    storage: Any, found: Project, dataset: Dataset, wanted: Wanted, name: str, metric: str
) -> Any:
    """The study, begun or gone on with; ProjectError where it is about something else."""
    optuna = optuna_module()
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        directions=["minimize" if metric == "rmse" else "maximize", "minimize"],
    )
    # Workers that begin with one seed would all propose the same.
    seed = found.seed + len(study.get_trials(deepcopy=False))
    study.sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    identity = json.dumps(
        {
            "dataset_sha256": dataset.sha256,
            "board": wanted.board,
            "limits": vars(wanted.limits),
            "cost": wanted.cost,
            "counted": "front end and model",
            "epochs": wanted.epochs or found.training.epochs,
            "search": _ranges(found.search),
        },
        sort_keys=True,
    )
    known = study.user_attrs.get(_WANTED)
    if known is None:
        study.set_user_attr(_WANTED, identity)
    elif known != identity:
        ours, theirs = (
            parse_json(str(one), f"the study '{name}'", StoreError).plain()
            for one in (identity, known)
        )
        differing = ", ".join(key for key in ours if ours[key] != theirs.get(key))
        raise ProjectError(
            f"the study '{name}' was started with other settings ({differing}); give "
            "another --study, or the same settings"
        )
    return study


def _ranges(searched: Search) -> dict[str, Any]:
    """What a study keeps of [search]: the front end's keys beside the others, always ``bands``.

    The same settings then give the same text, so that a study which was begun earlier goes on.
    """
    ranges = dict(vars(searched))
    front_end = ranges.pop("front_end")
    return {"bands": (0, 0), **ranges, **front_end}


@dataclass(frozen=True)
class _Trials:
    """Runs one trial after another."""

    project: Project
    values: Mapping[str, Any]
    dataset: Dataset
    wanted: Wanted
    metric: str
    report: Progress

    def run(self, trial: Any) -> tuple[float, float]:
        """The metric on the validation data, and the cost."""
        try:
            return self._run(trial)
        except (ModelTooLargeError, TrainingError) as error:
            trial.set_user_attr(_REJECTED, str(error))
            raise optuna_module().TrialPruned(str(error)) from error

    def _run(self, trial: Any) -> tuple[float, float]:
        values = suggested(trial, self.project, self.values)
        trial.set_user_attr(_VALUES, values)
        tried = while_searching(values, self.wanted.epochs)
        candidate = project.of_values(tried, self.project.folder / FILE_NAME)
        board = boards.load(self.wanted.board)
        self._affordable(draft(candidate, self.dataset), board)
        asked = self.dataset.validation
        trained = train(candidate, self.dataset, self.report, asked)
        # Training can make channels constant, which the compiler then leaves out.
        cost = self._affordable(trained.graph, board)
        trial.set_user_attr(_COST, cost.to_dict())
        metric = trained.answers["int8"].judge().values[self.metric]
        return metric, float(getattr(cost, self.wanted.cost))

    def _affordable(self, graph: Any, board: Board) -> CandidateCost:
        cost = cost_of(graph, board, self.wanted.limits)
        breach = self.wanted.limits.breach(cost)
        if breach:
            raise ModelTooLargeError(breach)
        return cost


def _found(study: Any, states: tuple[Any, ...], metric: str, wanted: Wanted) -> Found:
    trials = study.get_trials(deepcopy=False, states=states)
    trained = tuple(_candidate(trial) for trial in trials if trial.values)
    if not trials:
        raise TrainingError(f"the study '{study.study_name}' has no trials yet; give --trials")
    if not trained:
        reasons = [trial.user_attrs.get(_REJECTED, "") for trial in trials]
        raise TrainingError(
            f"none of {len(trials)} candidates of the study '{study.study_name}' could be trained "
            f"within the limits (the last: {reasons[-1]}); give more trials, wider limits, or a "
            "smaller [search] in tinyml.toml"
        )
    front = [_candidate(trial) for trial in study.best_trials]
    unique = {(c.metric, getattr(c.cost, wanted.cost)): c for c in reversed(front)}
    return Found(
        study=study.study_name,
        metric=metric,
        cost=wanted.cost,
        rejected=len(trials) - len(trained),
        trained=trained,
        front=tuple(sorted(unique.values(), key=lambda c: float(getattr(c.cost, wanted.cost)))),
    )


def _candidate(trial: Any) -> Candidate:
    return Candidate(
        number=trial.number,
        metric=trial.values[0],
        cost=CandidateCost(**trial.user_attrs[_COST]),
        values=trial.user_attrs[_VALUES],
    )
