"""From a graph to C: lowering, memory plan, emission."""

from tinyml.compiler.model import STREAMING, CompiledModel, compile_model, identifier_of

__all__ = ["STREAMING", "CompiledModel", "compile_model", "identifier_of"]
