"""From a graph to C: lowering, memory plan, emission."""

from tinyml.compiler.model import CompiledModel, compile_model, identifier_of
from tinyml.compiler.options import DEFAULTS, Optimize, Options

__all__ = [
    "DEFAULTS",
    "CompiledModel",
    "Optimize",
    "Options",
    "compile_model",
    "identifier_of",
]
