"""From model, firmware and board to an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.build import tflm
from tinyml.build.binaries import write_binaries
from tinyml.build.compiler import LinkCommand, Toolchain
from tinyml.build.complaints import explain
from tinyml.build.elf import Elf, Symbol, defined_symbols
from tinyml.build.gcc import Native
from tinyml.build.model_folder import ModelFolder
from tinyml.build.ninja_file import Build, Unit
from tinyml.build.recipe import Recipe, Sensing, native_recipe, recipe
from tinyml.build.toolchain import toolchain
from tinyml.compiler import CompiledModel, compile_model
from tinyml.files import write_atomically
from tinyml.graph import Graph
from tinyml.node import Sources
from tinyml.resources import folder

_C_FLAGS: Final = ("-std=gnu11",)  # with __asm
# The model's objects stand by themselves, so that its share of the flash can be told.
_MODEL, _REST = "model", "application"


@dataclass(frozen=True)
class Image:
    """A built image."""

    board: Board
    elf_path: Path
    model_symbols: tuple[str, ...]  # functions of the model and of its kernels

    @cached_property
    def elf(self) -> Elf:
        """Its sections and symbols."""
        return Elf.read(self.elf_path)

    @property
    def symbols(self) -> dict[str, Symbol]:
        """Symbols by name."""
        return self.elf.symbols

    @property
    def flash_bytes(self) -> int:
        """All that flash holds."""
        return sum(section.bytes for section in self.elf.sections if section.loaded)

    @property
    def data_bss_bytes(self) -> int:
        """.data, .bss and what start-up leaves alone."""
        names = (".data", ".bss", ".noinit")
        return sum(s.bytes for s in self.elf.sections if s.name in names)

    @property
    def flash_code_bytes(self) -> int:
        """Functions of the model and of its kernels."""
        return sum(
            symbol.bytes
            for symbol in self.symbols.values()
            if symbol.is_function and symbol.name in self.model_symbols
        )

    @property
    def flash_model_bytes(self) -> int:
        """Constants of the model."""
        return sum(
            symbol.bytes
            for symbol in self.symbols.values()
            if not symbol.is_function and symbol.name in self.model_symbols
        )


def build_node(
    model: Graph | CompiledModel,
    board: Board,
    place: Path,
    app: str = "node",
    definitions: Sequence[str] = (),
    sensing: Sources | None = None,
) -> Image:
    """Build an application around a model, which is compiled for the board's core.

    Args:
        model: a graph, or what was compiled of one for that core.
        board: what it is built for.
        place: a folder for the image; the compiled model goes into ``model`` inside it.
        app: as :func:`build_image` takes it.
        definitions: as :func:`build_image` takes them.
        sensing: as :func:`build_image` takes it.

    Raises what compiling raises, and as :func:`build_image`.
    """
    compiled = compile_model(model, core=board.core) if isinstance(model, Graph) else model
    return build_image(board, compiled.write(place / "model"), app, place, definitions, sensing)


def build_image(
    board: Board,
    model_folder: Path,
    app: str,
    build_folder: Path,
    definitions: Sequence[str] = (),
    sensing: Sources | None = None,
) -> Image:
    """Build an application with a compiled model.

    Args:
        board: what it is built for.
        model_folder: what :meth:`tinyml.compiler.CompiledModel.write` wrote.
        app: the name of a folder in `firmware/apps`, or the path of a folder with an application.
        build_folder: where objects and the image go; kept for the next build.
        definitions: macros that the application and the node see, such as ``NAME=1``.
        sensing: what :func:`tinyml.node.sources` makes of the node's sensors, where it has some.

    Raises BuildError with the compiler's first complaint, ModelTooLargeError where the board's
    memory does not suffice, ToolMissingError where a program is missing.
    """
    read = ModelFolder.read(model_folder)
    made_of = recipe(board, read, app, definitions, _written(sensing, build_folder))
    build = _build(made_of, build_folder.resolve() / "image.elf", toolchain(board.core))
    _run(build, board)
    image = Elf.read(build.place / build.target)
    write_binaries(image)
    names = set[str]().union(*map(defined_symbols, build.objects(_MODEL)))
    return Image(board, image.path, tuple(sorted(names)))


def build_native(
    model_folder: Path,
    app: str,
    build_folder: Path,
    definitions: Sequence[str] = (),
    sensing: Sources | None = None,
) -> Path:
    """Build an application as a native program under the sanitizers; returns its path.

    Raises as :func:`build_image`.
    """
    read = ModelFolder.read(model_folder)
    made_of = native_recipe(read, app, definitions, _written(sensing, build_folder))
    build = _build(made_of, build_folder.resolve() / "image", Native(boards.core("portable")))
    _run(build, None)
    return build.place / build.target


def _written(sensing: Sources | None, build_folder: Path) -> Sensing | None:
    """A node's sensors, with their files in the build's folder."""
    if sensing is None:
        return None
    place = build_folder.resolve() / "sensing"
    for name, text in sensing.files.items():
        write_atomically(place / name, text)
    return Sensing(sensing, place)


def _build(made_of: Recipe, target: Path, tools: Toolchain) -> Build:
    """How a recipe becomes a program; writes its link script."""
    model, place = made_of.model, target.parent
    script = place / "link.ld"
    inputs: tuple[Path, ...] = ()
    if made_of.link_script:
        write_atomically(script, made_of.link_script)
        inputs = (script,)
    libc = () if tools.has_c_library else (folder("firmware").resolve() / "ports" / "libc",)
    compilers = {"": (*tools.compile_command(), *_C_FLAGS)}
    libraries: list[str] = []
    if model.tflm:
        compilers[""] += tuple(tflm.compile_flags())
        compilers[".cc"] = (*tools.cxx_command(), *tflm.compile_flags(), *tflm.CXX_FLAGS)
        libraries = tflm.libraries()
    link = tools.link_command(script, place / "image.map")
    flags = {
        _MODEL: _includes(*libc, *made_of.includes, *model.includes),
        _REST: (
            *_includes(*libc, *made_of.includes, *model.includes, *made_of.own_includes),
            *(f"-D{name}" for name in made_of.definitions),
        ),
    }
    sources = [(_MODEL, path) for path in model.sources]
    sources += [(_REST, path) for path in made_of.sources]
    sources += [(_REST, path) for place in libc for path in sorted(place.glob("*.c"))]
    return Build(
        place,
        target.name,
        tuple(
            Unit(path, group, (*compilers.get(path.suffix, compilers[""]), *flags[group]))
            for group, path in sources
        ),
        LinkCommand(link.before, (*libraries, *link.behind)),
        inputs,
        tools.version,
    )


def _includes(*folders: Path) -> tuple[str, ...]:
    return tuple(f"-I{place}" for place in folders)


def _run(build: Build, board: Board | None) -> None:
    done = build.run()
    if done.returncode != 0:
        raise explain(done.stdout + done.stderr, board, build.place)
