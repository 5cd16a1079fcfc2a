"""What is to be written where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinyml.boards import Board
from tinyml.errors import FlashError


@dataclass(frozen=True)
class Job:
    """One image for one board.

    ``port`` is the serial device for tools that write over one, ``drive`` the mounted folder for
    those that copy a file; None where there is none.
    """

    board: Board
    elf: Path
    port: str | None = None
    drive: Path | None = None

    def beside(self, extension: str) -> Path:
        """The same image in another form (``bin``, ``hex``), which the build put beside it."""
        path = self.elf.with_suffix(f".{extension}")
        if not path.is_file():
            raise FlashError(f"{path} is missing; make the image again with `tinyml build`")
        return path

    def require_port(self, tool: str) -> str:
        """The serial port; FlashError where none is given."""
        if self.port is None:
            raise FlashError(
                f"{tool} writes through a serial port, but no port of {self.board.name} was "
                "found; plug the board in, or name the port with --port"
            )
        return self.port

    def setting(self, key: str) -> str:
        """What the board says to a tool; FlashError where it says nothing."""
        value = self.board.flashing.settings.get(key) if self.board.flashing else None
        if not isinstance(value, str):
            raise FlashError(
                f"the file of the board {self.board.name} lacks '{key}', so this program "
                "cannot write to it"
            )
        return value

    def settings(self, key: str) -> tuple[str, ...]:
        """The same for a list."""
        value = self.board.flashing.settings.get(key) if self.board.flashing else None
        if not isinstance(value, tuple):
            raise FlashError(
                f"the file of the board {self.board.name} lacks '{key}', so this program "
                "cannot write to it"
            )
        return value
