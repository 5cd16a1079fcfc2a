"""The programs that write to boards, and drives: one file each, which registers what it has."""

from tinyml.discovery import import_files

import_files(__name__, __path__)
