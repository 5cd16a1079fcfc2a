"""tinyml.toml: what a project trains, on what, and for which board. The one place that knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from tinyml import boards, data
from tinyml.documents import Fields, read_toml, require_known
from tinyml.errors import BoardError, DataError, FeatureError, ProjectError
from tinyml.features import FrontEnd, Signal, from_table
from tinyml.node import NodePlan, read_plan
from tinyml.resources import folder

Number = TypeVar("Number", int, float)

FILE_NAME: Final = "tinyml.toml"
ARCHITECTURES: Final = ("dense", "cnn1d", "ds_cnn", "residual", "texture", "autoencoder")
LOSSES: Final = ("auto", "mse", "mae", "huber")
SCHEDULES: Final = ("constant", "cosine")
_MOST_TAPS: Final = 15  # of a convolution
QUANTIZATIONS: Final = ("int8", "int16x8")


@dataclass(frozen=True)
class Architecture:
    """The shape of the network."""

    kind: str  # one of ARCHITECTURES
    # Neurons of each hidden layer, none for a linear model; of an autoencoder down to its
    # bottleneck; or filters of each convolution.
    layers: tuple[int, ...]
    kernel: int  # of convolutions: taps along each axis
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
    balanced: bool  # whether every class, or group of a regression, weighs the same
    schedule: str  # one of SCHEDULES: how the learning rate goes on
    average: float  # momentum of the weights' running mean, which is what is kept; 0: the last ones
    # Whether validation data train, too, for exactly `epochs`: once those are settled.
    join_validation: bool
    quantization: str  # one of QUANTIZATIONS: of activations, by weights
    quantized_epochs: int  # more epochs, with the rounding of weights and activations simulated
    calibrate: bool  # whether class scores are made to mean what they say, by validation data
    prune: float  # the part of each hidden layer's channels that goes after training
    prune_epochs: int  # more epochs, at most, without them
    # Added to a class's logit after training: whoever must not miss it, and rather has some false
    # alarms, says so here; missing it then costs e to this power of what a false alarm does.
    favour: Mapping[str, float]


@dataclass(frozen=True)
class Augmentation:
    """What is done to training windows, differently in each epoch; nothing where all are 0."""

    time_shift: float  # along the first axis, up to this fraction of it, end around
    gain: float  # louder or quieter: deviation, as a power of two
    noise: float  # deviation, in those of the features
    mixup: float  # alpha of the beta distribution that mixes two windows and their labels
    mask_time: float  # at most this fraction of the first axis is blanked
    mask_bands: float  # at most this fraction of the second axis is blanked
    band_shift: int  # along the second axis, by at most so many


@dataclass(frozen=True)
class Teacher:
    """A random forest, whose answers to windows made up between real ones the network learns."""

    trees: int
    copies: int  # windows made up for each real one
    neighbours: int  # real windows towards which one may be moved: its nearest


@dataclass(frozen=True)
class Search:
    """What `tinyml search` may vary, and how far; everything else stays as the project has it."""

    kinds: tuple[str, ...]  # of ARCHITECTURES
    layers: tuple[int, int]  # how many, least and most
    widths: tuple[int, int]  # of each: least and most
    kernels: tuple[int, ...]
    front_end: Mapping[str, tuple[int, int]]  # keys of the front end: least and most of each
    dropout: tuple[float, float]
    learning_rate: tuple[float, float]
    quantization: tuple[str, ...]  # of QUANTIZATIONS


@dataclass(frozen=True)
class Project:
    """A checked tinyml.toml."""

    folder: Path
    dataset: str
    board: str
    seed: int
    leaky: bool  # whether a split that leaks is trained on; the record says so
    front_end: FrontEnd  # without scaling: training fits it
    architecture: Architecture
    training: Training
    augmentation: Augmentation
    teacher: Teacher | None
    search: Search
    node: NodePlan | None  # what `tinyml build` makes of the project; None where it does not say

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @property
    def model_path(self) -> Path:
        """Where the trained model is, or will be."""
        return self.folder / "model.tflite"

    @property
    def float_path(self) -> Path:
        """Where the model before quantisation is, or will be: to compare with."""
        return self.folder / "float.tflite"

    def fold_path(self, fold: int) -> Path:
        """Of a data set with folds: the model that ``fold`` tests; of the last, ``model_path``."""
        return self.folder / "folds" / f"{fold}.tflite"

    def fold_float_path(self, fold: int) -> Path:
        """The same before quantisation."""
        return self.folder / "folds" / f"{fold}-float.tflite"

    @property
    def record_path(self) -> Path:
        """Where the training record is, or will be."""
        return self.folder / "training.json"


def zoo() -> list[str]:
    """Projects of the model zoo."""
    return sorted(path.parent.name for path in folder("models").glob(f"*/{FILE_NAME}"))


def of_zoo(task: str) -> Path:
    """The folder of a project of the model zoo; ProjectError, with a hint, where there is none."""
    require_known(task, zoo(), "task", ProjectError)
    return folder("models") / task


def located(path: Path) -> Path:
    """Where a project is: ``models/NAME`` means the zoo's from anywhere."""
    if not path.exists() and path.parts[:1] == ("models",):
        return folder("models").parent / path
    return path


