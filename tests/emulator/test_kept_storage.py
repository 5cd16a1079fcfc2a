"""A node's log in a file: it is there again after the emulator was ended."""

import pytest

from tests.support.nodes import build_node, samples_of, shipped_model
from tests.support.targets import EMULATED, on, require_board
from tinyml import boards
from tinyml.device import Node
from tinyml.emulator import Emulator, emulators
from tinyml.errors import EmulatorError

KEEPING = [
    on(name, "unicorn")
    for name in EMULATED
    if boards.load(name).storage is not None and "unicorn" in emulators(boards.load(name))
]


@pytest.mark.parametrize("name", KEEPING)
def test_records_outlive_the_emulator(name, tmp_path):
    board = require_board(name)
    graph = shipped_model(name)
    image = build_node(name, graph)
    samples = samples_of(graph, 3)
    fed = []
    for window in samples:
        kept = tmp_path / "storage"
        with Emulator(board, image, storage=kept) as emulator, Node(emulator.serial_path) as node:
            assert node.info().persistent
            fed.append(node.feed(window))
            found = node.records(0).records
            while found[-1] != fed[-1]:
                found += node.records(found[-1].sequence).records
        assert found == fed
    assert len({record.boot_id for record in fed}) == len(fed)


@pytest.mark.on_emulator("unicorn")
def test_a_file_of_another_board_is_refused_and_stays(tmp_path):
    board = require_board("microbit")
    (tmp_path / "storage").write_bytes(b"something else")
    image = build_node("microbit", shipped_model("microbit"))
    with pytest.raises(EmulatorError, match="not a storage file of microbit: it has 14 bytes"):
        Emulator(board, image, storage=tmp_path / "storage")
    assert (tmp_path / "storage").read_bytes() == b"something else"


@pytest.mark.parametrize(
    ("name", "words"),
    [on("mps2-an386", "qemu", "QEMU, which.*cannot keep the node's log"),
     on("pico", "unicorn", "keeps its log in RAM")],
)  # fmt: skip
def test_a_storage_that_cannot_be_kept_is_refused(name, words, tmp_path):
    board = require_board(name)
    image = build_node(name, shipped_model(name))
    with pytest.raises(EmulatorError, match=words):
        Emulator(board, image, storage=tmp_path / "storage")
