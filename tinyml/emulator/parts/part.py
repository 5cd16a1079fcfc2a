"""What every model of a part is: a sensor as it behaves on its bus, written from its datasheet.

A model knows nothing of the board. It is told how much time has passed, and answers transfers. The
same models serve drivers on the host and emulated boards; ``tinyml.emulator.wiring`` ties them to
a board's buses.
"""

from __future__ import annotations

from typing import ClassVar, Final

from tinyml.errors import EmulatorError

MODELS: Final[dict[str, type[ModelledPart]]] = {}  # by the names that tinyml.sensors has


class ModelledPart:
    """A part. What it measures are attributes, which may be set at any time.

    A subclass names in ``models`` the sensors that it stands for, and in ``quantities`` the
    attribute of each channel, which has the channel's unit.
    """

    models: ClassVar[tuple[str, ...]] = ()
    quantities: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        MODELS.update(dict.fromkeys(cls.models, cls))

    def advance(self, us: int) -> None:
        """Let so many microseconds pass."""

    def measure(self, quantity: str, value: float) -> None:
        """Set what a channel measures; EmulatorError where the part has no such channel."""
        if quantity not in self.quantities:
            known = ", ".join(self.quantities) or "nothing that can be set"
            raise EmulatorError(f"this part does not measure '{quantity}', but {known}")
        setattr(self, self.quantities[quantity], value)


class I2cPart(ModelledPart):
    """A part on an I2C bus.

    ``held_clocks`` and ``stretch_us`` are faults, which tests set: for how many more clocks it
    holds the data line low though nobody asks, and how long it holds the clock after its address.
    """

    held_clocks = 0
    stretch_us = 0

    def write(self, data: bytes) -> bool:
        """Take what is written after its address, which may be nothing: whether it agrees."""
        raise NotImplementedError

    def read(self, count: int) -> bytes | None:
        """The next ``count`` bytes; None where it does not answer to its address now.

        As on the wire, a part cannot know how many bytes will be read: a longer reading begins
        with the bytes of a shorter one.
        """
        raise NotImplementedError


class UartPart(ModelledPart):
    """A part that talks on a serial line."""

    def take(self) -> bytes:
        """What it has sent since this was asked last."""
        raise NotImplementedError

    def give(self, data: bytes) -> None:
        """Take what the board sends; most parts ignore it."""


class AdcPart(ModelledPart):
    """Anything that makes a voltage."""

    @property
    def microvolts(self) -> int:
        """What is between the pin and ground."""
        raise NotImplementedError


class SoundPart(ModelledPart):
    """A microphone."""

    def hear(self, count: int) -> list[int]:
        """Its next samples, of 16 bits."""
        raise NotImplementedError


class OneWirePart(ModelledPart):
    """A part on a one-wire bus, alone there.

    ``holds`` is a fault, which tests set: it holds the line low though nobody asks.
    """

    holds = False

    def reset(self) -> bool:
        """The long pulse: whether it answers with its presence."""
        raise NotImplementedError

    @property
    def sends(self) -> bool:
        """Whether the next bit is its own, after what was written."""
        raise NotImplementedError

    def write(self, byte: int) -> None:
        """Take a byte."""
        raise NotImplementedError

    def read(self) -> int:
        """Its next byte."""
        raise NotImplementedError
