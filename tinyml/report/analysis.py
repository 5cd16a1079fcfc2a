"""From records and a run document to what the device really answered.

Everything on-device in a report comes from here, and so from the records alone.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml.model import model_hash
from tinyml.report.run_document import Evaluation, Model, RunDocument, Sample

if TYPE_CHECKING:
    from tinyml.device import Record


@dataclass(frozen=True)
class Pair:
    """A record and the test sample that it answers."""

    record: "Record"
    sample: Sample

    @property
    def identical(self) -> bool:
        """Whether the device's raw output is the host's, element for element."""
        return tuple(self.record.output) == self.sample.host_output


@dataclass(frozen=True)
class Agreement:
    """The device against the int8 model on the host, sample by sample, over raw outputs."""

    compared: int  # records of a known sample
    identical: int
    unanswered: int  # samples of which no record came
    largest_difference: int  # of one output element, in steps of the output's quantisation
    differing_tags: tuple[int, ...]  # in the order of the records

    @property
    def complete(self) -> bool:
        """Every sample answered, and every answer the host's."""
        return self.compared > 0 and self.identical == self.compared and self.unanswered == 0


def records_of_run(document: RunDocument, records: Sequence["Record"]) -> list["Record"]:
    """The records that this run's model made, on this run's boots where it names them."""
    short_hash = model_hash(document.model.sha256)
    boots = {(boot.device_id, boot.boot_id) for boot in document.boots}
    return [
        record
        for record in records
        if record.model_hash == short_hash
        and (not boots or (record.device_id, record.boot_id) in boots)
    ]


def pair(document: RunDocument, records: Sequence["Record"]) -> list[Pair]:
    """The run's records whose tag names one of its samples, in the order of ``records``."""
    samples = {sample.tag: sample for sample in document.samples}
    return [
        Pair(record, samples[record.tag])
        for record in records_of_run(document, records)
        if record.tag in samples
    ]


def compare(document: RunDocument, pairs: Sequence[Pair]) -> Agreement:
    """How far device and host agree."""
    differing = [one for one in pairs if not one.identical]
    return Agreement(
        compared=len(pairs),
        identical=len(pairs) - len(differing),
        unanswered=len(document.samples) - len({one.sample.tag for one in pairs}),
        largest_difference=max((_difference(one) for one in differing), default=0),
        differing_tags=tuple(one.sample.tag for one in differing),
    )


def _difference(one: Pair) -> int:
    device, host = one.record.output, one.sample.host_output
    return max((abs(a - b) for a, b in zip(device, host, strict=False)), default=0)


def predicted(model: Model, output: Sequence[int]) -> float | None:
    """What a raw output says: a class index, or a value in the target's unit.

    None where it says neither: an anomaly score, or an output of another length than the labels.
    """
    if model.task == "regression" and output:
        return _value(model, output)
    if model.task == "classification":
        if len(output) == len(model.labels):
            return float(max(range(len(output)), key=output.__getitem__))  # first of equals
        if len(output) == 1 and len(model.labels) == 2:
            return float(_value(model, output) >= 0.5)
    return None


def _value(model: Model, output: Sequence[int]) -> float:
    return model.output_scale * output[0] + model.output_offset


def evaluate(model: Model, pairs: Sequence[Pair]) -> Evaluation | None:
    """The device's own figures over the samples it answered; None where there are none."""
    answers = [
        (one.sample.target, answer)
        for one in pairs
        if (answer := predicted(model, one.record.output)) is not None
    ]
    if not answers:
        return None
    if model.task == "classification":
        return _classification([(int(t), int(a)) for t, a in answers], len(model.labels))
    return _regression(answers)


def _classification(answers: Sequence[tuple[int, int]], classes: int) -> Evaluation:
    cells = Counter(answers)
    confusion = tuple(
        tuple(cells[row, column] for column in range(classes)) for row in range(classes)
    )
    right = sum(confusion[i][i] for i in range(classes))
    return Evaluation(
        samples=len(answers),
        values={
            "accuracy": right / len(answers),
            "balanced_accuracy": _mean_recall(confusion),
            "f1": macro_f1(confusion),
        },
        confusion=confusion,
    )


def recall(confusion: Sequence[Sequence[int]]) -> list[float | None]:
    """Share of each class's samples that were recognised; None for a class without samples."""
    return [row[i] / sum(row) if sum(row) else None for i, row in enumerate(confusion)]


def _mean_recall(confusion: Sequence[Sequence[int]]) -> float:
    shares = [share for share in recall(confusion) if share is not None]
    return sum(shares) / len(shares)


def macro_f1(confusion: Sequence[Sequence[int]]) -> float:
    """The mean of the classes' F1 = 2 TP / (2 TP + FP + FN), over classes that occur at all."""
    scores = []
    for i, row in enumerate(confusion):
        occurrences = sum(row) + sum(other[i] for other in confusion)
        if occurrences:
            scores.append(2 * row[i] / occurrences)
    return sum(scores) / len(scores) if scores else 0.0


def _regression(answers: Sequence[tuple[float, float]]) -> Evaluation:
    count = len(answers)
    mean = sum(target for target, _ in answers) / count
    squares = sum((answer - target) ** 2 for target, answer in answers)
    spread = sum((target - mean) ** 2 for target, _ in answers)
    values = {
        "rmse": math.sqrt(squares / count),
        "mae": sum(abs(answer - target) for target, answer in answers) / count,
    }
    if spread > 0:  # R2 has no meaning where all targets are equal
        values["r2"] = 1 - squares / spread
    return Evaluation(samples=count, values=values)
