"""tinyml.toml: what a project trains, on what, and for which board. The one place that knows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml import boards, data
from tinyml.errors import BoardError, DataError, FeatureError, ProjectError
from tinyml.features import FrontEnd, log_bands
from tinyml.features.front_end import KINDS
from tinyml.toml import Table, read_toml

FILE_NAME: Final = "tinyml.toml"
ARCHITECTURES: Final = ("dense", "cnn1d")
LOSSES: Final = ("auto", "mse", "mae", "huber")


@dataclass(frozen=True)
class Architecture:
    """The shape of the network."""

    kind: str  # one of ARCHITECTURES
    # dense: neurons of each hidden layer, none for a linear model; cnn1d: filters of each
    # convolution
    layers: tuple[int, ...]
    kernel: int  # cnn1d: taps of each convolution
    dropout: float  # fraction of the last hidden layer left out while training


@dataclass(frozen=True)
class Training:
    """How it is fitted."""

    epochs: int  # at most
    batch_size: int
    learning_rate: float
    patience: int  # epochs without a better validation loss before it stops
    loss: str  # one of LOSSES
    weight_decay: float  # L2 penalty on all weights
    balanced: bool  # whether every class weighs the same, however common


@dataclass(frozen=True)
class Project:
    """A checked tinyml.toml."""

    folder: Path
    dataset: str
    board: str
    seed: int
    front_end: FrontEnd  # without scaling: training fits it
    architecture: Architecture
    training: Training

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @property
    def model_path(self) -> Path:
        """Where the trained model is, or will be."""
        return self.folder / "model.tflite"

    @property
    def record_path(self) -> Path:
        """Where the training record is, or will be."""
        return self.folder / "training.json"


def find(path: Path) -> Project:
    """The project in the folder ``path`` or the nearest one above; ProjectError where none is."""
    start = path.resolve()
    if start.is_file() and start.name == FILE_NAME:
        return load(start)
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return load(folder / FILE_NAME)
    raise ProjectError(
        f"there is no {FILE_NAME} in {path} or above it; start one with `tinyml init TASK DIR`"
    )


def load(path: Path) -> Project:
    """Read and check the project file ``path``; ProjectError names the key and what is allowed."""
    table = Table(read_toml(path, ProjectError), str(path), ProjectError)
    dataset = table.get("dataset", str)
    board = table.get("board", str, boards.DEFAULT)
    try:
        entry = data.entry(dataset)
        boards.load(board)
    except (DataError, BoardError) as error:
        raise ProjectError(f"{path}: {error}") from error
    project = Project(
        folder=path.parent,
        dataset=dataset,
        board=board,
        seed=_whole(table, "seed", 1, 0, 2**31 - 1),
        front_end=_front_end(table.table("front_end"), entry),
        architecture=_architecture(table.table("model")),
        training=_training(table.table("training", optional=True), entry),
    )
    table.finish()
    return project


def _front_end(table: Table, entry: data.Entry) -> FrontEnd:
    kind = table.choice("kind", KINDS)
    bands: tuple[int, ...] = ()
    if kind == "spectral":
        count = _whole(table, "bands", 12, 1, max(entry.window // 4, 1))
        bands = log_bands(entry.window, count)
    table.finish()
    try:
        return FrontEnd(kind, entry.window, len(entry.channels), bands)
    except FeatureError as error:
        raise ProjectError(f"{table.where} does not suit {entry.name}: {error}") from error


def _architecture(table: Table) -> Architecture:
    kind = table.choice("kind", ARCHITECTURES)
    layers = table.get("layers", list)
    fewest = 0 if kind == "dense" else 1
    if not fewest <= len(layers) <= 8 or not all(
        type(width) is int and 1 <= width <= 1024 for width in layers
    ):
        raise ProjectError(
            f"{table.where}: 'layers' must be {fewest} to 8 whole numbers from 1 to 1024, "
            f"not {layers}"
        )
    architecture = Architecture(
        kind,
        tuple(layers),
        _whole(table, "kernel", 3, 1, 15) if kind == "cnn1d" else 1,
        _real(table, "dropout", 0.0, 0.0, 0.9),
    )
    table.finish()
    return architecture


def _training(table: Table, entry: data.Entry) -> Training:
    training = Training(
        epochs=_whole(table, "epochs", 40, 1, 10_000),
        batch_size=_whole(table, "batch_size", 32, 1, 4096),
        learning_rate=_real(table, "learning_rate", 1e-3, 1e-7, 1.0),
        patience=_whole(table, "patience", 10, 1, 10_000),
        loss=table.choice("loss", LOSSES, "auto"),
        weight_decay=_real(table, "weight_decay", 0.0, 0.0, 1.0),
        balanced=table.get("balanced", bool, False),
    )
    table.finish()
    if entry.task == "classification" and training.loss != "auto":
        raise ProjectError(f"{table.where}: 'loss' is for regressions; {entry.name} has classes")
    if entry.task == "regression" and training.balanced:
        raise ProjectError(f"{table.where}: 'balanced' is for classes; {entry.name} has none")
    return training


def _whole(table: Table, key: str, default: int, low: int, high: int) -> int:
    value: int = table.get(key, int, default)
    if not low <= value <= high:
        raise ProjectError(f"{table.where}: '{key}' must be from {low} to {high}, not {value}")
    return value


def _real(table: Table, key: str, default: float, low: float, high: float) -> float:
    value = float(table.get(key, (int, float), default))
    if not low <= value <= high:
        raise ProjectError(f"{table.where}: '{key}' must be from {low:g} to {high:g}, not {value}")
    return value
