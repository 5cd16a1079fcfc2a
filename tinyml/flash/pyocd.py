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
         ("no debugging probe is connected: plug the board in at its debugging "
"connector")),
        (r"Target type .* not recognized",
         ("pyOCD does not know this chip yet: type `pyocd pack install` with the "
"chip's name first")),
        (r"USBError|No such device|disconnected",
         "the board was disconnected during writing: plug it in and flash it again"),
    ),
)  # fmt: skip
