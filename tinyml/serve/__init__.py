"""Pages for a browser on this computer: who may see them, and how they are served."""

from tinyml.serve.local import LocalSite, form_of, html_environment

__all__ = ["LocalSite", "form_of", "html_environment"]
