"""Every wrong way ends in one sentence, and leaves nothing behind."""

import pytest
from click.testing import CliRunner

from tests.export.exported import export, path_of, source_of
from tests.support.graphs import GraphBuilder, quantization
from tinyml.cli.export import command
from tinyml.errors import ExportError, UnsupportedModelError
from tinyml.export import FORMATS, Source, export_model
from tinyml.graph import DType

MODEL = "pump-simulated"


def test_an_unknown_format_lists_those_there_are(tmp_path):
    with pytest.raises(ExportError, match="'onnx' is not an export format; choose tflite, c, "):
        export_model(source_of(MODEL), "onnx", tmp_path / "out")
    result = CliRunner().invoke(command, [str(path_of(MODEL)), "--format", "onnx", "-o", "out"])
    assert result.exit_code == 2
    assert "'arduino'" in result.output


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_with_content_is_left_alone(tmp_path, form):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    with pytest.raises(
        ExportError, match="not an empty folder; choose another folder, or give --replace"
    ):
        export(MODEL, form, tmp_path)
    assert list(tmp_path.iterdir()) == [mine]
    export_model(source_of(MODEL), form, tmp_path, replace=True)
    assert mine.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) > 1


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "tflite"])
def test_a_refused_model_leaves_nothing(tmp_path, form):
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.1))
    y = b.tensor((1, 4), DType.INT8, quantization(0.1))
    b.op("UNIQUE", [x], y)
    with pytest.raises((UnsupportedModelError, ExportError), match=r"operator 0 \(UNIQUE\)"):
        export_model(Source(b.build(y), b"", "refused"), form, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_board_and_core_exclude_each_other():
    arguments = ["--format", "c", "-o", "out", "--board", "mps2-an386", "--core", "cortex-m4"]
    result = CliRunner().invoke(command, [str(path_of(MODEL)), *arguments])
    assert result.exit_code == 2
    assert "either --board or --core" in result.output