def find(path: Path) -> Project:
    """The project in the folder ``path`` or the nearest one above; ProjectError where none is."""
    start = path.resolve()
    if start.is_file() and start.name == FILE_NAME:
        return load(start)
    for place in (start, *start.parents):
        if (place / FILE_NAME).is_file():
            return load(place / FILE_NAME)
    raise ProjectError(
        f"there is no {FILE_NAME} in {path} or in a folder above it; start a project "
        "with `tinyml init TASK DIR`"
    )


def node_on(project: Project, board: str | None) -> NodePlan | None:
    """What ``[node]`` says, for another board than its own; ProjectError where that cannot be."""
    if project.node is None or board in (None, project.node.board.name):
        return project.node
    path = project.folder / FILE_NAME
    table = dict(read_toml(path, ProjectError)["node"]) | {"board": board}
    table.pop("pins", None)  # they are the other board's
    return read_plan(Fields(table, f"{path} [node]", ProjectError), path.parent, project.board)


def load(path: Path) -> Project:
    """Read and check the project file ``path``; ProjectError names the key and what is allowed."""
    return of_values(read_toml(path, ProjectError), path)


def of_values(values: Mapping[str, Any], path: Path) -> Project:
    """A project from what a file at ``path`` would say; raises as :func:`load`."""
    table = Fields(values, str(path), ProjectError)
    dataset = table.text("dataset")
    board = table.text("board", boards.DEFAULT)
    try:
        entry = data.entry(dataset, path.parent)
        boards.load(board)
    except (DataError, BoardError) as error:
        raise ProjectError(f"{path}: {error}") from error
    architecture = _architecture(table.inner("model"))
    training = _training(table.inner("training", optional=True), entry)
    front_end = _front_end(table.inner("front_end"), entry)
    project = Project(
        folder=path.parent,
        dataset=dataset,
        board=board,
        seed=table.whole("seed", 1, 0, 2**31 - 1),
        leaky=table.flag("force_leaky_split", False),
        front_end=front_end,
        architecture=architecture,
        training=training,
        search=_search(table.inner("search", optional=True), architecture, training, front_end),
        augmentation=_augmentation(table.inner("augmentation", optional=True), entry),
        teacher=_teacher(table.inner("teacher")) if "teacher" in values else None,
        node=read_plan(table.inner("node"), path.parent, board) if "node" in values else None,
    )
    table.finish()
    _check(project, entry)
    return project


