"""Kernels for Armv6-M, that is Cortex-M0 and M0+: no long multiply, eight registers to compute in.

Each lowering raises NotFitting where its kernel could differ from the portable one, which then
takes the operator.
"""

from tinyml.compiler.lower.armv6m import add, conv, depthwise, fully_connected, lstm

__all__ = ["add", "conv", "depthwise", "fully_connected", "lstm"]
