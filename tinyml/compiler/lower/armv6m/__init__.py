"""Kernels for Armv6-M, that is Cortex-M0 and M0+: no long multiply, eight registers to compute in.

Each lowering raises NotFitting where its kernel could differ from the portable one, which then
takes the operator.
"""

from tinyml.discovery import import_files

import_files(__name__, __path__)
