"""From model, firmware and board to an image."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.build.elf import Elf, Symbol
from tinyml.build.toolchain import Toolchain, toolchain
from tinyml.errors import BuildError, ModelTooLargeError
from tinyml.files import write_atomically
from tinyml.full_disk import explain_full_disk
from tinyml.resources import folder
from tinyml.tools import require_tool

# Not just "error": Ninja repeats the command line, which holds -Werror.
_COMPLAINT: Final = re.compile(r"error: |undefined reference|CMake Error")
# Applications that firmware/ has.
_APPLICATIONS: Final = ("node", "simulated_sensor", "bench", "front_end", "mlperf")
_OVERFLOW: Final = re.compile(r"region `(\w+)' overflowed by (\d+) bytes")


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


def build_image(board: Board, model_folder: Path, app: str, build_folder: Path) -> Image:
    """Build an application with a compiled model.

    Args:
        board: what it is built for.
        model_folder: what :meth:`tinyml.compiler.CompiledModel.write` wrote.
        app: ``node``, ``simulated_sensor``, ``bench`` or ``mlperf``, or the path of a folder with
            an application.
        build_folder: where objects and the image go; kept for the next build.

    Raises BuildError with the compiler's first complaint, ModelTooLargeError where the board's
    memory does not suffice, ToolMissingError where a program is missing.
    """
    tools = toolchain(board.core)
    require_tool(tools.compiler)
    architecture = boards.core(board.core).architecture
    identity = board.emulator.identity if board.emulator else None
    settings: dict[str, object] = {
        "CMAKE_TOOLCHAIN_FILE": folder("firmware") / "cmake" / f"{architecture}.cmake",
        "TML_ARCHITECTURE": architecture,
        "TML_BOARD": board.name,
        "TML_PORT": board.port,
        "TML_FLAGS": ";".join(boards.core(board.core).flags),
        "TML_LINK_FLAGS": ";".join(tools.link_flags),
        "TML_FLASH_ORIGIN": hex(board.code.origin),
        "TML_FLASH_BYTES": board.code.bytes,
        "TML_RAM_ORIGIN": hex(board.data.origin),
        "TML_RAM_BYTES": board.data.bytes,
        "TML_STACK_BYTES": board.node.stack_bytes,
        "TML_MESSAGE_BYTES": board.node.message_bytes,
        "TML_RECORD_BYTES": board.node.record_bytes,
        "TML_RAM_LOG_BYTES": board.node.ram_log_bytes,
        "TML_IDENTITY": hex(board.data.end if identity is None else identity),
    }
    _run_cmake(board, settings, model_folder, app, build_folder)
    elf_path = build_folder / "image.elf"
    for extension, form in (("bin", "binary"), ("hex", "ihex")):
        target = elf_path.with_suffix(f".{extension}")
        command = [tools.program("objcopy"), "-O", form, str(elf_path), str(target)]
        _run(command, board, build_folder)
    return Image(board, elf_path, _model_symbols(build_folder, tools))


def build_native(model_folder: Path, app: str, build_folder: Path) -> Path:
    """Build an application as a native program under the sanitizers; returns its path.

    Raises as :func:`build_image`.
    """
    require_tool("gcc")
    settings: dict[str, object] = {
        "CMAKE_C_COMPILER": "gcc",
        "TML_PORT": "host",
        "TML_BOARD": "host",
        "TML_FLAGS": "",
    }
    _run_cmake(None, settings, model_folder, app, build_folder)
    return build_folder / "image"


def _run_cmake(
    board: Board | None, settings: dict[str, object], model_folder: Path, app: str, place: Path
) -> None:
    ninja = require_tool("ninja")
    settings = {
        **settings,
        "CMAKE_MAKE_PROGRAM": ninja,
        "CMAKE_C_COMPILER_FORCED": True,  # all that CMake would try out is known
        "TML_APP": _application(app),
        "TML_MODEL_DIR": model_folder.resolve(),
    }
    source = folder("firmware").resolve()
    # What CMake remembers of another compiler or source folder would stand in the way.
    memory = place / "CMakeFiles" / "tinyml.txt"
    made_with = f"{source}\n{settings.get('CMAKE_TOOLCHAIN_FILE', '')}\n"
    if not memory.is_file() or memory.read_text() != made_with:
        (place / "CMakeCache.txt").unlink(missing_ok=True)
        shutil.rmtree(place / "CMakeFiles", ignore_errors=True)
    write_atomically(memory, made_with)
    defines = [f"-D{name}={value}" for name, value in settings.items()]
    _run([_cmake(), "-G", "Ninja", "-S", str(source), "-B", str(place), *defines], board, place)
    _run([ninja, "-C", str(place)], board, place)


def _application(app: str) -> str:
    """Its name or, of one's own, the whole path, which CMake wants."""
    if app in _APPLICATIONS:
        return app
    own = Path(app).resolve()
    if not any(own.glob("*.c")):
        raise BuildError(
            f"'{app}' is no application: give node, bench or mlperf, or a folder with C sources"
        )
    return str(own)


def _cmake() -> str:
    """Pip puts a script beside Python that starts CMake, and takes as long as CMake itself."""
    try:
        from cmake import CMAKE_BIN_DIR  # noqa: PLC0415 - may be absent
    except ImportError:  # another one
        return require_tool("cmake")
    return shutil.which("cmake", path=CMAKE_BIN_DIR) or require_tool("cmake")


def _run(command: list[str], board: Board | None, place: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    output = done.stdout + done.stderr
    full = explain_full_disk(output, (place,))
    if full is not None:
        raise full
    overflow = _OVERFLOW.search(output)
    if overflow and board is not None:
        raise _too_large(board, overflow)
    complaints = [line for line in output.splitlines() if _COMPLAINT.search(line)]
    raise BuildError(
        f"building the firmware failed: {(complaints or [output.strip()])[0]}"
        " (run `tinyml doctor` to see whether the toolchain is complete)"
    )


def _too_large(board: Board, overflow: re.Match[str]) -> ModelTooLargeError:
    region = "flash" if overflow[1] == "FLASH" else "RAM"
    have = (board.code if region == "flash" else board.data).bytes
    stack = f" ({board.node.stack_bytes:,} of them for the stack)" if region == "RAM" else ""
    return ModelTooLargeError(
        f"the image needs {have + int(overflow[2]):,} bytes of {region}{stack}, but {board.name} "
        f"has {have:,} for it; use a smaller model or a larger board"
    )


def _model_symbols(build_folder: Path, tools: Toolchain) -> tuple[str, ...]:
    """Symbols that the model's own sources and kernels define."""
    objects = sorted((build_folder / "CMakeFiles" / "model.dir").rglob("*.obj"))
    listing = subprocess.run(
        [tools.program("nm"), "--defined-only", "--format=posix", *map(str, objects)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(sorted({line.split()[0] for line in listing.splitlines() if line.count(" ") >= 2}))
