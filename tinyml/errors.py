"""Every error that a user can meet, in one tree.

::

    TinymlError
    ├── ProjectError            a tinyml.toml that is missing, malformed or contradicts itself
    ├── DataError               a data set or recording that cannot be used
    │   ├── DownloadError       it could not be fetched (what was fetched is kept for resuming)
    │   ├── ChecksumError       it arrived, but is not the file it should be
    │   └── LeakError           its parts share what they must not share
    ├── FeatureError            front-end settings that make no sense for the signal
    ├── TrainingError           training or conversion cannot go on
    ├── ModelError              something is wrong with a .tflite
    │   ├── InvalidModelError   not a TFLite file, or damaged
    │   ├── UnsupportedModelError   valid, but this engine cannot run it
    │   └── ModelTooLargeError  does not fit the board
    ├── ExportError             a model cannot be exported there, or read back from there
    ├── BoardError              unknown board, or the board cannot do what was asked
    ├── SensorError             unknown sensor, or one that a project uses in a way it cannot be
    ├── ToolMissingError        an external program is not installed
    ├── BuildError              compiling the firmware failed
    ├── EmulatorError           the emulator did not start or died
    ├── FlashError              the image could not be written to the board
    ├── DeviceError             talking to a node failed
    │   ├── PortError           the serial port is missing, busy or not permitted
    │   ├── NoAnswerError       the node did not answer in time
    │   └── ProtocolError       the node answered something that is not its protocol
    │       └── RefusedError    the node understood, and says by a code why it does not obey
    ├── DiskFullError           a disk has no space for what is to be written
    ├── ServeError              pages for a browser cannot be served
    ├── StoreError              the record store cannot be opened or written
    └── VerificationError       the board and the oracle disagree

Each message is one sentence or two: what is wrong, where, and what to do about it. Only ``cli/``
turns these into exit codes; internal bugs are other exceptions and keep their traceback.
"""


class TinymlError(Exception):
    """A problem that the user can understand and mend."""

    exit_code = 1


class ProjectError(TinymlError):
    """A tinyml.toml that is missing, malformed or contradicts itself."""


class DataError(TinymlError):
    """A data set or recording that cannot be used."""


class DownloadError(DataError):
    """A file could not be fetched."""


class ChecksumError(DataError):
    """A file arrived, but is not the one it should be."""


class LeakError(DataError):
    """A split whose test data a model could know from its training."""


class FeatureError(TinymlError):
    """Front-end settings that make no sense for the signal."""


class TrainingError(TinymlError):
    """Training or conversion cannot go on."""


class ModelError(TinymlError):
    """Something is wrong with a .tflite."""


class InvalidModelError(ModelError):
    """Not a TFLite file, or a damaged one."""


class UnsupportedModelError(ModelError):
    """A valid model that this engine cannot run."""


class ModelTooLargeError(ModelError):
    """A model that does not fit the board."""


class ExportError(TinymlError):
    """A model cannot be exported to a place, or be read back from one."""


class BoardError(TinymlError):
    """Unknown board, or the board cannot do what was asked."""


class SensorError(TinymlError):
    """An unknown or wrongly described sensor."""


class ToolMissingError(TinymlError):
    """An external program is not installed."""


class BuildError(TinymlError):
    """Compiling the firmware failed."""


class EmulatorError(TinymlError):
    """The emulator did not start or died."""


class FlashError(TinymlError):
    """The image could not be written to the board."""


class DeviceError(TinymlError):
    """Talking to a node failed."""


class PortError(DeviceError):
    """The serial port is missing, busy or not permitted."""


class NoAnswerError(DeviceError):
    """The node did not answer in time."""


class ProtocolError(DeviceError):
    """The node answered something that is not its protocol."""


class RefusedError(ProtocolError):
    """The node understood, and does not obey."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code  # as docs/LINK.md lists them


class DiskFullError(TinymlError):
    """A disk has no space for what is to be written."""


class ServeError(TinymlError):
    """Pages for a browser cannot be served."""


class StoreError(TinymlError):
    """The record store cannot be opened or written."""


class VerificationError(TinymlError):
    """The board and the oracle disagree."""
