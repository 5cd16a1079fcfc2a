"""From a graph to C: lowering, memory plan, emission."""

from tinyml.compiler.model import CompiledModel, compile_model, identifier_of

__all__ = ["CompiledModel", "compile_model", "identifier_of"]