def _check(project: Project, entry: data.Entry) -> None:
    """ProjectError where model and data do not go together."""
    where = project.folder / FILE_NAME
    if not entry.training:
        raise ProjectError(f"{where}: {entry.name} has only test data, so it cannot train a model")
    if (project.architecture.kind == "autoencoder") != (entry.task == "anomaly"):
        raise ProjectError(
            f"{where}: the task 'anomaly' needs the model 'autoencoder', and other tasks "
            f"must not use it; {entry.name} is for {entry.task}"
        )
    if project.teacher and (entry.task == "anomaly" or project.front_end.in_frames):
        raise ProjectError(
            f"{where}: [teacher] works for classification and regression on a front end "
            f"of few features; {entry.name} is for {entry.task}, and its front end is "
            f"{project.front_end.kind}"
        )


def _front_end(table: Fields, entry: data.Entry) -> FrontEnd:
    names = tuple(channel.name for channel in entry.channels)
    try:
        return from_table(table, Signal(entry.window, names, entry.sample_rate_hz))
    except FeatureError as error:
        raise ProjectError(f"{table.where} does not suit {entry.name}: {error}") from error


def _architecture(table: Fields) -> Architecture:
    kind = table.choice("kind", ARCHITECTURES)
    layers = table.items("layers")
    fewest = 0 if kind == "dense" else 1
    convolves = kind in ("cnn1d", "ds_cnn", "residual")
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
        table.whole("kernel", 3, 1, _MOST_TAPS) if convolves else 1,
        table.real("dropout", 0.0, 0.0, 0.9),
    )
    table.finish()
    return architecture


def _training(table: Fields, entry: data.Entry) -> Training:
    training = Training(
        epochs=table.whole("epochs", 40, 1, 10_000),
        batch_size=table.whole("batch_size", 32, 1, 4096),
        learning_rate=table.real("learning_rate", 1e-3, 1e-7, 1.0),
        patience=table.whole("patience", 10, 1, 10_000),
        loss=table.choice("loss", LOSSES, "auto"),
        weight_decay=table.real("weight_decay", 0.0, 0.0, 1.0),
        balanced=table.flag("balanced", False),
        schedule=table.choice("schedule", SCHEDULES, "constant"),
        average=table.real("average", 0.0, 0.0, 0.9999),
        join_validation=table.flag("join_validation", False),
        quantization=table.choice("quantization", QUANTIZATIONS, "int8"),
        quantized_epochs=table.whole("quantized_epochs", 0, 0, 10_000),
        calibrate=table.flag("calibrate", False),
        prune=table.real("prune", 0.0, 0.0, 0.9),
        prune_epochs=table.whole("prune_epochs", 20, 1, 10_000),
        favour=_favour(table.inner("favour", optional=True), entry),
    )
    table.finish()
    if entry.task != "regression" and training.loss != "auto":
        raise ProjectError(f"{table.where}: 'loss' is for regression, but {entry.name} has classes")
    if entry.task == "anomaly" and training.balanced:
        raise ProjectError(
            f"{table.where}: 'balanced' is for classification and regression; "
            f"{entry.name} trains on normal windows alone"
        )
    if training.average and not training.join_validation:
        raise ProjectError(
            f"{table.where}: 'average' needs 'join_validation'; without it, the best epoch is kept"
        )
    if training.calibrate and (entry.task != "classification" or training.join_validation):
        raise ProjectError(
            f"{table.where}: 'calibrate' is for classification, and needs validation data "
            "that are not trained on"
        )
    if training.prune and training.quantized_epochs:
        raise ProjectError(
            f"{table.where}: 'prune' and 'quantized_epochs' cannot be combined, because "
            "rounding would bring pruned channels back; choose one"
        )
    if entry.task == "anomaly" and training.join_validation:
        raise ProjectError(
            f"{table.where}: the threshold needs validation data that are not trained on"
        )
    return training


def _favour(table: Fields, entry: data.Entry) -> dict[str, float]:
    labels = entry.labels if entry.task == "classification" else ()
    found = {label: table.real(label, 0.0, -10.0, 10.0) for label in labels}
    table.finish()
    return {label: value for label, value in found.items() if value}


