"""From a graph to C: lowering, memory plan, emission."""

from tinyml.compiler.model import CompiledModel, compile_model

__all__ = ["CompiledModel", "compile_model"]
