"""The model before quantisation, on the host: LiteRT or TensorFlow runs its .tflite."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyml.data import Dataset, Part
from tinyml.errors import TrainingError
from tinyml.graph import Graph
from tinyml.install import extra_command
from tinyml.judge.answers import Answers
from tinyml.judge.evaluate import answers_by
from tinyml.model import Meaning, ModelSettings, settings_of
from tinyml.train.tensorflow import quiet


def installed() -> bool:
    """Whether anything here runs a float .tflite."""
    return any(importlib.util.find_spec(name) for name in ("ai_edge_litert", "tensorflow"))


def float_answers(model: bytes, graph: Graph, dataset: Dataset, part: Part) -> Answers:
    """What the float ``model`` says of ``part``.

    ``graph`` is its quantised twin, whose settings tell front end, scaling and threshold.
    TrainingError where ``model`` is damaged, or another's twin.
    """
    settings = settings_of(graph)
    wanted = graph.tensor(graph.outputs[0]).shape
    outputs = _run(model, _inputs(graph, settings, part), wanted)
    return answers_by(Meaning.by(settings), dataset, part, outputs)


def _inputs(graph: Graph, settings: ModelSettings, part: Part) -> npt.NDArray[np.float32]:
    """Standardised features: the front end counts in steps of the quantised input."""
    step = float(graph.tensor(graph.inputs[0]).quantized.scale)
    features: npt.NDArray[np.float32] = settings.front_end.standardised(part.windows) * step
    return features.astype(np.float32)


def _run(
    model: bytes, inputs: npt.NDArray[np.float32], output_shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    with quiet():
        interpreter = _interpreter(model)
    ends = (*interpreter.get_input_details(), *interpreter.get_output_details())
    _require_twin(ends, (1, *inputs.shape[1:]), output_shape)
    source, target = (end["index"] for end in ends)
    outputs = []
    for window in inputs:
        interpreter.set_tensor(source, window[np.newaxis])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target).reshape(-1).astype(np.float64))
    return np.stack(outputs)


def _require_twin(ends: Sequence[Mapping[str, Any]], *wanted: tuple[int, ...]) -> None:
    """Raise unless the model's inputs and outputs, in this order, are one float of each shape."""
    found = [(np.dtype(end["dtype"]), tuple(end["shape"].tolist())) for end in ends]
    if found != [(np.dtype(np.float32), shape) for shape in wanted]:
        theirs = " and ".join(f"{dtype} {list(shape)}" for dtype, shape in found)
        ours = " and ".join(f"float32 {list(shape)}" for shape in wanted)
        raise TrainingError(
            "the float model and the int8 model do not belong together: its input and "
            f"output are {theirs}, not {ours}; run `tinyml train` again, or remove the "
            "float model to evaluate without float figures"
        )


def _interpreter(model: bytes) -> Any:
    try:
        if importlib.util.find_spec("ai_edge_litert"):
            from ai_edge_litert.interpreter import Interpreter
        else:
            import tensorflow as tf

            Interpreter = tf.lite.Interpreter  # noqa: N806 - a class; the module loads it late
    except ImportError as error:
        raise TrainingError(
            f"the float model needs LiteRT or TensorFlow ({error}); to install LiteRT, "
            f"type: {extra_command('runtime')}"
        ) from error
    try:
        interpreter = Interpreter(model_content=model)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise TrainingError(f"the float model is damaged ({error}); train again") from error
    return interpreter
