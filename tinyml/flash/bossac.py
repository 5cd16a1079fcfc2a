"""bossac: SAM boards with the SAM-BA boot loader. Source: its help text, 1.9."""

from tinyml.flash.job import Flasher, Job


def _command(job: Job) -> list[str]:
    port = job.require_port("bossac").removeprefix("/dev/")
    offset = f"--offset={job.setting('bossac_offset')}"
    return [f"--port={port}", "-e", "-w", "-v", "-R", offset, str(job.beside("bin"))]


FLASHER = Flasher(
    "bossac",
    True,
    _command,
    (
        (r"No device found|SAM-BA operation failed",
         "the boot loader does not answer: press reset twice, quickly, and try again"),
        (r"Verify failed", "what was written differs when read back: flash it again"),
    ),
)  # fmt: skip
