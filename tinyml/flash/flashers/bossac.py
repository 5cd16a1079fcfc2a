"""bossac: SAM boards with the SAM-BA boot loader. Source: its help text, 1.9."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    port = job.require_port("bossac").removeprefix("/dev/")
    offset = f"--offset={job.setting('bossac_offset')}"
    return [f"--port={port}", "-e", "-w", "-v", "-R", offset, str(job.beside("bin"))]


TOOL: Final = Tool(
    "bossac",
    "writes to SAM boards",
    "sudo apt install bossa-cli",
    "brew install bossa",
    "choco install bossa",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=True,
        command=_command,
        complaints=(
            (
                r"No device found|SAM-BA operation failed",
                "the boot loader does not answer: press reset twice, quickly, and try again",
            ),
            (r"Verify failed", "what was written differs when read back: flash it again"),
        ),
    )
)
