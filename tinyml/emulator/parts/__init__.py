"""Models of sensors, one file each: every one of them registers itself when it is imported."""

from tinyml.discovery import import_files
from tinyml.emulator.parts.part import (
    MODELS,
    AdcPart,
    I2cPart,
    ModelledPart,
    OneWirePart,
    SoundPart,
    UartPart,
)

import_files(__name__, __path__)

__all__ = ["MODELS", "AdcPart", "I2cPart", "ModelledPart", "OneWirePart", "SoundPart", "UartPart"]
