"""Training, quantisation and evaluation: the only room that imports TensorFlow."""

from tinyml.train.evaluate import (
    baseline,
    evaluate,
    inputs_of,
    judge,
    predictions,
    run,
    settings_of,
)
from tinyml.train.metrics import Evaluation
from tinyml.train.record import TrainingRecord, read_record
from tinyml.train.training import TrainingResult, train_project

__all__ = [
    "Evaluation",
    "TrainingRecord",
    "TrainingResult",
    "baseline",
    "evaluate",
    "inputs_of",
    "judge",
    "predictions",
    "read_record",
    "run",
    "settings_of",
    "train_project",
]
