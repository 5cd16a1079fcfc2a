"""Passes from graph to graph: the same outputs from less work.

One file a pass; pipeline.py has them in their order. Each is exact for every input, and proven so
by tests that compare oracles.
"""

from tinyml.compiler.passes.pipeline import PASSES, Optimized, optimize

__all__ = ["PASSES", "Optimized", "optimize"]
