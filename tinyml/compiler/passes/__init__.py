"""Passes from graph to graph: the same outputs from less work.

Each is exact for every input, and proven so by tests that compare oracles.
"""

from tinyml.compiler.passes.constant_channels import Reduced, remove_constant_channels

__all__ = ["Reduced", "remove_constant_channels"]
