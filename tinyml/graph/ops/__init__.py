"""One file an operator, or a family of them: facts, shape and type check, the exact arithmetic.

Importing this package registers the operators of every file in this folder;
:func:`tinyml.graph.ops.registry.prepare` finds them. ``template.py`` is there to be copied.
"""

from tinyml.discovery import import_files
from tinyml.graph.ops.base import Prepared
from tinyml.graph.ops.registry import FACTS, PREPARE, facts_of, prepare

import_files(__name__, __path__)

__all__ = ["FACTS", "PREPARE", "Prepared", "facts_of", "prepare"]
