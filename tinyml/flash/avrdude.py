"""avrdude: AVR boards, over their boot loader. Source: avrdude's manual, 7.1."""

from tinyml.flash.job import Flasher, Job


def _command(job: Job) -> list[str]:
    return [
        "-p", job.setting("avrdude_part"), "-c", job.setting("avrdude_programmer"),
        "-P", job.require_port("avrdude"), "-b", "115200", "-D",
        "-U", f"flash:w:{job.beside('hex')}:i",
    ]  # fmt: skip


FLASHER = Flasher(
    "avrdude",
    True,
    _command,
    (
        (r"not in sync|stk500_recv|programmer is not responding",
         "the boot loader does not answer: is it this board, and at this port?"),
        (r"device signature|Expected signature|Invalid device",
         "another chip is connected than the board has: choose the right --board"),
        (r"verification error|verification mismatch",
         "what was written differs when read back: try again, and another cable if it stays so"),
        (r"cannot open port|unable to open programmer",
         "its port cannot be opened: is the board plugged in there, and no other program on it?"),
        (r"ser_send|write error|Input/output error",
         "the board went away while it was written: plug it in and flash it again"),
    ),
    port_stays=True,
)  # fmt: skip
