"""Where the models are that nodes name by hash: in given files, a project, the model zoo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tinyml import project
from tinyml.errors import TinymlError
from tinyml.graph import load
from tinyml.model import Description, model_hash
from tinyml.resources import folder as bundled


class ModelFinder:
    """Descriptions of models by hash.

    Args:
        files: .tflite files that the user names; each must be readable.
        folder: in which to look, too, and in its project; None for neither.
    """

    def __init__(self, files: Iterable[Path] = (), folder: Path | None = None) -> None:
        self.given: Sequence[Description] = [Description.of(load(path)) for path in files]
        self._folder = folder

    def find(self, short_hash: str) -> Description | None:
        """The model of that hash; None where it is in none of those places."""
        for given in self.given:
            if given.hash == short_hash:
                return given
        for path in self._candidates():
            try:
                if model_hash(hashlib.sha256(path.read_bytes()).hexdigest()) == short_hash:
                    return Description.of(load(path))
            except (OSError, TinymlError):  # nobody has named this file
                continue
        return None

    def _candidates(self) -> Iterator[Path]:
        if self._folder is not None:
            yield from sorted(self._folder.glob("*.tflite"))
            try:
                found = project.find(self._folder)
            except TinymlError:
                pass
            else:
                yield found.model_path
                yield from sorted(found.folder.glob("folds/*.tflite"))
        yield from sorted(bundled("models").glob("*/model.tflite"))
