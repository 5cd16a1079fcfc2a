"""Kernels for cores with the DSP instructions of Armv7E-M: Cortex-M4, M7, M33 and M55.

Each lowering raises NotFitting where its kernel could differ from the portable one, which then
takes the operator.
"""

from tinyml.discovery import import_files

import_files(__name__, __path__)
