"""Training, quantisation and evaluation: the only room that imports TensorFlow."""

from tinyml.train.answers import Answers, pooled
from tinyml.train.classical import classical
from tinyml.train.evaluate import (
    answers_of,
    baseline,
    evaluate,
    inputs_of,
    judge,
    predictions,
    run,
    settings_of,
    trivial,
)
from tinyml.train.float_model import float_answers
from tinyml.train.metrics import Evaluation
from tinyml.train.record import TrainingRecord, read_record
from tinyml.train.training import TrainingResult, train_project

__all__ = [
    "Answers",
    "Evaluation",
    "TrainingRecord",
    "TrainingResult",
    "answers_of",
    "baseline",
    "classical",
    "evaluate",
    "float_answers",
    "inputs_of",
    "judge",
    "pooled",
    "predictions",
    "read_record",
    "run",
    "settings_of",
    "train_project",
    "trivial",
]
