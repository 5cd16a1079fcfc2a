"""The whole way at once: train, compile, build, emulate, feed, collect, report."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np

from tinyml import __version__, boards, data, report
from tinyml.bench.front_end import measure_front_end
from tinyml.bench.measure import measure
from tinyml.bench.node import NodeCost
from tinyml.boards import Board
from tinyml.build import Image, build_node
from tinyml.build.toolchain import toolchain
from tinyml.collect import Collector, ModelFinder, Store
from tinyml.data import Dataset
from tinyml.device import Node, NodeInfo, Record
from tinyml.emulator import Emulator, require_counting
from tinyml.errors import ProjectError, VerificationError
from tinyml.files import write_atomically
from tinyml.graph import Graph, load
from tinyml.graph.ir import Array
from tinyml.judge import answers_of, inputs_of, read_record
from tinyml.judge.evaluate import run as run_on_host
from tinyml.judge.metrics import Evaluation, main_metric
from tinyml.judge.training_record import TrainingRecord
from tinyml.model import Description, settings_of
from tinyml.progress import Progress, silent
from tinyml.project import FILE_NAME, of_zoo
from tinyml.report.run_document import Board as BoardRow
from tinyml.report.run_document import (
    Boot,
    Cost,
    DataSet,
    Model,
    RunDocument,
    Sample,
)
from tinyml.tools import require_all
from tinyml.train import train_project

# Called with what is being done, the steps done and all steps.

PROJECT: Final = "pump-simulated"
_MARK: Final = ".tinyml-demo"  # a file that tells a demo's folder from the user's own
_LIMITS: Final = (
    "The board is emulated: instructions and memory are exact, time and energy are not measured.",
    "Cycles are estimated from the instructions that were executed.",
)


@dataclass(frozen=True)
class DemoResult:
    """Where everything is, and what came out."""

    folder: Path
    model: Path
    store: Path
    report: Path
    samples: int
    equal_samples: int  # where board and host gave the same output, bit for bit
    metric: str  # the task's main one
    host: float
    board: float


def run_demo(
    target: Path,
    board_name: str = boards.DEFAULT,
    *,
    project: str = PROJECT,
    pretrained: bool = False,
    samples: int | None = None,
    epochs: int | None = None,
    progress: Progress = silent,
) -> DemoResult:
    """Run everything and leave model, store and report in ``target``.

    Args:
        target: a new or empty folder, or an earlier demo's, of which what is there is replaced.
        board_name: an emulated board.
        project: one of the model zoo.
        pretrained: take the shipped model instead of training; needs no TensorFlow.
        samples: how many test samples the board is fed with; all where absent.
        epochs: of training; the project's where absent.
        progress: told about every step.

    Raises ProjectError where the target holds anything else, VerificationError where the board's
    answers differ from the host's.
    """
    # All that can be wrong is said at once, not after minutes of training: first what was typed.
    board, source = boards.load(board_name), of_zoo(project)
    _require_replaceable(target)
    require_all(lambda: toolchain(board.core), lambda: require_counting(board))
    place = _project_copy(target, source, pretrained=pretrained)
    if pretrained:
        model_path, record = place / "model.tflite", read_record(place / "training.json")
    else:
        trained = train_project(place, progress, epochs)
        model_path, record = trained.model_path, trained.record
    graph = load(model_path)
    dataset = data.load(settings_of(graph).dataset)
    chosen = dataset.test.spread(samples)
    host = run_on_host(graph, inputs_of(graph, dataset.test)[chosen])
    image = _build(graph, board, place / "build", progress)
    progress("measure the cost", 0, 1)
    front_end = measure_front_end(settings_of(graph).front_end, board)
    figures = measure(graph, board).to_dict() | front_end.to_dict() | NodeCost.of(image).to_dict()
    cost = Cost.from_bench(figures)
    progress("measure the cost", 1, 1)
    store_path = place / "records.db"
    records, node = _feed(image, dataset, chosen, store_path, ModelFinder([model_path]), progress)
    command = _command(board_name, project, pretrained=pretrained, samples=samples, epochs=epochs)
    document = _document(graph, board, dataset, record, cost, chosen, host, node, command)
    report_path = place / "report.html"
    with Store(store_path) as store:
        store.put_run(document.run_id, document.to_dict())
        report.write_report(store, report_path, document.run_id)
    return _result(graph, dataset, chosen, host, records, place, model_path)


def _require_replaceable(target: Path) -> None:
    mark = target / _MARK
    if target.exists() and not mark.is_file() and (not target.is_dir() or any(target.iterdir())):
        raise ProjectError(
            f"{target} already exists and is not a demo's folder; choose another with -o"
        )


def _project_copy(target: Path, source: Path, *, pretrained: bool) -> Path:
    """The project in ``target``, without anything there of another model than the one to come."""
    write_atomically(target / _MARK, "`tinyml demo` may replace everything in this folder.\n")
    shutil.rmtree(target / "folds", ignore_errors=True)
    files = [path for path in source.iterdir() if path.is_file()]
    for leftover in (*(target / path.name for path in files), target / "report.html"):
        leftover.unlink(missing_ok=True)
    for leftover in target.glob("records.db*"):
        leftover.unlink()
    for path in files:
        if pretrained or path.name == FILE_NAME:
            shutil.copy(path, target)
    return target


def _command(
    board: str, project: str, *, pretrained: bool, samples: int | None, epochs: int | None
) -> str:
    """What to type for the same again."""
    options = {
        "board": board,
        "project": "" if project == PROJECT else project,
        "samples": samples,
        "epochs": None if pretrained else epochs,
    }
    given = [f" --{name} {value}" for name, value in options.items() if value]
    return "tinyml demo" + " --pretrained" * pretrained + "".join(given)


def _build(graph: Graph, board: Board, place: Path, progress: Progress) -> Image:
    progress("build the firmware", 0, 1)
    image = build_node(graph, board, place)
    progress("build the firmware", 1, 1)
    return image


def _feed(
    image: Image,
    dataset: Dataset,
    chosen: Array,
    store_path: Path,
    models: ModelFinder,
    progress: Progress,
) -> tuple[list[Record], NodeInfo]:
    """Run the node emulated, feed it and collect what it logged."""
    board = image.board
    with Emulator(board, image.elf_path) as emulator:
        with Node(emulator.serial_path, timeout_s=30) as node:
            node.set_time()
            info = node.info()
            for number, index in enumerate(chosen, 1):
                node.feed(dataset.test.windows[index], tag=int(index))
                progress(f"infer on {board.name}", number, len(chosen))
        with Store(store_path) as store:
            progress("collect the records", 0, 1)
            Collector(store, [emulator.serial_path], models=models).run(once=True)
            progress("collect the records", 1, 1)
            return list(store.records()), info


def _document(
    graph: Graph,
    board: Board,
    dataset: Dataset,
    record: TrainingRecord,
    cost: Cost,
    chosen: Array,
    host: Array,
    node: NodeInfo,
    command: str,
) -> RunDocument:
    entry = dataset.entry
    targets = dataset.test.targets[chosen]
    # Float and trivial figures are over all of the test data, as the training record has them; the
    # int8 ones over the very samples that the board was fed with.
    metrics = {
        "float": record.metrics["float"],
        "int8": _judged(graph, dataset, chosen, host),
        "baseline": record.metrics["baseline"],
    }
    return RunDocument(
        run_id=f"demo-{graph.sha256[:8]}-{int(time.time())}",
        created=time.time(),
        model=Model.of(Description.of(graph)),
        board=BoardRow(
            name=board.name,
            title=board.title,
            core=board.core,
            clock_hz=board.clock_hz,
            ram_bytes=board.ram_bytes,
            flash_bytes=board.flash_bytes,
            emulated=board.proof == "emulated",
        ),
        data_set=DataSet(
            name=entry.name,
            title=entry.title,
            simulated=entry.simulated,
            split=entry.split,
            source=entry.source,
            licence=entry.licence,
            sha256=dataset.sha256,
        ),
        metrics=metrics,
        baseline=entry.baseline,
        cost=cost,
        samples=tuple(
            Sample(
                tag=int(index),
                target=float(target),
                host_output=tuple(int(value) for value in output_row.reshape(-1)),
            )
            for index, target, output_row in zip(chosen, targets, host, strict=True)
        ),
        boots=(Boot(node.device_id, node.boot_id),),
        versions={"tinyml-toolkit": __version__, **_library_versions(record)},
        commands=(command,),
        limits=_LIMITS,
    )


def _judged(graph: Graph, dataset: Dataset, chosen: Array, outputs: Array) -> Evaluation:
    """Figures of raw outputs for some of the test samples."""
    return answers_of(graph, dataset, dataset.test.only(chosen), outputs).judge()


def _library_versions(record: TrainingRecord) -> dict[str, str]:
    found = dict(record.versions)
    found["numpy"] = metadata.version("numpy")
    return found


def _result(
    graph: Graph,
    dataset: Dataset,
    chosen: Array,
    host: Array,
    records: Sequence[Record],
    place: Path,
    model_path: Path,
) -> DemoResult:
    answers = {record.tag: record.output for record in records}
    expected = {
        int(index): tuple(int(value) for value in row.reshape(-1))
        for index, row in zip(chosen, host, strict=True)
    }
    equal = sum(answers.get(tag) == output for tag, output in expected.items())
    if equal != len(expected):
        raise VerificationError(
            f"the board answered {len(expected) - equal} of {len(expected)} samples differently "
            f"from the host; `tinyml verify {model_path}` shows where"
        )
    on_board = np.array([answers[int(index)] for index in chosen])
    metric = main_metric(dataset.entry.task)
    return DemoResult(
        folder=place,
        model=model_path,
        store=place / "records.db",
        report=place / "report.html",
        samples=len(expected),
        equal_samples=equal,
        metric=metric,
        host=_judged(graph, dataset, chosen, host).values[metric],
        board=_judged(graph, dataset, chosen, on_board).values[metric],
    )
