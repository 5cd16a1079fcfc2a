"""One file an operator, as in ``tinyml/graph/ops``: its checked parameters become a kernel call.

Importing this package registers the lowerings of every file in this folder and of the cores'
folders below it. ``template.py`` is there to be copied.
"""

from tinyml.compiler.lower.base import lower, stand_in_of, trade_of
from tinyml.discovery import import_files

import_files(__name__, __path__)

__all__ = ["lower", "stand_in_of", "trade_of"]
