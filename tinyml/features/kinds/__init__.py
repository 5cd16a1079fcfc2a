"""One file a kind of front end: every module here registers its own, but the template.

Adding one: docs/adding-a-front-end.md.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    if _module.name != "template":
        import_module(f"{__name__}.{_module.name}")