def _augmentation(table: Fields, entry: data.Entry) -> Augmentation:
    augmentation = Augmentation(
        time_shift=table.real("time_shift", 0.0, 0.0, 1.0),
        gain=table.real("gain", 0.0, 0.0, 4.0),
        noise=table.real("noise", 0.0, 0.0, 4.0),
        mixup=table.real("mixup", 0.0, 0.0, 4.0),
        mask_time=table.real("mask_time", 0.0, 0.0, 0.9),
        mask_bands=table.real("mask_bands", 0.0, 0.0, 0.9),
        band_shift=table.whole("band_shift", 0, 0, 16),
    )
    table.finish()
    if augmentation.mixup and entry.task == "anomaly":
        raise ProjectError(
            f"{table.where}: 'mixup' mixes labels, but {entry.name} has no labels to train on"
        )
    return augmentation


def _teacher(table: Fields) -> Teacher:
    teacher = Teacher(
        trees=table.whole("trees", 100, 1, 10_000),
        copies=table.whole("copies", 12, 1, 1000),
        neighbours=table.whole("neighbours", 8, 1, 100),
    )
    table.finish()
    return teacher


def _search(
    table: Fields, architecture: Architecture, training: Training, front_end: FrontEnd
) -> Search:
    most_layers = max(len(architecture.layers), 1) + 1
    widest = max((*architecture.layers, 8))
    rate = training.learning_rate
    search = Search(
        kinds=_choices(table, "kinds", ARCHITECTURES, (architecture.kind,)),
        layers=_range(table, "layers", (1, most_layers), (1, 8)),
        widths=_range(table, "widths", (4, 2 * widest), (1, 1024)),
        kernels=_kernels(table, architecture.kernel),
        front_end=_searched_keys(table, front_end),
        dropout=_range(table, "dropout", (0.0, 0.5), (0.0, 0.9)),
        learning_rate=_range(table, "learning_rate", (rate / 3, min(3 * rate, 1.0)), (1e-7, 1.0)),
        quantization=_choices(table, "quantization", QUANTIZATIONS, (training.quantization,)),
    )
    table.finish()
    return search


def _searched_keys(table: Fields, front_end: FrontEnd) -> dict[str, tuple[int, int]]:
    """The front end's keys that [search] names; what is at most 0 is not searched."""
    ranges = {
        key.name: _range(table, key.name, (0, 0), (0, key.most_searched))
        for key in front_end.keys
        if key.most_searched
    }
    return {name: found for name, found in ranges.items() if found[1]}


def _kernels(table: Fields, default: int) -> tuple[int, ...]:
    found = table.wholes("kernels", [default], low=1, high=_MOST_TAPS)
    if not found:
        raise table.wrong("kernels", f"must be whole numbers from 1 to {_MOST_TAPS}")
    return found


def _choices(
    table: Fields, key: str, allowed: tuple[str, ...], default: tuple[str, ...]
) -> tuple[str, ...]:
    found = table.texts(key, default)
    if not found:
        raise ProjectError(f"{table.where}: '{key}' must name one of {', '.join(allowed)}")
    for value in found:
        require_known(value, allowed, f"{table.where}: '{key}'", ProjectError)
    return found


def _range(
    table: Fields, key: str, default: tuple[Number, Number], limits: tuple[Number, Number]
) -> tuple[Number, Number]:
    """A least and a greatest value, both within ``limits``."""
    found = table.items(key, list(default))
    kinds = (int, float) if isinstance(limits[0], float) else (int,)
    if (
        len(found) != 2
        or not all(type(value) in kinds for value in found)
        or not limits[0] <= found[0] <= found[1] <= limits[1]
    ):
        raise ProjectError(
            f"{table.where}: '{key}' must be a lowest and a highest value from "
            f"{limits[0]:g} to {limits[1]:g}, not {found}"
        )
    return found[0], found[1]
