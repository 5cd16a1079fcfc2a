"""pyOCD: boards with a CMSIS-DAP or ST-LINK probe. Source: pyocd.io, command reference."""

from tinyml.flash.job import Flasher, Job


def _command(job: Job) -> list[str]:
    return ["flash", "--target", job.setting("pyocd_target"), str(job.beside("hex"))]


FLASHER = Flasher(
    "pyocd",
    False,
    _command,
    (
        (r"No available debug probes|no connected debug probes",
         "no probe is connected: plug the board in at its debugging socket"),
        (r"Target type .* not recognized",
         "pyOCD lacks this chip: type `pyocd pack install` with the chip's name first"),
        (r"USBError|No such device|disconnected",
         "the board went away while it was written: plug it in and flash it again"),
    ),
)  # fmt: skip
