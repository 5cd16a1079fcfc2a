"""How good predictions are: answers, metrics, error bars, and the record of a training.

NumPy alone, and scikit-learn for the forests; TensorFlow never.
"""

from tinyml.judge.answers import Answers, pooled
from tinyml.judge.classical import classical
from tinyml.judge.evaluate import (
    answers_of,
    baseline,
    evaluate,
    inputs_of,
    run,
    trivial,
)
from tinyml.judge.metrics import Evaluation
from tinyml.judge.training_record import TrainingRecord, read_record

__all__ = [
    "Answers",
    "Evaluation",
    "TrainingRecord",
    "answers_of",
    "baseline",
    "classical",
    "evaluate",
    "inputs_of",
    "pooled",
    "read_record",
    "run",
    "trivial",
]
