"""Training and quantisation: the only package that imports TensorFlow."""

from tinyml.train.float_model import float_answers
from tinyml.train.training import TrainingResult, train_project

__all__ = ["TrainingResult", "float_answers", "train_project"]
