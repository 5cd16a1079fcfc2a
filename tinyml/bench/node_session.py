"""A model in the node on an emulated board, fed over the serial port: for boards without counters.

Slower than :class:`tinyml.bench.session.BenchSession`, and all that a board's emulator needs is a
serial port. Inputs come to the model as they are: the node is built without its front end.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np

from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.compiler import DEFAULTS, Options, compile_model
from tinyml.device import Node
from tinyml.device.smp import TOO_LARGE
from tinyml.device.wire import RECORDED_TYPES
from tinyml.emulator import Emulator
from tinyml.errors import (
    EmulatorError,
    ModelTooLargeError,
    NoAnswerError,
    PortError,
    RefusedError,
    UnsupportedModelError,
)
from tinyml.graph import Graph
from tinyml.graph.ir import Array
from tinyml.model import METADATA_NAME

# An emulated processor may be slower than the real one, and frames are lost now and then.
_ANSWER_SECONDS: Final = 1.0
_ATTEMPTS: Final = 15
# Of a record without its output, and of a message without the record: firmware/node.
_RECORD_BYTES: Final = 40
_MESSAGE_BYTES: Final = 64
_LARGER: Final = "choose a board that QEMU or Unicorn emulates (`tinyml boards --json`)"


class NodeSession:
    """Builds the node with a model and runs it on an emulated board; a context manager.

    Args:
        graph: the model.
        board: an emulated board.
        options: as :func:`tinyml.compiler.compile_model` takes them.

    Raises what compiling, building and starting raise, UnsupportedModelError where a node's records
    cannot hold what the model puts out.
    """

    def __init__(self, graph: Graph, board: Board, *, options: Options = DEFAULTS) -> None:
        _require_recordable(graph, board)
        self.graph = graph
        self.board = board
        self._options = options
        self._has_state = any(tensor.is_variable for tensor in graph.tensors)
        self._is_fresh = True

    def __enter__(self) -> NodeSession:
        with contextlib.ExitStack() as opened:
            place = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="tinyml-node-")))
            image = self._build(place)
            self._emulator = opened.enter_context(Emulator(self.board, image))
            port = self._emulator.serial_url
            node = Node(port, timeout_s=_ANSWER_SECONDS, attempts=_ATTEMPTS)
            self._node = opened.enter_context(node)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    def infer(self, sample: Sequence[Array]) -> list[Array]:
        """Outputs of one sample, both in full shapes.

        Raises EmulatorError where the board does not answer any more, ModelTooLargeError where the
        output does not fit in a record.
        """
        little_endian = (values.astype(values.dtype.newbyteorder("<")) for values in sample)
        data = b"".join(values.tobytes() for values in little_endian)
        output = self.graph.tensor(self.graph.outputs[0])
        self._is_fresh = False
        try:
            record = self._node.feed(data)
        except RefusedError as error:
            if error.code != TOO_LARGE:
                raise
            raise ModelTooLargeError(
                f"the output of {self.graph.name} has {output.bytes:,} bytes, which do not "
                f"fit in a record of a node on {self.board.name}; {_LARGER}"
            ) from error
        except (NoAnswerError, PortError) as error:
            raise self._silent() from error
        return [np.array(record.output, output.dtype.numpy).reshape(output.shape)]

    def reset_state(self) -> None:
        """Set what the model keeps between inferences to its first values, by a restart."""
        if self._has_state and not self._is_fresh:
            self._node.reset()
            self._is_fresh = True

    def _build(self, place: Path) -> Path:
        metadata = {k: v for k, v in self.graph.metadata.items() if k != METADATA_NAME}
        raw = replace(self.graph, metadata=metadata)
        model = compile_model(raw, core=self.board.core, options=self._options)
        return build_node(model, self._roomy_board(), place).elf_path

    def _roomy_board(self) -> Board:
        """The board with a node whose records hold the output, and take no more RAM than that."""
        record_bytes = _RECORD_BYTES + self.graph.tensor(self.graph.outputs[0]).bytes
        message_bytes = max(self.board.node.message_bytes, record_bytes + _MESSAGE_BYTES)
        node = replace(self.board.node, record_bytes=record_bytes, message_bytes=message_bytes)
        return replace(self.board, node=node)

    def _silent(self) -> EmulatorError:
        state = "runs" if self._emulator.alive else "has ended"
        return EmulatorError(
            f"{self.graph.name} does not answer on {self.board.name} any more; its "
            f"emulator {state} ({self._emulator.complaints()}). If this happens again, "
            f"the model may need more stack than is left: {_LARGER}"
        )


def _require_recordable(graph: Graph, board: Board) -> None:
    outputs = [graph.tensor(index) for index in graph.outputs]
    if len(outputs) > 1:
        raise UnsupportedModelError(
            f"{graph.name} has {len(outputs)} outputs, but on {board.name} it runs in a "
            f"node, which records only the first one; {_LARGER}"
        )
    dtype = outputs[0].dtype
    if dtype not in RECORDED_TYPES:
        raise UnsupportedModelError(
            f"{graph.name} has an output of {dtype.name.lower()}, but on {board.name} it "
            f"runs in a node, which records only integers; {_LARGER}, or convert the "
            "model to int8"
        )
