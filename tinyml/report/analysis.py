"""From records and a run document to what the device really answered.

Everything on-device in a report comes from here, and so from the records alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tinyml.device import Record
from tinyml.judge import Answers, Evaluation
from tinyml.model import Meaning, Result, model_hash
from tinyml.report.run_document import RunDocument, Sample


@dataclass(frozen=True)
class Pair:
    """A record and the test sample that it answers."""

    record: Record
    result: Result | None
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


def records_of_run(document: RunDocument, records: Sequence[Record]) -> list[Record]:
    """The records that this run's model made, on this run's boots where it names them."""
    short_hash = model_hash(document.model.sha256)
    boots = {(boot.device_id, boot.boot_id) for boot in document.boots}
    return [
        record
        for record in records
        if record.model_hash == short_hash
        and (not boots or (record.device_id, record.boot_id) in boots)
    ]


def pair(document: RunDocument, answered: Iterable[tuple[Record, Result | None]]) -> list[Pair]:
    """The run's records, each with its result, whose tag names one of its samples, in order."""
    samples = {sample.tag: sample for sample in document.samples}
    return [
        Pair(record, result, samples[record.tag])
        for record, result in answered
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


def evaluate(document: RunDocument, meaning: Meaning, pairs: Sequence[Pair]) -> Evaluation | None:
    """The device's own figures over the samples it answered; None where there are none."""
    answered = [one for one in pairs if one.result is not None]
    if not answered:
        return None
    outputs = np.array([one.record.output for one in answered])
    one_group = np.zeros(len(answered), np.int64)
    return Answers(
        task=meaning.task,
        labels=document.model.labels,
        targets=np.array([one.sample.target for one in answered]),
        groups=one_group,
        recordings=one_group,
        predicted=meaning.predictions(outputs),
        scores=meaning.scores(outputs),
    ).judge()
