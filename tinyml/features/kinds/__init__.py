"""One file a kind of front end: every module here registers its own, but the template.

Adding one: docs/adding-a-front-end.md.
"""

from tinyml.discovery import import_files

import_files(__name__, __path__)
