"""Applications: what runs on a board around a model, each a folder with sources and `app.toml`.

Those of `firmware/apps` are known by name, any other by the path of its folder. Keys of `app.toml`,
all optional, as is the file in a user's own folder:

- ``title``: what the application is, in one line
- ``libraries``: folders of `firmware/` whose C sources it takes besides its own
- ``sources``: single files of `firmware/` that it takes
- ``listed``: false keeps it out of help and error messages
- ``[definitions]``: macros with a whole number or a text; ``@MODEL@`` and ``@BOARD@`` in a text
  become the names of model and board
- ``[definitions_by_model.PREFIX]``: takes their place for models whose name begins with PREFIX
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.documents import Fields, read_toml
from tinyml.errors import BuildError
from tinyml.resources import folder

FILE_NAME: Final = "app.toml"
Definitions = dict[str, int | str]


@dataclass(frozen=True)
class Application:
    """An application, as its folder describes it."""

    name: str  # of one in firmware/apps, or the path that was given
    title: str
    listed: bool
    sources: tuple[Path, ...]
    own_definitions: Definitions
    definitions_by_model: dict[str, Definitions]  # by the beginning of the model's name

    def definitions(self, model: str, board: str) -> list[str]:
        """Macros as a compiler's ``-D`` takes them."""
        found = dict(self.own_definitions)
        for prefix, others in self.definitions_by_model.items():
            if model.startswith(prefix):
                found |= others
                break
        return [f"{name}={_in_c(value, model, board)}" for name, value in found.items()]


def names() -> list[str]:
    """The applications of `firmware/apps`, in the order of their names."""
    return sorted(path.parent.name for path in _apps().glob(f"*/{FILE_NAME}"))


def listed() -> list[Application]:
    """Those that a user may ask for, the node first."""
    found = [load(name) for name in names()]
    return sorted((app for app in found if app.listed), key=lambda app: app.name != "node")


def load(name: str) -> Application:
    """An application by its name, or by the path of its folder.

    Raises BuildError where there is neither, or where its description is wrong.
    """
    place = _apps() / name if name in names() else Path(name).resolve()
    own = sorted(place.glob("*.c"))
    if not own:
        known = ", ".join(app.name for app in listed())
        raise BuildError(
            f"there is no application '{name}': give {known}, or a folder with C files"
        )
    path = place / FILE_NAME
    where = str(path) if place.parent != _apps() else f"{name}/{FILE_NAME}"
    table = Fields(read_toml(path, BuildError) if path.is_file() else {}, where, BuildError)
    app = Application(
        name=name,
        title=table.text("title", name),
        listed=table.flag("listed", True),
        sources=(*own, *_library_sources(table), *_single_sources(table)),
        own_definitions=_definitions(table.inner("definitions", optional=True)),
        definitions_by_model=_by_model(table.inner("definitions_by_model", optional=True)),
    )
    table.finish()
    return app


def _apps() -> Path:
    return folder("firmware").resolve() / "apps"


def _library_sources(table: Fields) -> list[Path]:
    found: list[Path] = []
    for name in table.texts("libraries", []):
        sources = sorted((folder("firmware").resolve() / name).glob("*.c"))
        if not sources:
            raise BuildError(f"{table.where}: firmware/{name} holds no C sources")
        found += sources
    return found


def _single_sources(table: Fields) -> list[Path]:
    found = [folder("firmware").resolve() / name for name in table.texts("sources", [])]
    for path in found:
        if not path.is_file():
            raise BuildError(f"{table.where}: there is no {path}")
    return found


def _by_model(table: Fields) -> dict[str, Definitions]:
    return {prefix: _definitions(table.inner(prefix)) for prefix in table.unread()}


def _definitions(table: Fields) -> Definitions:
    return {name: table.whole_or_text(name) for name in table.unread()}


def _in_c(value: int | str, model: str, board: str) -> str:
    if isinstance(value, int):
        return str(value)
    text = value.replace("@MODEL@", model).replace("@BOARD@", board)
    return f'"{text}"'
