"""Kernels for cores with the vectors of Armv8.1-M (MVE, Helium): Cortex-M55 and M85.

Each lowering raises NotFitting where its kernel could differ from the portable one; the kernels of
Armv7E-M, whose instructions these cores have, too, then take the operator.
"""

from tinyml.discovery import import_files

import_files(__name__, __path__)
